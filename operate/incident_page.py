"""The status page: is asked what it shows, and brought to what it should."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from operate import incidents, json_api
from operate.incident_services import Channels
from operate.incidents import Status
from operate.json_api import Service
from operate.page_words import (
    BODIES,
    IDENTIFIED,
    IMPACTS,
    INVESTIGATING,
    OPERATIONAL,
    RESOLVED,
    label,
    labelled,
)
from operate.stack import Stack

_STATUSES: Final[Mapping[Status, str]] = {
    Status.OPEN: INVESTIGATING,
    Status.ACKNOWLEDGED: INVESTIGATING,
    Status.INVESTIGATING: INVESTIGATING,
    Status.MITIGATING: IDENTIFIED,
    Status.RESOLVED: RESOLVED,
    Status.CLOSED: RESOLVED,
}


def bring(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """Brings the page to what the timeline says, and says what it shows now."""
    incident = incidents.read(stack, identifier)
    name = to.severities[incident.severity].name
    status = _STATUSES[incident.status]
    if name not in IMPACTS:
        # Users notice nothing, or no more.
        if not incident.told.page:
            return
        status, name = RESOLVED, json.loads(incident.told.page)[1]
    wanted = json.dumps([status, name])
    if wanted == incident.told.page:
        return
    service, page = to.page(), stack.outputs["status-page"]
    shown = _shown(service, page, stack, identifier)
    impact, component = IMPACTS[name]
    if shown is None and status == RESOLVED:
        incidents.note(stack, identifier, lambda told: replace(told, page=wanted))
        return
    if shown is None or (shown["status"], shown.get("impact")) != (status, impact):
        body = {
            "name": incident.title,
            "status": status,
            "impact_override": impact,
            "body": BODIES[status],
            "components": dict.fromkeys(
                json.loads(stack.outputs["status-page-components"]).values(),
                OPERATIONAL if status == RESOLVED else component,
            ),
            "metadata": label("incident", _name(stack, identifier)),
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
            if labelled(one, "incident") == _name(stack, identifier):
                return one
        if len(found) < 100:  # noqa: PLR2004 (a page that is not full is the last)
            return None
        number += 1


def _name(stack: Stack, identifier: str) -> str:
    return f"{stack.name}/{identifier}"
