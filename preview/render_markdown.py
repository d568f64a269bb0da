"""A plan as one comment on a pull request: whether it is safe, then what would go, then all else.

The comment is a pure function of the plan. What is least important comes last and is shortened first, so that
the verdict is always there. No value that is secret, or looks like a credential, is in it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from facts.holding_data import HOLDING_DATA, holds_own_data
from policies.evaluate import Verdict
from policies.report import Finding, Standing
from preview import redact
from preview.graph import Resource
from preview.markdown import block, code, folded, plain, visible
from preview.places import place_of
from preview.plan import Change, Operation, Plan, PropertyChange, Source
from preview.sdk_types import PROVIDER_PREFIX
from preview.shown import Shown

LIMIT: Final = 60_000
"""Characters of a comment; GitHub refuses more than 65,536 and the workflow adds a line of its own."""

_LONGEST_ERROR: Final = 2_000
_TAGS: Final = frozenset({"tags", "tagsAll"})
_SIGNS: Final = {
    Operation.CREATE: "+",
    Operation.UPDATE: "~",
    Operation.REPLACE: "±",
    Operation.DELETE: "-",
    Operation.READ: "<",
    Operation.IMPORT: "=",
    Operation.REFRESH: "~",
    Operation.FORGET: "x",
}
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


_GOING: Final = (Operation.REPLACE, Operation.DELETE)
_IN_PLACE: Final = (Operation.UPDATE, Operation.REPLACE)
_ASIDE: Final = (Operation.READ, Operation.IMPORT, Operation.FORGET)
_FEW: Final = 4
"""Names of resources that are told of each policy that advises."""


def marker(stack: str) -> str:
    """The last line of every comment about a stack, by which the workflow finds the one that it edits."""
    return f"<!-- syncup preview {visible(stack).replace('--', '- -').replace('>', '')} -->"


@dataclass(slots=True)
class _Part:
    """A part of the comment: what stands before its items, and the items, of which the last go first."""

    title: str
    items: list[str] = field(default_factory=list[str])
    summary: str = ""
    """What a reader clicks to open it; a part without one is open."""
    head: str = ""
    """Stands before the first item, where there is one: the head of a table."""
    between: str = "\n"
    whole: int = 0
    """How many items there are; those that are not here are counted."""

    def text(self) -> str:
        missing = self.whole - len(self.items)
        if not self.whole:
            return ""
        body = self.between.join([self.head, *self.items] if self.head and self.items else self.items)
        if missing:
            body += f"\n\n_… {_many(missing, 'more entry', 'more entries')} in the complete text._"
        if self.summary:
            return folded(self.summary, body.strip())
        return f"### {self.title}\n\n{body.strip()}"


def render(plan: Plan, *, allow_data_loss: bool = False, limit: int | None = LIMIT) -> str:
    """The comment.

    Args:
        plan: what to tell.
        allow_data_loss: whether somebody has allowed that what holds data goes.
        limit: the most characters that it may have; None for the complete text.
    """
    complete = limit is None
    shown = Shown(redact.secrets_of(plan.graph), complete=complete)
    head = "\n\n".join([_verdict(plan, allow_data_loss), _sum(plan)])
    parts = [
        _destroyed(plan, shown),
        _unprotected(plan),
        _errors(plan, complete=complete),
        _policies(plan),
        _changed(plan, shown),
        _created(plan),
        _only_tags(plan, shown),
        _drifted(plan, shown),
        _others(plan),
        _renamed(plan),
        _advice(plan),
        _warnings(plan),
    ]
    for part in parts:
        part.whole = len(part.items)
    foot = marker(plan.stack)
    if limit is not None:
        _shorten(parts, limit - len(head) - len(foot) - _ROOM)
    texts = [head, *filter(None, (part.text() for part in parts)), foot]
    return "\n\n".join(texts) + "\n"


_ROOM: Final = 1_000
"""For headings, folds and what is said of what is missing."""


def _shorten(parts: Sequence[_Part], room: int) -> None:
    """Takes items away, from the end of the last part on, until the rest has room."""
    size = sum(len(item) + len(part.between) for part in parts for item in part.items)
    for part in reversed(parts):
        while part.items and size > room:
            size -= len(part.items.pop()) + len(part.between)


# --- the verdict -------------------------------------------------------------------------------------------


def _verdict(plan: Plan, allow_data_loss: bool) -> str:
    """The first line: whether the change is safe, and why not."""
    changes = [plan.changes[resource.urn] for resource in plan.resources]
    gone = [c for c in changes if c.operation in _GOING]
    reasons: list[str] = []
    if plan.losses:
        reasons.append(_loss(plan))
    wrong = len(plan.errors) + len(plan.findings)
    if wrong:
        reasons.append(f"{_many(wrong, 'error')}")
    if plan.policies and plan.policies.blocks:
        blocking = {finding.rule.name for finding in plan.policies.findings if finding.blocks}
        reasons.append(_many(len(blocking), "policy blocks", "policies block"))
    if plan.policies and plan.policies.leaves_open:
        undecided = {finding.rule.name for finding in plan.policies.findings if finding.leaves_open}
        reasons.append(f"{_many(len(undecided), 'mandatory policy', 'mandatory policies')} undecided")
    name = plain(plan.stack)
    permitted = plan.losses and allow_data_loss and len(reasons) == 1
    if reasons and not permitted:
        return f"## 🔴 {name}: not safe: {' · '.join(reasons)}"
    if permitted:
        return f"## 🟠 {name}: {reasons[0]}, which is allowed"
    if gone:
        return f"## 🟡 {name}: look: {_gone(gone)}, none of which holds data"
    if any(c.operation in _SIGNS for c in changes):
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


def _sum(plan: Plan) -> str:
    """How much happens, compared with what."""
    against = {
        Source.PROGRAM: "as if nothing existed yet",
        Source.ENGINE: "against the stack's state",
        Source.COMPARISON: f"compared with {code(plan.against)}, without an engine or credentials",
    }[plan.source]
    counts = plan.totals.by_operation
    told = [f"**{_SIGNS[op]}{counts[op]}** {_DONE[op]}" for op in _SIGNS if counts.get(op)]
    same = counts.get(Operation.SAME, 0)
    unchanged = f"; {same} unchanged" if same else ""
    failed = sum(plan.changes[resource.urn].failed for resource in plan.resources)
    broken = f"; **{failed} failed**" if failed else ""
    return f"{', '.join(told) or 'Nothing to do'}{unchanged}{broken} ({against})."


# --- what goes ---------------------------------------------------------------------------------------------


def _errors(plan: Plan, *, complete: bool) -> _Part:
    part = _Part("Errors", between="\n\n")
    for text in plan.errors:
        shown = text if complete or len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"
        part.items.append(block(shown.splitlines()))
    for finding in plan.findings:
        told = f"{finding.problem}; {finding.suggestion}" if finding.suggestion else finding.problem
        place = " ".join(
            filter(None, [code(finding.urn.rpartition("::")[2]), finding.path and code(finding.path)])
        )
        part.items.append(f"- {code(place)}: {plain(told)}")
    return part


def _destroyed(plan: Plan, shown: Shown) -> _Part:
    """What is deleted or replaced, with what holds data first."""
    part = _Part("Deleted or replaced")
    part.head = "| | resource | because | holds data | protected |\n|---|---|---|---|---|"
    lost = {resource.urn for resource in plan.losses}
    gone = [r for r in plan.resources if plan.changes[r.urn].operation in _GOING]
    for resource in sorted(gone, key=lambda r: r.urn not in lost):
        change = plan.changes[resource.urn]
        replaced = change.operation is Operation.REPLACE
        what = ("likely replaced" if change.likely else "replaced") if replaced else "deleted"
        why = _forced(resource, change, shown) if replaced else _missing(plan, resource)
        if change.failed:
            what += ", **failed**"
        part.items.append(
            f"| {_SIGNS[change.operation]} {what} | {_named(resource)}{_within(plan, resource)} | {why} "
            f"| {_held(resource, change)} | {_guarded(change)} |"
        )
    return part


def _unprotected(plan: Plan) -> _Part:
    """What the next change could delete."""
    part = _Part("Protection taken off")
    for resource in _by_component(plan, lambda _, c: c.unprotected and c.operation not in _GOING):
        part.items.append(f"- {_named(resource)}{_within(plan, resource)}: the next change can delete it")
    return part


def _forced(resource: Resource, change: Change, shown: Shown) -> str:
    """The properties that force a replacement, each with its values."""
    forcing = [one for one in change.properties if one.forces]
    if not forcing:
        return "the provider does not say"
    return "<br>".join(
        f"{code(place_of(resource.type, one.path).text)} {shown.values(one)}"
        + ("" if one.own else " (not changed by the program: the cloud differs, or the provider is newer)")
        for one in forcing
    )


def _missing(plan: Plan, resource: Resource) -> str:
    """Why it is deleted; who renames or moves without an alias deletes and creates."""
    new = [
        other
        for other in plan.resources
        if other.type == resource.type and plan.changes[other.urn].operation is Operation.CREATE
    ]
    if any(other.name == resource.name for other in new):
        return "no longer declared here; new in another component: to move it, give it an alias"
    beside = [code(other.name) for other in new if other.parent == resource.parent]
    if len(beside) == 1:
        return f"no longer declared; {beside[0]} is new: to rename, give it an alias"
    return "no longer declared"


def _held(resource: Resource, change: Change) -> str:
    held = HOLDING_DATA.get(resource.type, "")
    if not held:
        return "no"
    if not holds_own_data(resource.type, resource.inputs):
        return f"only a copy of {held}"
    if change.kept and change.operation is Operation.DELETE:
        return f"{held}, which stays in the cloud"
    return f"**{held}**"


def _guarded(change: Change) -> str:
    return "yes: the update stops here" if change.protected else "no"


# --- policies ----------------------------------------------------------------------------------------------


def _policies(plan: Plan) -> _Part:
    """What blocks, and what a mandatory rule cannot decide, each rule with its fix."""
    part = _Part("Policies", between="\n\n")
    pressing = [f for f in plan.policies.findings if f.blocks or f.leaves_open] if plan.policies else []
    for (rule, blocks), found in groupby(pressing, key=lambda f: (f.rule, f.blocks)):
        findings = list(found)
        what = "blocks" if blocks else "cannot be decided"
        lines = [f"**{code(rule.name)} {what}** ({rule.severity.value}): {plain(rule.title)}", ""]
        lines += [f"- {_place(plan, finding)}: {plain('; '.join(finding.problems))}" for finding in findings]
        fix = rule.fix.strip().splitlines()
        part.items.append("\n".join([*lines, "", "To fix it:", "", block(fix, "python")]))
    return part


def _place(plan: Plan, finding: Finding) -> str:
    resource = plan.graph.by_urn.get(finding.urn)
    if resource is None:
        return code(finding.urn.rpartition("::")[2] or plan.stack)
    source = f" ({code(resource.source)})" if resource.source else ""
    return f"{_named(resource)}{source}"


def _advice(plan: Plan) -> _Part:
    """What policies say without blocking, a line for each rule."""
    part = _Part("")
    findings = plan.policies.findings if plan.policies else ()
    others = [f for f in findings if not f.blocks and not f.leaves_open and f.standing is Standing.OPEN]
    for (rule, verdict), found in groupby(others, key=lambda f: (f.rule, f.verdict)):
        names = [code(finding.urn.rpartition("::")[2]) for finding in found]
        undecided = " (cannot be decided)" if verdict is Verdict.UNDECIDABLE else ""
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        part.items.append(f"- {code(rule.name)}{undecided}: {', '.join(names[:_FEW])}{more}")
    excused = sum(f.standing is not Standing.OPEN for f in findings)
    about = f", {_many(excused, 'finding')} excused" if excused else ""
    part.summary = f"Policies that advise: {len(part.items)}{about}"
    return part


# --- what changes ------------------------------------------------------------------------------------------


def _changed(plan: Plan, shown: Shown) -> _Part:
    """What is updated, and what else of a replaced resource differs, by component."""
    part = _Part("Changed")
    for resource in _by_component(plan, lambda _, c: c.operation in _IN_PLACE and not _tags_alone(c)):
        change = plan.changes[resource.urn]
        differing = [
            one for one in change.properties if change.operation is Operation.UPDATE or not one.forces
        ]
        if change.operation is Operation.UPDATE or differing:
            part.items.append(_item(plan, resource, differing, shown))
    part.items = _headed(part.items)
    return part


def _item(plan: Plan, resource: Resource, properties: Sequence[PropertyChange], shown: Shown) -> str:
    change = plan.changes[resource.urn]
    failed = ", **failed**" if change.failed else ""
    renamed = f", was {code(change.renamed_from.rpartition('::')[2])}" if change.renamed_from else ""
    begin = f"{plan.outermost(resource)}\0- {_SIGNS[change.operation]} {_named(resource)}{renamed}{failed}"
    lines = [begin]
    for one in properties:
        lines.append(f"  - {code(place_of(resource.type, one.path).text)}: {shown.values(one)}{_remark(one)}")
        difference = shown.difference(one)
        if difference:
            lines.append("")
            lines += [f"    {line}" for line in block(difference, "diff").splitlines()]
            lines.append("")
    return "\n".join(lines)


def _remark(change: PropertyChange) -> str:
    if not change.own:
        return " (not changed by the program: the cloud differs, or the provider is newer)"
    return " (with stand-ins for what only the cloud will know)" if change.stand_in else ""


def _headed(items: Iterable[str]) -> list[str]:
    """Items with the component's name before the first of each."""
    found: list[str] = []
    last: str | None = None
    for item in items:
        component, _, text = item.partition("\0")
        if component != last:
            heading = f"#### {code(component)}" if component else "#### the stack itself"
            text = f"\n{heading}\n\n{text}"
            last = component
        found.append(text)
    return found


def _created(plan: Plan) -> _Part:
    part = _Part("")
    for resource in _by_component(plan, lambda _, c: c.operation is Operation.CREATE):
        failed = ", **failed**" if plan.changes[resource.urn].failed else ""
        part.items.append(f"- + {_named(resource)}{_within(plan, resource)}{failed}")
    part.summary = f"Created: {_many(len(part.items), 'resource')}"
    return part


def _only_tags(plan: Plan, shown: Shown) -> _Part:
    """What differs in nothing but tags, out of the way of the rest."""
    part = _in_short(plan, shown, lambda _, c: c.operation is Operation.UPDATE and _tags_alone(c))
    part.summary = f"Only tags differ: {_many(len(part.items), 'resource')}"
    return part


def _drifted(plan: Plan, shown: Shown) -> _Part:
    """What a refresh found in the cloud: no part of the change."""
    part = _in_short(plan, shown, lambda _, c: c.operation is Operation.REFRESH)
    part.summary = f"Drift, which is no part of this change: {_many(len(part.items), 'resource')}"
    return part


def _in_short(plan: Plan, shown: Shown, wanted: Callable[[Resource, Change], bool]) -> _Part:
    """A line for each resource, with all that differs in it."""
    part = _Part("")
    for resource in _by_component(plan, wanted):
        told = ", ".join(
            f"{code(place_of(resource.type, one.path).text)} {shown.values(one)}"
            for one in plan.changes[resource.urn].properties
        )
        gone = "no longer there"
        part.items.append(f"- ~ {_named(resource)}{_within(plan, resource)}: {told or gone}")
    return part


def _others(plan: Plan) -> _Part:
    part = _Part("")
    for resource in _by_component(plan, lambda _, c: c.operation in _ASIDE):
        operation = plan.changes[resource.urn].operation
        part.items.append(
            f"- {_SIGNS[operation]} {operation.value} {_named(resource)}{_within(plan, resource)}"
        )
    part.summary = f"Read, imported or forgotten: {_many(len(part.items), 'resource')}"
    return part


def _renamed(plan: Plan) -> _Part:
    """What has another name and is the same: an alias says so."""
    part = _Part("")
    for resource in _by_component(plan, lambda _, c: bool(c.renamed_from)):
        before = plan.changes[resource.urn].renamed_from.rpartition("::")[2]
        part.items.append(f"- {_named(resource)}, was {code(before)}")
    part.summary = f"Renamed by an alias, and kept: {_many(len(part.items), 'resource')}"
    return part


def _warnings(plan: Plan) -> _Part:
    part = _Part("", between="\n\n")
    texts = [message.text for message in plan.graph.messages if message.severity == "warning"]
    part.items = [block(text.strip()[:_LONGEST_ERROR].splitlines()) for text in dict.fromkeys(texts)]
    part.summary = _many(len(part.items), "warning").capitalize()
    return part


# --- names -------------------------------------------------------------------------------------------------


def _by_component(plan: Plan, wanted: Callable[[Resource, Change], bool]) -> Iterator[Resource]:
    """The resources that are wanted, those of one component together."""
    found = [r for r in plan.resources if wanted(r, plan.changes[r.urn])]
    yield from sorted(found, key=plan.outermost)


def _named(resource: Resource) -> str:
    """Type as in Python, and name."""
    if resource.type.startswith(PROVIDER_PREFIX):
        return f"{code(resource.type.removeprefix(PROVIDER_PREFIX) + '.Provider')} {code(resource.name)}"
    provider, _, rest = resource.type.partition(":")
    path, _, name = rest.partition(":")
    service = path.partition("/")[0].replace("index", "")
    type_ = ".".join(part for part in ("" if provider == "aws" else provider, service, name) if part)
    return f"{code(type_)} {code(resource.name)}"


def _within(plan: Plan, resource: Resource) -> str:
    component = plan.outermost(resource)
    return f" in {code(component)}" if component else ""


def _tags_alone(change: Change) -> bool:
    return bool(change.properties) and all(one.path[0] in _TAGS for one in change.properties)


def _many(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
