"""The commands that change something: asked first, shown first, and nothing said that is not so."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from cli.main import run
from operate.errors import RemoteError
from tests.cli.lines import CHANGING, Line
from tests.operate import healthy, vault
from tests.operate.double import Aws, Time, error
from tests.operate.test_secrets import GOOD

KEY = "SLACK_SIGNING_SECRET"
VALUE = GOOD[KEY]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a text on standard input."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put


@pytest.fixture
def value_file(tmp_path: Path) -> Path:
    """A file with a value."""
    file = tmp_path / "value"
    file.write_text(f"{VALUE}\n", encoding="utf-8")
    return file


def _production(aws: Aws, line: Line) -> list[str]:
    """The line for production, whose AWS is the same but for its name."""
    aws.answers.update(line.answers())
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(healthy.OUTPUTS, "production")
    aws.answers["secretsmanager.ListSecrets"] = {"SecretList": []}
    return ["production" if word == "staging" else word for word in line.arguments]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("line", CHANGING, ids=lambda line: line.words)
def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    line: Line, aws: Aws, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.answers.update(line.answers())
    typed(line.typed)
    assert run([*line.arguments, "--dry-run"]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert captured.err.startswith("staging: ")
    assert "nothing is done" in captured.err
    assert aws.changes == []
    typed(line.typed)
    assert run([*line.arguments, "--dry-run", "--json"]) is ExitCode.FINE
    assert not json.loads(capsys.readouterr().out)["done"]


@pytest.mark.parametrize("line", CHANGING, ids=lambda line: line.words)
def test_production_asks_for_its_name(  # noqa: PLR0917 (fixtures)
    line: Line, aws: Aws, time: Time, value_file: Path, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    time.now = line.now
    words = _production(aws, line)
    if "update" in words:
        words += ["--from", str(value_file)]
    for answer in ("", "yes\n", "staging\n", "\n"):
        typed(answer)
        assert run(words) is (ExitCode.GUARD if answer else ExitCode.USAGE)
        captured = capsys.readouterr()
        assert "To go on, type production: " in captured.err
        assert "nothing was done" in captured.err
        assert captured.out == ""
        assert aws.changes == []


@pytest.mark.usefixtures("time")
def test_production_goes_on_when_its_name_is_typed(aws: Aws, typed: Any) -> None:
    restart = next(line for line in CHANGING if line.words.startswith("restart"))
    words = _production(aws, restart)
    typed("production\n")
    assert run(words) is ExitCode.FINE
    assert aws.changes == ["autoscaling.StartInstanceRefresh"]


@pytest.mark.usefixtures("time")
def test_machines_are_not_asked(aws: Aws, typed: Any) -> None:
    restart = next(line for line in CHANGING if line.words.startswith("restart"))
    words = _production(aws, restart)
    typed("")
    assert run([*words, "--yes"]) is ExitCode.FINE
    assert aws.changes == ["autoscaling.StartInstanceRefresh"]


@pytest.mark.parametrize("line", CHANGING[:3], ids=lambda line: line.words)
def test_who_interrupts_is_told_what_goes_on(
    line: Line, aws: Aws, time: Time, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers.update(line.answers())

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    monkeypatch.setattr("cli.frame.CLOCK", time.clock)
    assert run(line.arguments) is ExitCode.INTERRUPTED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "`syncup " in captured.err.splitlines()[-1]


@pytest.mark.usefixtures("time")
def test_a_dump_is_named_as_the_guide_names_it(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.answers.update(CHANGING[0].answers())
    assert run(["backup", "create", "staging"]) is ExitCode.FINE
    assert capsys.readouterr().out == "backup_2026_11_24_120030.sql.gz\nSize: 1.2 KiB\n"


def test_a_bad_dump_fails(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.operate import test_backups  # noqa: PLC0415

    aws.answers.update({**test_backups.KEPT, "s3.GetObject": error("NoSuchKey")})
    assert run(["backup", "verify", "staging", "--backup", test_backups.NAME]) is ExitCode.FAILED
    assert "!!  manifest" in capsys.readouterr().out


def test_secrets_are_shown_masked(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    kept = vault.full()
    aws.answers.update(kept.answers())
    for form in ([], ["--json"]):
        assert run(["secrets", "view", "staging", *form]) is ExitCode.FINE
        captured = capsys.readouterr()
        shown = captured.out + captured.err
        assert "OPENAI_API_KEY" in shown
        for secret in kept.secrets.values():
            assert not [value for value in secret.holds().values() if value in shown]


def test_a_value_comes_from_standard_input(aws: Aws, typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    kept = vault.full()
    aws.answers.update(kept.answers())
    typed(f"{VALUE}\n")
    assert run(["secrets", "update", "staging", "--key", KEY]) is ExitCode.FINE
    assert kept.secrets["syncup/staging/third-party"].holds()[KEY] == VALUE
    captured = capsys.readouterr()
    assert VALUE not in captured.out + captured.err


def test_a_value_comes_from_a_file(aws: Aws, tmp_path: Path) -> None:
    kept = vault.full()
    aws.answers.update(kept.answers())
    file = tmp_path / "value"
    file.write_bytes(f"{VALUE}\r\n".encode())
    assert run(["secrets", "update", "staging", "--key", KEY, "--from", str(file)]) is ExitCode.FINE
    assert kept.secrets["syncup/staging/third-party"].holds()[KEY] == VALUE


def test_a_value_is_typed_unseen(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = vault.full()
    aws.answers.update(kept.answers())
    monkeypatch.setattr("sys.stdin", _Terminal())

    def ask(prompt: str) -> str:
        return VALUE if KEY in prompt else ""

    monkeypatch.setattr("getpass.getpass", ask)
    assert run(["secrets", "update", "staging", "--key", KEY]) is ExitCode.FINE
    captured = capsys.readouterr()
    assert VALUE not in captured.out + captured.err


def test_a_value_in_a_command_line_is_refused_and_not_repeated(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["secrets", "update", "staging", "--key", KEY, "--value", VALUE]
    assert run(words) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert f"`syncup secrets update staging --key {KEY}`" in captured.err
    assert VALUE not in captured.out + captured.err
    assert aws.calls == []


@pytest.mark.parametrize(
    ("words", "text_said"),
    [
        ("secrets update staging --key MOON", ("x\n", "'MOON' is no secret of the guide")),
        (f"secrets update staging --key {KEY}", ("", f"{KEY}: there is no value")),
        (f"secrets update staging --key {KEY}", ("hunter2\n", f"this is no {KEY}")),
        (f"secrets update staging --key {KEY} --from nowhere", ("", "nowhere cannot be read")),
        ("secrets update staging", ("", "Missing option")),
        ("secrets rotate staging --group moon", ("", "no machine rotates 'moon'")),
        ("backup verify staging --backup latest", ("", "is no dump")),
        ("backup list staging --limit 0", ("", "--limit")),
        ("restart staging --now", ("", "--now")),
        ("stop", ("", "Missing argument")),
        ("start staging production", ("", "unexpected extra argument")),
        ("rate-limits staging --since 1y", ("", "1y")),
        ("memory staging --since 0h", ("", "0h")),
        ("smoke staging --only chat", ("", "--only")),
        ("external staging", ("", "unexpected extra argument")),
    ],
)
def test_wrong_words_are_one_line_and_change_nothing(
    aws: Aws, typed: Any, capsys: pytest.CaptureFixture[str], words: str, text_said: tuple[str, str]
) -> None:
    text, said = text_said
    aws.answers.update(vault.full().answers())
    typed(text)
    assert run(words.split()) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert said in captured.err
    assert "hunter2" not in captured.err
    assert aws.changes == []


def test_a_database_lets_in_before_its_address_is_taken(
    aws: Aws, typed: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, bool]] = []

    def require(_stack: object, value: str, *, direct: bool, authority: object) -> None:
        assert authority is None
        asked.append((value, direct))
        if not direct:
            raise RemoteError("DATABASE_URL: nobody is there")

    monkeypatch.setattr("operate.database_login.require", require)
    aws.answers.update(vault.full().answers())
    words = ["secrets", "update", "staging", "--key", "DATABASE_URL"]
    typed(GOOD["DATABASE_URL"])
    assert run(words) is ExitCode.REMOTE
    assert aws.changes == []
    typed(GOOD["DATABASE_URL"])
    assert run([*words, "--direct"]) is ExitCode.FINE
    assert aws.changes
    assert asked == [(GOOD["DATABASE_URL"], False), (GOOD["DATABASE_URL"], True)]
    capsys.readouterr()


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("words", ["restart staging", "backup create staging"])
def test_a_guard_that_refuses_is_7(aws: Aws, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = next(line for line in CHANGING if line.words == words)
    busy = {
        "codebuild.StartBuild": error("AccountLimitExceededException"),
        "autoscaling.StartInstanceRefresh": error("InstanceRefreshInProgressFault"),
    }
    aws.answers.update({**line.answers(), **busy})
    assert run(line.arguments) is ExitCode.GUARD
    assert "already" in capsys.readouterr().err


def test_external_services_are_asked_without_a_stack(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from operate.http import Answer  # noqa: PLC0415

    def ask(_method: str, url: str) -> Answer:
        refused = "slack" in url
        return Answer(status=None if refused else 401, milliseconds=5, says="not reachable: refused")

    monkeypatch.setattr("operate.http.ask", ask)
    assert run(["external"]) is ExitCode.REMOTE
    text = capsys.readouterr().out
    assert "ok  OpenAI    401 in 5 ms" in text
    assert "!!  Slack     not reachable: refused" in text
    assert run(["external", "--json"]) is ExitCode.REMOTE
    assert json.loads(capsys.readouterr().out)["fine"] is False


def test_a_failed_smoke_check_fails(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from operate.http import Answer  # noqa: PLC0415

    def ask(_method: str, url: str) -> Answer:
        return Answer(status=500 if url.endswith("chat") else 200, milliseconds=5, says="no answer of OpenAI")

    monkeypatch.setattr("operate.http.ask", ask)
    assert run(["smoke", "staging"]) is ExitCode.FAILED
    text = capsys.readouterr().out
    assert "ok  Test user registration" in text
    assert "!!  Test chat functionality  answers 500 instead of 200: no answer of OpenAI" in text
