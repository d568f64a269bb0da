"""StatusPage.io, as slowly as it wants to be asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from operate import json_api
from operate.json_api import Service

_PACE_SECONDS: Final = 1.0
"""One request a second: https://developer.statuspage.io/#section/Rate-Limiting"""
_MOST: Final = 100
"""Entries that one answer may have."""


class Page:
    """One page."""

    def __init__(
        self,
        service: Service,
        identifier: str,
        sleep: Callable[[float], None] = time.sleep,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Asks nothing yet.

        Args:
            service: where StatusPage is, with the credential.
            identifier: the page's.
            sleep: waits so many seconds.
            stopwatch: seconds that only go forward.
        """
        self._service = service
        self._identifier = identifier
        self._sleep = sleep
        self._stopwatch = stopwatch
        self._last = -_PACE_SECONDS

    def statuses(self) -> dict[str, str]:
        """What each component shows, by its identifier."""
        return {one["id"]: one["status"] for one in self._ask("GET", f"components?per_page={_MOST}")}

    def show(self, component: str, status: str) -> None:
        """Gives a component another status."""
        self._ask("PATCH", f"components/{component}", {"component": {"status": status}})

    def unresolved(self) -> Sequence[Mapping[str, Any]]:
        """The incidents that are not over, maintenance not among them."""
        return self._ask("GET", f"incidents/unresolved?per_page={_MOST}")

    def latest(self) -> Sequence[Mapping[str, Any]]:
        """The latest incidents and maintenance, over or not: those of days, and of weeks as a rule."""
        return self._ask("GET", f"incidents?limit={_MOST}")

    def open(self, incident: Mapping[str, Any]) -> None:
        """Opens an incident, or announces maintenance."""
        self._ask("POST", "incidents", {"incident": incident})

    def change(self, identifier: str, incident: Mapping[str, Any]) -> None:
        """Changes an incident."""
        self._ask("PATCH", f"incidents/{identifier}", {"incident": incident})

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        pause = self._last + _PACE_SECONDS - self._stopwatch()
        if pause > 0:
            self._sleep(pause)
        self._last = self._stopwatch()
        return json_api.call(self._service, method, f"/pages/{self._identifier}/{path}", body)
