"""The entry point of `syncup`: finds the command, runs it, and turns its end into an exit status.

Whatever a user can cause ends in a line on standard error, never in a traceback.
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from cli.commands import COMMANDS, root
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from infra.mistakes import ConfigurationError
from operate.errors import (
    DataLossError,
    GuardError,
    OperationError,
    PolicyError,
    RemoteError,
    UndecidableError,
    UsageError,
)


def main() -> NoReturn:
    """Runs `syncup` with the process's arguments and exits."""
    _complete_streams()
    try:
        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        # Only while a command is loaded: afterwards it arrives as `typer.Abort`.
        status = ExitCode.INTERRUPTED
    _forget_what_cannot_be_written()
    # All memory goes with the process. To search it for garbage first would take more than a second.
    gc.freeze()
    sys.exit(status)


def run(arguments: Sequence[str]) -> ExitCode:
    """Runs `syncup` and returns its exit status."""
    called = _called(arguments, os.environ)
    app = root(called)
    app.callback()(_syncup)
    try:
        _refuse_what_npm_kept(app, arguments)
        status = app(list(arguments) or ["--help"], prog_name="syncup", standalone_mode=False)
        sys.stdout.flush()
    except (CommandError, ConfigurationError, OperationError, OSError, typer.TyperException) as error:
        return _complain(*_end_of(error, called))
    except typer.Abort:
        return ExitCode.INTERRUPTED
    # `typer.Exit` arrives as the status that it carries, a command's normal end as None.
    return ExitCode(status or ExitCode.FINE)


def _complete_streams() -> None:
    """A caller may have closed standard input, output or errors."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 (until the end)


def _forget_what_cannot_be_written() -> None:
    """Else the interpreter tries once more as it ends, and has the last word on the status.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _called(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The command that is called, or the one whose words a shell asks to complete."""
    words = arguments
    if "_SYNCUP_COMPLETE" in environ:
        # bash has one name for them, the other shells have another.
        words = (environ.get("COMP_WORDS") or environ.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]
    return next((word for word in words if not word.startswith("-")), None)


def _refuse_what_npm_kept(app: typer.Typer, arguments: Sequence[str]) -> None:
    if "npm_lifecycle_event" not in os.environ:
        return
    from cli.npm import refusal  # noqa: PLC0415 (only behind npm)

    refused = refusal(app, arguments, os.environ)
    if refused is not None:
        raise CommandError(refused, ExitCode.USAGE)


_STATUSES: Final[Mapping[type[OperationError], ExitCode]] = {
    RemoteError: ExitCode.REMOTE,
    GuardError: ExitCode.GUARD,
    UsageError: ExitCode.USAGE,
    PolicyError: ExitCode.POLICY,
    UndecidableError: ExitCode.UNDECIDABLE,
    DataLossError: ExitCode.DATA_LOSS,
}


def _end_of(error: Exception, called: str | None) -> tuple[str, ExitCode]:
    """The line for a failure, and the status."""
    match error:
        case CommandError():
            return str(error), error.code
        case OperationError():
            return str(error), _status_of(error)
        case OSError():
            # What no command foresees: a full disk behind standard output, a file that may not be read.
            return f"syncup: {error.filename or 'output'}: {error.strerror or error}", ExitCode.FAILED
        case typer.TyperException():
            return _usage(error, called), ExitCode(error.exit_code)
        case _:
            return str(error), ExitCode.FAILED


def _usage(error: typer.TyperException, called: str | None) -> str:
    text = error.format_message()
    if text.startswith("Usage: "):
        # A group's name alone is a question for its help.
        return text
    command = f"syncup {called}" if called in COMMANDS else "syncup"
    context: Any = getattr(error, "ctx", None)
    where = context.command_path if context else command
    return f"syncup: {' '.join(text.split()).replace('Value error, ', '')} (see: {where} --help)"


def _status_of(error: OperationError) -> ExitCode:
    return next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), ExitCode.FAILED)


def _complain(message: str, code: ExitCode) -> ExitCode:
    from cli.output import say  # noqa: PLC0415 (help does without)

    say(message)
    return code


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (a quarter of the start)

    try:
        number = version("syncup-infrastructure")
    except PackageNotFoundError:
        number = "(not installed)"
    typer.echo(f"syncup {number}")
    raise typer.Exit


def _syncup(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """SyncUp's operations: preview the environment, change it, look after it."""
