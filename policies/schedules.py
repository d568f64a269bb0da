"""AWS's schedule expressions: when something runs, and how long the pauses are.

`rate(…)` and `cron(…)` of six fields, with `L` and `#`:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Final

MINUTES_A_DAY: Final = 1440
_UNITS: Final = {"minute": 1, "hour": 60, "day": MINUTES_A_DAY}
_FIRST: Final = date(2029, 1, 1)
"""A Monday, from which days are counted."""
_DAYS: Final = 800
"""Enough to meet every pause of a schedule that runs once a year."""
_MONTHS: Final = tuple(name.lower() for name in calendar.month_abbr)
_WEEKDAYS: Final = ("", "sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""AWS counts from Sunday, which is 1."""
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_FIELD_COUNT: Final = 6


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something runs, by the clock of its time zone."""

    every_minutes: int = 0
    """The pause between two runs, where it runs at a rate."""
    times: tuple[int, ...] = ()
    """The minutes of a day at which it runs, in their order."""
    on: Callable[[date], bool] = lambda _day: True
    """Whether it runs on a day."""

    def runs(self, days: int) -> Iterator[int]:
        """The minutes, counted from a Monday's midnight, at which it runs on so many days."""
        if self.every_minutes:
            yield from range(0, days * MINUTES_A_DAY, self.every_minutes)
        for number in self._days(days):
            for minute in self.times:
                yield number * MINUTES_A_DAY + minute

    @property
    def longest_pause_minutes(self) -> int:
        """The longest pause between two runs."""
        if self.every_minutes:
            return self.every_minutes
        days = list(self._days(_DAYS))
        if len(days) <= 1:
            return _DAYS * MINUTES_A_DAY
        longest = max(after - before for before, after in pairwise(days)) * MINUTES_A_DAY
        night = longest - self.times[-1] + self.times[0]
        return max([night, *(after - before for before, after in pairwise(self.times))])

    def _days(self, count: int) -> Iterator[int]:
        return (number for number in range(count) if self.on(_FIRST + timedelta(days=number)))


@cache
def parse(expression: str) -> Schedule | None:
    """Reads an expression; None where it is none that AWS would run more than once."""
    text = " ".join(expression.lower().split())
    rate = _RATE.fullmatch(text)
    if rate:
        minutes = int(rate[1]) * _UNITS[rate[2]]
        return Schedule(every_minutes=minutes) if minutes else None
    fields = text.removeprefix("cron(").removesuffix(")").split()
    if not text.startswith("cron(") or not text.endswith(")") or len(fields) != _FIELD_COUNT:
        return None
    try:
        return _cron(fields)
    except ValueError:
        return None


def _cron(fields: list[str]) -> Schedule:
    minutes = _numbers(fields[0], 0, 59)
    hours = _numbers(fields[1], 0, 23)
    months = _numbers(fields[3], 1, 12, _MONTHS)
    years = _numbers(fields[5], 1970, 2199)
    in_month, in_week = _in_month(fields[2]), _in_week(fields[4])
    return Schedule(
        times=tuple(sorted(hour * 60 + minute for hour in hours for minute in minutes)),
        on=lambda day: day.month in months and day.year in years and in_month(day) and in_week(day),
    )


def _in_month(field: str) -> Callable[[date], bool]:
    if field == "l":
        return lambda day: (day + timedelta(days=1)).day == 1
    days = _numbers(field, 1, 31)
    return lambda day: day.day in days


def _in_week(field: str) -> Callable[[date], bool]:
    if field.endswith("l") and field != "l":
        (last,) = _numbers(field[:-1], 1, 7, _WEEKDAYS)
        return lambda day: _weekday(day) == last and (day + timedelta(weeks=1)).month != day.month
    if "#" in field:
        name, _, nth = field.partition("#")
        (wanted,), place = _numbers(name, 1, 7, _WEEKDAYS), int(nth)
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 == place - 1
    days = _numbers("7" if field == "l" else field, 1, 7, _WEEKDAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _numbers(field: str, first: int, last: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """The numbers of a field: `*`, `1,3`, `MON-FRI`, `0/15`.

    Raises:
        ValueError: it is none.
    """
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        start, dash, end = span.partition("-")
        if span in ("*", "?"):
            low, high = first, last
        else:
            low = _number(start, names)
            high = _number(end, names) if dash else last if slash else low
        if not first <= low <= last or not first <= high <= last:
            raise ValueError(part)
        # FRI-MON goes over the end.
        length = (high - low) % (last - first + 1)
        found |= {
            first + (low - first + offset) % (last - first + 1)
            for offset in range(0, length + 1, int(step) if slash else 1)
        }
    return frozenset(found)


def _number(text: str, names: tuple[str, ...]) -> int:
    return names.index(text) if text and text in names else int(text)
