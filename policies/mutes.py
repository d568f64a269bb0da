"""When alarms are muted, as spans of the week: CloudWatch's schedules and Datadog's recurrences."""

import re
from datetime import datetime
from typing import Final

from policies.windows import Window, scheduled

_DAY_MINUTES: Final = 1440
_ISO: Final = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")
_SHORT: Final = re.compile(r"(?P<number>\d+)(?P<unit>[mhdw])")
_UNITS: Final = {"m": 1, "h": 60, "d": _DAY_MINUTES, "w": 7 * _DAY_MINUTES}
_CRON: Final = re.compile(r"cron\((\S+ \S+ \S+ \S+) (\S+)\)")
_DAYS: Final = {"MO": "MON", "TU": "TUE", "WE": "WED", "TH": "THU", "FR": "FRI", "SA": "SAT", "SU": "SUN"}


def of_alarms(expression: str, zone: str, duration: str) -> tuple[Window, ...]:
    """The spans in which an alarm mute rule of CloudWatch holds; none where it cannot be read.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html

    Args:
        expression: `cron(…)` of five fields, in which Sunday is 0.
        zone: the IANA name of its time zone, empty for UTC.
        duration: in ISO 8601, `PT2H`.
    """
    cron, length = _CRON.fullmatch(" ".join(expression.split())), _ISO.fullmatch(duration)
    if cron is None or length is None:
        return ()
    days = re.sub(r"\d", lambda digit: str(int(digit[0]) % 7 + 1), cron[2])
    parts = {unit: int(number or 0) for unit, number in length.groupdict().items()}
    minutes = parts["days"] * _DAY_MINUTES + parts["hours"] * 60 + parts["minutes"]
    return _lasting(f"cron({cron[1]} {days} *)", zone, minutes)


def of_monitors(rule: str, start: str, zone: str, duration: str) -> tuple[Window, ...]:
    """The spans in which a recurring downtime of Datadog holds; none where it cannot be read.

    https://docs.datadoghq.com/monitors/downtimes/

    Args:
        rule: in the form of RFC 5545, `FREQ=WEEKLY;BYDAY=SU`.
        start: the first time, in ISO 8601 without a zone.
        zone: the IANA name of its time zone, empty for UTC.
        duration: a number and one of m, h, d, w.
    """
    length = _SHORT.fullmatch(duration.strip())
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    try:
        first = datetime.fromisoformat(start)
    except ValueError:
        return ()
    days = [_DAYS.get(day[-2:], "") for day in parts.get("BYDAY", "").split(",") if day]
    if not days and parts.get("FREQ") == "WEEKLY":
        days = [str(first.isoweekday() % 7 + 1)]
    if not days and parts.get("FREQ") in ("DAILY", "MONTHLY", "YEARLY"):
        # On a day of the month it comes to be every day of the week.
        days = ["*"]
    if not days or length is None:
        return ()
    minutes = int(length["number"]) * _UNITS[length["unit"]]
    return _lasting(f"cron({first.minute} {first.hour} ? * {','.join(days)} *)", zone, minutes)


def _lasting(expression: str, zone: str, minutes: int) -> tuple[Window, ...]:
    return tuple(Window(window.start, minutes) for window in scheduled(expression, zone, 0))
