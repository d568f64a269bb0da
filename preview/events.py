"""Makes a plan of what an engine reports: its events, as they come or as they were recorded."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as File
from typing import Any, Final, cast

from pulumi import automation

from policies.from_events import report_of
from policies.report import Report
from preview import redact
from preview.graph import STACK_TYPE, Graph, Message, Options, Resource, ordered
from preview.paths import at, parsed, written
from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source
from preview.sdk_types import PROVIDER_PREFIX
from preview.values import contains_secret, from_json, is_unknown

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
    "discard": Operation.FORGET,
    "discard-replaced": Operation.REPLACE,
    "remove-pending-replace": Operation.FORGET,
    "import": Operation.IMPORT,
    "import-replacement": Operation.REPLACE,
}

_REPLACE: Final = "-replace"
_ECHOES: Final = frozenset({"tagsAll"})
"""What the provider makes of other properties, whose secrets it forgets."""
_CLOSING = frozenset({"preview failed", "update failed"})


class EventLogError(Exception):
    """A recorded log cannot be read. The message says which, where and why."""


def read_log(file: File) -> list[automation.EngineEvent]:
    """The events that an engine wrote, one JSON object a line (`pulumi preview --event-log`).

    Raises:
        EventLogError: the file is missing, a line of it is no event, or there is no end to it.
    """
    parse: Callable[[Any], automation.EngineEvent] = getattr(automation.EngineEvent, "from_json")  # noqa: B009 (its own type is partly unknown)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EventLogError(f"{file} cannot be read: {' '.join(str(error).split())}") from error
    events: list[automation.EngineEvent] = []
    for number, line in enumerate(lines, start=1):
        try:
            events.append(parse(json.loads(line)))
        except (ValueError, TypeError, AttributeError) as error:
            raise EventLogError(f"{file}:{number}: this is no event of the engine") from error
    if not any(event.summary_event or _is_error(event.diagnostic_event) for event in events):
        # That nothing is told of a change would say that nothing changes.
        raise EventLogError(f"{file} is not whole: the engine neither came to its end nor said why")
    return events


def _is_error(diagnostic: automation.DiagnosticEvent | None) -> bool:
    return diagnostic is not None and diagnostic.severity.partition("#")[0] == "error"


def plan_of(project: str, stack: str, events: Iterable[automation.EngineEvent]) -> Plan:
    """The plan that an engine's events tell.

    The engine's own default providers are left out. Dependencies are not among what events tell.
    """
    reported = list(events)
    resources, changes = _steps(reported)
    errors, messages = _said(reported)
    policies = report_of(reported)
    stack_outputs = [resource.outputs for resource in resources.values() if resource.type == STACK_TYPE]
    return Plan(
        project=project,
        stack=stack,
        source=Source.ENGINE,
        graph=Graph(ordered(resources.values()), stack_outputs[0] if stack_outputs else {}, messages),
        changes=changes,
        errors=_telling(errors, policies),
        policies=policies,
    )


def _steps(events: Iterable[automation.EngineEvent]) -> tuple[dict[str, Resource], dict[str, Change]]:
    """The resources, and what happens to each."""
    resources: dict[str, Resource] = {}
    changes: dict[str, Change] = {}
    for event in events:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            state = step.new or step.old
            if state is not None and not _is_default_provider(step.urn):
                resources[step.urn] = _resource(state)
                changes[step.urn] = _change(step, changes.get(step.urn))
        if event.res_op_failed_event and event.res_op_failed_event.metadata.urn in changes:
            urn = event.res_op_failed_event.metadata.urn
            changes[urn] = replace(changes[urn], failed=True)
        if event.res_outputs_event:
            step = event.res_outputs_event.metadata
            if step.urn in changes and changes[step.urn].operation is Operation.REFRESH:
                changes[step.urn] = _refreshed(step)
            if step.new is not None and step.urn in resources:
                resources[step.urn] = replace(resources[step.urn], outputs=_properties(step.new.outputs))
    return resources, changes


def _said(events: Iterable[automation.EngineEvent]) -> tuple[list[str], tuple[Message, ...]]:
    """The errors, and the other messages. Credentials are taken out: a provider may quote one."""
    errors: list[str] = []
    messages: list[Message] = []
    for event in events:
        diagnostic = event.diagnostic_event
        if diagnostic is None or diagnostic.ephemeral:
            continue
        severity = diagnostic.severity.partition("#")[0]
        text = redact.message(diagnostic.message.strip())
        if severity == "error":
            errors.append(text)
        elif severity != "debug" and text:
            messages.append(Message(severity, text))
    return errors, tuple(messages)


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
    """A replacement comes as several steps, which together are one change; what was refreshed may change."""
    operation = _OPERATIONS[step.op.value]
    if before and before.operation is Operation.REFRESH:
        if operation is Operation.SAME:
            return before
        before = None
    if before and before.operation is Operation.REPLACE:
        operation = Operation.REPLACE
    old, new = step.old, step.new
    found = {change.path: change for change in before.properties} if before else {}
    if old is not None and new is not None:
        found |= {change.path: change for change in _differences(step, old, new)}
    return Change(
        operation=operation,
        properties=tuple(found[path] for path in sorted(found, key=written)),
        protected=bool(old and old.protect) or bool(before and before.protected),
        unprotected=bool(old and old.protect and new and not new.protect),
        kept=bool(old and old.retain_on_delete) or bool(before and before.kept),
        failed=bool(before and before.failed),
    )


def _refreshed(step: automation.StepEventMetadata) -> Change:
    """What a refresh found. Nothing of it is the program's doing."""
    if step.op.value == "same":
        return Change(operation=Operation.SAME)
    differing = _differences(step, step.old, step.new) if step.old and step.new else ()
    found = tuple(replace(change, own=False) for change in differing)
    if step.new is not None and not found:
        # Only what the cloud computes is another now: a state, a version, an address.
        return Change(operation=Operation.SAME)
    return Change(operation=Operation.REFRESH, properties=found)


def _differences(
    step: automation.StepEventMetadata,
    old: automation.StepEventStateMetadata,
    new: automation.StepEventStateMetadata,
) -> Iterator[PropertyChange]:
    """What a step tells of the properties: by path where the provider says so, else by name."""
    details = {parsed(text): diff for text, diff in (step.detailed_diff or {}).items()}
    keys = {parsed(key) for key in step.keys or ()}
    forcing = {path for path, diff in details.items() if diff.diff_kind.value.endswith(_REPLACE)}
    # A key says what forces the replacement; the path inside it may be told apart.
    forcing |= {path for path in details for key in keys if path[: len(key)] == key}
    undetailed = {parsed(text) for text in (*(step.diffs or ()), *(step.keys or ()))}
    undetailed = {name for name in undetailed if not any(path[: len(name)] == name for path in details)}
    before, after = _properties(old.inputs), _properties(new.inputs)
    for path in {*details, *undetailed}:
        if path[0] in _ECHOES:
            continue
        was, is_ = at(before, path), at(after, path)
        own = was != is_ or contains_secret(was) or is_unknown(is_)
        if not own:
            was = at(_properties(old.outputs), path)
        diff = details.get(path)
        kind = diff.diff_kind.value.removesuffix(_REPLACE) if diff else _kind(was, is_)
        yield PropertyChange(
            path=path,
            kind=Kind(kind),
            old=was,
            new=is_,
            forces=path in forcing or path in keys,
            own=own,
        )


def _kind(old: Any, new: Any) -> Kind:
    if old is None:
        return Kind.ADD
    return Kind.DELETE if new is None else Kind.UPDATE


def _is_default_provider(urn: str) -> bool:
    """The provider that the engine makes where the program names none."""
    _, _, type_token, name = urn.split("::", 3)
    return type_token.startswith(PROVIDER_PREFIX) and name.startswith("default")
