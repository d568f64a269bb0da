"""The window holds in every service's form, daylight saving included."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.window import Day, MaintenanceWindow

GUIDE = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone="UTC")
NOTICE = timedelta(hours=48)
# They change on Sundays, on Fridays, at midnight, by half an hour, in the other half of the year, never.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Auckland",
]
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@st.composite
def windows(draw: st.DrawFn) -> MaintenanceWindow:
    """Windows of two to five hours anywhere in the week, in any of the zones."""
    start = draw(times)
    end = (datetime.combine(datetime.min, start) + timedelta(hours=draw(st.integers(2, 5)))).time()
    return MaintenanceWindow(draw(st.sampled_from(Day)), start, end, draw(st.sampled_from(ZONES)))


def starts(window: MaintenanceWindow, years: range) -> list[datetime]:
    """Every start of the window in the years, independently of the module: day by day, in UTC."""
    zone = ZoneInfo(window.time_zone)
    day = datetime(years.start, 1, 1)
    found: list[datetime] = []
    while day.year in years:
        if day.strftime("%A").lower() == window.day:
            found.append(datetime.combine(day, window.start, zone).astimezone(UTC))
        day += timedelta(days=1)
    return found


def utc_spans(text: str, years: range) -> list[tuple[datetime, datetime]]:
    """Every occurrence of `sun:02:00-sun:04:00`."""
    names = [day[:3] for day in Day]
    begin, end = (
        timedelta(days=names.index(part[:3]), hours=int(part[4:6]), minutes=int(part[7:]))
        for part in text.split("-")
    )
    length = (end - begin) % timedelta(weeks=1)
    monday = datetime(years.start, 1, 1, tzinfo=UTC)
    monday -= timedelta(days=monday.weekday())
    weeks = range(1, (years.stop - years.start) * 52)
    return [
        (monday + timedelta(weeks=n) + begin, monday + timedelta(weeks=n) + begin + length) for n in weeks
    ]


def test_the_guides_window_in_every_form() -> None:
    assert GUIDE.duration == timedelta(hours=2)
    assert GUIDE.rds() == "sun:02:00-sun:04:00"
    ssm = GUIDE.ssm()
    assert (ssm.expression, ssm.time_zone) == ("cron(0 2 ? * SUN *)", "UTC")
    assert (ssm.duration_hours, ssm.cutoff_hours) == (2, 1)
    mute = GUIDE.mute_schedule()
    assert (mute.expression, mute.time_zone, mute.duration) == ("cron(0 2 * * SUN)", "UTC", "PT2H")
    downtime = GUIDE.recurrence()
    assert downtime.rrule == "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU"
    assert (downtime.start, downtime.duration) == ("2026-01-04T02:00:00", "120m")
    assert GUIDE.notice(NOTICE).expression == "cron(0 2 ? * FRI *)"


@given(windows())
def test_the_utc_span_lies_inside_the_local_window_all_year(window: MaintenanceWindow) -> None:
    for begin, end in utc_spans(window.rds(), range(2026, 2029)):
        assert window.contains(begin)
        assert window.contains(end - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "sun:01:00-sun:02:00"),
        ("America/New_York", "sun:07:00-sun:08:00"),
        ("Asia/Tokyo", "sat:17:00-sat:19:00"),
        ("Australia/Lord_Howe", "sat:15:30-sat:17:00"),
    ],
)
def test_the_utc_span_of_known_zones(zone: str, expected: str) -> None:
    window = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone=zone)
    assert window.rds() == expected


def test_a_window_too_short_for_daylight_saving_says_what_to_do() -> None:
    window = MaintenanceWindow.parse(day="sunday", start="02:00", end="03:30", time_zone="Europe/Berlin")
    with pytest.raises(ValueError, match="make it an hour longer or give it in UTC"):
        window.rds()


@settings(max_examples=40)
@given(windows(), st.integers(1, 96))
def test_the_notice_is_never_late_and_at_most_two_hours_early(window: MaintenanceWindow, hours: int) -> None:
    before = timedelta(hours=hours)
    zone = ZoneInfo(window.time_zone)
    minute, hour, _, _, weekday, _ = window.notice(before).expression[5:-1].split()
    for start in starts(window, range(2026, 2032)):
        # The scheduler's own reading: the last such time on the wall that is early enough.
        local = start.astimezone(zone).replace(tzinfo=None) - before + timedelta(hours=1)
        while local.strftime("%a").upper() != weekday or (local.hour, local.minute) != (
            int(hour),
            int(minute),
        ):
            local -= timedelta(minutes=15)
        fires = local.replace(tzinfo=zone).astimezone(UTC)
        assert fires.astimezone(zone).replace(tzinfo=None) == local, "the clock skips this time"
        assert before <= start - fires <= before + timedelta(hours=2)


def test_the_notice_avoids_the_time_that_the_change_of_the_clock_skips() -> None:
    window = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone="Asia/Jerusalem")
    # Israel changes on a Friday at 02:00, which is 48 hours before the window.
    assert window.notice(NOTICE).expression == "cron(0 1 ? * FRI *)"


@given(windows())
def test_it_contains_its_own_span_and_nothing_beside_it(window: MaintenanceWindow) -> None:
    for start in starts(window, range(2026, 2028)):
        assert window.contains(start)
        assert not window.contains(start - timedelta(seconds=1))


@given(windows())
def test_it_says_when_it_closes_however_long_the_night_is(window: MaintenanceWindow) -> None:
    for start in starts(window, range(2026, 2028)):
        end = window.closes(start)
        assert end is not None
        assert window.closes(end - timedelta(seconds=1)) == end
        assert window.closes(end) is None


@given(windows())
def test_the_nearest_is_the_open_one_and_before_it_the_one_to_come(window: MaintenanceWindow) -> None:
    found = starts(window, range(2026, 2028))
    for before, start in pairwise(found):
        span = window.nearest(start)
        assert span[0] == start
        assert window.nearest(span[1] - timedelta(seconds=1)) == span
        assert window.nearest(start - timedelta(seconds=1)) == span
        assert window.nearest(window.nearest(before)[1]) == span


@given(windows())
def test_it_rings_all_through_the_window_whatever_the_clock_does(window: MaintenanceWindow) -> None:
    schedule = window.during(timedelta(minutes=15))
    minutes, hours, _, _, days, _ = schedule.expression[5:-1].split()
    assert minutes == "0/15"
    for start in starts(window, range(2026, 2028)):
        at = start
        while window.contains(at):
            local = at.astimezone(ZoneInfo(schedule.time_zone))
            assert str(local.hour) in hours.split(",")
            assert local.strftime("%a").upper() in days.split(",")
            at += timedelta(minutes=15)


def test_the_guides_window_rings_eight_times_and_one_over_midnight_on_two_days() -> None:
    assert GUIDE.during(timedelta(minutes=15)).expression == "cron(0/15 2,3 ? * SUN *)"
    late = MaintenanceWindow.parse(day="sunday", start="23:30", end="01:30", time_zone="Asia/Tokyo")
    schedule = late.during(timedelta(minutes=15))
    assert (schedule.expression, schedule.time_zone) == ("cron(0/15 0,1,23 ? * SUN,MON *)", "Asia/Tokyo")


def test_a_window_over_midnight() -> None:
    window = MaintenanceWindow.parse(day="saturday", start="23:00", end="01:00", time_zone="UTC")
    assert window.duration == timedelta(hours=2)
    assert window.rds() == "sat:23:00-sun:01:00"
    assert window.contains(datetime(2026, 11, 29, 0, 59, tzinfo=UTC))
    assert not window.contains(datetime(2026, 11, 29, 1, 0, tzinfo=UTC))


@given(windows())
def test_what_it_says_of_itself_is_what_it_is_read_from(window: MaintenanceWindow) -> None:
    assert MaintenanceWindow.parse(**window.as_text()) == window


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say its time zone"):
        GUIDE.contains(datetime(2026, 11, 29, 2, 0))


@pytest.mark.parametrize(
    ("daily", "overlap"),
    [
        ("09:00-10:00", False),
        ("04:00-05:00", False),
        ("01:00-02:00", False),
        ("03:30-04:30", True),
        ("01:30-02:30", True),
        ("02:15-02:45", True),
        ("23:00-03:00", True),
        ("23:00-02:00", False),
    ],
)
def test_a_backup_window_inside_it_is_seen(daily: str, overlap: bool) -> None:
    assert GUIDE.overlaps(daily) is overlap


@settings(max_examples=20)
@given(windows(), times, st.integers(1, 8))
def test_overlap_agrees_with_counting_minutes(window: MaintenanceWindow, start: time, quarters: int) -> None:
    length = timedelta(minutes=15 * quarters)
    daily = f"{start:%H:%M}-{datetime.combine(datetime.min, start) + length:%H:%M}"
    year = datetime(2026, 1, 1, tzinfo=UTC)
    days = [datetime.combine(year + timedelta(days=n), start, UTC) for n in range(364)]
    moments = (day + timedelta(minutes=15 * quarter) for day in days for quarter in range(quarters))
    assert window.overlaps(daily) is any(window.contains(moment) for moment in moments)


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        ({"day": "sun"}, "'sun' is no day, write one of monday"),
        ({"start": "2:00"}, "'2:00' is no time of day, write hours and minutes such as 02:00"),
        ({"end": "24:00"}, "'24:00' is no time of day"),
        ({"end": "02:00"}, "begins and ends at 02:00"),
        ({"time_zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"time_zone": "../etc"}, "is no time zone"),
    ],
)
def test_a_mistake_says_what_would_be_right(values: dict[str, str], hint: str) -> None:
    good = {"day": "sunday", "start": "02:00", "end": "04:00", "time_zone": "UTC"}
    with pytest.raises(ValueError, match=hint):
        MaintenanceWindow.parse(**{**good, **values})


def test_systems_manager_counts_in_whole_hours() -> None:
    with pytest.raises(ValueError, match="must last whole hours"):
        MaintenanceWindow.parse(day="sunday", start="02:00", end="03:30", time_zone="UTC").ssm()
