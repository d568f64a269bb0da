"""No value of a secret leaves by any command: not shown, not in an error, not in a call of anything else."""

import io
from dataclasses import replace

import pytest

from cli.main import run
from tests.cli.lines import LINES, Line
from tests.cli.test_bad_answers import FAILURES
from tests.operate import vault
from tests.operate.double import Aws, Time
from tests.operate.services import CREDENTIALS
from tests.operate.test_secrets import GOOD

_TYPED = {**GOOD, "SLACK_SIGNING_SECRET": "0a1b2c3d" * 4}  # unlike any identifier of the doubles
_ENVIRONMENT = {
    **CREDENTIALS,
    **_TYPED,
    "AWS_SECRET_ACCESS_KEY": "planted-key-of-aws",
    "AWS_SESSION_TOKEN": "planted-token-of-aws",
    "DD_API_KEY": "planted-key-of-datadog",
    "DD_APP_KEY": "planted-app-key-of-datadog",
    "PAGERDUTY_TOKEN": "planted-token-of-pagerduty",
    "GITHUB_TOKEN": "planted-token-of-github",
    "PULUMI_ACCESS_TOKEN": "planted-token-of-pulumi",
}
"""Whatever a person or a workflow may have there."""
_UPDATES = tuple(
    Line(words=f"secrets update staging --key {key}", answers=lambda: vault.full().answers(), typed=value)
    for key, value in _TYPED.items()
)
_ALL = (*(line for line in LINES if "secrets update" not in line.words), *_UPDATES)

pytestmark = pytest.mark.usefixtures("page")


@pytest.fixture
def planted(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every secret there is: in the vault, in the environment, and what is typed."""
    monkeypatch.setattr("operate.database_login.require", lambda *_, **__: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    for name, value in _ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    aws.answers.update(vault.full().answers())
    kept = {
        value
        for secret in vault.full().secrets.values()
        for name, value in secret.holds().items()
        if name != "username"
    }
    return {*kept, *_ENVIRONMENT.values(), "pass%2Fword", "pass/word"}


def _shown(line: Line, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """All that a command writes, and all that it asks of others than Secrets Manager."""
    aws.answers.update(line.answers())
    aws.calls.clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(line.typed))
    monkeypatch.setattr("cli.frame.CLOCK", Time(line.now).clock)
    run(line.arguments)
    captured = capsys.readouterr()
    calls = [call for call in aws.calls if not call.name.startswith("secretsmanager.")]
    return f"{captured.out}{captured.err}{calls}"


@pytest.mark.parametrize("line", _ALL, ids=lambda line: line.words)
def test_no_command_shows_a_secret(
    line: Line,
    planted: set[str],
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for called in (line, replace(line, words=f"{line.words} --json"), replace(line, typed=f" {line.typed}")):
        shown = _shown(called, aws, monkeypatch, capsys)
        assert [secret for secret in planted if secret in shown] == []


@pytest.mark.parametrize("line", _ALL, ids=lambda line: line.words)
def test_no_failure_shows_a_secret(
    line: Line,
    planted: set[str],
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _shown(line, aws, monkeypatch, capsys)
    calls = len(aws.calls)
    aws.failure = FAILURES[0].failure
    for aws.failing in range(0, calls, max(1, calls // 4)):
        shown = _shown(line, aws, monkeypatch, capsys)
        assert [secret for secret in planted if secret in shown] == []
