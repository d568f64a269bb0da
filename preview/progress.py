"""What an engine's events tell of an update under way: a line for each resource that is done, or failed."""

from collections.abc import Mapping
from typing import Final

from pulumi.automation import EngineEvent, OpType

_DONE: Final[Mapping[OpType, str]] = {
    OpType.CREATE: "created",
    OpType.UPDATE: "updated",
    OpType.DELETE: "deleted",
    OpType.CREATE_REPLACEMENT: "made anew",
    OpType.DELETE_REPLACED: "deleted the former",
    OpType.IMPORT: "took over",
    OpType.IMPORT_REPLACEMENT: "took over",
}
"""What changes something in the cloud; the rest is the engine's own."""


def line_of(event: EngineEvent) -> str | None:
    """The line of an event, or None where it changes nothing that a provider makes."""
    if event.res_outputs_event:
        step, done = event.res_outputs_event.metadata, True
    elif event.res_op_failed_event:
        step, done = event.res_op_failed_event.metadata, False
    else:
        return None
    state = step.new or step.old
    if step.op not in _DONE or state is None or not state.custom:
        return None
    _, _, types, name = step.urn.split("::", 3)
    said = _DONE[step.op] if done else f"failed ({step.op.value})"
    return f"{said} {types.rpartition('$')[2]} {name}"
