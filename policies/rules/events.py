"""EventBridge: buses, rules and their targets."""

from typing import Final

from policies.rule import Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds, every_holds, one_holds

_BUS: Final = "aws:cloudwatch/eventBus:EventBus"
_BUS_POLICY: Final = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
_PERMISSION: Final = "aws:cloudwatch/eventPermission:EventPermission"
_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_GUIDE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide"


@rule(
    name="events-bus-has-policy",
    title="Event buses of one's own have a policy",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("EventBridge.3",),
    types=(_BUS,),
    why="Without a policy, every role of the account that may put events puts them on this bus.",
    fix="""
        aws.cloudwatch.EventBusPolicy("policy", event_bus_name=bus.name, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "Publishers",
                "Effect": "Allow",
                "Action": ["events:PutEvents"],
                "Principal": {"AWS": "arn:aws:iam::111122223333:role/publisher"},
                "Resource": [bus_arn],
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/eventbridge-controls.html#eventbridge-3",
)
def bus_has_policy(bus: Resource, stack: Stack) -> Problems:
    """A permission is a statement of a policy."""
    if any_holds(lambda _policy: True, stack.beside(bus, (_BUS_POLICY, _PERMISSION), by="eventBusName")):
        return None
    return "it has no EventBusPolicy"


@rule(
    name="events-permission-not-public",
    title="Permissions to put events are not for everyone",
    severity=Severity.HIGH,
    types=(_PERMISSION,),
    why="Every AWS account puts events on the bus, and starts whatever they start.",
    fix="""
        aws.cloudwatch.EventPermission(
            "partner", principal="111122223333", statement_id="partner", event_bus_name=bus.name
        )
    """,
    link=f"{_GUIDE}/eb-event-bus-permissions-manage.html",
)
def permission_not_public(permission: Resource) -> Problems:
    """A condition on the organisation limits who everyone is."""
    public = every_holds(
        lambda: permission.text("principal") == "*", lambda: not permission.is_present("condition.value")
    )
    return "it lets everyone put events" if public else None


@rule(
    name="events-rule-enabled",
    title="Event rules are on",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_RULE,),
    why="A rule that is off looks like an alert, and calls nobody.",
    fix="""
        aws.cloudwatch.EventRule("findings", event_pattern=pattern, state="ENABLED")
    """,
    link=f"{_GUIDE}/eb-rules.html",
)
def rule_enabled(event_rule: Resource) -> Problems:
    """It is on by default; `is_enabled` is the older name of the setting."""
    off = one_holds(
        lambda: event_rule.text("state") == "DISABLED",
        lambda: not event_rule.flag("isEnabled", default=True),
    )
    return "it is disabled" if off else None


@rule(
    name="events-rule-has-target",
    title="Event rules have a target",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    types=(_RULE,),
    why="A rule without a target looks like an alert, and calls nobody.",
    fix="""
        aws.cloudwatch.EventTarget("alert", rule=findings.name, arn=topic.arn)
    """,
    link=f"{_GUIDE}/eb-targets.html",
)
def rule_has_target(event_rule: Resource, stack: Stack) -> Problems:
    """A rule has none by default."""
    if any_holds(lambda _target: True, stack.beside(event_rule, _TARGET, by="rule")):
        return None
    return "it has no EventTarget"
