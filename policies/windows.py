"""Maintenance windows: the forms in which services spell them, and whether one lies inside another.

All times are UTC, which is all that services know: `sun:02:00-sun:04:00` (RDS and its relatives),
`7:02:00` (FSx, which takes half an hour), a schedule with a length (Systems Manager).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from policies.schedules import MINUTES_A_DAY, parse

_WEEK: Final = 7 * MINUTES_A_DAY
_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOMENT: Final = r"([a-z]{3}):([01]\d|2[0-3]):([0-5]\d)"
_WEEKLY: Final = re.compile(f"{_MOMENT}-{_MOMENT}")
_FSX: Final = re.compile(r"([1-7]):([01]\d|2[0-3]):([0-5]\d)")
_FSX_MINUTES: Final = 30
"""https://docs.aws.amazon.com/fsx/latest/WindowsGuide/maintenance-windows.html"""
_SCHEDULED_DAYS: Final = 400
"""Long enough to meet a schedule that runs once a year."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of the week."""

    start: int
    """Minutes since Monday, 00:00 UTC."""
    minutes: int
    """How long it lasts."""

    def holds(self, other: "Window") -> bool:
        """Whether another one lies inside, the week's end included."""
        return (other.start - self.start) % _WEEK + other.minutes <= self.minutes

    def holds_time_of_day(self, hour: int, minute: int) -> bool:
        """Whether a time of the day lies inside, on the days of the window."""
        return (hour * 60 + minute - self.start) % MINUTES_A_DAY < self.minutes


@cache
def weekly(text: str) -> Window | None:
    """`sun:02:00-sun:04:00`, in any case; None where it is none."""
    found = _WEEKLY.fullmatch(text.strip().lower())
    if found is None or found[1] not in _NAMES or found[4] not in _NAMES:
        return None
    start = _minutes(_NAMES.index(found[1]), found[2], found[3])
    end = _minutes(_NAMES.index(found[4]), found[5], found[6])
    return Window(start, (end - start) % _WEEK)


def is_inside(text: str, allowed: str) -> bool:
    """Whether a weekly window lies inside another one; not, where either is none."""
    inner, outer = weekly(text), weekly(allowed)
    return inner is not None and outer is not None and outer.holds(inner)


@cache
def of_file_system(text: str) -> Window | None:
    """`7:02:00`, FSx's start on a Sunday; None where it is none."""
    found = _FSX.fullmatch(text.strip())
    return Window(_minutes(int(found[1]) - 1, found[2], found[3]), _FSX_MINUTES) if found else None


@cache
def scheduled(expression: str, zone: str, hours: int, offset_days: int = 0) -> tuple[Window, ...]:
    """Every span of the week in which a schedule of so many hours can be open; none where it has none.

    Args:
        expression: AWS's `cron(…)` or `rate(…)`.
        zone: the IANA name of its time zone, empty for UTC.
        hours: how long it is open.
        offset_days: how many days after the expression's it opens.
    """
    schedule, shifts = parse(expression), _shifts(zone)
    if schedule is None:
        return ()
    starts = {
        (minute + offset_days * MINUTES_A_DAY - shift) % _WEEK
        for minute in schedule.runs(_SCHEDULED_DAYS)
        for shift in shifts
    }
    return tuple(Window(start, hours * 60) for start in sorted(starts))


def _shifts(zone: str) -> frozenset[int]:
    """By how many minutes a zone is before UTC, in summer and in winter; none where there is no such zone."""
    if zone.lower() in ("", "utc", "etc/utc"):
        return frozenset({0})
    try:
        found = ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        return frozenset()
    months = (datetime(2029, month, 1, tzinfo=UTC) for month in range(1, 13))
    return frozenset(
        (month.astimezone(found).utcoffset() or timedelta()) // timedelta(minutes=1) for month in months
    )


def _minutes(day: int, hour: str, minute: str) -> int:
    return day * MINUTES_A_DAY + int(hour) * 60 + int(minute)
