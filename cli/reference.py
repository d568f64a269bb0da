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
_WITH_AWS_ALONE: Final = ROOT / "tests" / "cli" / "lines.py"
OTHER_TESTS: Final[Mapping[str, str]] = {
    words: f"tests/cli/{test}"
    for words, test in {
        "backup restore": "test_backup.py::test_a_dump_is_restored_and_what_was_there_is_named",
        "backup restore --timestamp": (
            "test_backup.py::test_a_moment_is_gone_back_to_and_the_file_is_to_be_committed"
        ),
        "backup test": "test_backup.py::test_a_dump_is_proven_and_the_report_kept",
        "external": "test_changing.py::test_external_services_are_asked_without_a_stack",
        "incident create": "test_incident.py::test_json_is_alone_on_standard_output",
        "incident update": "test_incident.py::test_json_is_alone_on_standard_output",
        "incident close": "test_incident.py::test_json_is_alone_on_standard_output",
        "incident postmortem": "test_incident.py::test_json_is_alone_on_standard_output",
        "maintenance db": "test_maintenance.py::test_what_is_due_is_done_and_then_nothing_is",
        "maintenance indexes": "test_maintenance.py::test_what_is_due_is_done_and_then_nothing_is",
        **dict.fromkeys(
            (
                "db check",
                "db stats",
                "db integrity",
                "queries slow",
                "queries profile",
                "queries n-plus-one",
            ),
            "test_database.py::test_every_command_looks_and_changes_nothing",
        ),
    }.items()
}
"""By command, the test that calls it where it needs more than AWS."""
_HEAD: Final = """\
# Commands

Who reads this: who knows the operations guide and looks for a command, or wonders what a command does.
Made by `make docs` from `cli/`.

The guide's own npm spellings work where Node is installed; each is a script of `package.json` that calls
`syncup`. Options stand after two dashes: `npm run logs:error -- --limit 100`. Where npm would keep them for
itself, the command refuses with the line to type. `syncup COMMAND --help` says what a command takes.

Every command takes `--json`. Every command that changes something takes `--dry-run`, and for production and
recovery it asks for the stack's name; `--yes` is for machines. The exit status is 0 when all is well, 1 when
the operation failed, 2 for wrong usage, 3 when a policy blocks, 4 when a mandatory rule stays undecidable, 5
when data would be lost, 6 when a remote refused or could not be reached, 7 when a guard refused, and 130
after an interruption.

## The guide's lines
"""


def page() -> str:
    """The page's text."""
    parts = [_HEAD]
    for section in dict.fromkeys(line.section for line in LINES):
        parts += [f"### {section}\n", "| the guide | `syncup` | | run by |", "|---|---|---|---|"]
        rows = [_row(line) for line in LINES if line.section == section]
        parts += [*dict.fromkeys(rows), ""]
    parts += ["## Every command\n", "| `syncup` | |", "|---|---|"]
    parts += [f"| `{words}` | {summary} |" for words, summary in commands().items()]
    return "\n".join(parts) + "\n"


def _row(line: GuideLine) -> str:
    if not line.command:
        return f"| `{line.line}` | — | {line.note} | — |"
    return f"| `{line.line}` | `{line.command}` | {line.note} | `{run_by(line)}` |"


def run_by(line: GuideLine) -> str:
    """The test that calls a line's command.

    Raises:
        KeyError: there is none.
    """
    words = words_of(line) + (" --timestamp" if "--timestamp" in line.line else "")
    if f'words="{words} ' in _WITH_AWS_ALONE.read_text(encoding="utf-8"):
        return TEST
    return OTHER_TESTS[words]


def words_of(line: GuideLine) -> str:
    """A command without the stack."""
    return line.command.removesuffix(" production").removesuffix(" staging")


def commands() -> dict[str, str]:
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
