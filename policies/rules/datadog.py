"""Datadog: what it sees that CloudWatch cannot, and whom it calls."""

import re
from typing import Final

from policies.mutes import of_monitors
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, View, all_hold
from policies.windows import weekly

_MONITOR: Final = "datadog:index/monitor:Monitor"


@rule(
    name="datadog-monitor-calls",
    title="Monitors call somebody",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_MONITOR,),
    why="A monitor that mentions nobody is a line in a list.",
    fix="""
        datadog.Monitor(
            "silence",
            name="Silence",
            type="query alert",
            query="avg(last_15m):sum:datadog.agent.running{*} < 1",
            message="No agent reports. @pagerduty-on-call",
        )
    """,
    link="https://docs.datadoghq.com/monitors/notify/#notify-your-team",
)
def monitor_calls(monitor: Resource, stack: Stack) -> Problems:
    """A message that is still unknown mentions somebody where it comes from a channel that is made here."""
    if monitor.raw("message") is UNKNOWN:
        sources = (stack.by_urn.get(urn) for urn in monitor.property_dependencies.get("message", ()))
        if any(source is not None and source.type.startswith(_CHANNELS) for source in sources):
            return None
    return None if _MENTION.search(monitor.text("message")) else "its message mentions nobody"


_MENTION: Final = re.compile(r"(?<!\S)@[\w.+-]+")
_CHANNELS: Final = (
    "datadog:index/webhook:",
    "datadog:opsgenie/",
    "datadog:pagerduty/",
    "datadog:slack/",
    "datadog:teams/",
)
"""What makes a channel that a message can mention."""


@rule(
    name="datadog-downtime-in-window",
    title="Monitors are muted inside the maintenance window alone",
    severity=Severity.HIGH,
    types=("datadog:index/downtimeSchedule:DowntimeSchedule",),
    why="A monitor that is muted at another time is one that does not ring when it should.",
    fix="""
        datadog.DowntimeSchedule(
            "maintenance",
            scope="*",
            monitor_identifier={"monitor_tags": ["*"]},
            recurring_schedule={
                "recurrences": [
                    {"rrule": "FREQ=WEEKLY;BYDAY=SU", "start": "2026-01-04T02:00:00", "duration": "2h"},
                ],
                "timezone": "UTC",
            },
        )
    """,
    link="https://docs.datadoghq.com/monitors/downtimes/",
)
def downtime_in_window(downtime: Resource, *, maintenance_window: str) -> Problems:
    """One that mutes a single time is somebody's decision, if it ends."""
    if downtime.is_present("oneTimeSchedule"):
        ends = downtime.is_present("oneTimeSchedule.end")
        return OUT_OF_SCOPE if ends else "one_time_schedule has no end"
    allowed = weekly(maintenance_window)
    if allowed is None:
        return OUT_OF_SCOPE
    schedule = downtime.object("recurringSchedule")
    zone, recurrences = schedule.text("timezone"), schedule.objects("recurrences")

    def is_inside(recurrence: View) -> bool:
        spans = of_monitors(
            recurrence.text("rrule"), recurrence.text("start"), zone, recurrence.text("duration")
        )
        return bool(spans) and all(map(allowed.holds, spans))

    if recurrences and all_hold(is_inside, recurrences):
        return None
    return "recurring_schedule is not inside the pack's maintenance_window"


@rule(
    name="datadog-integration-by-role",
    title="Datadog reads AWS by a role",
    severity=Severity.HIGH,
    types=("datadog:aws/integrationAccount:IntegrationAccount",),
    why="An access key does not expire and works for whoever finds it.",
    fix="""
        datadog.aws.IntegrationAccount(
            "aws",
            aws_account_id=account_id,
            aws_partition="aws",
            auth_config={"aws_auth_config_role": {"role_name": role.name}},
        )
    """,
    link="https://docs.datadoghq.com/integrations/guide/aws-manual-setup/",
)
def integration_by_role(integration: Resource) -> Problems:
    """One of the two is required; that there is a key is enough."""
    return (
        "it signs in with an access key" if integration.is_present("authConfig.awsAuthConfigKeys") else None
    )
