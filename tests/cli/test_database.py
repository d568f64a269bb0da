"""`syncup db` and `syncup queries`: what they print, and how they end."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate.errors import RemoteError
from tests.cli.test_bad_answers import FAILURES, Bad
from tests.functions.postgres import Postgres
from tests.operate import pg
from tests.operate.double import Aws
from tests.operate.test_secrets import GOOD

_COMMANDS = (
    "db check staging",
    "db stats staging",
    "db integrity staging",
    "queries slow staging",
    "queries profile staging --limit 3",
    "queries n-plus-one staging",
)
_THROUGH_BASTION = (
    *_COMMANDS,
    "maintenance db staging --force",
    "maintenance indexes staging --force",
    "secrets update staging --key DATABASE_URL",
)
"""All that goes to the database."""


@pytest.fixture
def database(server17: Postgres, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[pg.Database]:
    """A database behind every way that leads to one."""
    with pg.database(server17) as found:
        found.behind_every_way(monkeypatch)
        found.owner("CREATE TABLE things (id int PRIMARY KEY)", "INSERT INTO things VALUES (1)")
        yield found


def test_every_command_looks_and_changes_nothing(
    database: pg.Database, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in _COMMANDS:
        assert run(words.split()) is ExitCode.FINE, capsys.readouterr()
        assert capsys.readouterr().out
        assert run([*words.split(), "--json"]) is ExitCode.FINE
        assert json.loads(capsys.readouterr().out)
    assert database.run("SELECT count(*) FROM things") == [[1]]
    assert aws.changes == []


def test_damage_fails(database: pg.Database, capsys: pytest.CaptureFixture[str]) -> None:
    database.owner("ALTER TABLE things ADD CONSTRAINT positive CHECK (id > 0) NOT VALID")
    assert run(["db", "integrity", "staging"]) is ExitCode.FAILED
    assert "!!  constraints that were never validated  things.positive" in capsys.readouterr().out


@pytest.mark.parametrize("words", _COMMANDS)
def test_no_way_to_the_database_is_one_line(
    words: str, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RemoteError("engineer at g1.example.com: no session comes about (timed out)")

    monkeypatch.setattr("operate.postgres.connect", refuse)
    assert run(words.split()) is ExitCode.REMOTE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "engineer at g1.example.com: no session comes about (timed out)\n"


@pytest.mark.parametrize("words", _THROUGH_BASTION)
@pytest.mark.parametrize("bad", FAILURES, ids=lambda bad: bad.name)
def test_a_bad_answer_of_aws_is_one_line(
    words: str, bad: Bad, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("operate.tunnel._plugin", lambda: "/bin/false")
    for call in ("ssm.GetParametersByPath", "ssm.StartSession"):
        before = aws.answers.get(call)
        monkeypatch.setattr("sys.stdin", io.StringIO(GOOD["DATABASE_URL"]))
        aws.answers[call] = bad.failure
        assert run(words.split()) is bad.code, call
        captured = capsys.readouterr()
        assert captured.out == "", call
        assert captured.err.splitlines()[-1].startswith(("AWS ", "there are no AWS credentials")), call
        if before is not None:
            aws.answers[call] = before
    assert aws.changes == ["ssm.StartSession"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("db integrity staging --backup yesterday", ExitCode.USAGE, "is no dump"),
        ("db stats staging --limit 0", ExitCode.USAGE, "--limit"),
        ("db stats moon", ExitCode.USAGE, "moon"),
        ("db drop staging", ExitCode.USAGE, "drop"),
        ("queries slow staging --limit many", ExitCode.USAGE, "--limit"),
        ("queries fast staging", ExitCode.USAGE, "fast"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    words: str, status: ExitCode, said: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) is status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err.splitlines()[-1]
    assert aws.changes == []
