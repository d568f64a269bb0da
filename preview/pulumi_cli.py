"""The Pulumi CLI under the Automation API: interrupted by us alone, and with a line for each failure."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from pulumi import automation
from pulumi.automation.errors import create_command_error

from preview.endings import interrupting

Say = Callable[[str], None]
"""Is told a line of progress, or of warning."""

_NOT_LOGGED_IN: Final = "PULUMI_ACCESS_TOKEN must be set for login"
"""What the CLI says where it knows no backend and cannot ask: of a service that may not be meant."""
_WAITS: Final = (
    "interrupted: what is being changed now is finished first; "
    "to interrupt again leaves nobody knowing how it ended"
)


class EngineError(Exception):
    """The engine could not do it. The message is one line."""


class EngineMissingError(EngineError):
    """There is no Pulumi CLI."""


class BackendError(EngineError):
    """The place where the state is kept refused, or could not be reached."""


class LockedError(EngineError):
    """Somebody else is changing the stack."""


class Workspace(automation.LocalWorkspace):
    """A project's folder, without the habit of selecting what it looks at.

    To preview production must not make it the stack that the next `pulumi up` changes.
    """

    def select_stack(self, stack_name: str) -> None:
        """Leaves the selected stack as it is; every command names its stack."""

    @property
    def pulumi_version(self) -> str:
        """The CLI's version. What somebody has built from source has none and counts as the SDK's own."""
        return str(self.pulumi_command.version or version("pulumi"))


class Command(automation.PulumiCommand):
    """The CLI in a group of processes of its own.

    A terminal would interrupt it beside us, and with ours it would be interrupted twice: then it leaves
    what it has begun as it is.
    """

    say: Say
    """Is told when it is interrupted."""

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,  # noqa: ARG002 (events say more than lines)
        on_error: Callable[[str], Any] | None = None,  # noqa: ARG002
    ) -> automation.CommandResult:
        """Runs one command to its end, also where it is interrupted.

        What it says goes to files without a name: a pipe would end it at once, in the middle of what it
        makes, when we are killed.

        Raises:
            KeyboardInterrupt: it was interrupted, and has ended in its own order.
        """
        interrupted = False
        with (
            interrupting(),
            TemporaryFile("w+", encoding="utf-8") as output,
            TemporaryFile("w+", encoding="utf-8") as complaint,
            subprocess.Popen(  # noqa: S603 (its arguments are the Automation API's)
                [self.command, "--non-interactive", *args],
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=complaint,
                process_group=0,
            ) as process,
        ):
            while process.returncode is None:
                try:
                    process.wait()
                except KeyboardInterrupt:
                    interrupted = True
                    process.send_signal(signal.SIGINT)
                    self.say(_WAITS)
            output.seek(0)
            complaint.seek(0)
            result = automation.CommandResult(output.read(), complaint.read(), process.returncode)
        if interrupted:
            raise KeyboardInterrupt
        if result.code:
            raise create_command_error(result)
        return result


def workspace(directory: Path, say: Say) -> Workspace:
    """A project's folder with the CLI that is on PATH.

    Args:
        directory: the folder of `Pulumi.yaml`.
        say: is told when the CLI is interrupted.

    Raises:
        EngineMissingError: the CLI is not on PATH.
        EngineError: it is too old.
    """
    if shutil.which("pulumi") is None:
        raise EngineMissingError(
            "the Pulumi CLI is not on PATH: install it (https://www.pulumi.com/docs/iac/download-install/), "
            "or preview with --engine none"
        )
    command = _command()
    command.say = say
    return Workspace(work_dir=str(directory), pulumi_command=command)


def explained(error: automation.CommandError, stack: str, *, began: bool) -> EngineError:
    """What the CLI's failure means, where no event reports it.

    Args:
        error: the failure.
        stack: the stack's name.
        began: whether the engine had begun. Before that it is the backend that refuses.
    """
    text = str(error)
    match error:
        case automation.StackNotFoundError():
            return EngineError(f"the backend has no stack {stack}: make it with `pulumi stack init {stack}`")
        case automation.ConcurrentUpdateError():
            found = re.search(r"created by (\S+) \(pid \d+\) at (\S+)", text)
            who = f" ({found[1]}, since {found[2]})" if found else ""
            return LockedError(
                f"{stack} is being changed by somebody else{who}: wait for the end; where nobody is at it "
                f"any more, `pulumi cancel {stack}` opens it"
            )
        case _ if _NOT_LOGGED_IN in text:
            return BackendError(
                "nobody is logged in to the backend that has the state: `pulumi login` with its address"
            )
        case _:
            said = re.search(r"\berror: (.*)", text)
            kind = EngineError if began else BackendError
            return kind(said[1] if said else f"the Pulumi CLI ended without saying why ({_code(text)})")


def _code(text: str) -> str:
    """The CLI's status, which is all that one that was killed says: `code: -9`."""
    found = re.search(r"code: -?\d+", text)
    return found[0] if found else "no status"


def _command() -> Command:
    """The CLI, if its version is one that the Automation API understands."""
    command = Command(skip_version_check=True)
    if command.version is None:
        return command
    try:
        return Command()
    except automation.InvalidVersionError as error:
        raise EngineError(" ".join(str(error).split())) from None
