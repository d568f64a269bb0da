"""The draft of a post-mortem: what the timeline, the alarms and the deployments say by themselves.

Causes and lessons are people's to find; the draft asks for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from operate import deployments
from operate.deployments import Deployment
from operate.incidents import Incident
from operate.outputs import PROJECT
from operate.stack import Stack

_BEFORE: Final = timedelta(hours=24)
"""A deployment shows its effect within a day, or hides it."""
_RANG_BEFORE: Final = timedelta(hours=1)
_DEPLOYMENTS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """One change of an alarm's state."""

    at: datetime
    alarm: str
    says: str


def draft(stack: Stack, incident: Incident) -> str:
    """The draft, in Markdown.

    Args:
        stack: the stack.
        incident: over or not.
    """
    until = incident.ended or stack.clock.now()
    rang = rings(stack, incident.began - _RANG_BEFORE, until)
    came = [
        one
        for one in deployments.recent(stack, _DEPLOYMENTS)
        if incident.began - _BEFORE <= one.began <= until
    ]
    return "".join(f"{line}\n" for line in _lines(stack, incident, rang, came))


def rings(stack: Stack, start: datetime, end: datetime) -> list[Ring]:
    """How the stack's alarms changed, in every region that it has alarms in, the oldest first."""
    regions = dict.fromkeys(stack.outputs[name] for name in ("region", "recovery-region", "global-region"))
    found = [
        ring
        for region in regions
        for ring in _rings(stack.client("cloudwatch", region), f"{PROJECT}-{stack.name}-", start, end)
    ]
    return sorted(found, key=lambda ring: (ring.at, ring.alarm))


def _rings(cloudwatch: Any, prefix: str, start: datetime, end: datetime) -> Iterator[Ring]:
    pages = cloudwatch.get_paginator("describe_alarm_history").paginate(
        HistoryItemType="StateUpdate", StartDate=start, EndDate=end, AlarmTypes=["MetricAlarm"]
    )
    for page in pages:
        for item in page["AlarmHistoryItems"]:
            if item["AlarmName"].startswith(prefix):
                yield Ring(at=item["Timestamp"], alarm=item["AlarmName"], says=item["HistorySummary"])


def _lines(
    stack: Stack, incident: Incident, rang: Sequence[Ring], came: Sequence[Deployment]
) -> Iterator[str]:
    first = incident.timeline[0]
    worst = min(entry.severity for entry in incident.timeline)
    yield f"# {incident.id}: {incident.title}"
    yield ""
    yield "Draft. The facts are what was recorded; what stands in *italics* is for people to write."
    yield ""
    yield f"- Environment: {stack.name}"
    yield f"- Severity: {worst}" + (f", {incident.severity} at the end" if worst != incident.severity else "")
    yield f"- Began: {_at(incident.began)}, opened by {first.who}"
    if incident.ended is None:
        yield f"- Not over: {incident.status}"
    else:
        yield f"- Over: {_at(incident.ended)}, after {_length(incident.ended - incident.began)}"
    yield ""
    yield "## Impact"
    yield "*Who noticed what, and for how long?*"
    yield ""
    yield "## Timeline"
    yield from (
        f"- {_at(entry.at)} {entry.severity} {entry.status}, {entry.who}: {entry.says}"
        for entry in incident.timeline
    )
    yield ""
    yield "## Alarms"
    yield from [f"- {_at(ring.at)} `{ring.alarm}`: {ring.says}" for ring in rang] or ["- none changed"]
    yield ""
    yield "## Deployments in the day before, and since"
    yield from [
        f"- {_at(one.began)} {one.release}: {one.status}{f', {one.why}' if one.why else ''}" for one in came
    ] or ["- none"]
    for title, question in _QUESTIONS:
        yield ""
        yield f"## {title}"
        yield f"*{question}*"


_QUESTIONS: Final = (
    ("Cause", "What had to come together for this to happen? Ask why until the answer is no person."),
    ("What helped, what did not", "How was it noticed? What took longest? Where were we lucky?"),
    ("What we change", "Each with an owner and a date."),
)


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def _length(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004
