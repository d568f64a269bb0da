"""`syncup maintenance`: refuses outside the window, says what it does, and ends as it went."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate import maintenance_database
from operate.maintenance import Task
from tests.functions.postgres import Postgres
from tests.operate import healthy, pg
from tests.operate import test_maintenance_beside as beside
from tests.operate.double import Aws, Time, error
from tests.operate.records import Records

_COMMANDS = ("db", "indexes", "cache", "logs")


@pytest.fixture(autouse=True)
def sunday(aws: Aws, time: Time) -> None:
    """It is Sunday night, nobody holds the stack, and there are no incidents."""
    aws.answers.update({**Records().answers(), **beside.GROUPS})
    aws.answers.update(beside.commanded("Success", out=beside.CLEANED))
    aws.answers["ssm.GetParameter"] = healthy.parameter({})
    time.now = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)


@pytest.fixture
def database(server17: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[pg.Database]:
    """A database in which something is due."""
    with pg.database(server17) as found:
        found.behind_every_way(monkeypatch)
        found.owner("CREATE TABLE things (id int)", "INSERT INTO things SELECT generate_series(1, 3000)")
        found.owner("DELETE FROM things")
        yield found


@pytest.mark.usefixtures("database")
def test_what_is_due_is_done_and_then_nothing_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["maintenance", "db", "staging"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert "due: VACUUM (ANALYZE) public.things (3000 dead rows" in captured.err
    assert captured.out.splitlines()[1].startswith("done  ")
    assert run(["maintenance", "db", "staging", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out) == {"fine": True, "results": []}
    assert run(["maintenance", "indexes", "staging"]) is ExitCode.FINE
    assert capsys.readouterr().out == "nothing is due\n"


def test_a_dry_run_outside_the_window_says_what_is_due_and_does_nothing(
    database: pg.Database, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    time.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert run(["maintenance", "db", "staging", "--dry-run"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert "due: VACUUM (ANALYZE) public.things" in captured.err
    assert captured.out == ""
    assert run(["maintenance", "db", "staging", "--dry-run", "--json"]) is ExitCode.FINE
    said = json.loads(capsys.readouterr().out)
    assert (said["done"], [one["what"] for one in said["due"]]) == (False, ["VACUUM (ANALYZE) public.things"])
    assert database.run("SELECT pg_relation_size('things') > 0") == [[True]]


@pytest.mark.usefixtures("database")
def test_one_that_fails_fails_the_command_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    due = [Task(what="VACUUM public.gone", why="it was due"), Task(what="VACUUM public.things", why="dead")]
    monkeypatch.setattr(maintenance_database, "tasks", lambda _session: due)  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    assert run(["maintenance", "db", "staging", "--json"]) is ExitCode.FAILED
    results = json.loads(capsys.readouterr().out)["results"]
    assert [one["outcome"] for one in results] == ["failed", "done"]
    assert "does not exist" in results[0]["says"]


def test_the_cache_and_the_logs(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["maintenance", "cache", "staging"]) is ExitCode.FINE
    assert "21 keys, 1 of them without an expiry" in capsys.readouterr().out
    assert run(["maintenance", "logs", "staging", "--json"]) is ExitCode.FINE
    seen = json.loads(capsys.readouterr().out)
    assert [group["name"] for group in seen["groups"]] == ["/aws/lambda/syncup-staging-old"]
    assert seen["retention_days"] == 365
    assert aws.changes.count("logs.PutRetentionPolicy") == 1


@pytest.mark.parametrize("command", _COMMANDS)
def test_outside_the_window_it_is_refused_and_nothing_changes(
    command: str, aws: Aws, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    time.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert run(["maintenance", command, "staging"]) is ExitCode.GUARD
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("the maintenance window is sunday 02:00-04:00 UTC")
    assert len(captured.err.splitlines()) == 1
    assert aws.changes == []


@pytest.mark.parametrize("command", ["cache", "logs"])
def test_with_force_it_works_at_any_time(command: str, time: Time) -> None:
    time.now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert run(["maintenance", command, "staging", "--force"]) is ExitCode.FINE


@pytest.mark.parametrize("command", ["cache", "logs"])
def test_a_dry_run_changes_nothing(command: str, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["maintenance", command, "staging", "--dry-run", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["done"] is False
    assert aws.changes == []


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize(
    ("failure", "status"),
    [("AccessDeniedException", ExitCode.REMOTE), ("ThrottlingException", ExitCode.REMOTE)],
)
def test_a_bad_answer_before_the_first_change_is_one_line(
    command: str, failure: str, status: ExitCode, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    for call in ("ssm.GetParameter", "s3.ListObjectVersions"):
        before = aws.answers[call]
        aws.answers[call] = error(failure)
        assert run(["maintenance", command, "staging"]) is status
        aws.answers[call] = before
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("AWS ")
        assert len(captured.err.splitlines()) == 1
    assert aws.changes == []


def test_an_instance_on_which_it_fails_fails_the_command(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers.update(beside.commanded("Failed", err="logrotate: error"))
    assert run(["maintenance", "logs", "staging"]) is ExitCode.FAILED
    assert "logrotate: error" in capsys.readouterr().out
    assert run(["maintenance", "cache", "staging"]) is ExitCode.REMOTE


@pytest.mark.parametrize("words", ["db", "db moon", "vacuum staging", "db staging --when now"])
def test_what_cannot_be_meant_is_one_line(words: str, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["maintenance", *words.split()]) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert aws.calls == []
