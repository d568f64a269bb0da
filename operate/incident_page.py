"""The status page: is asked what it shows, and brought to what it should.

https://developer.statuspage.io/#operation/postPagesPageIdIncidents
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from operate import incidents, json_api
from operate.incident_services import Channels
from operate.incidents import Status
from operate.json_api import Service
from operate.stack import Stack

_STATUSES: Final[Mapping[Status, str]] = {
    Status.OPEN: "investigating",
    Status.ACKNOWLEDGED: "investigating",
    Status.INVESTIGATING: "investigating",
    Status.MITIGATING: "identified",
    Status.RESOLVED: "resolved",
    Status.CLOSED: "resolved",
}
_IMPACTS: Final[Mapping[str, tuple[str, str]]] = {
    "Critical": ("critical", "major_outage"),
    "High": ("major", "partial_outage"),
    "Medium": ("minor", "degraded_performance"),
}
"""The incident's impact and the components' status. Of the lowest severity users notice nothing."""
_WORDS: Final[Mapping[str, str]] = {
    "investigating": "We are looking into the problem.",
    "identified": "We know the cause and are working on a fix.",
    "resolved": "The problem is solved.",
}
"""What the public reads. What the team writes stays in the team."""


def bring(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """Brings the page to what the timeline says, and says what it shows now."""
    incident = incidents.read(stack, identifier)
    name = to.severities[incident.severity].name
    status = _STATUSES[incident.status]
    if name not in _IMPACTS:
        # Users notice nothing, or no more.
        if not incident.told.page:
            return
        status, name = "resolved", json.loads(incident.told.page)[1]
    wanted = json.dumps([status, name])
    if wanted == incident.told.page:
        return
    service, page = to.page(), stack.outputs["status-page"]
    shown = _shown(service, page, stack, identifier)
    impact, component = _IMPACTS[name]
    if shown is None and status == "resolved":
        incidents.note(stack, identifier, lambda told: replace(told, page=wanted))
        return
    if shown is None or (shown["status"], shown.get("impact")) != (status, impact):
        body = {
            "name": incident.title,
            "status": status,
            "impact_override": impact,
            "body": _WORDS[status],
            "components": dict.fromkeys(
                json.loads(stack.outputs["status-page-components"]).values(),
                "operational" if status == "resolved" else component,
            ),
            "metadata": {"syncup": {"incident": _label(stack, identifier)}},
        }
        path = f"/pages/{page}/incidents" + ("" if shown is None else f"/{shown['id']}")
        json_api.call(service, "POST" if shown is None else "PATCH", path, {"incident": body})
        yield f"shows {status} ({impact})"
    incidents.note(stack, identifier, lambda told: replace(told, page=wanted))


def _shown(service: Service, page: str, stack: Stack, identifier: str) -> Mapping[str, Any] | None:
    """What the page shows of the incident. The newest come first, a hundred at a time."""
    number = 1
    while True:
        found = json_api.call(service, "GET", f"/pages/{page}/incidents?limit=100&page={number}")
        for one in found:
            metadata: Mapping[str, Any] = one.get("metadata") or {}
            if metadata.get("syncup", {}).get("incident") == _label(stack, identifier):
                return one
        if len(found) < 100:  # noqa: PLR2004 (a page that is not full is the last)
            return None
        number += 1


def _label(stack: Stack, identifier: str) -> str:
    return f"{stack.name}/{identifier}"
