"""The guide's npm spellings: what npm keeps for itself is refused, with the line to type.

`npm run logs:error --limit 100` does not hand `--limit` on. npm takes it for an option of its own, puts
it into the environment and hands on the bare 100; `--key` it takes with its value and hands on nothing.
`npm help run` says what it hands on: what stands behind two dashes.
"""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer

EVENT: Final = "npm_lifecycle_event"
"""The name of the script that npm runs."""
_SCRIPT: Final = "npm_lifecycle_script"
_CONFIG: Final = "npm_config_"
_UNSET: Final = ("", "false", "null", "undefined")
_HIDDEN: Final = "NAME"


def refusal(app: typer.Typer, arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """Why a call that comes through npm cannot be what was meant.

    Args:
        app: the command line's top, with the command that is called.
        arguments: what npm handed on.
        environ: the process's environment.

    Returns:
        One line with the line to type, or None where nothing was kept back.
    """
    own = shlex.split(environ.get(_SCRIPT, ""))[1:]
    if not own or list(arguments[: len(own)]) != own:
        # Something that npm runs calls `syncup` in turn, with words of its own.
        return None
    command = _command(app, own)
    given = arguments[len(own) :]
    kept = [
        option
        for option in command.params
        if option.param_type_name == "option" and _is_kept(option, given, environ)
    ]
    if not kept:
        return None
    names = ", ".join(_name(option) for option in kept)
    line = shlex.join(["npm", "run", environ[EVENT], "--", *_retyped(command, kept, given)])
    seen = "; a value in a command line is for everybody to see" if any(map(_is_secret, kept)) else ""
    return f"npm keeps {names} for itself{seen}: type {line}"


def _command(app: typer.Typer, words: Sequence[str]) -> Any:
    """The command that words lead to."""
    found: Any = typer.main.get_command(app)
    for word in words:
        commands: Mapping[str, Any] = getattr(found, "commands", {})
        if word not in commands:
            break
        found = commands[word]
    return found


def _name(option: Any) -> str:
    return max(option.opts, key=len)


def _is_secret(option: Any) -> bool:
    """An option that is only there to refuse what it is given."""
    return option.hidden


def _is_kept(option: Any, given: Sequence[str], environ: Mapping[str, str]) -> bool:
    if any(word.partition("=")[0] in option.opts for word in given):
        return False
    variable = _CONFIG + _name(option).removeprefix("--").replace("-", "_")
    # Of `--key` npm leaves no trace: a command that needs it cannot have been called without.
    return environ.get(variable, "") not in _UNSET or (option.required and _name(option) == "--key")


def _retyped(command: Any, kept: Sequence[Any], given: Sequence[str]) -> list[str]:
    """The words after `--`: the command's own first, then each option with the value that npm left."""
    texts = [word for word in given if not word.startswith("-")]
    wanted = sum(param.param_type_name == "argument" for param in command.params) - 1
    words, values = texts[:wanted], texts[wanted:]
    if any(map(_is_secret, kept)):
        values = []
    for option in kept:
        if _is_secret(option):
            continue
        words.append(_name(option))
        if not option.is_flag:
            words.append(values.pop(0) if values and _name(option) != "--key" else _HIDDEN)
    return words
