"""What the status page shows, in its own words: of the incidents that people open and of alarms alike.

https://developer.statuspage.io/#operation/postPagesPageIdIncidents
"""

from collections.abc import Mapping
from typing import Any, Final

OPERATIONAL: Final = "operational"
UNDER_MAINTENANCE: Final = "under_maintenance"
IMPACTS: Final[Mapping[str, tuple[str, str]]] = {
    "Critical": ("critical", "major_outage"),
    "High": ("major", "partial_outage"),
    "Medium": ("minor", "degraded_performance"),
}
"""By the guide's severities, the worst first: an incident's impact and the components' status. Of the lowest
severity users notice nothing."""
INVESTIGATING: Final = "investigating"
IDENTIFIED: Final = "identified"
RESOLVED: Final = "resolved"
BODIES: Final[Mapping[str, str]] = {
    INVESTIGATING: "We are looking into the problem.",
    IDENTIFIED: "We know the cause and are working on a fix.",
    RESOLVED: "The problem is solved.",
}
"""What the public reads. What the team writes stays in the team."""


def label(kind: str, value: str) -> dict[str, Any]:
    """The metadata by which an incident on the page is known again.

    Args:
        kind: who opened it: `incident`, `alarms` or `maintenance`.
        value: which one it is to him.
    """
    return {"syncup": {kind: value}}


def labelled(shown: Mapping[str, Any], kind: str) -> str | None:
    """What an incident on the page is to those who opened it; None where they have not."""
    metadata: Mapping[str, Any] = shown.get("metadata") or {}
    return metadata.get("syncup", {}).get(kind)
