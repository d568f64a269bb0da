"""The commands that workflows call: comments, issues, notices; each end in a line with the right status."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate.drift import Difference, Drift, Excused
from operate.errors import OperationError, RemoteError
from policies.report import Report
from preview.render_markdown import marker
from tests.operate import healthy
from tests.operate.double import Aws
from tests.operate.forge import HEAD, REPOSITORY, TOKEN, Forge, forge
from tests.operate.services import CREDENTIALS, Services, services

DRIFTED = Drift(
    stack="staging",
    differences=[
        Difference(type="aws:s3/bucket:Bucket", name="orders", properties=["bucket"], says="differs")
    ],
    excused=[Excused(type="aws:autoscaling/group:Group", name="web", property="maxSize", owner="nobody")],
    policies=Report(),
)
FINE = Drift(stack="staging", differences=[], excused=[], policies=Report())


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Forge]:
    """GitHub, as a workflow after a preview of pull request 7 sees it."""
    with forge() as found:
        found.pull(7)
        event = tmp_path / "event.json"
        head = {"head_sha": HEAD, "head_repository": {"full_name": REPOSITORY}, "event": "pull_request"}
        event.write_text(json.dumps({"workflow_run": head}), encoding="utf-8")
        for variable, value in {**found.environ, "GITHUB_EVENT_PATH": str(event)}.items():
            monkeypatch.setenv(variable, value)
        yield found


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What the preview has left."""
    folder = tmp_path / "left" / "preview-staging"
    folder.mkdir(parents=True)
    (folder / "number").write_text("7\n", encoding="utf-8")
    (folder / "comment.md").write_text(f"**Safe.**\n\n{marker('staging')}\n", encoding="utf-8")
    return folder.parent


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a comparison finds."""
    answers: dict[str, Any] = {"staging": FINE}

    def look(_deployed: Any, stack: str) -> Drift:
        answer = answers[stack]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("operate.drift.look", look)
    return answers


# comment -------------------------------------------------------------------------------------------------


def test_a_preview_comes_onto_its_pull_request(
    github: Forge, left: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["comment", str(left)]) is ExitCode.FINE
    assert capsys.readouterr().err == "staging: pull request 7 has a comment\n"
    assert github.comments[0]["body"].startswith("**Safe.**")


def test_where_nothing_was_left_nothing_is_written(
    github: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["comment", str(tmp_path)]) is ExitCode.FINE
    assert capsys.readouterr().err == "the preview has left nothing\n"
    assert github.changes == []


@pytest.mark.parametrize("variable", ["GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_outside_a_workflow_it_is_wrong_usage(
    github: Forge,
    left: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
) -> None:
    monkeypatch.delenv(variable)
    assert run(["comment", str(left)]) is ExitCode.USAGE
    assert capsys.readouterr().err == (
        f"{variable} is not set: this is for GitHub's workflows, which set it\n"
    )
    assert github.changes == []


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429, 500])
def test_a_refusal_is_a_line_without_the_token(
    github: Forge, left: Path, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    github.failing = status
    assert run(["comment", str(left)]) is ExitCode.REMOTE
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("GitHub ")
    assert TOKEN not in captured.out + captured.err


# drift ---------------------------------------------------------------------------------------------------


def test_what_is_as_it_was_deployed_is_fine(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert found
    assert run(["drift", "staging"]) is ExitCode.FINE
    assert capsys.readouterr().out == "staging is what was deployed\n"


def test_what_was_changed_by_hand_fails(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    found["staging"] = DRIFTED
    assert run(["drift", "staging"]) is ExitCode.FAILED
    assert capsys.readouterr().out.splitlines() == [
        "aws:s3/bucket:Bucket orders: bucket",
        "web: maxSize is nobody's",
    ]
    assert run(["drift", "staging", "--json"]) is ExitCode.FAILED
    shown = json.loads(capsys.readouterr().out)
    assert shown["fine"] is False
    assert shown["differences"][0]["properties"] == ["bucket"]


def test_an_issue_is_opened_and_closed(
    github: Forge, found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found["staging"] = DRIFTED
    assert run(["drift", "staging", "--issue"]) is ExitCode.FAILED
    assert capsys.readouterr().err == "staging: issue 100 is opened\n"
    found["staging"] = FINE
    assert run(["drift", "staging", "--issue"]) is ExitCode.FINE
    assert github.issues[0]["state"] == "closed"


def test_who_cannot_report_does_not_compare(
    found: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    found.clear()
    assert run(["drift", "staging", "--issue"]) is ExitCode.USAGE
    assert "GITHUB_TOKEN is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (OperationError("staging cannot be compared: no access"), ExitCode.FAILED),
        (RemoteError("the state cannot be reached"), ExitCode.REMOTE),
    ],
)
def test_a_comparison_that_failed_is_a_line(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str], failure: Exception, code: ExitCode
) -> None:
    found["staging"] = failure
    assert run(["drift", "staging"]) is code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"{failure}\n")


def test_local_has_no_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["drift", "local"]) is ExitCode.USAGE
    assert capsys.readouterr().err == "local is no stack of an engine\n"


# notify --------------------------------------------------------------------------------------------------


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services, and the credentials for them in the environment."""
    for variable, value in CREDENTIALS.items():
        monkeypatch.setenv(variable, value)
    with services() as made:
        monkeypatch.setattr("operate.incident_services.Addresses", lambda: made.addresses)
        yield made


@pytest.mark.usefixtures("aws")
def test_the_team_is_told(others: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["notify", "staging", "2026.11.4 runs, watched for 30 minutes"]) is ExitCode.FINE
    (message,) = others.messages
    assert message["text"] == "2026.11.4 runs, watched for 30 minutes"
    assert capsys.readouterr().out == "staging: the team has been told\n"


@pytest.mark.usefixtures("aws")
def test_nobody_is_told_in_a_dry_run(others: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["notify", "staging", "hello", "--dry-run", "--json"]) is ExitCode.FINE
    assert json.loads(capsys.readouterr().out) == {"done": False}
    assert others.messages == []


def test_production_asks_for_its_name_first(
    aws: Aws, others: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(healthy.OUTPUTS, "production")
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert run(["notify", "production", "hello"]) is ExitCode.GUARD
    assert "To go on, type production" in capsys.readouterr().err
    assert others.messages == []


@pytest.mark.usefixtures("aws")
def test_without_a_credential_nobody_is_told(
    others: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    assert run(["notify", "staging", "hello"]) is ExitCode.FAILED
    assert capsys.readouterr().err.splitlines()[-1] == "Slack needs SLACK_BOT_TOKEN in the environment"
    assert others.messages == []
