"""`docs/commands.md`: every command line of the guide, what it is now, and the test that runs it.

`make docs` writes it, and a test says when it is stale.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from cli.commands import COMMANDS, root
from cli.guide_lines import LINES, GuideLine
from infra.reading import ROOT

PAGE: Final = ROOT / "docs" / "commands.md"
TEST: Final = "tests/cli/test_guide_lines.py::test_a_line_of_the_guide_does_what_it_says"
"""Runs every line of the guide whose command needs nothing but AWS: those of `tests/cli/lines.py`."""
_TESTS: Final = ROOT / "tests" / "cli"
_NOT_BUILT: Final = "not built yet: refused in one line"
_HEAD: Final = """\
# Commands

Who reads this: who knows the operations guide and looks for a command, or wonders what a command does.
Made by `make docs` from `cli/`.

The guide's own npm spellings work where Node is installed; each is a script of `package.json` that calls
`syncup`. Options stand after two dashes: `npm run logs:error -- --limit 100`. Where npm would keep them for
itself, the command refuses with the line to type. `syncup COMMAND --help` says what a command takes.

Every command takes `--json`. Every command that changes something takes `--dry-run`, and for production and
recovery it asks for the stack's name; `--yes` is for machines. The exit status is 0 when all is well, 1 when
the operation failed, 2 for wrong usage, 6 when a remote refused or could not be reached, 7 when a guard
refused, and 130 after an interruption.

## The guide's lines
"""


def page() -> str:
    """The page's text."""
    built = _built()
    parts = [_HEAD]
    for section in dict.fromkeys(line.section for line in LINES):
        parts += [f"### {section}\n", "| the guide | `syncup` | | run by |", "|---|---|---|---|"]
        rows = [_row(line, built) for line in LINES if line.section == section]
        parts += [*dict.fromkeys(rows), ""]
    parts += ["## Every command\n", "| `syncup` | |", "|---|---|"]
    parts += [f"| `{words}` | {summary} |" for words, summary in built.items()]
    return "\n".join(parts) + "\n"


def is_built(line: GuideLine) -> bool:
    """Whether there is a command for a line."""
    return _words(line) in _built()


def _row(line: GuideLine, built: Mapping[str, str]) -> str:
    if not line.command:
        return f"| `{line.line}` | — | {line.note} | — |"
    notes, test = [line.note] if line.note else [], run_by(line)
    if _words(line) not in built:
        notes, test = [*notes, _NOT_BUILT], ""
    return f"| `{line.line}` | `{line.command}` | {'; '.join(notes)} | {f'`{test}`' if test else '—'} |"


def run_by(line: GuideLine) -> str:
    """The test, or the file of tests, that calls a line's command; nothing where there is none."""
    words = _words(line)
    group, _, last = words.partition(" ")
    if f'words="{words} ' in (_TESTS / "lines.py").read_text(encoding="utf-8"):
        return TEST
    own = _TESTS / f"test_{group.replace('-', '_')}.py"
    calls = dict.fromkeys(sorted(_TESTS.glob("test_*.py")), f'"{words}') | {own: f'"{last or group}'}
    return next(
        (
            file.relative_to(ROOT).as_posix()
            for file, call in calls.items()
            if file.is_file() and call in file.read_text(encoding="utf-8")
        ),
        "",
    )


def _words(line: GuideLine) -> str:
    """A command without the stack."""
    return line.command.removesuffix(" production").removesuffix(" staging")


def _built() -> dict[str, str]:
    """Every command with its summary."""
    return dict(sorted(entry for name in COMMANDS for entry in _of(name)))


def _of(name: str) -> Iterator[tuple[str, str]]:
    top: Any = typer.main.get_command(root(name))
    found = top.commands[name]
    commands: Mapping[str, Any] | None = getattr(found, "commands", None)
    if commands is None:
        yield name, _summary(found)
        return
    for inner, command in commands.items():
        yield f"{name} {inner}", _summary(command)


def _summary(command: Any) -> str:
    return " ".join(str(command.help).split())


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
