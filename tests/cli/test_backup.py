"""`syncup backup restore` and `syncup backup test`: what they print, how they end, what they leave."""

import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from infra.reading import ROOT
from operate.postgres_checks import Finding
from tests.cli.test_bad_answers import FAILURES, Bad
from tests.operate import healthy, recovering
from tests.operate.double import Aws, Time, error
from tests.operate.recovering import AT, NAME, World

_DUMP = ("backup", "restore", "staging", "--backup", NAME)
_MOMENT = ("backup", "restore", "staging", "--timestamp", AT)
_TEST = ("backup", "test", "staging")
_ALL = (_DUMP, _MOMENT, _TEST)
_MAY_BE_ABSENT = {
    "rds.DescribeDBInstances",
    "s3.GetObject",
    "s3.HeadObject",
    "ssm.DeleteParameter",
    "ssm.GetParameter",
}
"""What their absence means has tests of its own: a lock, a dump and its manifest, an instance."""
_WAITED_FOR = {("slow", "lambda.Invoke")}
"""The set-up may take longer than an answer."""


@pytest.fixture(autouse=True)
def world(aws: Aws, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack that can be brought back, and a copy of its files: nobody here changes the project's own."""
    return recovering.standing(tmp_path, aws, time, monkeypatch)


@pytest.fixture
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look at the metrics, where they are not what a test is about."""
    monkeypatch.setattr("operate.restoring.WATCH", timedelta(0))


@pytest.fixture(autouse=True)
def _untouched() -> Any:
    before = (ROOT / "Pulumi.staging.yaml").read_bytes()
    yield
    assert (ROOT / "Pulumi.staging.yaml").read_bytes() == before


def test_a_dump_is_restored_and_what_was_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_DUMP) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "ok  rows  as they should be",
        f"{NAME} is the database now; what it was is kept as syncup_before_20261124120020",
        "nothing rang",
    ]
    steps = [line for line in captured.err.splitlines() if " of 6: " in line]
    assert [line.partition(" ")[0] for line in steps] == ["1", "2", "3", "4", "5", "6"]
    # Five minutes of watching, a look a minute, and one at once.
    assert captured.err.count("as it should be") == 6


def test_a_moment_is_gone_back_to_and_the_file_is_to_be_committed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(_MOMENT) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-3:] == [
        f"g2 is the database now, as g1 was at {AT} UTC",
        "commit Pulumi.staging.yaml; g1 stays until its line there is removed",
        "nothing rang",
    ]
    assert world.database["active"] == "g2"
    assert [line.partition(" ")[0] for line in captured.err.splitlines() if " of 6: " in line] == [
        "1", "2", "3", "4", "5", "6",
    ]  # fmt: skip


def test_a_dump_is_proven_and_the_report_kept(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_TEST) is ExitCode.FINE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == NAME
    assert [line.split()[:2] for line in lines[1:-1]] == [
        ["ok", "integrity"],
        ["ok", "procedure"],
        ["ok", "time"],
        ["ok", "consistency"],
        ["??", "instance"],
    ]
    (key,) = world.records
    assert lines[-1].endswith(key)


def test_a_test_that_fails_is_kept_too_and_fails(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.ends, world.says = "FAILED", "restore: public.users: 6 rows, the manifest says 7"
    assert run(_TEST) is ExitCode.FAILED
    assert "!!  procedure" in capsys.readouterr().out
    (kept,) = world.records.values()
    assert json.loads(kept)["fine"] is False


@pytest.mark.parametrize("words", _ALL, ids=" ".join)
def test_everything_is_json_where_it_is_asked_for(
    words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--json"]) is ExitCode.FINE
    said = json.loads(capsys.readouterr().out)
    assert (said["done"], said["fine"]) == (True, True)


@pytest.mark.parametrize("words", _ALL, ids=" ".join)
def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    words: Sequence[str], world: World, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.file.read_bytes()
    assert run([*words, "--dry-run"]) is ExitCode.FINE
    assert "nothing is done, this is a dry run" in capsys.readouterr().err
    assert run([*words, "--dry-run", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["done"] is False
    assert (aws.changes, world.file.read_bytes()) == ([], before)


def test_a_dry_run_shows_the_lines_of_the_file_that_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*_MOMENT, "--dry-run", "--json"]) is ExitCode.FINE
    captured = capsys.readouterr()
    difference = json.loads(captured.out)["difference"]
    added = f'+      g2: {{ from: point_in_time, source: g1, at: "{AT}" }}'
    assert difference == ["-    active: g1", "+    active: g2", added]
    assert [f"Pulumi.staging.yaml: {line}" for line in difference] == captured.err.splitlines()[:3]


@pytest.mark.parametrize("words", _ALL, ids=" ".join)
def test_production_asks_for_its_name(
    words: Sequence[str], aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = {**healthy.OUTPUTS, "database-identifier": "syncup-production-g1"}
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(outputs, "production")
    for answer, status in (("staging\n", ExitCode.GUARD), ("", ExitCode.USAGE)):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert run(["production" if word == "staging" else word for word in words]) is status
        captured = capsys.readouterr()
        assert "To go on, type production: " in captured.err
        assert captured.out == ""
    assert aws.changes == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("backup restore staging", "--backup with a dump's name, or --timestamp with a moment"),
        (f"backup restore staging --backup {NAME} --timestamp now", "and not both"),
        ("backup restore staging --backup latest", "write a name such as backup_2024_01_15_143022.sql.gz"),
        ("backup restore staging --backup ../x.sql.gz", "write a name such as"),
        ("backup restore staging --timestamp yesterday", "write it in UTC and without a zone"),
        ("backup restore staging --timestamp 2024-01-15T14:30:00Z", "write it in UTC and without a zone"),
        ("backup restore moon --backup x", "'moon' is not one of"),
        ("backup restore", "Missing argument"),
        ("backup restore local --timestamp 2024-01-15", "local has no generations"),
        ("backup test staging --backup latest", "write a name such as"),
        ("backup test", "Missing argument"),
    ],
)
def test_wrong_words_are_one_line_and_change_nothing(
    words: str, said: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err.splitlines()[-1]
    assert aws.changes == []


@pytest.mark.parametrize(
    ("at", "status", "said"),
    [
        ("2026-11-24 12:00:01", ExitCode.USAGE, "has not come yet"),
        ("2020-01-01 00:00:00", ExitCode.FAILED, "can go back to 2023-11-20 12:00:00 up to"),
    ],
)
def test_a_moment_that_cannot_be_gone_back_to_is_one_line(
    at: str, status: ExitCode, said: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["backup", "restore", "staging", "--timestamp", at]) is status
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert aws.changes == []


@pytest.mark.usefixtures("_brief")
@pytest.mark.parametrize("words", _ALL, ids=" ".join)
@pytest.mark.parametrize("bad", FAILURES, ids=lambda bad: bad.name)
def test_a_bad_answer_to_any_call_is_one_line_and_says_in_which_state_it_is(  # noqa: PLR0917 (fixtures)
    words: Sequence[str],
    bad: Bad,
    aws: Aws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(words) is ExitCode.FINE
    names = [call.name for call in aws.calls]
    capsys.readouterr()
    aws.failure = bad.failure
    for failing in [names.index(name) for name in dict.fromkeys(names)]:
        asked = names[failing]
        if (bad.code is ExitCode.FAILED and asked in _MAY_BE_ABSENT) or (bad.name, asked) in _WAITED_FOR:
            continue
        (tmp_path / str(failing)).mkdir()
        world = recovering.world(tmp_path / str(failing)).install(monkeypatch)
        aws.answers.update(world.answers())
        aws.calls.clear()
        aws.failing = failing
        status = run(words)
        captured = capsys.readouterr()
        assert status is bad.code, f"{asked}: {captured.err}"
        assert captured.out == "", asked
        *before, last = captured.err.splitlines()
        assert last.startswith(("AWS ", "there are no AWS credentials")), asked
        stopped = world.lock is not None
        assert any("stays stopped and locked: `syncup backup" in line for line in before) is stopped, asked
        assert stopped or len(world.group.instances) == 2, asked


@pytest.mark.parametrize("words", _ALL, ids=" ".join)
def test_an_interruption_says_in_which_state_it_is(
    words: Sequence[str], world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) is ExitCode.FINE
    capsys.readouterr()
    steps = world.step
    for moment in range(steps // 2, steps, max(1, steps // 8)):
        world.builds.clear()
        world.step, world.dies_after = 0, moment
        world.file.write_bytes((ROOT / "Pulumi.staging.yaml").read_bytes())
        world.active, world.instances = "syncup-staging-g1", {"syncup-staging-g1"}
        status = run(words)
        captured = capsys.readouterr()
        assert status is ExitCode.INTERRUPTED, captured.err
        assert captured.out == ""
        assert "`syncup " in captured.err.splitlines()[-1], moment
        world.dies_after, world.group.lock = None, None
        world.group.suspended.clear()


@pytest.mark.parametrize("words", [_DUMP, _MOMENT], ids=" ".join)
def test_what_rings_after_a_restore_fails_it(
    words: Sequence[str], aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers["cloudwatch.DescribeAlarms"] = healthy.alarms(healthy.alarm("error-rate"))
    assert run(words) is ExitCode.FAILED
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == "something rang since: see above"
    assert "error-rate rings" in captured.err


def test_what_does_not_verify_is_one_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.findings = [Finding(name="tables", fine=False, says="0 tables")]
    for words in (_DUMP, _MOMENT):
        assert run(words) is ExitCode.FAILED
        captured = capsys.readouterr()
        assert "not as it should be: tables: 0 tables" in captured.err.splitlines()[-1]
        world.group.lock = None


@pytest.mark.parametrize(
    ("words", "busy", "said"),
    [
        (
            _DUMP,
            {"codebuild.StartBuild": error("AccountLimitExceededException")},
            "a restore of staging runs",
        ),
        (
            _TEST,
            {"codebuild.StartBuild": error("AccountLimitExceededException")},
            "a restore of staging runs",
        ),
    ],
    ids=["restore", "test"],
)
def test_a_guard_that_refuses_is_7(
    words: Sequence[str], busy: dict[str, Any], said: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers.update(busy)
    assert run(words) is ExitCode.GUARD
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_a_locked_stack_is_7(world: World, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    world.group.held("deploys 2026.11.4")
    for words in (_DUMP, _MOMENT):
        assert run(words) is ExitCode.GUARD
        assert "staging is locked: deploys 2026.11.4" in capsys.readouterr().err
    assert aws.changes == []


def test_a_test_that_takes_too_long_fails(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.minutes = timedelta(hours=5) / timedelta(minutes=1)
    assert run(_TEST) is ExitCode.FAILED
    assert "!!  time" in capsys.readouterr().out
