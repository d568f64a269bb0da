"""PagerDuty: who is called, and who after them."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_POLICY: Final = "pagerduty:index/escalationPolicy:EscalationPolicy"
_SERVICE: Final = "pagerduty:index/service:Service"
_INTEGRATION: Final = "pagerduty:index/serviceIntegration:ServiceIntegration"

_SUPPORT: Final = "https://support.pagerduty.com/main/docs"


@rule(
    name="pagerduty-escalation-continues",
    title="An escalation has a next level",
    severity=Severity.HIGH,
    types=(_POLICY,),
    why="Whoever is called may sleep, travel or be the one who is ill.",
    fix="""
        pagerduty.EscalationPolicy("on-call", rules=[
            {"escalation_delay_in_minutes": 30, "targets": [{"type": "schedule_reference", "id": first.id}]},
            {"escalation_delay_in_minutes": 30, "targets": [{"type": "schedule_reference", "id": second.id}]},
        ])
    """,
    link=f"{_SUPPORT}/escalation-policies",
)
def escalation_continues(policy: Resource) -> Problems:
    """The type requires one level."""
    return None if policy.count("rules") > 1 else "rules has one level alone"


@rule(
    name="pagerduty-escalation-in-time",
    title="An escalation reaches its last level in time",
    severity=Severity.HIGH,
    types=(_POLICY,),
    why="The longer nobody answers, the longer users wait.",
    fix="""
        pagerduty.EscalationPolicy("on-call", rules=[
            {"escalation_delay_in_minutes": 30, "targets": [{"type": "schedule_reference", "id": first.id}]},
            {"escalation_delay_in_minutes": 30, "targets": [{"type": "schedule_reference", "id": second.id}]},
        ])
    """,
    link=f"{_SUPPORT}/escalation-policies",
)
def escalation_in_time(policy: Resource, *, maximum_escalation_minutes: int) -> Problems:
    """Each level's delay is the time until the next one is called; the last one's ends a round."""
    if not maximum_escalation_minutes:
        return OUT_OF_SCOPE
    levels = policy.objects("rules")
    if (
        sum(level.number("escalationDelayInMinutes", default=0) for level in levels[:-1])
        > maximum_escalation_minutes
    ):
        return f"the last level is called after more than {maximum_escalation_minutes} minutes"
    return None


@rule(
    name="pagerduty-service-wakes",
    title="Services that machines call wake somebody",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_SERVICE,),
    why="An incident of low urgency waits for the morning.",
    fix="""
        pagerduty.Service(
            "critical",
            escalation_policy=policy.id,
            incident_urgency_rule={"type": "constant", "urgency": "high"},
        )
    """,
    link=f"{_SUPPORT}/configurable-service-settings",
)
def service_wakes(service: Resource, stack: Stack) -> Problems:
    """The urgency is high where nothing is said. What people report by hand may wait."""
    low = service.text("incidentUrgencyRule.urgency") == "low"
    if low and any_holds(lambda _side: True, stack.beside(service, _INTEGRATION, by="service")):
        return "incident_urgency_rule is low, and an integration calls it"
    return None
