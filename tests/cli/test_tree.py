"""What holds for every command: it speaks JSON, and where it changes something it shows that and asks."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
import typer

from cli.commands import COMMANDS, root

_READS: Final = frozenset(
    {
        "backup list",
        "backup verify",
        "db check",
        "db integrity",
        "db stats",
        "deployments list",
        "diagram",
        "external",
        "health",
        "incident list",
        "logs analyze",
        "logs api",
        "logs error",
        "logs search",
        "memory",
        "metrics",
        "monitor",
        "policy explain",
        "policy list",
        "preview",
        "queries n-plus-one",
        "queries profile",
        "queries slow",
        "rate-limits",
        "scan",
        "secrets view",
        "security test",
        "smoke",
        "status",
    }
)
"""They change nothing."""
_WITHOUT_BOTH: Final[Mapping[str, str]] = {
    "comment": "a workflow calls it, for a pull request, on which nothing is lost",
    "drift": "it compares; what `--issue` writes is an issue about that",
    "image": "it changes the stack's file alone, which is reviewed: shown by --dry-run",
    "incident postmortem": "it adds a draft, of which earlier ones stay: shown by --dry-run",
    "local start": "it is this machine's alone",
    "local stop": "it is this machine's alone",
    "policy check": "what `--record-baseline` writes is a file of the repository, which is reviewed",
    "policy config": "it writes a file of the repository, which is reviewed: shown by --check",
}
"""They change something and ask nobody, and why."""


def _commands() -> Iterator[tuple[str, Any]]:
    for name in COMMANDS:
        top: Any = typer.main.get_command(root(name))
        found = top.commands[name]
        for inner, command in getattr(found, "commands", {"": found}).items():
            yield f"{name} {inner}".strip(), command


_ALL: Final[Mapping[str, Any]] = dict(_commands())


def _options(command: Any) -> set[str]:
    return {word for parameter in command.params for word in parameter.opts if word.startswith("--")}


@pytest.mark.parametrize("words", sorted(_ALL))
def test_every_command_speaks_json(words: str) -> None:
    assert "--json" in _options(_ALL[words])


@pytest.mark.parametrize("words", sorted(set(_ALL) - _READS - set(_WITHOUT_BOTH)))
def test_what_changes_something_can_be_shown_first_and_called_by_machines(words: str) -> None:
    assert {"--dry-run", "--yes"} <= _options(_ALL[words])


@pytest.mark.parametrize("words", sorted(_READS))
def test_what_only_reads_asks_nobody(words: str) -> None:
    assert not {"--dry-run", "--yes"} & _options(_ALL[words])


def test_who_is_named_here_exists() -> None:
    assert _READS | set(_WITHOUT_BOTH) <= set(_ALL)


@pytest.mark.parametrize("words", sorted(_ALL))
def test_every_command_and_every_option_says_what_it_is(words: str) -> None:
    command = _ALL[words]
    assert command.help
    assert [one.name for one in command.params if not (one.help or one.hidden)] == []
