"""Drives the real engine: previews a project, and refreshes and updates its stack."""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import automation

from preview.events import plan_of
from preview.graph import STACK_TYPE
from preview.plan import Plan
from preview.progress import line_of
from preview.pulumi_cli import (
    BackendError,
    EngineError,
    EngineMissingError,
    LockedError,
    Say,
    explained,
    workspace,
)

__all__ = ["BackendError", "Engine", "EngineError", "EngineMissingError", "LockedError", "State", "preview"]

Events = list[automation.EngineEvent]


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """What the engine knows of a stack."""

    made: bool
    """Whether an update has ever come to its end, so that the stack has its outputs."""
    pending: Sequence[str]
    """What was begun, and nobody knows how it ended: `creating aws:rds/instance:Instance g1`."""
    saved: str
    """When it was written last: another time after every change."""


class Engine:
    """The engine, for one stack of a project.

    It finds its credentials, its backend and the passphrase where the Pulumi CLI always does.
    """

    def __init__(self, directory: Path, stack: str, policy_packs: Sequence[Path], say: Say) -> None:
        """Looks for the CLI that is on PATH.

        Args:
            directory: the folder of `Pulumi.yaml`.
            stack: the stack's name.
            policy_packs: the folders of the packs that judge it.
            say: is told what an update does, and of an interruption.

        Raises:
            EngineMissingError: the CLI is not on PATH.
            EngineError: it is too old.
        """
        self._stack = stack
        self._packs = [str(pack) for pack in policy_packs] or None
        self._say = say
        self._workspace = workspace(directory, say)

    def preview(self, targets: Sequence[str] = (), *, refresh: bool = False) -> Plan:
        """What an update would do.

        Args:
            targets: the URNs that it is about; all where there are none.
            refresh: whether to compare with what the cloud says; the state stays as it is.

        Raises:
            BackendError: the state's backend cannot be used.
            EngineError: the engine fails for another reason that no event reports.
        """
        return self._planned(
            lambda stack, events: stack.preview(
                on_event=events.append,
                policy_packs=self._packs,
                target=list(targets) or None,
                refresh=refresh or None,
            )
        )

    def refresh(self) -> Plan:
        """Brings the state to what the cloud says. Changes nothing in the cloud.

        Raises:
            LockedError: somebody else is changing the stack.
            BackendError: the state's backend cannot be used.
            EngineError: the engine fails for another reason that no event reports.
        """
        return self._planned(lambda stack, events: stack.refresh(on_event=events.append, show_secrets=False))

    def drift(self) -> Plan:
        """What differs in the cloud from the state, which stays as it is.

        Raises:
            BackendError: the state's backend cannot be used.
            EngineError: the engine fails for another reason that no event reports.
        """
        return self._planned(
            lambda stack, events: stack.preview_refresh(on_event=events.append, show_secrets=False)
        )

    def update(self, targets: Sequence[str] = ()) -> Plan:
        """Makes the stack what the program declares, and says what it did.

        Args:
            targets: the URNs that it is about; all where there are none.

        Returns:
            What was done. Its errors say why it was not done to the end.

        Raises:
            LockedError: somebody else is changing the stack.
            BackendError: the state's backend cannot be used.
            EngineError: the engine fails for another reason that no event reports.
            KeyboardInterrupt: it was interrupted, and has ended in order.
        """

        def act(stack: automation.Stack, events: Events) -> None:
            def hear(event: automation.EngineEvent) -> None:
                events.append(event)
                line = line_of(event)
                if line is not None:
                    self._say(line)

            stack.up(
                on_event=hear, policy_packs=self._packs, target=list(targets) or None, show_secrets=False
            )

        return self._planned(act)

    def state(self) -> State:
        """What the engine knows of the stack.

        Raises:
            BackendError: the state's backend cannot be used.
            EngineError: there is no such stack.
        """
        return state_of(self.exported())

    def exported(self) -> Any:
        """The state as `pulumi stack export` writes it. Secrets are encrypted in it.

        Raises:
            BackendError: the state's backend cannot be used.
            EngineError: there is no such stack.
        """
        try:
            exported = self._workspace.pulumi_command.run(
                ["stack", "export", "--stack", self._stack], self._workspace.work_dir, {}
            )
        except automation.CommandError as error:
            raise explained(error, self._stack, began=False) from None
        return json.loads(exported.stdout)

    def _planned(self, act: Callable[[automation.Stack, Events], object]) -> Plan:
        events: Events = []
        failure: EngineError | None = None
        try:
            with warnings.catch_warnings():
                # What an engine that is killed leaves unsaid is no news beside its end.
                warnings.filterwarnings("ignore", "Error in event stream", UserWarning)
                act(automation.Stack.select(self._stack, self._workspace), events)
        except automation.CommandError as error:
            failure = explained(error, self._stack, began=any(event.cancel_event is None for event in events))
        plan = plan_of(self._workspace.project_settings().name, self._stack, events)
        # A program or a provider that fails is part of the plan; without any such event, there is no plan.
        if failure and not plan.errors and not (plan.policies and plan.policies.blocks):
            raise failure
        return plan


def preview(directory: Path, stack: str, policy_packs: Sequence[Path] = ()) -> Plan:
    """Previews a stack with the Pulumi CLI that is on PATH.

    Args:
        directory: the folder of `Pulumi.yaml`.
        stack: the stack's name.
        policy_packs: the folders of the packs that judge it.

    Raises:
        EngineMissingError: the CLI is not on PATH.
        BackendError: the state's backend cannot be used.
        EngineError: the engine fails for another reason that no event reports.
    """
    return Engine(directory, stack, policy_packs, lambda _: None).preview()


def state_of(exported: Any) -> State:
    """What an exported state says.

    Args:
        exported: as `pulumi stack export` writes it.
    """
    deployment: dict[str, Any] = exported.get("deployment") or {}
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    manifest: dict[str, str] = deployment.get("manifest") or {}
    return State(
        made=any(resource["type"] == STACK_TYPE and resource.get("outputs") for resource in resources),
        pending=[
            f"{pending['type']} {pending['resource']['type']} {pending['resource']['urn'].split('::', 3)[3]}"
            for pending in deployment.get("pending_operations") or ()
        ],
        saved=manifest.get("time", ""),
    )
