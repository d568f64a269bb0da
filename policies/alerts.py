"""The alerts that an operations guide asks for, and how alarms and monitors are told to be theirs.

An alert of the pack's parameters is its name and, if it is to be held too, its threshold as a guide writes
it: `HighErrorRate`, `HighErrorRate: error_rate > 5%`.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from policies.view import Resource

_WRITTEN: Final = re.compile(
    r"(?P<name>[\w -]+?)\s*(?::.*?(?P<operator>[<>]=?)\s*(?P<limit>[0-9.]+)\s*(?P<unit>\S*))?\s*"
)
_SCALES: Final = {
    "%": (1, 0.01),
    "ms": (1, 0.001, 1000),
    "s": (1, 1000, 1_000_000),
}
"""By which factors a system may count what a guide writes in a unit: milliseconds as seconds, say."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert."""

    name: str
    operator: str = ""
    """How the metric is compared: `>`, `>=`, `<`, `<=`. Empty where the parameter states no threshold."""
    limit: float = math.nan
    unit: str = ""

    def compares_as(self, operator: str) -> bool:
        """Whether an operator, `>` or `GreaterThanThreshold`, looks the same way."""
        greater = operator.startswith((">", "GreaterThan"))
        return not self.operator or (operator != "" and greater == self.operator.startswith(">"))

    def is_limit(self, value: float) -> bool:
        """Whether a number is the limit, in any unit in which a system may count it."""
        if not self.operator:
            return True
        return any(math.isclose(value, self.limit * scale) for scale in _SCALES.get(self.unit, (1,)))

    def place(self, resource: Resource) -> str | None:
        """What a resource's names say behind the alert's, `database`; None where it is not this alert's.

        The logical name is asked first, then the physical one, neither for how it is written.
        """
        wanted = _bare(self.name)
        for name in (resource.name, *_physical(resource)):
            _, found, behind = _bare(name).partition(wanted)
            if found:
                return behind
        return None


@cache
def _parsed(written: str) -> Alert:
    match = _WRITTEN.fullmatch(written)
    if match is None or match["limit"] is None or not match["limit"].replace(".", "", 1).isdigit():
        return Alert(written.partition(":")[0].strip())
    return Alert(match["name"], match["operator"], float(match["limit"]), match["unit"])


def parsed(written: Iterable[str]) -> list[Alert]:
    """The alerts of the parameter `alerts`."""
    return [_parsed(text) for text in written]


def of(resource: Resource, alerts: Iterable[Alert]) -> Alert | None:
    """The alert whose alarm or monitor a resource is."""
    return next((alert for alert in alerts if alert.place(resource) is not None), None)


def _physical(resource: Resource) -> Iterable[str]:
    name = resource.raw("name")
    return (name,) if isinstance(name, str) else ()


def _bare(name: str) -> str:
    """A name as it is compared: `high-error-rate` and `HighErrorRate` are one."""
    return "".join(filter(str.isalnum, name)).lower()
