"""Previews a project with the real engine."""

import re
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from pulumi import automation

from preview.events import plan_of
from preview.plan import Plan


class EngineError(Exception):
    """The engine could not preview. The message is one line."""


class EngineMissingError(EngineError):
    """There is no Pulumi CLI."""


class BackendError(EngineError):
    """The place where the state is kept refused, or could not be reached."""


class _Workspace(automation.LocalWorkspace):
    """A project's folder, without the habit of selecting what it looks at.

    To preview production must not make it the stack that the next `pulumi up` changes.
    """

    def select_stack(self, stack_name: str) -> None:
        """Leaves the selected stack as it is; every command names its stack."""

    @property
    def pulumi_version(self) -> str:
        """The CLI's version. What somebody has built from source has none and counts as the SDK's own."""
        return str(self.pulumi_command.version or version("pulumi"))


def preview(directory: Path, stack: str, policy_packs: Sequence[Path] = ()) -> Plan:
    """Previews a stack with the Pulumi CLI that is on PATH.

    The engine finds its credentials, its backend and the passphrase where it always does.

    Args:
        directory: the folder of `Pulumi.yaml`.
        stack: the stack's name.
        policy_packs: the folders of the packs that judge it.

    Raises:
        EngineMissingError: the CLI is not on PATH.
        BackendError: the state's backend cannot be used.
        EngineError: the engine fails for another reason that no event reports.
    """
    if shutil.which("pulumi") is None:
        raise EngineMissingError(
            "the Pulumi CLI is not on PATH: install it (https://www.pulumi.com/docs/iac/download-install/), "
            "or preview with --engine none"
        )
    workspace = _Workspace(work_dir=str(directory), pulumi_command=_command())
    events: list[automation.EngineEvent] = []
    try:
        automation.Stack.select(stack, workspace).preview(
            on_event=events.append, policy_packs=[str(pack) for pack in policy_packs] or None
        )
    except automation.StackNotFoundError:
        raise EngineError(
            f"the backend has no stack {stack}: make it with `pulumi stack init {stack}`"
        ) from None
    except automation.CommandError as error:
        # A program or a provider that fails is part of the plan; without any event, there is no plan.
        if not events:
            raise BackendError(_reason(error)) from None
        plan = plan_of(workspace.project_settings().name, stack, events)
        if not plan.errors and not (plan.policies and plan.policies.blocks):
            raise EngineError(_reason(error)) from None
        return plan
    return plan_of(workspace.project_settings().name, stack, events)


def _command() -> automation.PulumiCommand:
    """The CLI, if its version is one that the Automation API understands."""
    command = automation.PulumiCommand(skip_version_check=True)
    if command.version is None:
        return command
    try:
        return automation.PulumiCommand()
    except automation.InvalidVersionError as error:
        raise EngineError(" ".join(str(error).split())) from None


def _reason(error: automation.CommandError) -> str:
    """The line in which the CLI says why it failed."""
    found = re.search(r"\berror: (.*)", str(error))
    return found[1] if found else "the Pulumi CLI failed without saying why"
