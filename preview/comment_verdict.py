"""The beginning of a comment: whether the change is safe, and how much happens."""

from collections.abc import Sequence
from typing import Final

from facts.holding_data import HOLDING_DATA
from preview.comment_names import GOING, SIGNS, many
from preview.markdown import code, plain
from preview.plan import Change, Operation, Plan, Source

_DONE: Final = {
    Operation.CREATE: "to create",
    Operation.UPDATE: "to update",
    Operation.REPLACE: "to replace",
    Operation.DELETE: "to delete",
    Operation.READ: "to read",
    Operation.IMPORT: "to import",
    Operation.REFRESH: "that differ in the cloud",
    Operation.FORGET: "to forget",
}


def verdict(plan: Plan, *, allow_data_loss: bool) -> str:
    """The first line: whether the change is safe, and why not."""
    changes = [plan.changes[resource.urn] for resource in plan.resources]
    gone = [c for c in changes if c.operation in GOING]
    reasons: list[str] = []
    if plan.losses:
        reasons.append(_loss(plan))
    wrong = len(plan.errors) + len(plan.findings)
    if wrong:
        reasons.append(f"{many(wrong, 'error')}")
    if plan.policies and plan.policies.blocks:
        blocking = {finding.rule.name for finding in plan.policies.findings if finding.blocks}
        reasons.append(many(len(blocking), "policy blocks", "policies block"))
    if plan.policies and plan.policies.leaves_open:
        undecided = {finding.rule.name for finding in plan.policies.findings if finding.leaves_open}
        reasons.append(f"{many(len(undecided), 'mandatory policy', 'mandatory policies')} undecided")
    name = plain(plan.stack)
    permitted = plan.losses and allow_data_loss and len(reasons) == 1
    if reasons and not permitted:
        return f"## 🔴 {name}: not safe: {' · '.join(reasons)}"
    if permitted:
        return f"## 🟠 {name}: {reasons[0]}, which is allowed"
    if gone:
        return f"## 🟡 {name}: look: {_gone(gone)}, and no data would be lost"
    if any(c.operation in SIGNS for c in changes):
        return f"## 🟢 {name}: safe: nothing is deleted or replaced"
    return f"## 🟢 {name}: no changes"


def _loss(plan: Plan) -> str:
    """What data would go, named where it is little."""
    kinds = list(dict.fromkeys(HOLDING_DATA[resource.type] for resource in plan.losses))
    what = ", ".join(kinds) if len(kinds) <= len(("one", "another")) else f"{len(kinds)} kinds of data"
    return f"data would be lost: {what} ({_gone([plan.changes[resource.urn] for resource in plan.losses])})"


def _gone(changes: Sequence[Change]) -> str:
    replaced = [change for change in changes if change.operation is Operation.REPLACE]
    deleted = len(changes) - len(replaced)
    likely = " likely" if replaced and all(change.likely for change in replaced) else ""
    parts = [f"{len(replaced)}{likely} replaced"] if replaced else []
    return ", ".join([*parts, *([f"{deleted} deleted"] if deleted else [])])


def total(plan: Plan) -> str:
    """How much happens, compared with what."""
    against = {
        Source.PROGRAM: "as if nothing existed yet",
        Source.ENGINE: "against the stack's state",
        Source.COMPARISON: f"compared with {code(plan.against)}, without an engine or credentials",
    }[plan.source]
    counts = plan.totals.by_operation
    told = [f"**{SIGNS[op]}{counts[op]}** {_DONE[op]}" for op in SIGNS if counts.get(op)]
    same = counts.get(Operation.SAME, 0)
    unchanged = f"; {same} unchanged" if same else ""
    failed = sum(plan.changes[resource.urn].failed for resource in plan.resources)
    broken = f"; **{failed} failed**" if failed else ""
    return f"{', '.join(told) or 'Nothing to do'}{unchanged}{broken} ({against})."
