"""PagerDuty: knows an incident by its key, so that an event that is sent again changes nothing.

https://developer.pagerduty.com/docs/send-alert-event
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from operate import incidents, json_api
from operate.incident_services import Channels
from operate.incidents import Status
from operate.stack import Stack

_EVENTS: Final[Mapping[Status, str]] = {
    Status.OPEN: "trigger",
    Status.ACKNOWLEDGED: "acknowledge",
    Status.INVESTIGATING: "acknowledge",
    Status.MITIGATING: "acknowledge",
    Status.RESOLVED: "resolve",
    Status.CLOSED: "resolve",
}
_TRIGGER: Final = "trigger"
_RESOLVE: Final = "resolve"
_UNSURE: Final = "sent"
"""Sent, and nobody knows whether it arrived."""
_SEVERITIES: Final[Mapping[str, str]] = {"Critical": "critical", "High": "error"}


def bring(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """Brings PagerDuty to what the timeline says, and says each event that it took."""
    incident = incidents.read(stack, identifier)
    level = to.severities[incident.severity]
    heard = incident.told.pager
    # What does not wake anybody is none of the pager's business, or none any more.
    wanted = _EVENTS[incident.status] if level.pages else _RESOLVE
    if wanted == heard or (wanted == _RESOLVE and not heard):
        return
    service, key = to.pager()
    first = wanted != _RESOLVE and heard in ("", _RESOLVE, _UNSURE)
    for event in dict.fromkeys([_TRIGGER, wanted] if first else [wanted]):
        body: dict[str, Any] = {
            "routing_key": key,
            "event_action": event,
            "dedup_key": f"syncup-{stack.name}-{identifier}",
        }
        if event == _TRIGGER:
            body["payload"] = {
                "summary": f"{identifier} ({incident.severity}) {stack.name}: {incident.title}",
                "source": stack.outputs["url"],
                "severity": _SEVERITIES.get(level.name, "warning"),
                "timestamp": incident.began.isoformat(),
            }
        _note(stack, identifier, _UNSURE)
        json_api.call(service, "POST", "/v2/enqueue", body)
        _note(stack, identifier, event)
        yield event


def _note(stack: Stack, identifier: str, event: str) -> None:
    incidents.note(stack, identifier, lambda told: replace(told, pager=event))
