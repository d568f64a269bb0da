"""When backups run: as often as the guide says, and never when RDS would refuse.

RDS starts no snapshot in its maintenance window, in its own backup window or in the hour before
either, and a job that is due then fails:
https://docs.aws.amazon.com/aws-backup/latest/devguide/troubleshooting.html
No Pulumi here. All times are UTC, as RDS spells its windows.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

START_WINDOW_MINUTES: Final = 60
"""A job that is due may begin within so many minutes; AWS Backup takes no fewer.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html"""

_REFUSAL_MINUTES: Final = 60
_DAY: Final = 24
_WEEK: Final = 7 * _DAY
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_WEEKLY: Final = re.compile(r"([a-z]{3}):(\d\d):(\d\d)-([a-z]{3}):(\d\d):(\d\d)")
_DAILY: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


class Every(StrEnum):
    """How often a backup is taken, in the guide's words."""

    HOUR = "hour"
    DAY = "day"


class BackupCalendar:
    """The hours of the week at which a database can be backed up.

    Everything that happens once a day or less takes an hour that is free on every day, in order from
    the end of the maintenance window: traffic is lowest there.
    """

    def __init__(self, *, maintenance_window: str, backup_window: str) -> None:
        """Finds the free hours.

        Args:
            maintenance_window: RDS's weekly window, `sun:02:00-sun:04:00`.
            backup_window: RDS's own daily backup window, `09:00-10:00`.

        Raises:
            ValueError: a window is not of that form, or too few hours are left.
        """
        weekly, daily = _weekly(maintenance_window), _daily(backup_window)
        busy = _refused(*weekly)
        for day in range(7):
            start, length = daily
            busy |= _refused(day * _DAY * 60 + start, length)
        self._free = [hour for hour in range(_WEEK) if not busy & _start_window(hour)]
        first = -(-sum(weekly) // 60)
        self._nightly = [
            hour % _DAY
            for hour in range(first, first + _DAY)
            if all(day * _DAY + hour % _DAY in self._free for day in range(7))
        ]
        wanted = 3
        if len(self._nightly) < wanted:
            raise ValueError(
                f"the windows {maintenance_window} and {backup_window} leave no {wanted} hours of the day "
                "in which RDS can be backed up: make them shorter"
            )

    @property
    def daily_hour(self) -> int:
        """The hour of the daily recovery point."""
        return self._nightly[0]

    @property
    def dump_hour(self) -> int:
        """The hour of the daily dump."""
        return self._nightly[1]

    @property
    def recovery_test_hour(self) -> int:
        """The hour of the monthly recovery test."""
        return self._nightly[2]

    def rules(self, every: Collection[Every]) -> Mapping[str, str]:
        """The rules of a backup plan: from their names to cron expressions.

        The daily point takes the place of one hourly point: two jobs at the same time would hinder
        each other. Days on which the same hours are free share a rule.
        """
        rules: dict[str, str] = {}
        if Every.HOUR in every:
            taken = {self.daily_hour} if Every.DAY in every else set[int]()
            days_by_hours: dict[str, list[str]] = {}
            for number, day in enumerate(_DAYS):
                hours = [str(h) for h in range(_DAY) if number * _DAY + h in self._free and h not in taken]
                days_by_hours.setdefault(",".join(hours), []).append(day)
            for hours, days in days_by_hours.items():
                rules["-".join(["hourly", *days]).lower()] = f"cron(0 {hours} ? * {','.join(days)} *)"
        if Every.DAY in every:
            rules["daily"] = f"cron(0 {self.daily_hour} * * ? *)"
        return rules

    def longest_gap_hours(self, every: Collection[Every]) -> int:
        """The most hours between two points: more silence than that means that something is broken."""
        points = self._free if Every.HOUR in every else [d * _DAY + self.daily_hour for d in range(7)]
        return max(
            later - point for point, later in zip(points, [*points[1:], points[0] + _WEEK], strict=True)
        )


def _refused(start: int, length: int) -> set[int]:
    """The minutes of the week in which RDS refuses because of a window, the hour before included."""
    return {(start + minute) % (_WEEK * 60) for minute in range(-_REFUSAL_MINUTES, length)}


def _start_window(hour: int) -> set[int]:
    """The minutes of the week in which a job that is due at the full hour may begin."""
    return set(range(hour * 60, hour * 60 + START_WINDOW_MINUTES))


def _weekly(window: str) -> tuple[int, int]:
    """Start in minutes since Monday 00:00, and length in minutes."""
    found = _WEEKLY.fullmatch(window)
    if found is None:
        raise ValueError(f"{window!r} is no weekly window, write it as sun:02:00-sun:04:00")
    first, start_hour, start_minute, last, end_hour, end_minute = found.groups()
    start = _minutes(start_hour, start_minute) + _DAYS.index(first.upper()) * _DAY * 60
    end = _minutes(end_hour, end_minute) + _DAYS.index(last.upper()) * _DAY * 60
    return start, (end - start) % (_WEEK * 60)


def _daily(window: str) -> tuple[int, int]:
    """Start in minutes since midnight, and length in minutes."""
    found = _DAILY.fullmatch(window)
    if found is None:
        raise ValueError(f"{window!r} is no daily window, write it as 09:00-10:00")
    start, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    return start, (end - start) % (_DAY * 60)


def _minutes(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute)
