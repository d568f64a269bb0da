"""What a program declares as a picture: components as boxes, arrows for who uses and who talks to whom.

A component's layer is the module of its type: `syncup:data:Database` is in the layer `data`. What very
many components use (keys, logs, the network) would draw over everything else: it is told in words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from facts import traffic
from preview.graph import STACK_TYPE, Graph, Resource

_MANY: Final = 5
"""What more components than these use is drawn without its arrows."""
_TYPES: Final = 3
"""How many of its resource types a box names."""


class Kind(StrEnum):
    """What an arrow says."""

    TALKS = "talks"
    """The network admits connections from the source to the target."""
    USES = "uses"
    """The source refers to the target."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A component, or those of a layer that no arrow leads to."""

    urn: str
    name: str
    holds: str = ""
    """Its most frequent resource types; empty where the picture does not say."""
    outside: bool = False
    """Whether it belongs to another picture and is here only as a neighbour."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Arrow:
    """From one box, by its URN, to another."""

    source: str
    target: str
    kind: Kind
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Boxes in named groups, and the arrows between them."""

    title: str
    groups: Mapping[str, Sequence[Box]]
    """By name; those of the empty name stand by themselves."""
    arrows: Sequence[Arrow]
    shared: Sequence[str]
    """The names of those whose arrows are left out, since very many use them."""


def pictures(graph: Graph) -> list[Picture]:
    """An overview, and one picture of each layer, by name."""
    tops = {resource.urn: _top(graph, resource) for resource in graph.resources}
    components = [graph.by_urn[urn] for urn in dict.fromkeys(tops.values()) if urn]
    arrows = _arrows(graph, tops)
    users = Counter(arrow.target for arrow in arrows if arrow.kind is Kind.USES)
    shared = {urn for urn, count in users.items() if count > _MANY}
    layers = sorted({_layer(component) for component in components})
    drawn = [arrow for arrow in arrows if arrow.target not in shared]
    overview = Picture(
        title="overview",
        groups={
            name: _overviewed([one for one in components if _layer(one) == name], drawn) for name in layers
        },
        arrows=drawn,
        shared=_names(graph, shared),
    )
    return [overview, *(_picture_of(graph, name, tops, shared) for name in layers)]


def _picture_of(graph: Graph, name: str, tops: Mapping[str, str], shared: set[str]) -> Picture:
    """The components of a layer with those inside them; the others are one box each."""
    inside = {urn for urn in tops.values() if urn and _layer(graph.by_urn[urn]) == name}
    boxes = {urn: _nearest(graph, graph.by_urn[urn]) if top in inside else top for urn, top in tops.items()}
    arrows = [
        arrow
        for arrow in _arrows(graph, boxes)
        if (ends := {tops[arrow.source], tops[arrow.target]}) & inside
        and (ends <= inside or tops[arrow.target] not in shared)
    ]
    held = _held(graph)
    groups: dict[str, list[Box]] = {"": []}
    for urn in dict.fromkeys(boxes[resource.urn] for resource in graph.resources if resource.custom):
        if urn and tops[urn] in inside:
            box = Box(urn=urn, name=graph.by_urn[urn].name, holds=held[urn])
            groups.setdefault(graph.by_urn[tops[urn]].name, []).append(box)
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    groups[""] += [
        Box(urn=urn, name=graph.by_urn[urn].name, outside=True)
        for urn in sorted(ends)
        if tops[urn] not in inside
    ]
    return Picture(title=name, groups=_unwrapped(groups), arrows=arrows, shared=_names(graph, shared))


def _unwrapped(groups: Mapping[str, list[Box]]) -> Mapping[str, Sequence[Box]]:
    """The groups, without those that would frame a single box."""
    alone = [box for name, group in groups.items() if name and len(group) == 1 for box in group]
    return {
        **{name: group for name, group in groups.items() if name and len(group) > 1},
        "": [*alone, *groups[""]],
    }


def _overviewed(components: Sequence[Resource], arrows: Sequence[Arrow]) -> list[Box]:
    """A box for each; those without an arrow share one."""
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    boxes = [Box(urn=one.urn, name=one.name) for one in components if one.urn in ends]
    rest = [one for one in components if one.urn not in ends]
    if rest:
        boxes.append(Box(urn=rest[0].urn, name=", ".join(dict.fromkeys(one.name for one in rest))))
    return boxes


def _layer(component: Resource) -> str:
    return component.type.split(":")[1]


def _names(graph: Graph, urns: set[str]) -> list[str]:
    return sorted({graph.by_urn[urn].name for urn in urns})


def _top(graph: Graph, resource: Resource) -> str:
    """The URN of the outermost component that a resource is or is in; empty where there is none."""
    component = _component(graph, resource)
    if component is None:
        return ""
    while (outer := graph.component_of(component)) is not None:
        component = outer
    return component.urn


def _nearest(graph: Graph, resource: Resource) -> str:
    component = _component(graph, resource)
    return component.urn if component is not None else ""


def _component(graph: Graph, resource: Resource) -> Resource | None:
    if resource.custom:
        return graph.component_of(resource)
    return resource if resource.type != STACK_TYPE else None


def _held(graph: Graph) -> dict[str, str]:
    """By component, what it holds itself."""
    types: dict[str, Counter[str]] = {}
    for resource in graph.resources:
        if resource.custom:
            types.setdefault(_nearest(graph, resource), Counter())[resource.type.rpartition(":")[2]] += 1
    return {urn: ", ".join(_telling(counter)) for urn, counter in types.items()}


def _telling(types: Counter[str]) -> Iterator[str]:
    ranked = sorted(types.items(), key=lambda item: (-item[1], item[0]))
    for name, count in ranked[:_TYPES]:
        yield name if count == 1 else f"{count} {name}"
    if len(ranked) > _TYPES:
        yield "…"


def _arrows(graph: Graph, boxes: Mapping[str, str]) -> list[Arrow]:
    """Who talks to whom, and who else uses whom, between the boxes that the resources are in."""
    talks = _talks(graph, boxes)
    uses = {
        (boxes[resource.urn], boxes[used])
        for resource in graph.resources
        for urns in resource.property_dependencies.values()
        for used in urns
        if used in boxes
    } - set(talks)
    found = [
        *(Arrow(source=one, target=other, kind=Kind.TALKS, ports=tuple(sorted(ports)))
          for (one, other), ports in talks.items()),
        *(Arrow(source=one, target=other, kind=Kind.USES) for one, other in uses),
    ]  # fmt: skip
    return sorted(arrow for arrow in found if arrow.source and arrow.target and arrow.source != arrow.target)


def _talks(graph: Graph, boxes: Mapping[str, str]) -> dict[tuple[str, str], set[int]]:
    """The ports that security groups open from one box to another."""
    members: dict[str, set[str]] = {}
    for resource in graph.resources:
        if resource.type in traffic.HAVE_INTERFACES:
            for urns in resource.property_dependencies.values():
                for urn in urns:
                    members.setdefault(urn, set()).add(boxes[resource.urn])
    found: dict[tuple[str, str], set[int]] = {}
    for rule in graph.all(traffic.ADMITS):
        port = int(rule.inputs[traffic.ADMITS_PORT])
        sources, targets = (
            {box for group in rule.property_dependencies.get(end, ()) for box in members.get(group, ())}
            for end in (traffic.ADMITS_FROM, traffic.ADMITS_TO)
        )
        for source in sources:
            for target in targets:
                found.setdefault((source, target), set()).add(port)
    return found
