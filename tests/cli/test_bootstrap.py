"""`syncup bootstrap`: shown first, asked first, one line for whatever goes wrong, and what to type next."""

import io
import json
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate import bootstrap
from tests.cli.test_bad_answers import FAILURES, Bad
from tests.operate.double import Aws
from tests.operate.formation import NAME, Formation

LINE = "bootstrap staging --repository example/syncup-infrastructure --release 2026.11.3"
_MAY_BE_ABSENT = {"iam.GetRole", "iam.GetOpenIDConnectProvider"}
"""What the account does not have yet is made."""

pytestmark = pytest.mark.usefixtures("time")


@pytest.fixture
def formation(aws: Aws) -> Formation:
    """CloudFormation in AWS' place."""
    found = Formation()
    aws.answers.update(found.answers())
    return found


def test_it_ends_with_the_two_lines_that_come_next(
    formation: Formation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(LINE.split()) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "pulumi login 's3://syncup-bootstrap-staging-444455556666-us-west-2?region=us-west-2&awssdk=v2'",
        (
            "pulumi stack init staging "
            "--secrets-provider 'awskms://alias/syncup-bootstrap-staging?region=us-west-2'"
        ),
    ]
    assert captured.err.splitlines()[-1] == f"{NAME}: CREATE_COMPLETE"
    assert formation.protected


def test_a_second_time_finds_nothing_to_change(
    formation: Formation, capsys: pytest.CaptureFixture[str]
) -> None:
    run(LINE.split())
    before = dict(formation.parameters)
    capsys.readouterr()
    assert run(["bootstrap", "staging"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["staging: finds nothing to change"]
    assert captured.out.startswith("pulumi login ")
    assert formation.parameters == before
    assert run(["bootstrap", "staging", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_a_dry_run_shows_what_would_be_made_and_makes_nothing(
    formation: Formation, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*LINE.split(), "--dry-run"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert "nothing is done, this is a dry run" in captured.err
    assert any(
        line.split() == ["Add", "StateBucket", "AWS::S3::Bucket"] for line in captured.out.splitlines()
    )
    assert run([*LINE.split(), "--dry-run", "--json"]) is ExitCode.FINE
    found = json.loads(capsys.readouterr().out)
    assert found["done"] is False
    assert len(found["changes"]) == len(bootstrap.read_template()["Resources"])
    assert aws.changes == []
    assert formation.status == ""


def test_a_dry_run_of_what_exists_shows_its_changes(
    formation: Formation, capsys: pytest.CaptureFixture[str]
) -> None:
    run(LINE.split())
    capsys.readouterr()
    line = ["bootstrap", "staging", "--repository", "example@1/moved@2", "--dry-run"]
    assert run(line) is ExitCode.FINE
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        ["Add", "StateKey", "AWS::KMS::Key"],
        ["Modify", "Reading", "AWS::KMS::Key", "anew"],
    ]
    assert formation.parameters["Repository"] == "example/syncup-infrastructure"


@pytest.mark.parametrize("answer", ["", "yes\n", "staging\n"])
def test_production_asks_for_its_name(
    formation: Formation,
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
) -> None:
    formation.account = "111122223333"
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    line = LINE.replace("staging", "production").split()
    assert run(line) is (ExitCode.GUARD if answer else ExitCode.USAGE)
    assert "To go on, type production: " in capsys.readouterr().err
    assert aws.changes == []
    monkeypatch.setattr("sys.stdin", io.StringIO("production\n"))
    assert run(line) is ExitCode.FINE


@pytest.mark.parametrize("bad", FAILURES, ids=lambda bad: bad.name)
def test_a_bad_answer_to_any_call_is_one_line(
    formation: Formation, aws: Aws, bad: Bad, capsys: pytest.CaptureFixture[str]
) -> None:
    run(LINE.split())
    names = [call.name for call in aws.calls]
    capsys.readouterr()
    aws.failure = bad.failure
    for failing in [names.index(name) for name in dict.fromkeys(names)]:
        if bad.code is ExitCode.FAILED and names[failing] in _MAY_BE_ABSENT:
            continue
        fresh = Formation()
        aws.answers.update(fresh.answers())
        aws.calls.clear()
        aws.failing = failing
        asked = names[failing]
        assert run(LINE.split()) is bad.code, asked
        captured = capsys.readouterr()
        assert captured.out == "", asked
        assert captured.err.splitlines()[-1].startswith(("AWS ", "there are no AWS credentials")), asked
    assert formation.status == "CREATE_COMPLETE"


def test_who_interrupts_is_told_what_goes_on(
    formation: Formation, monkeypatch: pytest.MonkeyPatch, time: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    monkeypatch.setattr("cli.frame.CLOCK", time.clock)
    assert run(LINE.split()) is ExitCode.INTERRUPTED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"CloudFormation goes on with {NAME}" in captured.err.splitlines()[-1]
    assert formation.template


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("bootstrap staging", "syncup-bootstrap-staging does not exist yet: say --repository OWNER/NAME"),
        ("bootstrap staging --repository example", "--repository 'example': write OWNER/NAME"),
        ("bootstrap staging --repository example@1/name", "with both numbers"),
        ("bootstrap staging --repository example/*", "--repository 'example/*'"),
        ("bootstrap staging --repository a/b --release ../x", "--release '../x': write a version"),
        ("bootstrap moon", "moon"),
        ("bootstrap local", "local needs nothing before it"),
        ("bootstrap", "Missing argument"),
    ],
)
@pytest.mark.usefixtures("formation")
def test_wrong_words_are_one_line_and_change_nothing(
    aws: Aws, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    assert run(words.split()) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert said in captured.err
    assert aws.changes == []


def test_names_are_said_without_asking_aws(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bootstrap", "production", "--names"]) is ExitCode.FINE
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["deploy_role"] == "arn:aws:iam::111122223333:role/syncup-bootstrap-production-deploy"
    assert lines["backend"].startswith("s3://syncup-bootstrap-production-111122223333-us-west-2?")
    assert run(["bootstrap", "production", "--names", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out) == lines
    assert aws.calls == []
