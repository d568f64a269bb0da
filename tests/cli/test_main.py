"""`syncup` itself: what it lists, what it costs, and how it ends."""

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from importlib import import_module
from types import ModuleType

import pytest
import typer

from cli import commands
from cli.commands import COMMANDS
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.main import run
from infra.mistakes import ConfigurationError, Mistake
from infra.reading import ROOT

_LIGHT = {
    "annotated_doc",
    "attr",
    "cli",
    "infra",
    "markdown_it",
    "mdurl",
    "operate",
    "pygments",
    "rich",
    "shellingham",
    "typer",
}
"""typer, rich and what they are made of; `attr` where it is installed."""


def _loaded_by(*calls: list[str]) -> set[str]:
    """The packages outside the standard library that calls of `syncup` load."""
    script = (
        "import sys; before = set(sys.modules); from cli.main import run; "
        f"[run(call) for call in {calls!r}]; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before}, file=sys.stderr)"
    )
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(ended.stderr.split()) - set(sys.stdlib_module_names)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_help_loads_nothing_but_the_command_line(arguments: list[str]) -> None:
    assert _loaded_by(arguments) <= _LIGHT


def test_the_help_of_what_operates_loads_neither_aws_nor_pulumi() -> None:
    asked = [[name, "--help"] for name in COMMANDS if name not in {"policy", "preview"}]
    assert not _loaded_by(*asked) & {"boto3", "botocore", "pulumi", "yaml"}


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) is ExitCode.FINE
    text = capsys.readouterr().out
    assert all(re.search(rf"\b{name}\b", text) for name in COMMANDS)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("syncup sec", "secrets"),
        ("syncup status st", "staging"),
        ("syncup backup ver", "verify"),
        ("syncup logs error staging --fo", "--follow"),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_commands_stacks_and_options(
    shell: str, typed: str, completed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_SYNCUP_COMPLETE", f"complete_{shell}")
    if shell == "bash":
        monkeypatch.setenv("COMP_WORDS", typed)
        monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    else:
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", typed)
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit):
        run([])
    assert completed in printed.getvalue()


def test_no_argument_is_a_question_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) is ExitCode.FINE
    assert "Usage: syncup" in capsys.readouterr().out


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) is ExitCode.FINE
    assert re.fullmatch(r"syncup \S.*\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [["previw"], ["--verbose"], ["preview", "--formt", "json"], ["preview", "production", "--format", "xml"]],
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"syncup: .+ \(see: syncup .*--help\)\n", captured.err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "status moon",
            "'moon' is not one of 'staging', 'production', 'recovery', 'local'. (see: syncup status",
        ),
        ("logs error staging --limit 0", "(see: syncup logs error --help)"),
        ("incident create", "(see: syncup incident create --help)"),
    ],
)
def test_wrong_usage_leads_to_the_help_of_that_very_command(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) is ExitCode.USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "Value error" not in line


@pytest.mark.parametrize("group", ["backup", "logs", "secrets"])
def test_a_group_alone_is_a_question_for_its_help(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([group]) is ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[0] == f"Usage: syncup {group} [OPTIONS] COMMAND [ARGS]..."


def test_a_misspelled_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    run(["previw"])
    assert "'preview'" in capsys.readouterr().err


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A command that ends as the test wants."""
    module = ModuleType("cli.probe")
    module.app = typer.Typer()  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setattr(commands, "COMMANDS", {"probe": "Nothing."})
    monkeypatch.setitem(sys.modules, "cli.probe", module)
    return module


def _ends(module: ModuleType, end: BaseException | ExitCode | None) -> None:
    @module.app.command("probe")
    def probe() -> ExitCode | None:  # pyright: ignore[reportUnusedFunction]
        if isinstance(end, BaseException):
            raise end
        return end


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (None, ExitCode.FINE, ""),
        (ExitCode.POLICY, ExitCode.POLICY, ""),
        (typer.Exit(4), ExitCode.UNDECIDABLE, ""),
        (
            CommandError("the window is closed", ExitCode.GUARD),
            ExitCode.GUARD,
            "the window is closed\n",
        ),
        (CommandError("one\ntwo"), ExitCode.FAILED, "one\ntwo\n"),
        (
            ConfigurationError([Mistake("a.yaml", 3, "b is c: write d")]),
            ExitCode.FAILED,
            "a.yaml:3: b is c: write d\n",
        ),
        (
            OSError(28, "No space left on device"),
            ExitCode.FAILED,
            "syncup: output: No space left on device\n",
        ),
        (
            PermissionError(13, "Permission denied", "Pulumi.yaml"),
            ExitCode.FAILED,
            "syncup: Pulumi.yaml: Permission denied\n",
        ),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, ""),
        (typer.Abort(), ExitCode.INTERRUPTED, ""),
    ],
)
def test_a_command_ends_with_its_status(
    probe: ModuleType,
    capsys: pytest.CaptureFixture[str],
    end: BaseException | ExitCode | None,
    code: ExitCode,
    said: str,
) -> None:
    _ends(probe, end)
    assert run(["probe"]) is code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full"])
@pytest.mark.parametrize("words", ["policy explain moon", "--help", "stop moon"])
def test_closed_and_full_streams_are_no_traceback(words: str, closed: str) -> None:
    call = f'"{sys.executable}" -m cli {words} {closed}'
    ended = subprocess.run(["/bin/sh", "-c", call], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 (our own)
    assert "Traceback" not in ended.stderr
    assert ended.returncode in {ExitCode.FINE, ExitCode.FAILED, ExitCode.USAGE}


def test_every_listed_command_exists() -> None:
    for name in COMMANDS:
        assert isinstance(import_module(f"cli.{name.replace('-', '_')}").app, typer.Typer)
