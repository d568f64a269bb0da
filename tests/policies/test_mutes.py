"""When alarms are muted, in the spellings of CloudWatch and of Datadog."""

import pytest

from policies.mutes import of_alarms, of_monitors
from policies.windows import Window, weekly

_SUNDAY = weekly("sun:02:00-sun:04:00")


@pytest.mark.parametrize(
    ("expression", "zone", "duration"),
    [
        ("cron(0 2 * * SUN)", "UTC", "PT2H"),
        ("cron(0 2 * * 0)", "", "PT120M"),
        ("cron(0 2 * * 7)", "", "PT1H60M"),
    ],
)
def test_a_schedule_of_cloudwatch(expression: str, zone: str, duration: str) -> None:
    assert of_alarms(expression, zone, duration) == (_SUNDAY,)


def test_a_schedule_of_every_day_has_seven_spans() -> None:
    assert len(of_alarms("cron(0 2 * * *)", "UTC", "P1D")) == 7
    assert {window.minutes for window in of_alarms("cron(0 2 * * *)", "UTC", "P1DT1M")} == {1441}


def test_a_zone_with_summer_time_has_two_spans() -> None:
    assert of_alarms("cron(0 2 * * SUN)", "Europe/Berlin", "PT2H") == (
        Window(6 * 1440, 120),
        Window(6 * 1440 + 60, 120),
    )


@pytest.mark.parametrize(
    ("rule", "start", "duration"),
    [
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=SU", "2026-01-04T02:00:00", "120m"),
        ("FREQ=WEEKLY", "2026-01-04T02:00:00", "2h"),
        ("FREQ=MONTHLY;BYDAY=1SU", "2026-01-04T02:00", "2h"),
    ],
)
def test_a_recurrence_of_datadog(rule: str, start: str, duration: str) -> None:
    assert of_monitors(rule, start, "UTC", duration) == (_SUNDAY,)


@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=1", "FREQ=MONTHLY;BYMONTHDAY=4"])
def test_a_recurrence_that_comes_to_be_on_every_day(rule: str) -> None:
    assert len(of_monitors(rule, "2026-01-04T02:00:00", "", "2h")) == 7


def test_what_cannot_be_read_has_no_span() -> None:
    assert of_alarms("at(2026-01-04T02:00)", "UTC", "PT2H") == ()
    assert of_alarms("cron(0 2 * * SUN)", "UTC", "two hours") == ()
    assert of_alarms("cron(0 2 * * SUN)", "Nowhere/City", "PT2H") == ()
    assert of_monitors("FREQ=HOURLY", "2026-01-04T02:00:00", "", "2h") == ()
    assert of_monitors("FREQ=WEEKLY;BYDAY=XX", "2026-01-04T02:00:00", "", "2h") == ()
    assert of_monitors("FREQ=WEEKLY", "on Sunday", "", "2h") == ()
    assert of_monitors("FREQ=WEEKLY", "2026-01-04T02:00:00", "", "long") == ()
