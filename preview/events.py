"""Makes a plan of what an engine reports: its events, as they come or as they were recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
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

_CLOSING = frozenset({"preview failed", "update failed"})


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
    telling = [error for error in errors if error not in _CLOSING]
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
