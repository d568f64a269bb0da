"""What weakenings are made of: a property changed or left out, a resource deleted or added."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from preview.graph import Graph, Options, Resource
from preview.plausible import known_outputs
from preview.values import UNKNOWN, Secret, Unknown, is_unknown, walk
from tests.policies.weakenings.model import Condition, Edit, Kind, Weakening, anywhere

EVERY = "*"
"""In a path, every item of a list."""

_ABSENT = object()
_SHORTEST_MARK = 8
"""Shorter texts occur by chance."""


@dataclass(frozen=True, slots=True)
class Target:
    """A type of resource, with the service that reports name for it; calling it makes a weakening."""

    service: str
    type: str

    def __call__(
        self,
        kind: Kind,
        description: str,
        breaks: str,
        edit: Edit,
        *,
        where: Condition = anywhere,
        excluded: str = "",
    ) -> Weakening:
        """A weakening of resources of this type; see `Weakening` for the arguments."""
        return Weakening(
            service=self.service,
            kind=kind,
            description=description,
            breaks=breaks,
            type=self.type,
            edit=edit,
            where=where,
            excluded=excluded,
        )

    def off(
        self, kind: Kind, description: str, breaks: str, path: str, value: Any, *, where: Condition = anywhere
    ) -> tuple[Weakening, Weakening]:
        """Two weakenings to the same effect: a property with a bad value, and one that is left out."""
        return (
            self(kind, description, breaks, change(path, value), where=where),
            self(kind, f"{description}, by leaving {path} out", breaks, drop(path), where=where),
        )

    def deleted(self, breaks: str, *, where: Condition = anywhere, excluded: str = "") -> Weakening:
        """The weakening that deletes the resource."""
        return self(Kind.SIDE_RESOURCE, "deleted", breaks, delete, where=where, excluded=excluded)

    def tagged(self, password: str) -> Weakening:
        """The weakening that writes a password into a tag."""
        breaks = "guide: Access Control, credentials in Secrets Manager"
        return self(Kind.SECRET, "a password in a tag", breaks, add("tags.Password", password))

    def unprotected(self) -> Weakening:
        """The weakening that lets Pulumi delete a resource that holds data."""
        return self(
            Kind.PROTECTION, "the protect option dropped", "design: what holds data is protected", unprotect
        )


def change(path: str, value: Any) -> Edit:
    """Gives a property another value, where it has one.

    Args:
        path: property names and indices with dots between, `*` for every item of a list.
        value: the new value.
    """
    return rewrite(path, lambda _old: value, unknown=True)


def add(path: str, value: Any) -> Edit:
    """Gives a property a value, whether it has one or not."""

    def put(properties: Any, name: str) -> None:
        properties[name] = value

    return _edit(path, put)


def drop(path: str) -> Edit:
    """Leaves a property out."""

    def remove(properties: Any, name: str) -> None:
        properties.pop(name, None)

    return _edit(path, remove)


def rewrite(path: str, new: Callable[[Any], Any], *, unknown: bool = False) -> Edit:
    """Replaces a property's value by what `new` makes of it, an unknown value only if asked."""

    def renew(properties: Any, name: str) -> None:
        old = properties.get(name, _ABSENT)
        if old is not _ABSENT and (unknown or not isinstance(old, Unknown)):
            properties[name] = new(old)

    return _edit(path, renew)


def only_first(path: str) -> Edit:
    """Leaves the first item of a list."""
    return rewrite(path, lambda items: items[:1])


def items_where(path: str, condition: Callable[[Mapping[str, Any]], bool]) -> Edit:
    """Leaves the items of a list that meet a condition."""
    return rewrite(path, lambda items: [item for item in items if condition(item)])


def together(*edits: Edit) -> Edit:
    """Several edits of one resource, one after the other."""

    def edit(resource: Resource, graph: Graph) -> Sequence[Resource]:
        for each in edits:
            (resource,) = each(resource, graph)
        return (resource,)

    return edit


def delete(_resource: Resource, _graph: Graph) -> Sequence[Resource]:
    """Deletes the resource, and whatever hangs under it."""
    return ()


def unprotect(resource: Resource, _graph: Graph) -> Sequence[Resource]:
    """Drops the `protect` option."""
    if not resource.options.protect:
        return (resource,)
    return (replace(resource, options=replace(resource.options, protect=False)),)


@dataclass(frozen=True, slots=True)
class Output:
    """In the inputs of a resource that is added or relinked: an output of a declared resource."""

    name: str
    """`id`, or the output's wire name."""
    of: Callable[[Resource, Graph], Resource] = field(default=lambda target, _graph: target)
    """Which resource; without it the one that is weakened."""


def beside(type_token: str, inputs: Mapping[str, Any]) -> Edit:
    """Adds a resource of another type under the same parent, in the same region.

    Args:
        type_token: the type of the new resource.
        inputs: its inputs; an `Output` stands for what another resource has.
    """

    def edit(target: Resource, graph: Graph) -> Sequence[Resource]:
        name = f"{target.name}-weakened"
        stem, qualified, _name = target.urn.rsplit("::", 2)
        parents, dollar, _type = qualified.rpartition("$")
        made = Resource(
            urn=f"{stem}::{parents}{dollar}{type_token}::{name}",
            type=type_token,
            name=name,
            parent=target.parent,
            custom=True,
            inputs={},
            options=Options(provider=target.options.provider),
        )
        region = {"region": target.inputs["region"]} if "region" in target.inputs else {}
        made = _linked(made, target, graph, {**inputs, **region})
        if isinstance(target.id, Unknown):
            return (target, replace(made, outputs=made.inputs))
        identifier, outputs = known_outputs(made, {})
        return (target, replace(made, id=identifier, outputs=outputs))

    return edit


def relink(path: str, value: Any) -> Edit:
    """Gives a property a value that holds outputs of other resources."""

    def edit(resource: Resource, graph: Graph) -> Sequence[Resource]:
        return (_linked(resource, resource, graph, {path: value}),)

    return edit


def has(path: str, *values: Any) -> Condition:
    """Resources with that property; with one of the values, where some are named."""

    def condition(resource: Resource, _graph: Graph) -> bool:
        return any(not values or value in values for value in values_at(resource.inputs, path.split(".")))

    return condition


def under(*components: str) -> Condition:
    """Resources whose nearest component is of one of these types."""

    def condition(resource: Resource, graph: Graph) -> bool:
        component = graph.component_of(resource)
        return component is not None and component.type in components

    return condition


def but_not(condition: Condition) -> Condition:
    """The other resources."""
    return lambda resource, graph: not condition(resource, graph)


def both(*conditions: Condition) -> Condition:
    """Resources that meet every condition."""
    return lambda resource, graph: all(condition(resource, graph) for condition in conditions)


def values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value that a path leads to."""
    if isinstance(value, Secret):
        value = value.value
    if not path:
        yield value
        return
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        items = cast("list[Any]", value)
        for item in items if first == EVERY else items[int(first) : int(first) + 1]:
            yield from values_at(item, rest)
    elif isinstance(value, Mapping) and first in value:
        yield from values_at(cast("Mapping[str, Any]", value)[first], rest)


def _edit(path: str, operation: Callable[[Any, str], None]) -> Edit:
    """Runs an operation on a copy of every object that holds the property at the end of the path."""
    *way, name = path.split(".")

    def edit(resource: Resource, graph: Graph) -> Sequence[Resource]:
        inputs = cast("dict[str, Any]", _copied(resource.inputs))
        for holder in values_at(inputs, way):
            if isinstance(holder, dict):
                operation(holder, name)
        return (_with_inputs(resource, inputs, graph),)

    return edit


def _copied(value: Any) -> Any:
    """A copy of all lists and objects, to be edited; what is secret stays one."""
    match value:
        case Mapping():
            return {key: _copied(item) for key, item in cast("Mapping[str, Any]", value).items()}
        case list():
            return [_copied(item) for item in cast("list[Any]", value)]
        case Secret():
            return Secret(_copied(value.value))
        case _:
            return value


def _with_inputs(resource: Resource, inputs: Mapping[str, Any], graph: Graph) -> Resource:
    """The resource with other inputs, and the outputs and dependencies that follow; itself if they equal."""
    both_names = {**resource.inputs, **inputs}
    names = [n for n in both_names if resource.inputs.get(n, _ABSENT) != inputs.get(n, _ABSENT)]
    if not names:
        return resource
    outputs = {name: value for name, value in resource.outputs.items() if name not in names}
    outputs |= {name: inputs[name] for name in names if name in inputs}
    links = {
        name: urns
        if name not in names
        else _still_named(urns, resource.inputs.get(name), inputs.get(name), graph)
        for name, urns in resource.property_dependencies.items()
    }
    return _relinked(replace(resource, inputs=inputs, outputs=outputs), links)


def _still_named(urns: tuple[str, ...], before: Any, after: Any, graph: Graph) -> tuple[str, ...]:
    """What a property still depends on when its value changes.

    With known outputs, a dependency goes whose outputs the value no longer contains. Without them all go
    when nothing unknown is left; otherwise nobody can tell, and `apply_to_pair` asks the known evaluation.
    """
    if is_unknown(before):
        return urns if is_unknown(after) else ()
    old, new = _texts(before), _texts(after)
    return tuple(
        urn
        for urn in urns
        for marks in [_marks(graph.by_urn[urn])]
        if any(mark in new for mark in marks) or not any(mark in old for mark in marks)
    )


def _texts(value: Any) -> str:
    return "\n".join(item for _, item in walk(value) if isinstance(item, str))


def _marks(resource: Resource) -> list[str]:
    """The texts by which a value shows that it was made of a resource's outputs."""
    computed = {name: value for name, value in resource.outputs.items() if name not in resource.inputs}
    named = [resource.id, resource.inputs.get("name"), *(v for n, v in computed.items() if n != "region")]
    return [text for text in named if isinstance(text, str) and len(text) >= _SHORTEST_MARK]


def _relinked(resource: Resource, links: Mapping[str, tuple[str, ...]]) -> Resource:
    """The resource with other property dependencies, and without those that no property has any more."""
    before = {urn for urns in resource.property_dependencies.values() for urn in urns}
    after = {urn for urns in links.values() for urn in urns}
    kept = [urn for urn in resource.dependencies if urn in after or urn not in before]
    return replace(
        resource,
        property_dependencies=links,
        dependencies=tuple(dict.fromkeys([*kept, *sorted(after)])),
    )


def _linked(resource: Resource, target: Resource, graph: Graph, values: Mapping[str, Any]) -> Resource:
    """The resource with properties that may hold outputs of others."""
    inputs = {**resource.inputs}
    links = dict(resource.property_dependencies)
    for name, value in values.items():
        sources = list(_sources(value, target, graph))
        inputs[name] = _resolved(value, target, graph)
        if sources:
            links[name] = tuple(dict.fromkeys(source.urn for source in sources))
    return _relinked(_with_inputs(resource, inputs, graph), links)


def _sources(value: Any, target: Resource, graph: Graph) -> Iterator[Resource]:
    for _path, item in walk(value):
        if isinstance(item, Output):
            yield item.of(target, graph)


def _resolved(value: Any, target: Resource, graph: Graph) -> Any:
    match value:
        case Output(name=name, of=of):
            source = of(target, graph)
            return source.id if name == "id" else source.outputs.get(name, UNKNOWN)
        case Mapping():
            items = cast("Mapping[str, Any]", value).items()
            return {key: _resolved(item, target, graph) for key, item in items}
        case list():
            return [_resolved(item, target, graph) for item in cast("list[Any]", value)]
        case _:
            return value
