"""The stack's alarms that ring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from operate.outputs import PROJECT
from operate.stack import Stack

SEVERITIES: Final = ("Critical", "High", "Medium", "Low")
"""The worst first."""
NOT_ROUTED: Final = "—"
"""An alarm that tells nobody: a deployment watches it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One alarm that rings."""

    name: str
    severity: str
    since: datetime
    region: str
    says: str
    """What is wrong, and where its runbook is."""


def ringing(stack: Stack) -> list[Alarm]:
    """The alarms that ring, in every region that the stack has alarms in, the worst first."""
    regions = dict.fromkeys(stack.outputs[name] for name in ("region", "recovery-region", "global-region"))
    found = [
        alarm
        for region in regions
        for alarm in _in_region(stack.client("cloudwatch", region), stack.name, region)
    ]
    return sorted(found, key=lambda alarm: (_rank(alarm.severity), alarm.name))


def _in_region(cloudwatch: Any, stack: str, region: str) -> Iterator[Alarm]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{PROJECT}-{stack}-", AlarmTypes=["MetricAlarm"], StateValue="ALARM"
    )
    for page in pages:
        for alarm in page["MetricAlarms"]:
            yield Alarm(
                name=alarm["AlarmName"],
                severity=severity_of(alarm.get("AlarmActions", ())),
                since=alarm["StateUpdatedTimestamp"],
                region=region,
                says=alarm.get("AlarmDescription", ""),
            )


def severity_of(actions: Sequence[str]) -> str:
    """The severity by the topic that an alarm tells, whose name ends in it."""
    ends = {action.rpartition("-")[2] for action in actions}
    return next((severity for severity in SEVERITIES if severity.lower() in ends), NOT_ROUTED)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
