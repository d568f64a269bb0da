"""Previews a project with the real engine, and makes a plan of what it reports."""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from pulumi import automation

from policies.from_events import report_of
from policies.report import Report
from preview.graph import STACK_TYPE, Graph, Message, Options, Resource, ordered
from preview.plan import Change, Operation, Plan, Source
from preview.sdk_types import PROVIDER_PREFIX
from preview.values import from_json

_OPERATIONS = {
    "same": Operation.SAME,
    "create": Operation.CREATE,
    "update": Operation.UPDATE,
    "delete": Operation.DELETE,
    "replace": Operation.REPLACE,
    "create-replacement": Operation.REPLACE,
    "delete-replaced": Operation.REPLACE,
    "read": Operation.READ,
    "read-replacement": Operation.REPLACE,
    "refresh": Operation.REFRESH,
    "discard": Operation.DELETE,
    "discard-replaced": Operation.REPLACE,
    "remove-pending-replace": Operation.DELETE,
    "import": Operation.IMPORT,
    "import-replacement": Operation.REPLACE,
}

_CLOSING = "preview failed"


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


def plan_of(project: str, stack: str, events: Iterable[automation.EngineEvent]) -> Plan:
    """The plan that an engine's events tell.

    The engine's own default providers are left out. Dependencies are not among what events tell.
    """
    resources: dict[str, Resource] = {}
    changes: dict[str, Change] = {}
    messages: list[Message] = []
    errors: list[str] = []
    reported = list(events)
    for event in reported:
        if event.diagnostic_event and not event.diagnostic_event.ephemeral:
            severity = event.diagnostic_event.severity.partition("#")[0]
            text = event.diagnostic_event.message.strip()
            if severity == "error":
                errors.append(text)
            elif severity != "debug" and text:
                messages.append(Message(severity, text))
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            state = step.new or step.old
            if state is not None and not _is_default_provider(step.urn):
                resources[step.urn] = _resource(state)
                changes[step.urn] = _change(step, changes.get(step.urn))
        if event.res_outputs_event:
            step = event.res_outputs_event.metadata
            if step.new is not None and step.urn in resources:
                resources[step.urn] = replace(resources[step.urn], outputs=_properties(step.new.outputs))
    policies = report_of(reported)
    stack_outputs = [resource.outputs for resource in resources.values() if resource.type == STACK_TYPE]
    return Plan(
        project=project,
        stack=stack,
        source=Source.ENGINE,
        graph=Graph(ordered(resources.values()), stack_outputs[0] if stack_outputs else {}, tuple(messages)),
        changes=changes,
        errors=_telling(errors, policies),
        policies=policies,
    )


def _telling(errors: list[str], policies: Report) -> tuple[str, ...]:
    """The errors without the engine's closing one, where something else says why."""
    telling = [error for error in errors if error != _CLOSING]
    return tuple(dict.fromkeys(telling if telling or policies.blocks else errors))


def _resource(state: automation.StepEventStateMetadata) -> Resource:
    return Resource(
        urn=state.urn,
        type=state.type,
        name=state.urn.split("::", 3)[3],
        parent=state.parent,
        custom=bool(state.custom),
        id=from_json(state.id),
        inputs=_properties(state.inputs),
        outputs=_properties(state.outputs),
        options=Options(
            protect=bool(state.protect),
            retain_on_delete=bool(state.retain_on_delete),
            provider=state.provider,
        ),
    )


def _properties(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    return cast("dict[str, Any]", from_json(_without_internals(dict(properties or {}))))


def _without_internals(value: Any) -> Any:
    """A value without the properties that the engine keeps for itself (`__defaults`)."""
    if isinstance(value, dict):
        properties = cast("dict[str, Any]", value)
        return {k: _without_internals(v) for k, v in properties.items() if not k.startswith("__")}
    if isinstance(value, list):
        return [_without_internals(item) for item in cast("list[Any]", value)]
    return value


def _change(step: automation.StepEventMetadata, before: Change | None) -> Change:
    """A replacement comes as several steps, which together are one change."""
    operation = _OPERATIONS[step.op.value]
    if before and before.operation is Operation.REPLACE:
        operation = Operation.REPLACE
    changed = {*(step.diffs or ()), *(step.detailed_diff or ()), *(before.changed if before else ())}
    forced = {*(step.keys or ()), *(before.forced_by if before else ())}
    return Change(operation=operation, changed=tuple(sorted(changed)), forced_by=tuple(sorted(forced)))


def _is_default_provider(urn: str) -> bool:
    """The provider that the engine makes where the program names none."""
    _, _, type_token, name = urn.split("::", 3)
    return type_token.startswith(PROVIDER_PREFIX) and name.startswith("default")


def _reason(error: automation.CommandError) -> str:
    """The line in which the CLI says why it failed."""
    found = re.search(r"\berror: (.*)", str(error))
    return found[1] if found else "the Pulumi CLI failed without saying why"
