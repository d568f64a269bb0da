"""Maintenance that runs by itself: what is due, in the window, in time, and never in anybody's way."""

import json
import logging
import os
import socket
import threading
import time as clock
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from local import front
from local.certificates import Certificates
from operate.clock import Clock
from operate.maintenance import Outcome, Result
from operate.stack import Stack
from tests.functions import aws
from tests.functions.cache_server import CacheServer
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

SUNDAY = datetime(2026, 11, 29, 2, 15, tzinfo=UTC)
RECORDS = "records"
CACHE_SECRET = f"{aws.PREFIX}/cache"
LONG = timedelta(minutes=15)
ENDLESS = "/aws/rds/instance/syncup-test-g1/postgresql"


class Clients:
    """moto's clients, and RDS', whose token is what the server takes for one."""

    def client(self, service: str, _region: str | None = None) -> Any:
        return self if service == "rds" else aws.client(service)

    def generate_db_auth_token(self, *_: object) -> str:
        return PASSWORD


class Function:
    """The function with its surroundings: a database that is set up, a cache, and a Sunday night."""

    def __init__(self, module: Any, rds: Postgres, ports: tuple[int, int]) -> None:
        self.module, self.rds, self.now = module, rds, SUNDAY
        self.environment = {
            "STACK": "test",
            "AWS_REGION": aws.REGION,
            "WINDOW": json.dumps({"day": "sunday", "start": "02:00", "end": "04:00", "time_zone": "UTC"}),
            "PAGING": "P1,P2",
            "DATABASE_ENDPOINT": f"127.0.0.1:{ports[0]}",
            "DATABASE_NAME": DATABASE,
            "CACHE_ENDPOINT": f"127.0.0.1:{ports[1]}",
            "CACHE_SECRET": CACHE_SECRET,
            "RECORDS_BUCKET": RECORDS,
            "LOG_RETENTION_DAYS": "365",
            "METRIC_NAMESPACE": "SyncUp/Maintenance",
        }
        self.logs, self.s3 = aws.client("logs"), aws.client("s3")
        self.s3.create_bucket(Bucket=RECORDS, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
        self.logs.create_log_group(logGroupName=ENDLESS)
        aws.client("secretsmanager").create_secret(
            Name=CACHE_SECRET, SecretString=json.dumps({"username": "application", "password": PASSWORD})
        )

    @property
    def stack(self) -> Stack:
        made: Any = self.module.stack_of(self.environment, Clock(now=lambda: self.now))
        object.__setattr__(made, "clients", Clients())
        return made

    def run(self, left: timedelta = LONG) -> list[Result]:
        rules = self.module.rules_of(self.environment)
        place = self.module.Place.from_environment(self.environment)
        return self.module.run(self.stack, rules, place, left)

    def owner(self, *statements: str) -> Any:
        """As a user of the application."""
        return self.rds.run(*statements, user="app_a", database=DATABASE)

    def figures(self) -> dict[str, float]:
        found = aws.client("cloudwatch").list_metrics(Namespace="SyncUp/Maintenance")["Metrics"]
        return {metric["MetricName"]: self._figure(metric["MetricName"]) for metric in found}

    def _figure(self, name: str) -> float:
        now = datetime.now(UTC)
        (point,) = aws.client("cloudwatch").get_metric_statistics(
            Namespace="SyncUp/Maintenance",
            MetricName=name,
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        return point["Sum"]


@pytest.fixture
def function(
    rds: Postgres, cache: CacheServer, tls: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Function]:
    monkeypatch.setenv("DATABASE_CA", str(tls.authority))
    # The system's own authorities, as Python's default finds them.
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    with (
        modules("database_setup", "plan") as (plan,),
        closing(rds.connect(MASTER, database=DATABASE)) as master,
    ):
        roles = {name for (name,) in rds.run("SELECT rolname FROM pg_roles")}
        facts = plan.Facts(
            version=160000, database=DATABASE, master=MASTER, roles=roles, available=(), preloaded=()
        )
        for statement in plan.statements(facts, {}):
            master.run(statement)
    rds.run(*(f"ALTER ROLE {name} PASSWORD '{PASSWORD}'" for name in ("maintenance", "app_a")))
    cache.set_user("application", [PASSWORD])
    with (
        mock_aws(),
        front.postgresql(rds.port, tls.server) as database,
        front.plain(cache.port, tls.server) as cached,
        modules("maintenance", "handler") as (module,),
    ):
        yield Function(module, rds, (database, cached))


def _due(function: Function) -> None:
    """A table with dead rows, and an index most of whose pages are empty."""
    function.owner(
        "CREATE TABLE things (id int PRIMARY KEY)",
        "INSERT INTO things SELECT generate_series(1, 100000)",
        "DELETE FROM things WHERE id % 20 <> 0",
    )


def _size(function: Function) -> int:
    ((size,),) = function.owner("SELECT pg_relation_size('things_pkey')")
    return size


def test_what_is_due_is_done_and_the_next_run_finds_nothing(function: Function) -> None:
    _due(function)
    before = _size(function)
    done = function.run()
    assert {result.outcome for result in done} == {Outcome.DONE}
    assert [result.what for result in done] == [
        "VACUUM (ANALYZE) public.things",
        "REINDEX INDEX CONCURRENTLY public.things_pkey",
        "walk through the cache",
        f"bound {ENDLESS}",
    ]
    assert _size(function) < before / 4
    (group,) = function.logs.describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 365
    assert [result.what for result in function.run()] == ["walk through the cache"]


def test_the_figures_say_how_it_went(function: Function) -> None:
    _due(function)
    function.run()
    figures = function.figures()
    assert figures.pop("WorkedSeconds") >= 0
    assert figures == {"TasksDone": 4, "TasksStopped": 0, "TasksLeft": 0, "TasksFailed": 0}


@pytest.mark.parametrize(
    "now",
    [SUNDAY - timedelta(minutes=16), SUNDAY + timedelta(minutes=105), SUNDAY + timedelta(days=1)],
)
def test_outside_the_window_nothing_is_touched(function: Function, now: datetime) -> None:
    _due(function)
    function.now = now
    before = _size(function)
    assert function.run() == []
    assert _size(function) == before
    assert function.figures() == {}


def test_shortly_before_the_window_closes_nothing_is_begun(function: Function) -> None:
    function.now = datetime(2026, 11, 29, 3, 54, 45, tzinfo=UTC)
    assert function.run() == []
    assert function.figures() == {"Waited": 1}


def test_beside_an_incident_that_pages_it_waits(function: Function) -> None:
    entry = {"at": SUNDAY.isoformat(), "who": "ada", "severity": "P1", "status": "open", "says": "down"}
    told = {"pager": "", "page": "", "thread": "", "entries": 0}
    incident = {"id": "INC1", "title": "down", "timeline": [entry], "told": told, "turn": None}
    function.s3.put_object(Bucket=RECORDS, Key="incidents/INC1.json", Body=json.dumps(incident))
    _due(function)
    assert function.run() == []
    assert function.figures() == {"Waited": 1}


def test_who_holds_the_stack_is_not_disturbed(function: Function) -> None:
    held = {"who": "ada", "since": SUNDAY.isoformat(), "why": "deploys 1.2.3"}
    aws.client("ssm").put_parameter(
        Name="/syncup/test/operations/lock", Value=json.dumps(held), Type="String"
    )
    assert function.run() == []
    assert function.figures() == {"Waited": 1}


def test_what_does_not_fit_into_its_own_time_is_left_for_the_next_run(function: Function) -> None:
    _due(function)
    done = function.run(timedelta(seconds=80))
    assert {result.outcome for result in done} == {Outcome.LEFT}
    assert function.figures()["TasksLeft"] == len(done) == 3
    assert {result.outcome for result in function.run()} == {Outcome.DONE}


def test_a_task_whose_time_is_up_is_stopped_and_due_again(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    _due(function)
    monkeypatch.setattr("operate.maintenance_database._LOCK_MS", 50)
    with closing(function.rds.connect(database=DATABASE)) as somebody:
        somebody.run("BEGIN")
        somebody.run("LOCK TABLE things IN SHARE MODE")
        done = {result.what: result.outcome for result in function.run()}
    assert done["VACUUM (ANALYZE) public.things"] is Outcome.STOPPED
    assert done["walk through the cache"] is Outcome.DONE


def test_a_part_that_fails_rings_and_keeps_no_other_from_its_work(
    function: Function, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    function.rds.run("ALTER ROLE maintenance PASSWORD 'another'")
    with pytest.raises(
        function.module.MaintenanceError, match="2 of 4 failed, the first: tables: maintenance at"
    ):
        function.run()
    assert function.figures()["TasksFailed"] == 2
    assert function.figures()["TasksDone"] == 2
    assert PASSWORD not in caplog.text


def test_a_cache_that_lets_nobody_in_rings(function: Function, cache: CacheServer) -> None:
    cache.set_user("application", ["another"])
    with pytest.raises(function.module.MaintenanceError, match=r"cache: WRONGPASS") as failed:
        function.run()
    assert PASSWORD not in str(failed.value)


def test_a_run_that_is_killed_leaves_nothing_running_on_the_server(function: Function) -> None:
    place = function.module.Place.from_environment(function.environment)
    trust = function.module.instance_trust()
    stopped: list[Exception] = []

    def sleep(session: Any) -> None:
        try:
            session.run("SELECT pg_sleep(60)")
        except Exception as error:
            stopped.append(error)

    with function.module._session(function.stack, place, trust, LONG) as session:
        thread = threading.Thread(target=sleep, args=(session,))
        thread.start()
        _wait(function, active=1)
        line: socket.socket = session._connection._usock
        os.close(os.dup(line.fileno()))
        line.shutdown(socket.SHUT_RDWR)
        thread.join()
    _wait(function, active=0)
    assert stopped


def _wait(function: Function, active: int) -> None:
    """Until so many of the function's statements run on the server."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'maintenance' AND state = 'active'"
    end = clock.monotonic() + 20
    while function.rds.run(query) != [[active]]:
        assert clock.monotonic() < end
        clock.sleep(0.02)


def test_a_rebuilding_that_broke_off_is_tidied_up_by_the_next_run(function: Function) -> None:
    _due(function)
    function.rds.run(
        "CREATE INDEX things_pkey_ccnew ON things (id)",
        "ALTER INDEX things_pkey_ccnew OWNER TO app_owner",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'things_pkey_ccnew'::regclass",
        database=DATABASE,
    )
    assert "DROP INDEX CONCURRENTLY public.things_pkey_ccnew" in {result.what for result in function.run()}
    left = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'things'::regclass"
    assert function.owner(left) == [["things_pkey"]]
