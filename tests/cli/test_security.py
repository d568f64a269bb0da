"""`syncup scan` and `syncup security test`: one report, and an exit status that machines can go by."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli import policy
from cli.exit_codes import ExitCode
from cli.main import run
from operate import security_exposure
from operate.errors import RemoteError
from operate.security_exposure import Check
from policies.stack import Stack
from tests.operate import test_security_exposure as exposure
from tests.operate import test_security_scan as scans
from tests.operate.double import Aws, error

_DATABASE = "urn:pulumi:staging::syncup::aws:rds/instance:Instance::database"


@cache
def _empty() -> Stack:
    return Stack(())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, aws: Aws, tmp_path: Path) -> None:
    """A program that declares nothing, no pip-audit, and a stack that shows nothing to strangers."""
    judged = policy.judged_resources

    def resources(stack: str | None, state: Path | None) -> Any:
        return judged(stack, state) if state else (stack, _empty(), {})

    monkeypatch.setattr(policy, "judged_resources", resources)
    monkeypatch.setenv("PATH", str(tmp_path))
    aws.answers.update({**scans.scanned(), **exposure.network(exposure.group()), **exposure.stored()})


def _state(folder: Path, *, encrypted: bool) -> str:
    database = {
        "urn": _DATABASE,
        "type": "aws:rds/instance:Instance",
        "id": "d",
        "inputs": {"storageEncrypted": encrypted, "password": "hunter-two"},
    }
    file = folder / "state.json"
    file.write_text(json.dumps({"deployment": {"resources": [database]}}), encoding="utf-8")
    return str(file)


def test_nothing_found_is_fine_and_what_was_not_asked_says_so(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scan", "staging"]) is ExitCode.FINE
    text = capsys.readouterr().out
    assert "dependencies: not looked at: pip-audit is not installed" in text
    assert "Security Hub: nothing found" in text
    assert "deployed state: not looked at: give it by --state FILE" in text
    assert aws.changes == []


@pytest.mark.parametrize(("severity", "status"), [("HIGH", ExitCode.FAILED), ("MEDIUM", ExitCode.FINE)])
def test_what_presses_fails(
    aws: Aws, severity: str, status: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers.update(scans.scanned([scans.hub_finding("public bucket", severity)]))
    assert run(["scan", "staging", "--json"]) is status
    sources = {one["name"]: one for one in json.loads(capsys.readouterr().out)["sources"]}
    assert sources["Security Hub"]["findings"][0]["what"] == "public bucket"
    assert list(sources) == ["dependencies", "Security Hub", "Inspector", "the program", "deployed state"]


def test_deployed_state_that_breaks_a_rule_blocks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", "staging", "--state", _state(tmp_path, encrypted=False)]) is ExitCode.POLICY
    text = capsys.readouterr().out
    assert "storage_encrypted" in text
    assert "hunter-two" not in text


@pytest.mark.parametrize("call", ["securityhub.GetFindings", "inspector2.ListFindings"])
def test_what_aws_denies_is_one_line(call: str, aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers[call] = error("AccessDeniedException", "not authorized")
    assert run(["scan", "staging"]) is ExitCode.REMOTE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("AWS denies ")
    assert len(captured.err.splitlines()) == 1


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site itself is fine: what it takes to see that has tests of its own."""

    def fine(*_: Any) -> Iterator[Check]:
        yield Check(name="site", fine=True, says="careful")

    monkeypatch.setattr(security_exposure, "headers", fine)
    monkeypatch.setattr(security_exposure, "tls", fine)
    monkeypatch.setattr(security_exposure, "plain", lambda _host: next(fine()))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


@pytest.mark.usefixtures("site", "asked")
def test_a_closed_stack_is_fine(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["security", "test", "staging"]) is ExitCode.FINE
    text = capsys.readouterr().out
    assert "ok  buckets          2 buckets, none lets everybody in" in text
    assert run(["security", "test", "staging", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out)["fine"] is True
    assert aws.changes == []


@pytest.mark.usefixtures("site", "asked")
def test_an_open_group_fails(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers.update(exposure.network(exposure.group("0.0.0.0/0")))
    assert run(["security", "test", "staging"]) is ExitCode.FAILED
    assert "!!  security groups  open to everybody: sg-1" in capsys.readouterr().out


@pytest.mark.usefixtures("site", "asked")
@pytest.mark.parametrize("call", sorted({**exposure.network(), **exposure.stored()}))
def test_what_aws_denies_to_the_test_is_one_line(
    call: str, aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers[call] = error("AccessDenied", "not authorized")
    assert run(["security", "test", "staging"]) is ExitCode.REMOTE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("AWS denies ")


def test_a_site_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(*_: Any) -> Any:
        raise RemoteError("https://staging.syncup.example.com/api/health does not answer: timed out")

    monkeypatch.setattr(security_exposure, "headers", silent)
    assert run(["security", "test", "staging"]) is ExitCode.REMOTE
    assert capsys.readouterr().err.endswith("does not answer: timed out\n")


asked = exposure.asked


@pytest.mark.parametrize(
    "words", ["scan", "scan moon", "scan staging --state /nowhere", "security tset staging", "security test"]
)
def test_what_cannot_be_meant_is_wrong_usage(words: str, aws: Aws) -> None:
    assert run(words.split()) is ExitCode.USAGE
    assert aws.calls == []
