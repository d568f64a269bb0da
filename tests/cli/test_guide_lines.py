"""Every command line of the guide is a command, and the page about them is true."""

import io
import shlex
from typing import Any

import pytest

from cli.commands import COMMANDS
from cli.exit_codes import ExitCode
from cli.guide_lines import LINES, GuideLine
from cli.main import run
from cli.reference import PAGE, TEST, is_built, page, run_by
from infra.reading import ROOT
from operate.http import Answer
from tests.cli import lines
from tests.operate.double import Aws

BUILT = [line for line in dict.fromkeys(LINES) if line.command and is_built(line)]


def _answering(command: str) -> lines.Line:
    """A line that calls the same command, with what AWS then answers."""
    words = [*command.split()[:-1], "staging"]
    return next(line for line in lines.LINES if line.arguments[: len(words)] == words)


def _let_in(*_: object, **__: object) -> None:
    """The database lets in whom its address names."""


def _options(line: GuideLine) -> list[str]:
    """What the guide writes behind the script, but for values of secrets."""
    words = shlex.split(line.line)[3:] if line.script else []
    return words[: words.index("--value")] if "--value" in words else words


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize(
    "line",
    [line for line in BUILT if run_by(line) == TEST],
    ids=lambda line: f"{line.section}: {line.line}",
)
def test_a_line_of_the_guide_does_what_it_says(
    line: GuideLine, aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*_: Any, **__: Any) -> Answer:
        return Answer(status=200, milliseconds=1, says="")

    monkeypatch.setattr("operate.http.ask", ask)
    same = _answering(line.command)
    words = [*line.command.replace("production", "staging").split(), *_options(line)]
    aws.answers.update(same.answers())
    monkeypatch.setattr("sys.stdin", io.StringIO(same.typed))
    if "--key" in words:
        monkeypatch.setattr("operate.database_login.require", _let_in)
        typed = "postgresql://app_b:word@db.example.com:5432/syncup"
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    status = run(words)
    captured = capsys.readouterr()
    assert status is ExitCode.FINE, captured.err
    assert captured.out


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_line_and_every_command_is_on_the_page() -> None:
    text = page()
    assert all(f"`{line.line}`" in text for line in LINES)
    assert all(f"| `{name}" in text for name in COMMANDS)


def test_every_line_that_is_built_is_run_by_a_test() -> None:
    assert [line.line for line in BUILT if not run_by(line)] == []


def test_the_page_names_a_test_that_there_is() -> None:
    file, _, name = TEST.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_a_line_without_a_command_says_why() -> None:
    assert all(line.note for line in LINES if not line.command)
