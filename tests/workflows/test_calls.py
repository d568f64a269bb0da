"""What workflows call is there, with those options: a step that fails for its spelling fails at night."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.commands import COMMANDS, root
from infra.reading import ROOT, read_guide
from tests.workflows.reading import ACTIONS, WORKFLOWS, lines

_VALUES = {
    "$STACK": "staging",
    "$VERSION": "2026.11.4",
    "$REASON": "nobody can sign in",
    "$BASE": "0" * 40,
    "$INCIDENT": "INC1",
    "$RUN": "https://github.com/example/syncup-infrastructure/actions/runs/1",
    "$TARGET": ".venv/.runtime",
}
"""What stands for variables that a run of the workflow sets."""
_CALLS = re.compile(r"(?:^|\s)\.venv/bin/syncup\s+(?P<words>.*)")
_MAKES = re.compile(r"(?:^|\s)make\s+(?P<words>.*)")


def _words(text: str) -> list[str]:
    """A line's words, every option of it said, up to where its output goes."""
    text = re.sub(r"\$\{\w+:\+([^}]*)\}", r"\1", text)
    for variable, value in _VALUES.items():
        text = re.sub(rf"{re.escape(variable)}\b", value, text)
    words = shlex.split(text)
    ends = [number for number, word in enumerate(words) if word in (">", ">>", "||", "&&", "|")]
    words = words[: min(ends, default=len(words))]
    assert not [word for word in words if "$" in word], f"say what stands for the variables in: {text}"
    return words


def _found(pattern: re.Pattern[str]) -> list[tuple[str, list[str]]]:
    return [
        (f"{file.relative_to(ROOT)}: {line}", _words(found["words"]))
        for file in (*WORKFLOWS, *ACTIONS)
        for line in lines(file)
        if (found := pattern.search(line))
    ]


CALLS = _found(_CALLS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with what earlier steps have left."""
    (tmp_path / "left").mkdir()
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("line", "words"), CALLS, ids=[line for line, _ in CALLS])
def test_every_command_takes_what_a_workflow_says(line: str, words: list[str]) -> None:
    assert words[0] in COMMANDS, line
    command: Any = typer.main.get_command(root(words[0]))
    name, words = "syncup", list(words)
    while hasattr(command, "commands"):
        name = f"{name} {words[0]}"
        command = command.commands[words.pop(0)]
    # Reads the words as a call would, and goes no further.
    command.make_context(name, words)


def test_every_target_that_workflows_make_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    made = {word for _, words in _found(_MAKES) for word in words}
    assert made >= {"test", "lint", "types"}
    assert made - targets == {_VALUES["$TARGET"]}
    assert "$(VENV)/.runtime:" in makefile
    assert "$(VENV)/.development:" in makefile


def test_every_line_is_a_call_or_known() -> None:
    """Logic belongs into `syncup`, where it has tests."""
    known = (
        'cat left/full.md >> "$GITHUB_STEP_SUMMARY"',
        'echo "$NUMBER" > left/number',
        'echo "id=$(jq --raw-output .id incident.json)" >> "$GITHUB_OUTPUT"',
        "mkdir -p left",
        "mkdir left",
        'pulumi stack export --stack "$STACK" --file state.json',
        "sudo apt-get update && sudo apt-get install --yes --no-install-recommends redis-server",
        'test "$BRANCH $FORK" = "success skipped" || test "$BRANCH $FORK" = "skipped success"',
    )
    others = [
        line
        for file in (*WORKFLOWS, *ACTIONS)
        for line in lines(file)
        if not line.startswith((".venv/bin/", "make ")) and line not in known
    ]
    assert others == []


def test_a_release_is_watched_for_as_long_as_the_guide_says() -> None:
    minutes = read_guide().deployment.watch.total_seconds() / 60
    watching = [words for _, words in CALLS if words[0] == "deploy"]
    assert watching == [["deploy", "staging", "2026.11.4", "--watch", f"{minutes:.0f}m", "--yes"]]
