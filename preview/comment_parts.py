"""The parts of a comment below its verdict, each a list of items of which the last can be left out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from facts.holding_data import HOLDING_DATA, holds_own_data
from policies.evaluate import Verdict
from policies.report import Finding, Standing
from preview.comment_names import GOING, SIGNS, by_component, many, named, within
from preview.graph import Resource
from preview.markdown import block, code, folded, plain
from preview.places import place_of
from preview.plan import Change, Operation, Plan, PropertyChange
from preview.shown import Shown

_LONGEST_ERROR: Final = 2_000
_TAGS: Final = frozenset({"tags", "tagsAll"})
_IN_PLACE: Final = (Operation.UPDATE, Operation.REPLACE)
_ASIDE: Final = (Operation.READ, Operation.IMPORT, Operation.FORGET)
_MOST_OF_A_RULE: Final = 20
"""Resources that are told of each policy that blocks."""
_FEW: Final = 4
"""Names of resources that are told of each policy that advises."""


@dataclass(slots=True)
class Part:
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
        """The part as it is written; nothing where it never had an item."""
        missing = self.whole - len(self.items)
        if not self.whole:
            return ""
        body = self.between.join([self.head, *self.items] if self.head and self.items else self.items)
        if missing:
            body += f"\n\n_… {many(missing, 'more entry', 'more entries')} in the complete text._"
        if self.summary:
            return folded(self.summary, body.strip())
        return f"### {self.title}\n\n{body.strip()}"


def errors(plan: Plan, *, complete: bool) -> Part:
    """What the engine, a provider or the check of properties has against it."""
    part = Part("Errors", between="\n\n")
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


def destroyed(plan: Plan, shown: Shown) -> Part:
    """What is deleted or replaced, with what holds data first."""
    part = Part("Deleted or replaced")
    part.head = "| | resource | because | holds data | protected |\n|---|---|---|---|---|"
    lost = {resource.urn for resource in plan.losses}
    gone = [r for r in plan.resources if plan.changes[r.urn].operation in GOING]
    for resource in sorted(gone, key=lambda r: r.urn not in lost):
        change = plan.changes[resource.urn]
        replaced = change.operation is Operation.REPLACE
        what = ("likely replaced" if change.likely else "replaced") if replaced else "deleted"
        why = _forced(resource, change, shown) if replaced else _missing(plan, resource)
        if change.failed:
            what += ", **failed**"
        part.items.append(
            f"| {SIGNS[change.operation]} {what} | {named(resource)}{within(plan, resource)} | {why} "
            f"| {_held(resource, change)} | {_guarded(change)} |"
        )
    return part


def unprotected(plan: Plan) -> Part:
    """What the next change could delete."""
    part = Part("Protection taken off")
    for resource in by_component(plan, lambda _, c: c.unprotected and c.operation not in GOING):
        part.items.append(f"- {named(resource)}{within(plan, resource)}: the next change can delete it")
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


def policies(plan: Plan, *, complete: bool) -> Part:
    """What blocks, and what a mandatory rule cannot decide, each rule with its fix."""
    part = Part("Policies", between="\n\n")
    pressing = [f for f in plan.policies.findings if f.blocks or f.leaves_open] if plan.policies else []
    for (rule, blocks), found in groupby(pressing, key=lambda f: (f.rule, f.blocks)):
        findings = list(found)
        what = "blocks" if blocks else "cannot be decided"
        lines = [f"**{code(rule.name)} {what}** ({rule.severity.value}): {plain(rule.title)}", ""]
        shown = findings if complete else findings[:_MOST_OF_A_RULE]
        lines += [f"- {_place(plan, finding)}: {plain('; '.join(finding.problems))}" for finding in shown]
        if len(shown) < len(findings):
            lines.append(f"- and {len(findings) - len(shown)} more in the complete text")
        fix = rule.fix.strip().splitlines()
        part.items.append("\n".join([*lines, "", "To fix it:", "", block(fix, "python")]))
    return part


def _place(plan: Plan, finding: Finding) -> str:
    resource = plan.graph.by_urn.get(finding.urn)
    if resource is None:
        return code(finding.urn.rpartition("::")[2] or plan.stack)
    source = f" ({code(resource.source)})" if resource.source else ""
    return f"{named(resource)}{source}"


def advice(plan: Plan) -> Part:
    """What policies say without blocking, a line for each rule."""
    part = Part("")
    findings = plan.policies.findings if plan.policies else ()
    others = [f for f in findings if not f.blocks and not f.leaves_open and f.standing is Standing.OPEN]
    for (rule, verdict), found in groupby(others, key=lambda f: (f.rule, f.verdict)):
        names = [code(finding.urn.rpartition("::")[2]) for finding in found]
        undecided = " (cannot be decided)" if verdict is Verdict.UNDECIDABLE else ""
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        part.items.append(f"- {code(rule.name)}{undecided}: {', '.join(names[:_FEW])}{more}")
    excused = sum(f.standing is not Standing.OPEN for f in findings)
    about = f", {many(excused, 'finding')} excused" if excused else ""
    part.summary = f"Policies that advise: {len(part.items)}{about}"
    return part


def changed(plan: Plan, shown: Shown) -> Part:
    """What is updated, and what else of a replaced resource differs, by component."""
    part = Part("Changed")
    for resource in by_component(plan, lambda _, c: c.operation in _IN_PLACE and not _tags_alone(c)):
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
    begin = f"{plan.outermost(resource)}\0- {SIGNS[change.operation]} {named(resource)}{renamed}{failed}"
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


def created(plan: Plan) -> Part:
    """What is made, by name alone."""
    part = Part("")
    for resource in by_component(plan, lambda _, c: c.operation is Operation.CREATE):
        failed = ", **failed**" if plan.changes[resource.urn].failed else ""
        part.items.append(f"- + {named(resource)}{within(plan, resource)}{failed}")
    part.summary = f"Created: {many(len(part.items), 'resource')}"
    return part


def only_tags(plan: Plan, shown: Shown) -> Part:
    """What differs in nothing but tags, out of the way of the rest."""
    part = _in_short(plan, shown, lambda _, c: c.operation is Operation.UPDATE and _tags_alone(c))
    part.summary = f"Only tags differ: {many(len(part.items), 'resource')}"
    return part


def drifted(plan: Plan, shown: Shown) -> Part:
    """What a refresh found in the cloud: no part of the change."""
    part = _in_short(plan, shown, lambda _, c: c.operation is Operation.REFRESH)
    part.summary = f"Drift, which is no part of this change: {many(len(part.items), 'resource')}"
    return part


def _in_short(plan: Plan, shown: Shown, wanted: Callable[[Resource, Change], bool]) -> Part:
    """A line for each resource, with all that differs in it."""
    part = Part("")
    for resource in by_component(plan, wanted):
        told = ", ".join(
            f"{code(place_of(resource.type, one.path).text)} {shown.values(one)}"
            for one in plan.changes[resource.urn].properties
        )
        gone = "no longer there"
        part.items.append(f"- ~ {named(resource)}{within(plan, resource)}: {told or gone}")
    return part


def others(plan: Plan) -> Part:
    """What is only looked at, taken over or let go."""
    part = Part("")
    for resource in by_component(plan, lambda _, c: c.operation in _ASIDE):
        operation = plan.changes[resource.urn].operation
        part.items.append(f"- {SIGNS[operation]} {operation.value} {named(resource)}{within(plan, resource)}")
    part.summary = f"Read, imported or forgotten: {many(len(part.items), 'resource')}"
    return part


def renamed(plan: Plan) -> Part:
    """What has another name and is the same: an alias says so."""
    part = Part("")
    for resource in by_component(plan, lambda _, c: bool(c.renamed_from)):
        before = plan.changes[resource.urn].renamed_from.rpartition("::")[2]
        part.items.append(f"- {named(resource)}, was {code(before)}")
    part.summary = f"Renamed by an alias, and kept: {many(len(part.items), 'resource')}"
    return part


def warnings(plan: Plan) -> Part:
    """What the program or the engine warns of."""
    part = Part("", between="\n\n")
    texts = [message.text for message in plan.graph.messages if message.severity == "warning"]
    part.items = [block(text.strip()[:_LONGEST_ERROR].splitlines()) for text in dict.fromkeys(texts)]
    part.summary = many(len(part.items), "warning").capitalize()
    return part


def _tags_alone(change: Change) -> bool:
    return bool(change.properties) and all(one.path[0] in _TAGS for one in change.properties)
