"""Every command line of the guide is a command, and the page about them is true."""

import io
import re
import shlex

import pytest

from cli.commands import COMMANDS
from cli.exit_codes import ExitCode
from cli.guide_lines import LINES, GuideLine
from cli.main import run
from cli.reference import OTHER_TESTS, PAGE, TEST, commands, page, run_by, words_of
from infra.reading import ROOT
from tests.cli import lines
from tests.operate.double import Aws, Time

COMMANDED = [line for line in dict.fromkeys(LINES) if line.command]


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


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    "line",
    [line for line in COMMANDED if run_by(line) == TEST],
    ids=lambda line: f"{line.section}: {line.line}",
)
def test_a_line_of_the_guide_does_what_it_says(
    line: GuideLine, aws: Aws, time: Time, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    same = _answering(line.command)
    time.now = same.now
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


def test_every_line_leads_to_a_command() -> None:
    assert {words_of(line) for line in COMMANDED} <= set(commands())


@pytest.mark.parametrize("named", sorted({run_by(line) for line in COMMANDED}))
def test_the_page_names_a_test_that_there_is(named: str) -> None:
    file, _, name = named.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("words", sorted(OTHER_TESTS))
def test_a_test_that_is_named_is_of_that_command(words: str) -> None:
    """Its file calls the command, all in one or word by word."""
    text = (ROOT / OTHER_TESTS[words].partition("::")[0]).read_text(encoding="utf-8")
    group, _, last = words.removesuffix(" --timestamp").partition(" ")
    assert re.search(rf'"({words}|{last}) |"{group}", (command|"{last}")', text) or f'["{words}"]' in text


def test_a_line_without_a_command_says_why() -> None:
    assert all(line.note for line in LINES if not line.command)
