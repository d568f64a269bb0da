"""The one maintenance window, and every form in which a service wants to be told of it.

The window is local time in its zone, as people agree on it. Services that know no time zones get a
span in UTC that holds all year round. No Pulumi here, and no clock: what daylight saving does is
looked up over the years of `_YEARS`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_YEARS: Final = range(2026, 2036)
"""Long enough to meet every arrangement of weekdays and changes of the clock."""
_WEEK: Final = timedelta(weeks=1)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_HOURS_A_DAY: Final = 24
_MINUTES_A_DAY: Final = 1440
_STEP: Final = timedelta(minutes=15)
_SHORTEST: Final = timedelta(hours=1)
"""ElastiCache's minimum; RDS is content with half an hour.
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html"""
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Day(StrEnum):
    """The day of the week on which the window begins, Monday first as in `date.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """As `date.weekday` counts: Monday is 0."""
        return list(Day).index(self)

    @property
    def short(self) -> str:
        """Three letters in capitals, as cron expressions have them."""
        return self[:3].upper()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A recurring time as an AWS scheduler takes it."""

    expression: str
    """`cron(…)`, read in the time zone."""
    time_zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SsmSchedule(Schedule):
    """A Systems Manager maintenance window."""

    duration_hours: int
    cutoff_hours: int
    """No task starts in the last so many hours, so that what has begun is done in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MuteSchedule(Schedule):
    """A CloudWatch alarm mute rule."""

    duration: str
    """ISO 8601: `PT2H`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrence:
    """A Datadog downtime's recurrence."""

    rrule: str
    start: str
    """Local time without an offset, the first occurrence."""
    duration: str
    """Minutes: `120m`."""
    time_zone: str


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """Every week on `day` from `start` until `end` in the time zone; over midnight if `end` is earlier."""

    day: Day
    start: time
    end: time
    time_zone: str

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(f"the window begins and ends at {self.start:%H:%M}: let it end later")
        _zone(self.time_zone)

    @classmethod
    def parse(cls, *, day: str, start: str, end: str, time_zone: str) -> "MaintenanceWindow":
        """Reads the guide's spelling: `sunday`, `02:00`, `04:00`, `UTC`.

        Raises:
            ValueError: in one line, what is wrong and what would be right.
        """
        if day not in list(Day):
            raise ValueError(f"{day!r} is no day, write one of {', '.join(Day)}")
        return cls(Day(day), _time(start), _time(end), time_zone)

    @property
    def duration(self) -> timedelta:
        """From start to end by the clock on the wall."""
        span = timedelta(hours=self.end.hour, minutes=self.end.minute) - self._since_midnight
        return span if span > timedelta() else span + _DAY

    def as_text(self) -> dict[str, str]:
        """What `parse` reads."""
        return {
            "day": self.day.value,
            "start": f"{self.start:%H:%M}",
            "end": f"{self.end:%H:%M}",
            "time_zone": self.time_zone,
        }

    def rds(self) -> str:
        """The window for RDS and ElastiCache: `sun:02:00-sun:04:00`, in UTC, which is all they know.

        With daylight saving the span is the one that lies inside the local window all year round.

        Raises:
            ValueError: there is no such span of the length that AWS asks for.
        """
        begins, ends = zip(*self._in_utc(), strict=True)
        begin, end = max(begins), min(ends)
        if end - begin < _SHORTEST:
            raise ValueError(
                f"the window {self} has no hour in UTC that is inside it all year round: "
                "make it an hour longer or give it in UTC"
            )
        return f"{self._weekday_in_utc(begin)}-{self._weekday_in_utc(end)}"

    def ssm(self, cutoff_hours: int = 1) -> SsmSchedule:
        """The window for Systems Manager, which reads the cron expression in the time zone.

        https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html

        Raises:
            ValueError: the window is no whole number of hours, or shorter than the cutoff.
        """
        hours, rest = divmod(self.duration, timedelta(hours=1))
        if rest or hours <= cutoff_hours:
            raise ValueError(
                f"the window {self} must last whole hours, and more than the {cutoff_hours} in which "
                "nothing new is begun: Systems Manager counts in hours"
            )
        return SsmSchedule(
            expression=f"cron({self.start.minute} {self.start.hour} ? * {self.day.short} *)",
            time_zone=self.time_zone,
            duration_hours=hours,
            cutoff_hours=cutoff_hours,
        )

    def mute_schedule(self) -> MuteSchedule:
        """The window for a CloudWatch alarm mute rule, whose cron expressions have five fields.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html
        """
        minutes = self.duration // timedelta(minutes=1)
        return MuteSchedule(
            expression=f"cron({self.start.minute} {self.start.hour} * * {self.day.short})",
            time_zone=self.time_zone,
            duration=f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M",
        )

    def recurrence(self) -> Recurrence:
        """The window for a Datadog downtime.

        https://docs.datadoghq.com/monitors/guide/suppress-alert-with-downtimes/
        """
        first = datetime.combine(next(self._dates()), self.start)
        return Recurrence(
            rrule=f"FREQ=WEEKLY;INTERVAL=1;BYDAY={self.day.short[:2]}",
            start=first.isoformat(),
            duration=f"{self.duration // timedelta(minutes=1)}m",
            time_zone=self.time_zone,
        )

    def notice(self, before: timedelta) -> Schedule:
        """When to tell people: never later than `before` the start, counted in hours that pass.

        By the clock on the wall it is the same time every week. Where the clock is changed between
        notice and start, 48 hours on the wall are only 47, so for such a zone the notice goes out
        that much earlier all year. It also avoids a time that the change skips: EventBridge would not
        run that week (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
        """
        lead = before
        while not all(self._is_timely(day, lead, before) for day in self._dates()):
            lead += _STEP
        at = datetime.combine(next(self._dates()), self.start) - lead
        weekday = list(Day)[at.weekday()]
        return Schedule(
            expression=f"cron({at.minute} {at.hour} ? * {weekday.short} *)", time_zone=self.time_zone
        )

    def during(self, step: timedelta) -> Schedule:
        """Rings again and again while the window is open, and now and then beside it.

        Whoever is called asks `closes` whether it is open: no cron expression says "from 23:30 until 01:00",
        or knows what daylight saving makes of an hour.

        Args:
            step: from one time to the next, in whole minutes of which an hour has a multiple.
        """
        first = self._since_midnight // _HOUR
        last = -(-(self._since_midnight + self.duration) // _HOUR)
        hours = ",".join(map(str, sorted({hour % _HOURS_A_DAY for hour in range(first, last)})))
        after = [list(Day)[(self.day.number + 1) % 7]] if last > _HOURS_A_DAY else []
        days = ",".join(day.short for day in (self.day, *after))
        minutes = f"0/{step // timedelta(minutes=1)}"
        return Schedule(expression=f"cron({minutes} {hours} ? * {days} *)", time_zone=self.time_zone)

    def nearest(self, instant: datetime) -> tuple[datetime, datetime]:
        """Beginning and end of the window that is open at an instant, or else of the next, in UTC.

        Raises:
            ValueError: the instant has no time zone.
        """
        today = self._local(instant)
        days = (today + timedelta(days=shift) for shift in range(-1, 9))
        spans = (self._occurrence(day) for day in days if day.weekday() == self.day.number)
        return next((begin, end) for begin, end in spans if instant < end)

    def contains(self, instant: datetime) -> bool:
        """Whether the window is open at an instant, which must know its time zone.

        Raises:
            ValueError: the instant has no time zone.
        """
        return self.closes(instant) is not None

    def closes(self, instant: datetime) -> datetime | None:
        """When the window that is open at an instant closes, in UTC; None where none is open.

        Raises:
            ValueError: the instant has no time zone.
        """
        begin, end = self.nearest(instant)
        return end if begin <= instant else None

    def overlaps(self, daily: str) -> bool:
        """Whether a daily window in UTC, `hh:mm-hh:mm`, ever falls into this one.

        Raises:
            ValueError: `daily` is not of that form.
        """
        start, _, end = daily.partition("-")
        daily_start, daily_end = _minutes(_time(start)), _minutes(_time(end))
        length = (daily_end - daily_start) % _MINUTES_A_DAY
        for begin, finish in self._in_utc():
            offset = (begin // timedelta(minutes=1) - daily_start) % _MINUTES_A_DAY
            span = (finish - begin) // timedelta(minutes=1)
            if offset < length or offset + span > _MINUTES_A_DAY:
                return True
        return False

    def __str__(self) -> str:
        return f"{self.day} {self.start:%H:%M}-{self.end:%H:%M} {self.time_zone}"

    @property
    def _since_midnight(self) -> timedelta:
        return timedelta(hours=self.start.hour, minutes=self.start.minute)

    def _local(self, instant: datetime) -> date:
        if instant.tzinfo is None:
            raise ValueError(f"{instant.isoformat()} does not say its time zone")
        return instant.astimezone(_zone(self.time_zone)).date()

    def _dates(self) -> Iterator[date]:
        """The days on which the window begins, over the years."""
        first = date(_YEARS.start, 1, 1)
        day = first + timedelta(days=(self.day.number - first.weekday()) % 7)
        while day.year in _YEARS:
            yield day
            day += _WEEK

    def _occurrence(self, day: date) -> tuple[datetime, datetime]:
        """Start and end of the window that begins on a day, in UTC."""
        zone = _zone(self.time_zone)
        begin = datetime.combine(day, self.start, zone)
        end = begin + self.duration  # on the wall, as arithmetic within one zone is
        return begin.astimezone(UTC), end.astimezone(UTC)

    def _in_utc(self) -> set[tuple[timedelta, timedelta]]:
        """The different starts and ends in UTC, since midnight UTC of the local day."""
        spans: set[tuple[timedelta, timedelta]] = set()
        for day in self._dates():
            midnight = datetime.combine(day, time(), UTC)
            begin, end = self._occurrence(day)
            spans.add((begin - midnight, end - midnight))
        return spans

    def _weekday_in_utc(self, offset: timedelta) -> str:
        """`sun:02:00` for a span since midnight UTC of the window's day."""
        days, rest = divmod(offset, _DAY)
        weekday = list(Day)[(self.day.number + days) % 7]
        minutes = rest // timedelta(minutes=1)
        return f"{weekday.short.lower()}:{minutes // 60:02}:{minutes % 60:02}"

    def _is_timely(self, day: date, lead: timedelta, before: timedelta) -> bool:
        """Whether a notice `lead` before the start, on the wall, exists and is early enough."""
        local = datetime.combine(day, self.start, _zone(self.time_zone)) - lead
        instant = local.astimezone(UTC)
        exists = instant.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
        return exists and self._occurrence(day)[0] - instant >= before


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"{name!r} is no time zone, write an IANA name such as UTC or Europe/Berlin"
        ) from None


def _time(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time of day, write hours and minutes such as 02:00")
    return time(int(found[1]), int(found[2]))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
