"""What a weakening is, and how it is applied to the graph of a stack."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from preview.graph import Graph, Resource, ordered

Edit = Callable[[Resource, Graph], Sequence[Resource]]
"""What takes a resource's place: itself where nothing changes, nothing, or itself with others beside it."""

Condition = Callable[[Resource, Graph], bool]
"""Whether a resource is one that a weakening is about."""


class Kind(StrEnum):
    """What a weakening takes away."""

    ENCRYPTION = "encryption off"
    KEY = "key removed"
    PUBLIC = "public on"
    OPENED = "port opened"
    ISOLATION = "network isolation lost"
    RETENTION = "retention shortened"
    PROTECTION = "protection dropped"
    LOGGING = "logging removed"
    TLS = "TLS lowered"
    WILDCARD = "wildcard granted"
    REPLICATION = "replication removed"
    SIDE_RESOURCE = "side resource deleted"
    AUTHENTICATION = "authentication dropped"
    SECRET = "secret in plain text"  # noqa: S105 (a kind, no password)
    ROTATION = "rotation dropped"
    AVAILABILITY = "single point of failure"
    UPGRADES = "upgrades off"
    DETECTION = "detection off"
    ALERT = "alert silenced"
    WINDOW = "maintenance window moved"
    RELEASE = "rollback lost"


def anywhere(_resource: Resource, _graph: Graph) -> bool:
    """The condition that every resource of the type meets."""
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Weakening:
    """One way to make one resource less safe."""

    service: str
    """What reports group it by."""
    kind: Kind
    description: str
    """What has changed, in a few words."""
    breaks: str
    """The control, by its identifier, or the statement of the operations guide that no longer holds."""
    type: str
    """The type of the resources that it applies to."""
    edit: Edit
    where: Condition = anywhere
    """Which of them; it reads the evaluation with known outputs."""
    excluded: str = ""
    """Why no rule at deployment could know that this is a weakening; empty where one could."""

    @property
    def name(self) -> str:
        """What it is called in reports; no other weakening has this name."""
        return f"{self.type.removeprefix('aws:').rpartition(':')[0]}: {self.description}"

    def weaken(self, graph: Graph, urn: str) -> Graph:
        """The graph with one resource weakened, the others shared; the same graph where nothing changes."""
        target = graph.by_urn[urn]
        return _in_place_of(target, self.edit(target, graph), graph)


class Pair(NamedTuple):
    """The two evaluations of one stack that a rule judges by."""

    unknown: Graph
    """With preview semantics: what only the cloud will know is unknown."""
    known: Graph
    """The same resources with plausible outputs."""


def apply(weakening: Weakening, graph: Graph) -> Iterator[tuple[str, Graph]]:
    """The weakened graphs, one for each resource that can be weakened so, with its URN, in their order."""
    for resource in graph.resources:
        if resource.type == weakening.type and weakening.where(resource, graph):
            weakened = weakening.weaken(graph, resource.urn)
            if weakened is not graph:
                yield resource.urn, weakened


def apply_to_pair(weakening: Weakening, pair: Pair) -> Iterator[tuple[str, Pair]]:
    """The same for both evaluations of a stack.

    What is to be weakened is read from the known evaluation. Where the unknown one does not know what
    would change, as in a document that is unknown as a whole, it stays as it is.
    """
    for urn, known in apply(weakening, pair.known):
        unknown = weakening.weaken(pair.unknown, urn)
        yield urn, Pair(_depending_alike(unknown, known, urn), known)


def changed(before: Pair, after: Pair) -> frozenset[str]:
    """The URNs of the resources that are not the same in two evaluations: weakened, added and deleted."""
    return frozenset(
        urn for old, new in zip(before, after, strict=True) if old is not new for urn in _unshared(old, new)
    )


def _unshared(old: Graph, new: Graph) -> Iterator[str]:
    kept = {id(resource) for resource in new.resources}
    yield from (resource.urn for resource in old.resources if id(resource) not in kept)
    kept = {id(resource) for resource in old.resources}
    yield from (resource.urn for resource in new.resources if id(resource) not in kept)


def _in_place_of(target: Resource, successors: Sequence[Resource], graph: Graph) -> Graph:
    if len(successors) == 1 and successors[0] is target:
        return graph
    survivor = next((resource for resource in successors if resource.urn == target.urn), None)
    added = [resource for resource in successors if resource.urn != target.urn]
    if survivor is None:
        gone = frozenset({target.urn, *_below(target.urn, graph)})
        resources = tuple(_forgetting(r, gone) for r in graph.resources if r.urn not in gone)
    else:
        resources = tuple(survivor if r is target else r for r in graph.resources)
    return replace(graph, resources=ordered([*resources, *added]) if added else resources)


def _depending_alike(unknown: Graph, known: Graph, urn: str) -> Graph:
    """The unknown evaluation with the weakened resource's dependencies as in the known one."""
    before, told = unknown.by_urn.get(urn), known.by_urn.get(urn)
    if before is None or told is None or before.property_dependencies == told.property_dependencies:
        return unknown
    after = replace(before, property_dependencies=told.property_dependencies, dependencies=told.dependencies)
    return replace(unknown, resources=tuple(after if r is before else r for r in unknown.resources))


def _below(urn: str, graph: Graph) -> Iterator[str]:
    for resource in graph.resources:
        if resource.parent == urn:
            yield resource.urn
            yield from _below(resource.urn, graph)


def _forgetting(resource: Resource, gone: frozenset[str]) -> Resource:
    """The resource without dependencies on what is gone."""
    if gone.isdisjoint(resource.dependencies) and all(
        map(gone.isdisjoint, resource.property_dependencies.values())
    ):
        return resource
    return replace(
        resource,
        dependencies=tuple(urn for urn in resource.dependencies if urn not in gone),
        property_dependencies={
            name: tuple(urn for urn in urns if urn not in gone)
            for name, urns in resource.property_dependencies.items()
        },
    )
