"""The notice names the right day in every time zone, and is a message that Slack shows."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.window import Day
from tests.functions.folder import modules

EVENT: dict[str, Any] = {
    "scheduled": "2026-11-27T02:00:00Z",
    "environment": "production",
    "day": "sunday",
    "start": "02:00",
    "end": "04:00",
    "time_zone": "UTC",
    "notice_hours": 48,
    "team": ["On-call engineer", "Backup"],
}
ZONES = ["UTC", "Asia/Tokyo", "Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin"]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    with modules("maintenance_notice", "handler") as (module,):
        yield module


def test_the_notice_says_when_and_who(handler: ModuleType) -> None:
    title, text = handler.notice(EVENT)
    assert title == "Maintenance of SyncUp production on Sunday, 2026-11-29"
    assert text == (
        "From 02:00 to 04:00 (UTC). Alarms are muted meanwhile. On duty: On-call engineer, Backup."
    )


def test_it_is_published_in_the_form_that_slack_shows(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPIC_ARN", "arn:aws:sns:us-west-2:111122223333:alerts-low")
    published: list[dict[str, Any]] = []

    def publish(**message: Any) -> None:
        published.append(message)

    handler.announce(EVENT, publish)
    (message,) = published
    assert message["TopicArn"] == "arn:aws:sns:us-west-2:111122223333:alerts-low"
    body = json.loads(message["Message"])
    assert (body["version"], body["source"]) == ("1.0", "custom")
    assert body["content"]["title"] == message["Subject"]


@st.composite
def starts(draw: st.DrawFn) -> datetime:
    """Starts of windows, in their own time zones."""
    day = draw(st.dates(date(2026, 1, 1), date(2029, 1, 1)))
    at = time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 30])))
    return datetime.combine(day, at, ZoneInfo(draw(st.sampled_from(ZONES))))


@given(starts(), st.integers(1, 96), st.integers(0, 8))
def test_the_date_is_the_windows_in_its_own_time_zone(
    handler: ModuleType, start: datetime, hours: int, quarters_early: int
) -> None:
    scheduled = start.astimezone(UTC) - timedelta(hours=hours, minutes=15 * quarters_early)
    day = str(list(Day)[start.weekday()])
    assert handler.window_date(scheduled.isoformat(), day, hours) == start.date()
