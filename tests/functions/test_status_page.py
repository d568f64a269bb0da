"""The public page says what alarms say now, whatever becomes of single events, and maintenance once."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise, permutations
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operate.errors import OperationError, RemoteError
from operate.json_api import AnswerError
from tests.functions.folder import modules
from tests.functions.status_page import COMPONENTS, KEY, PAGE, StatusPage, status_page

WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 2, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 2, tzinfo=UTC)
HOME, GLOBAL = "us-west-2", "us-east-1"
SECRET = "syncup/test/status-page"  # noqa: S105 (its name)
ALARMS = {
    HOME: {
        "errors": {"severity": "Critical", "components": ["application", "api"]},
        "latency": {"severity": "High", "components": ["api"]},
        "queries": {"severity": "Medium", "components": ["database"]},
        "noise": {"severity": "Low", "components": ["database"]},
    },
    GLOBAL: {"unreachable": {"severity": "Critical", "components": ["application"]}},
}
WINDOW = {"day": "sunday", "start": "02:00", "end": "04:00", "time_zone": "UTC"}


@cache
def _client(service: str, region: str) -> Any:
    """For whichever test's moto is running: making one costs more than using it."""
    boto: Any = boto3
    credentials = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto.client(service, region_name=region, **credentials)


class Session:
    """boto3's, at home."""

    def client(self, service: str, region_name: str = HOME) -> Any:
        return _client(service, region_name)


class Function:
    """The function with its surroundings: alarms, a secret, a page, and time that passes while it sleeps."""

    def __init__(self, module: Any, page: StatusPage) -> None:
        self.module, self.page, self.now = module, page, WEDNESDAY
        self.left, self.slept = 120.0, list[float]()
        self.environment = {
            "STACK": "test",
            "PAGE_ID": PAGE,
            "COMPONENTS": json.dumps(COMPONENTS),
            "ALARMS": json.dumps(ALARMS),
            "WINDOW": json.dumps(WINDOW),
            "NOTICE_HOURS": "48",
            "SECRET": SECRET,
            "STATUSPAGE_URL": page.url,
        }
        self.session = Session()
        self.session.client("secretsmanager").create_secret(
            Name=SECRET, SecretString=json.dumps({"STATUSPAGE_API_KEY": KEY})
        )
        for region, alarms in ALARMS.items():
            for name in alarms:
                self.cloudwatch(region).put_metric_alarm(
                    AlarmName=name,
                    ComparisonOperator="GreaterThanThreshold",
                    EvaluationPeriods=1,
                    MetricName="m",
                    Namespace="n",
                    Period=60,
                    Statistic="Sum",
                    Threshold=1,
                )
                self.set(name, "OK")

    def set(self, alarm: str, state: str) -> None:
        (region,) = (region for region, alarms in ALARMS.items() if alarm in alarms)
        self.cloudwatch(region).set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="test")

    def run(self) -> list[str]:
        clock = self.module.Time(now=lambda: self.now, sleep=self._sleep, stopwatch=lambda: 120 - self.left)
        return self.module.run(self.environment, self.session, lambda: self.left, clock)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds

    def cloudwatch(self, region: str) -> Any:
        return self.session.client("cloudwatch", region_name=region)


@pytest.fixture
def page() -> Iterator[StatusPage]:
    with status_page() as found:
        yield found


@pytest.fixture
def function(page: StatusPage) -> Iterator[Function]:
    with mock_aws(), modules("status_page", "handler") as (module,):
        yield Function(module, page)


def test_where_all_is_well_nothing_is_said(function: Function, page: StatusPage) -> None:
    assert function.run() == []
    assert set(page.asked) == {"GET"}


def test_an_alarm_shows_on_its_components_and_as_one_incident_until_it_ends(
    function: Function, page: StatusPage
) -> None:
    function.set("errors", "ALARM")
    assert function.run() == [
        "application is major_outage",
        "api is major_outage",
        "Problem with api and application",
    ]
    (incident,) = page.incidents
    assert (incident["status"], incident["impact"]) == ("investigating", "critical")
    assert incident["component_ids"] == [COMPONENTS["api"], COMPONENTS["application"]]
    assert page.shows("database") == "operational"
    function.set("errors", "OK")
    assert function.run() == ["application is operational", "api is operational", "the problem is over"]
    assert page.incidents == [incident]
    assert incident["status"] == "resolved"
    assert incident["updates"] == ["We are looking into the problem.", "The problem is solved."]


def test_an_alarm_of_the_global_region_counts(function: Function, page: StatusPage) -> None:
    function.set("unreachable", "ALARM")
    function.run()
    assert page.shows("application") == "major_outage"


def test_what_users_do_not_notice_is_not_shown(function: Function, page: StatusPage) -> None:
    function.set("noise", "ALARM")
    assert function.run() == []
    assert page.incidents == []


def test_a_repeated_event_changes_nothing(function: Function, page: StatusPage) -> None:
    function.set("queries", "ALARM")
    function.run()
    asked = dict(page.asked)
    assert function.run() == []
    assert {method for method in page.asked if page.asked[method] > asked.get(method, 0)} == {"GET"}


def test_of_several_alarms_the_worst_shows_and_it_ends_with_the_last(
    function: Function, page: StatusPage
) -> None:
    seen: list[tuple[str, str]] = []
    for name, state in (
        ("latency", "ALARM"),
        ("errors", "ALARM"),
        ("errors", "OK"),
        ("latency", "OK"),
    ):
        function.set(name, state)
        function.run()
        seen.append((page.shows("api"), page.incidents[0]["impact"]))
    assert seen == [
        ("partial_outage", "major"),
        ("major_outage", "critical"),
        ("partial_outage", "major"),
        ("operational", "major"),
    ]
    assert len(page.incidents) == 1


def test_events_in_any_order_end_with_what_is_true_now(function: Function, page: StatusPage) -> None:
    """Four changes happen, and what wakes the function arrives in any order, each event at its earliest."""
    changes = [("latency", "ALARM"), ("latency", "OK"), ("errors", "ALARM"), ("errors", "OK")]
    for order in permutations(range(4)):
        page.incidents.clear()
        done = 0
        for heard in order:
            while done <= heard:
                function.set(*changes[done])
                done += 1
            function.left = 120
            function.run()
        assert set(page.components.values()) == {"operational"}
        assert all(one["status"] == "resolved" for one in page.incidents)
        assert len(page.incidents) <= 2


def test_while_an_alarm_is_not_known_nothing_gets_better(function: Function, page: StatusPage) -> None:
    function.set("latency", "ALARM")
    function.run()
    function.set("latency", "INSUFFICIENT_DATA")
    assert function.run() == []
    assert page.shows("api") == "partial_outage"
    function.set("errors", "ALARM")
    function.run()
    assert page.shows("api") == "major_outage"
    function.set("errors", "OK")
    function.set("latency", "OK")
    function.run()
    assert page.shows("api") == "operational"


def test_an_alarm_that_is_gone_is_not_known(function: Function, page: StatusPage) -> None:
    page.components[COMPONENTS["database"]] = "degraded_performance"
    function.cloudwatch(HOME).delete_alarms(AlarmNames=["noise"])
    assert function.run() == []


def test_while_people_speak_alarms_open_nothing_and_make_nothing_better(
    function: Function, page: StatusPage
) -> None:
    page.incidents.append(
        {"id": "p", "status": "investigating", "metadata": {"syncup": {"incident": "test/INC1"}}}
    )
    page.components.update(dict.fromkeys(COMPONENTS.values(), "partial_outage"))
    function.set("errors", "ALARM")
    function.run()
    assert page.shows("api") == "major_outage"
    function.set("errors", "OK")
    assert function.run() == []
    assert len(page.incidents) == 1
    page.incidents[0]["status"] = "resolved"
    function.run()
    assert set(page.components.values()) == {"operational"}


def test_another_stacks_incident_is_none_of_this_ones_business(function: Function, page: StatusPage) -> None:
    page.incidents.append(
        {"id": "p", "status": "investigating", "metadata": {"syncup": {"incident": "testing/INC1"}}}
    )
    function.set("errors", "ALARM")
    function.run()
    assert len(page.incidents) == 2


def test_of_stacks_that_share_a_page_none_hides_what_another_shows(
    function: Function, page: StatusPage
) -> None:
    function.set("errors", "ALARM")
    function.run()
    function.environment["STACK"] = "other"
    function.set("errors", "OK")
    assert function.run() == []
    assert page.shows("api") == "major_outage"
    function.environment["STACK"] = "test"
    function.run()
    assert set(page.components.values()) == {"operational"}


def test_stacks_that_share_a_page_announce_maintenance_once(function: Function, page: StatusPage) -> None:
    function.now = FRIDAY
    for stack in ("test", "other"):
        function.environment["STACK"] = stack
        function.run()
    assert len(page.incidents) == 1


@pytest.mark.parametrize("status", [420, 429, 500, 503])
def test_a_page_that_is_busy_is_asked_again_later_and_later(
    function: Function, page: StatusPage, status: int
) -> None:
    function.set("errors", "ALARM")
    page.refusing = [status] * 3
    function.run()
    assert page.shows("api") == "major_outage"
    pauses = [slept for slept in function.slept if slept != 1]
    assert len(pauses) == 3
    assert 1 <= pauses[0] <= 2 <= pauses[1] <= 4 <= pauses[2] <= 8


def test_it_asks_once_a_second(function: Function, page: StatusPage) -> None:
    function.set("errors", "ALARM")
    function.run()
    assert function.slept == [1.0] * (page.asked.total() - 1)


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET"])
def test_an_answer_that_gets_lost_doubles_nothing(function: Function, page: StatusPage, method: str) -> None:
    function.set("errors", "ALARM")
    page.losing.add(method)
    function.run()
    assert page.shows("api") == "major_outage"
    assert len(page.incidents) == 1
    assert page.incidents[0]["updates"] == ["We are looking into the problem."]


def test_what_stays_busy_fails_so_that_it_is_tried_again_and_kept(
    function: Function, page: StatusPage
) -> None:
    page.refusing = [429] * 100
    with pytest.raises(AnswerError, match="StatusPage answers 429"):
        function.run()
    assert page.asked.total() == 5


def test_it_gives_up_before_its_own_time_is_up(function: Function, page: StatusPage) -> None:
    function.left = 22
    page.refusing = [503] * 100
    with pytest.raises(AnswerError):
        function.run()
    assert function.left > 19


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_is_refused_for_good_is_not_asked_again(
    function: Function, page: StatusPage, status: int
) -> None:
    page.refusing = [status]
    with pytest.raises(AnswerError, match=str(status)):
        function.run()
    assert page.asked.total() == 1


def test_a_page_that_cannot_be_reached_fails(function: Function) -> None:
    function.environment["STATUSPAGE_URL"] = "http://127.0.0.1:1"
    with pytest.raises(RemoteError, match="could not be reached"):
        function.run()


def test_a_component_that_the_page_does_not_have_is_named(function: Function, page: StatusPage) -> None:
    del page.components[COMPONENTS["database"]]
    with pytest.raises(OperationError, match=f"no component {COMPONENTS['database']}"):
        function.run()


@pytest.mark.parametrize("statuses", [[401], [429] * 5, [500] * 5])
def test_the_key_is_in_no_log_and_no_message(
    function: Function, page: StatusPage, statuses: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page.refusing = statuses
    with pytest.raises(AnswerError) as failed:
        function.run()
    sent = [record.getMessage() for record in caplog.records if not record.name.startswith("botocore")]
    assert KEY not in "\n".join([*sent, str(failed.value)])


@pytest.mark.parametrize("value", ["line\nbreak", "with space", "ünicode"])
def test_what_is_no_key_is_not_sent_or_shown(function: Function, page: StatusPage, value: str) -> None:
    function.session.client("secretsmanager").put_secret_value(
        SecretId=SECRET, SecretString=json.dumps({"STATUSPAGE_API_KEY": value})
    )
    with pytest.raises(Exception, match="STATUSPAGE_API_KEY is no key") as failed:
        function.run()
    assert value not in str(failed.value)
    assert page.asked.total() == 0


def test_maintenance_is_announced_once_and_not_before_the_notice(
    function: Function, page: StatusPage
) -> None:
    function.now = FRIDAY - timedelta(seconds=1)
    assert function.run() == []
    for hours in (0, 1, 24, 47.9, 48, 49.9):
        function.now = FRIDAY + timedelta(hours=hours)
        function.run()
    (announced,) = page.incidents
    assert announced["status"] == "scheduled"
    assert announced["scheduled_for"] == "2026-11-29T02:00:00+00:00"
    assert announced["scheduled_until"] == "2026-11-29T04:00:00+00:00"
    assert announced["component_ids"] == list(COMPONENTS.values())
    for begins_and_ends in (
        "scheduled_auto_in_progress",
        "scheduled_auto_completed",
        "auto_transition_to_maintenance_state",
        "auto_transition_to_operational_state",
    ):
        assert announced[begins_and_ends] is True


def test_maintenance_that_people_have_ended_is_not_announced_again(
    function: Function, page: StatusPage
) -> None:
    function.now = FRIDAY
    function.run()
    page.incidents[0]["status"] = "completed"
    function.now = SUNDAY + timedelta(hours=1)
    assert function.run() == []


def test_what_begins_unannounced_is_in_progress_at_once(function: Function, page: StatusPage) -> None:
    function.now = SUNDAY + timedelta(minutes=5)
    function.run()
    assert page.incidents[0]["status"] == "in_progress"
    assert set(page.components.values()) == {"under_maintenance"}


def test_a_window_that_moves_moves_its_announcement(function: Function, page: StatusPage) -> None:
    function.now = FRIDAY + timedelta(hours=3)
    function.run()
    function.environment["WINDOW"] = json.dumps({**WINDOW, "start": "03:00", "end": "05:00"})
    function.run()
    (announced,) = page.incidents
    assert announced["scheduled_for"] == "2026-11-29T03:00:00+00:00"
    assert function.run() == []


def test_alarms_are_muted_in_the_window_and_show_after_it(function: Function, page: StatusPage) -> None:
    function.now = FRIDAY
    function.run()
    function.set("errors", "ALARM")
    function.now = SUNDAY
    assert function.run() == []
    function.now = SUNDAY + timedelta(hours=2)
    function.run()
    assert page.shows("api") == "major_outage"


def test_under_maintenance_stays_until_the_page_ends_it(function: Function, page: StatusPage) -> None:
    page.components[COMPONENTS["api"]] = "under_maintenance"
    function.run()
    assert page.shows("api") == "under_maintenance"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_every_window_of_a_year_is_announced_once_whatever_the_clock_does(
    function: Function, page: StatusPage, zone: str
) -> None:
    function.environment["WINDOW"] = json.dumps({**WINDOW, "time_zone": zone})
    settings = function.module.settings_of(function.environment)
    page.incidents.clear()
    now, end = WEDNESDAY, WEDNESDAY + timedelta(days=365)
    while now < end:
        said = function.module.maintenance(settings, page.incidents[:100], now)
        if said is not None:
            assert said[0] is None
            page.incidents.insert(0, {"id": "x", **said[1]})
        now += timedelta(hours=1)
    begins = [datetime.fromisoformat(one["scheduled_for"]) for one in page.incidents]
    assert len(begins) == 52
    assert all(settings.window.contains(begin) for begin in begins)
    assert {(after - before).days for after, before in pairwise(begins)} <= {6, 7}
