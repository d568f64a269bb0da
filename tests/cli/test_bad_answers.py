"""Whatever AWS answers, and to whichever call: one clear line, the right status, and nothing changed."""

import io
from dataclasses import dataclass
from typing import Any

import pytest
from botocore import exceptions

from cli.exit_codes import ExitCode
from cli.main import run
from tests.cli.lines import LINES, Line
from tests.operate.double import Aws, Time, error

_ENDPOINT = "https://aws.example.com/"
_MAY_BE_ABSENT = {
    "s3.GetObject",
    "s3.HeadObject",
    "secretsmanager.GetSecretValue",
    "securityhub.GetFindings",
    "ssm.DeleteParameter",
    "ssm.GetParameter",
}
"""A lock and a first release, a dump and its manifest, a first value, a scanner: what their absence means
has tests of its own."""


@dataclass(frozen=True)
class Bad:
    """What goes wrong, and how a command then ends."""

    name: str
    failure: Exception
    code: ExitCode = ExitCode.REMOTE


FAILURES = (
    Bad("throttled", error("ThrottlingException", "Rate exceeded")),
    Bad("expired", error("ExpiredTokenException", "The security token is expired")),
    Bad("denied", error("AccessDeniedException", "User is not authorized")),
    Bad("not found", error("ResourceNotFoundException", "There is none"), ExitCode.FAILED),
    Bad("broken", error("InternalFailure", "We are sorry", 500)),
    Bad("slow", exceptions.ReadTimeoutError(endpoint_url=_ENDPOINT)),
    Bad("cut off", exceptions.EndpointConnectionError(endpoint_url=_ENDPOINT)),
    Bad("signed out", exceptions.NoCredentialsError()),
)


pytestmark = pytest.mark.usefixtures("page")


def _call(line: Line, aws: Aws, monkeypatch: pytest.MonkeyPatch, failing: int | None = None) -> ExitCode:
    aws.answers.update(line.answers())
    aws.calls.clear()
    aws.failing = failing
    monkeypatch.setattr("sys.stdin", io.StringIO(line.typed))
    monkeypatch.setattr("cli.frame.CLOCK", Time(line.now).clock)
    return run(line.arguments)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_when_all_is_well_a_command_ends_well(
    line: Line, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status = _call(line, aws, monkeypatch)
    captured = capsys.readouterr()
    assert status is ExitCode.FINE, captured.err
    assert captured.out


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
@pytest.mark.parametrize("bad", FAILURES, ids=lambda bad: bad.name)
def test_a_bad_answer_to_any_call_is_one_line(
    line: Line,
    bad: Bad,
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _call(line, aws, monkeypatch)
    calls = list(aws.calls)
    capsys.readouterr()
    aws.failure = bad.failure
    first = next((number for number, call in enumerate(calls) if call.changes), len(calls))
    names = [call.name for call in calls]
    for failing in [names.index(name) for name in dict.fromkeys(names)]:
        if bad.code is ExitCode.FAILED and names[failing] in _MAY_BE_ABSENT:
            continue
        status = _call(line, aws, monkeypatch, failing)
        captured = capsys.readouterr()
        asked = names[failing]
        assert status is bad.code, f"{asked}: {captured.err}"
        assert captured.out == "", asked
        assert captured.err.splitlines()[-1].startswith(("AWS ", "there are no AWS credentials")), asked
        if failing < first:
            assert aws.changes == [], asked


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_a_stack_that_nobody_has_deployed_is_one_line(
    line: Line, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers["ssm.GetParametersByPath"] = {"Parameters": []}
    assert _call(line, aws, monkeypatch) is ExitCode.FAILED
    assert capsys.readouterr().err.startswith("there is no staging here")
    assert aws.changes == []


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_a_stack_that_does_not_exist_is_wrong_usage(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["moon" if word == "staging" else word for word in line.arguments]
    assert run(words) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "moon" in captured.err


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.words)
def test_an_interrupted_command_ends_with_130(
    line: Line, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> Any:
        raise KeyboardInterrupt

    aws.answers["ssm.GetParametersByPath"] = interrupt
    assert _call(line, aws, monkeypatch) is ExitCode.INTERRUPTED
    assert capsys.readouterr().out == ""
    assert aws.changes == []
