"""Whether one maintenance window lies inside another."""

import pytest

from policies.windows import Window, of_file_system, scheduled, weekly

_SUNDAY = 6 * 24 * 60


def _weekly(text: str) -> Window:
    found = weekly(text)
    assert found is not None
    return found


def test_windows_are_read_in_any_case() -> None:
    assert weekly("sun:02:00-sun:04:00") == weekly("Sun:02:00-Sun:04:00") == Window(_SUNDAY + 120, 120)
    assert weekly("sun:23:00-mon:01:00") == Window(_SUNDAY + 23 * 60, 120)
    assert of_file_system("7:02:00") == Window(_SUNDAY + 120, 30)


@pytest.mark.parametrize(
    "text", ["", "sun:02:00", "02:00-04:00", "sun:24:00-sun:25:00", "abc:02:00-abc:04:00", "8:02:00"]
)
def test_what_is_no_window_is_none(text: str) -> None:
    assert weekly(text) is None
    assert of_file_system(text) is None


@pytest.mark.parametrize(
    ("inner", "inside"),
    [
        ("sun:02:00-sun:04:00", True),
        ("sun:03:30-sun:04:00", True),
        ("sun:03:30-sun:04:01", False),
        ("sun:01:59-sun:03:00", False),
        ("mon:02:00-mon:04:00", False),
        ("sun:03:00-sun:02:30", False),
    ],
)
def test_a_window_holds_what_begins_and_ends_in_it(inner: str, *, inside: bool) -> None:
    assert _weekly("sun:02:00-sun:04:00").holds(_weekly(inner)) is inside


def test_a_window_goes_over_the_end_of_the_week() -> None:
    night = _weekly("sun:22:00-mon:02:00")
    assert night.holds(_weekly("mon:00:30-mon:01:00"))
    assert night.holds(_weekly("sun:23:30-mon:00:30"))
    assert not night.holds(_weekly("mon:01:30-mon:02:30"))
    assert night.holds_time_of_day(23, 0)
    assert night.holds_time_of_day(1, 59)
    assert not night.holds_time_of_day(2, 0)


def test_a_schedule_is_open_once_a_week_or_on_more_days() -> None:
    assert scheduled("cron(0 2 ? * SUN *)", "UTC", 2) == (Window(_SUNDAY + 120, 120),)
    assert scheduled("cron(0 2 ? * SAT *)", "", 2, offset_days=1) == (Window(_SUNDAY + 120, 120),)
    assert len(scheduled("cron(0 2 * * ? *)", "Etc/UTC", 2)) == 7
    assert scheduled("weekly", "UTC", 2) == ()


def test_a_schedule_in_local_time_moves_with_daylight_saving() -> None:
    found = scheduled("cron(0 2 ? * SUN *)", "America/New_York", 2)
    assert found == (Window(_SUNDAY + 6 * 60, 120), Window(_SUNDAY + 7 * 60, 120))
    assert scheduled("cron(0 2 ? * SUN *)", "no/zone", 2) == ()
