"""Whether a command line that somebody wrote down is one that `syncup` takes."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from enum import EnumType
from functools import cache
from typing import Any

import typer

from cli.commands import COMMANDS, root


def wrong_with(line: str) -> str | None:
    """What is wrong with a line such as `syncup backup create production`; None where nothing is.

    The last word may be missing: `syncup backup` speaks of the group. An argument may be a placeholder.
    """
    words = shlex.split(line)[1:]
    if not words:
        return None
    if words[0].startswith("-"):
        return None if words[0] in {"--help", "--version"} else f"syncup has no option {words[0]}"
    if words[0] not in COMMANDS:
        return f"there is no command {words[0]}"
    command, path = _tree(words[0]), [words[0]]
    rest = words[1:]
    for word in _path(words):
        command, path, rest = command.commands[word], [*path, word], rest[1:]
    if getattr(command, "commands", None):
        unknown = [word for word in rest if word != "--help"]
        return f"{' '.join(path)} has no command {unknown[0]}" if unknown else None
    return _wrong_with_arguments(command, rest)


def commands() -> Iterator[str]:
    """Every command by its words: `backup create`."""
    for name in COMMANDS:
        below: Mapping[str, Any] = getattr(_tree(name), "commands", {})
        yield from [f"{name} {word}" for word in below] or [name]


def _path(words: Sequence[str]) -> list[str]:
    below: Mapping[str, Any] = getattr(_tree(words[0]), "commands", {})
    return [word for word in words[1:2] if word in below]


@cache
def _tree(name: str) -> Any:
    top: Any = typer.main.get_command(root(name))
    return top.commands[name]


def _wrong_with_arguments(command: Any, words: Sequence[str]) -> str | None:
    options = {name: p for p in command.params if p.param_type_name == "option" for name in p.opts}
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    given: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, _, value = word.partition("=")
        if word == "--help":
            return None
        if name in options:
            if not options[name].is_flag and not value and next(waiting, None) is None:
                return f"{name} has no value"
        elif word.startswith("--"):
            return f"{command.name} has no option {name}"
        else:
            given.append(word)
    if len(given) > len(arguments) and not any(argument.nargs == -1 for argument in arguments):
        return f"{command.name} takes no {given[len(arguments)]!r}"
    return _wrong_with_choices(arguments, given)


def _wrong_with_choices(arguments: Sequence[Any], given: Sequence[str]) -> str | None:
    for argument, word in zip(arguments, given, strict=False):
        kind = argument.type_descriptor.annotation
        is_placeholder = word.startswith(("$", "<")) or word in {"…", "STACK"}
        if isinstance(kind, EnumType) and not is_placeholder and word not in {str(one) for one in kind}:
            return f"{word!r} is no {argument.name}"
    return None
