"""What every command that works on a stack has in common: its options, its connection, its questions."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from operate.clock import Clock

if TYPE_CHECKING:
    from operate.program import Program
    from operate.stack import Stack


class StackName(StrEnum):
    """The stacks that the command knows."""

    STAGING = "staging"
    PRODUCTION = "production"
    RECOVERY = "recovery"
    LOCAL = "local"


_ASKED_FOR: Final = (StackName.PRODUCTION, StackName.RECOVERY)
"""Users are on them, or will be."""
_LIKE_LOCAL: Final = StackName.STAGING
"""`local` is made from its plan, and so has its region."""
_ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL"
"""https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"""

StackArgument = Annotated[StackName, typer.Argument(help="The stack.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output, and nothing else.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask: for machines.")]

CLOCK = Clock()
"""Tests put their own here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Whether a change is only shown, and whether somebody is asked first."""

    dry_run: bool
    yes: bool

    def agreed(self, stack: "Stack", what: str) -> bool:
        """Whether to go on. Says what is going to be done, and asks where users are concerned.

        Args:
            stack: whose name is asked for.
            what: one sentence, such as "stops the application".

        Returns:
            False in a dry run.

        Raises:
            CommandError: nobody agreed.
        """
        from cli.output import say  # noqa: PLC0415 (beside its one use)

        if self.dry_run:
            say(f"{stack.name}: {what}; nothing is done, this is a dry run")
            return False
        if not self.yes and stack.name in _ASKED_FOR:
            _ask(stack.name, what)
        else:
            say(f"{stack.name}: {what}")
        return True


def _ask(name: str, what: str) -> None:
    sys.stderr.write(f"{name}: {what}. To go on, type {name}: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
        raise CommandError(
            f"nothing was done: {name} asks for its name, and nobody answered (--yes for machines)",
            ExitCode.USAGE,
        )
    if answer.strip() != name:
        raise CommandError(f"nothing was done: {answer.strip()!r} is not {name}", ExitCode.GUARD)


@contextmanager
def connected(name: StackName) -> Generator["Stack"]:
    """The stack, and one line for whatever AWS has against it."""
    environ = _environ(name)
    from operate.aws import in_one_line  # noqa: PLC0415 (AWS costs half a second)
    from operate.stack import connect  # noqa: PLC0415

    with in_one_line():
        yield connect(name.value, configuration(name)["aws:region"], CLOCK, environ)


def _environ(name: StackName) -> Mapping[str, str]:
    """The process's environment; for `local` with the address of what runs on this machine."""
    if name is not StackName.LOCAL or _ENDPOINT_VARIABLE in os.environ:
        return os.environ
    from local.place import endpoint  # noqa: PLC0415

    return {**os.environ, _ENDPOINT_VARIABLE: endpoint()}


def authority(name: StackName) -> Path | None:
    """Who signs the certificates of what runs on this machine; None for the stacks of AWS."""
    if name is not StackName.LOCAL:
        return None
    from local.place import read  # noqa: PLC0415

    found = read()
    return Path(found.folder) / "tls" / "ca.pem" if found else None


def configuration(name: StackName) -> Mapping[str, str]:
    """What the stack's file says; `local` is made from that of staging."""
    from infra.reading import stack_configuration  # noqa: PLC0415

    return stack_configuration(declared_as(name))


def declared_as(name: StackName) -> str:
    """The stack whose file says what the program declares for this one."""
    return (_LIKE_LOCAL if name is StackName.LOCAL else name).value


def program(stack: "Stack") -> "Program":
    """What updates the stack: the program under its engine, and on `local` without one."""
    if stack.name == StackName.LOCAL:
        from local.program import Local  # noqa: PLC0415 (it loads the whole program)

        return Local(stack)
    from infra.reading import ROOT  # noqa: PLC0415
    from operate.program import of  # noqa: PLC0415

    return of(ROOT, stack.name)


@contextmanager
def going_on(line: str) -> Generator[None]:
    """While AWS works and the command only watches: who interrupts is told that the work goes on."""
    from cli.output import say  # noqa: PLC0415

    try:
        yield
    except KeyboardInterrupt:
        say(f"\n{line}")
        raise
