"""What tells the program at two revisions apart, as an update would carry it out.

What is the same to AWS is no change, nor is a name that an alias keeps. What an update would replace follows
from `facts.replacements` and is likely: nobody asked the provider.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from preview.declared import Declared
from preview.differences import differences, forces
from preview.findings import Finding
from preview.graph import Graph, Resource, ordered
from preview.paths import at, parsed
from preview.plan import Change, Kind, Operation, Plan, PropertyChange, Source
from preview.values import UNKNOWN, Path, ResourceReference, Unknown, is_unknown, walk


def compared(
    project: str,
    stack: str,
    *,
    before: Declared,
    after: Declared,
    graph: Graph,
    against: str,
    findings: tuple[Finding, ...] = (),
) -> Plan:
    """The plan of a comparison.

    Args:
        project: the project's name.
        stack: the stack's name.
        before: what the other revision declares.
        after: what the program declares here.
        graph: the same as `after`, as it was evaluated.
        against: what the other revision is called.
        findings: what is wrong with what is declared here.
    """
    pairs = _pairs(before, after)
    names = _new_names(before, after, pairs)
    changes: dict[str, Change] = {}
    for resource in after.resources:
        former = pairs.get(resource.urn)
        if former is None:
            changes[resource.urn] = Change(operation=Operation.READ if resource.read else Operation.CREATE)
        else:
            changes[resource.urn] = _change(before, after, former, resource, names)
    _follow(after, changes)
    kept = set(pairs.values())
    gone = [resource for resource in before.resources if resource.urn not in kept]
    for resource in gone:
        changes[resource.urn] = _gone(resource)
    return Plan(
        project=project,
        stack=stack,
        source=Source.COMPARISON,
        graph=Graph(ordered([*graph.resources, *gone]), graph.stack_outputs, graph.messages),
        changes=changes,
        findings=findings,
        against=against,
    )


# --- which resource is which -------------------------------------------------------------------------------


def _pairs(before: Declared, after: Declared) -> Mapping[str, str]:
    """The URN that each resource had before, by the URN that it has. Children follow a parent's new name."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for resource in after.resources:
        candidates = [resource.urn, *resource.options.aliases, *_inherited(resource, after, found)]
        match = next((urn for urn in candidates if urn in before.by_urn and urn not in taken), None)
        if match is not None:
            found[resource.urn] = match
            taken.add(match)
    return found


def _inherited(resource: Resource, after: Declared, found: Mapping[str, str]) -> Iterator[str]:
    """The URNs below the former name of a parent. A child that begins with its parent's name follows it.

    https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
    """
    parent = after.by_urn.get(resource.parent)
    former = found.get(resource.parent, "")
    if parent is None or former in ("", resource.parent):
        return
    beginning, types, old_name = former.rsplit("::", 2)
    names = [resource.name]
    if resource.name.startswith(parent.name):
        names.insert(0, old_name + resource.name.removeprefix(parent.name))
    for name in names:
        yield f"{beginning}::{types}${resource.type}::{name}"


def _new_names(before: Declared, after: Declared, pairs: Mapping[str, str]) -> Mapping[str, str]:
    """What the plausible outputs of renamed resources have become: in the cloud they stay what they are."""
    names: dict[str, str] = {}
    for new, old in pairs.items():
        if new == old:
            continue
        names[old] = new
        theirs, ours = before.outputs[old], after.outputs[new]
        given = {*before.known[old], *after.known[new]}
        for name in sorted(theirs.keys() & ours.keys() - given):
            if isinstance(theirs[name], str) and isinstance(ours[name], str) and theirs[name]:
                names[theirs[name]] = ours[name]
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def _with_new_names(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str() if names:
            for old, new in names.items():
                value = value.replace(old, new)
            return value
        case ResourceReference():
            return ResourceReference(names.get(value.urn, value.urn))
        case Mapping() if names:
            return {k: _with_new_names(v, names) for k, v in cast("Mapping[str, Any]", value).items()}
        case list() if names:
            return [_with_new_names(item, names) for item in cast("list[Any]", value)]
        case _:
            return value


# --- what becomes of it ------------------------------------------------------------------------------------


def _gone(resource: Resource) -> Change:
    return Change(
        operation=Operation.FORGET if resource.read else Operation.DELETE,
        protected=resource.options.protect,
        kept=resource.options.retain_on_delete,
    )


def _change(
    before: Declared, after: Declared, former: str, resource: Resource, names: Mapping[str, str]
) -> Change:
    old = before.by_urn[former]
    ignored = [parsed(text) for text in resource.options.ignore_changes]
    replacing = [parsed(text) for text in resource.options.replace_on_changes]
    differing = differences(
        resource.type, _with_new_names(before.known[former], names), after.known[resource.urn]
    )
    properties = tuple(
        replace(
            one,
            forces=one.forces or any(_covers(path, one.path) for path in replacing),
            stand_in=_stands_in(one.path, old.inputs, resource.inputs),
        )
        for one in differing
        if not any(_covers(path, one.path) for path in ignored)
    )
    forced = resource.custom and any(one.forces for one in properties)
    operation = Operation.REPLACE if forced else Operation.UPDATE if properties else Operation.SAME
    if not resource.custom or resource.read:
        operation = Operation.SAME
    return Change(
        operation=operation,
        properties=properties if operation is not Operation.SAME else (),
        likely=forced,
        protected=old.options.protect,
        unprotected=old.options.protect and not resource.options.protect,
        kept=old.options.retain_on_delete,
        renamed_from=former if former != resource.urn else "",
    )


def _covers(pattern: Path, path: Path) -> bool:
    """Whether a property option is about a path: about all below it too, and a star is any step."""
    return len(pattern) <= len(path) and all(
        wanted in ("*", step) for wanted, step in zip(pattern, path, strict=False)
    )


def _stands_in(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a difference is one of made-up values, at a path or above it."""
    return any(is_unknown(at(inputs, path)) for inputs in (old, new))


def _follow(after: Declared, changes: dict[str, Change]) -> None:
    """Replaces too what cannot change a property that it takes from a replaced resource.

    A replaced resource's outputs are unknown until it is there.
    """
    waiting = [urn for urn, change in changes.items() if change.operation is Operation.REPLACE]
    dependents: dict[str, list[tuple[Resource, str]]] = {}
    for resource in after.resources:
        for name, urns in resource.property_dependencies.items():
            for urn in urns:
                dependents.setdefault(urn, []).append((resource, name))
    while waiting:
        urn = waiting.pop()
        for resource, name in dependents.get(urn, ()):
            change = changes[resource.urn]
            paths = [path for path in _unknown_paths(resource, name) if forces(resource.type, path)]
            if change.operation not in (Operation.SAME, Operation.UPDATE) or not paths or not resource.custom:
                continue
            follows = [_later(path) for path in paths]
            others = [one for one in change.properties if one.path not in paths]
            changes[resource.urn] = replace(
                change, operation=Operation.REPLACE, properties=(*others, *follows), likely=True
            )
            waiting.append(resource.urn)


def _later(path: Path) -> PropertyChange:
    return PropertyChange(path=path, kind=Kind.UPDATE, old=UNKNOWN, new=UNKNOWN, forces=True)


def _unknown_paths(resource: Resource, name: str) -> Iterator[Path]:
    for path, value in walk(resource.inputs.get(name), (name,)):
        if isinstance(value, Unknown):
            yield path
