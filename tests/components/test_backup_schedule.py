"""When backups run: often enough, and never when RDS would refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.backup_schedule import BackupCalendar, Every

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
BOTH = (Every.DAY, Every.HOUR)
WEEK_MINUTES = 7 * 24 * 60


def _calendar(maintenance: str = "sun:02:00-sun:04:00", backup: str = "09:00-10:00") -> BackupCalendar:
    return BackupCalendar(maintenance_window=maintenance, backup_window=backup)


def _due(cron: str) -> set[int]:
    """The hours of the week that a rule's expression names."""
    minute, hours, _, _, days, _ = cron.removeprefix("cron(").removesuffix(")").split()
    assert minute == "0"
    named = DAYS if days == "?" else days.split(",")
    return {DAYS.index(day) * 24 + int(hour) for day in named for hour in hours.split(",")}


def _all_due(calendar: BackupCalendar, every: tuple[Every, ...]) -> list[int]:
    return sorted(hour for cron in calendar.rules(every).values() for hour in _due(cron))


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


@st.composite
def _windows(draw: st.DrawFn) -> tuple[str, str, set[int]]:
    """A maintenance window, a backup window, and the minutes of the week in which RDS refuses."""
    start = draw(st.integers(0, WEEK_MINUTES - 1))
    length = draw(st.integers(60, 240))
    end = (start + length) % WEEK_MINUTES
    days = [DAYS[at // 1440].lower() for at in (start, end)]
    maintenance = f"{days[0]}:{_clock(start)}-{days[1]}:{_clock(end)}"
    daily = draw(st.integers(0, 1439))
    daily_length = draw(st.integers(30, 180))
    refused = {(start + minute) % WEEK_MINUTES for minute in range(-60, length)}
    for day in range(7):
        refused |= {(day * 1440 + daily + minute) % WEEK_MINUTES for minute in range(-60, daily_length)}
    return maintenance, f"{_clock(daily)}-{_clock(daily + daily_length)}", refused


@given(_windows())
def test_no_job_can_begin_while_rds_refuses(windows: tuple[str, str, set[int]]) -> None:
    maintenance, backup, refused = windows
    for hour in _all_due(_calendar(maintenance, backup), BOTH):
        assert not refused & set(range(hour * 60, hour * 60 + 60))


@given(_windows())
def test_every_hour_in_which_rds_does_not_refuse_has_one_point(windows: tuple[str, str, set[int]]) -> None:
    maintenance, backup, refused = windows
    free = [hour for hour in range(168) if not refused & set(range(hour * 60, hour * 60 + 60))]
    assert _all_due(_calendar(maintenance, backup), BOTH) == free


@given(_windows())
def test_the_gap_is_the_longest_pause_between_two_points(windows: tuple[str, str, set[int]]) -> None:
    maintenance, backup, _ = windows
    calendar = _calendar(maintenance, backup)
    due = _all_due(calendar, BOTH)
    gaps = [later - sooner for sooner, later in zip(due, [*due[1:], due[0] + 168], strict=True)]
    assert calendar.longest_gap_hours(BOTH) == max(gaps)


def test_the_guides_window_leaves_twenty_hours_on_its_day() -> None:
    rules = _calendar().rules(BOTH)
    assert rules["daily"] == "cron(0 4 * * ? *)"
    assert rules["hourly-sun"] == "cron(0 0,5,6,7,10,11,12,13,14,15,16,17,18,19,20,21,22,23 ? * SUN *)"
    assert len(rules) == 3


def test_nightly_work_follows_the_maintenance_window_in_hours_of_its_own() -> None:
    calendar = _calendar()
    assert (calendar.daily_hour, calendar.dump_hour, calendar.recovery_test_hour) == (4, 5, 6)


def test_nightly_work_also_finds_its_hours_after_a_window_over_the_end_of_the_week() -> None:
    calendar = _calendar("sun:23:00-mon:01:00", "09:00-10:00")
    assert (calendar.daily_hour, calendar.dump_hour, calendar.recovery_test_hour) == (1, 2, 3)


@pytest.mark.parametrize(("every", "names", "gap"), [((Every.DAY,), {"daily"}, 24), (BOTH, None, 4)])
def test_only_what_the_guide_asks_for_is_made(
    every: tuple[Every, ...], names: set[str] | None, gap: int
) -> None:
    calendar = _calendar()
    assert names is None or set(calendar.rules(every)) == names
    assert calendar.longest_gap_hours(every) == gap


def test_hourly_points_alone_take_the_daily_ones_hour_too() -> None:
    assert 4 in _due(_calendar().rules((Every.HOUR,))["hourly-mon-tue-wed-thu-fri-sat"])


@pytest.mark.parametrize(
    ("maintenance", "backup", "message"),
    [
        ("sunday 2-4", "09:00-10:00", "write it as sun:02:00-sun:04:00"),
        ("sun:02:00-sun:04:00", "9-10", "write it as 09:00-10:00"),
        ("sun:02:00-sun:04:00", "00:00-23:30", "make them shorter"),
    ],
)
def test_a_mistake_is_told_in_one_line(maintenance: str, backup: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _calendar(maintenance, backup)
