"""What an update would do: one form, whether the program was evaluated or an engine previewed it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from facts.holding_data import holds_own_data
from policies.report import Report
from preview.findings import Finding
from preview.graph import STACK_TYPE, Graph, Resource
from preview.paths import written
from preview.values import Path, Secret, Unknown, contains_secret, walk


class Source(StrEnum):
    """Where a plan comes from."""

    PROGRAM = "program"
    """The program, evaluated without an engine: as if nothing existed yet."""
    ENGINE = "engine"
    """An engine's preview against the stack's state."""
    COMPARISON = "comparison"
    """The program at two revisions, both evaluated without an engine."""


class Operation(StrEnum):
    """What happens to a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    IMPORT = "import"
    REFRESH = "refresh"
    FORGET = "forget"
    """It leaves the state and stays in the cloud."""


class Kind(StrEnum):
    """How a property differs."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyChange:
    """How one property differs: an input of the resource, or something inside one."""

    path: Path
    """Wire names, indices and keys."""
    kind: Kind
    old: Any = None
    """As in `preview.values`; None where there was nothing."""
    new: Any = None
    forces: bool = False
    """Whether it makes a replacement necessary."""
    own: bool = True
    """Whether the program changes it. Otherwise the cloud differs, or a newer provider thinks otherwise."""
    stand_in: bool = False
    """Whether the values contain stand-ins for what only the cloud will know."""

    @property
    def secret(self) -> bool:
        """Whether a value, or a part of one, must not be shown."""
        return contains_secret(self.old) or contains_secret(self.new)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What happens to one resource, and because of which properties."""

    operation: Operation
    properties: tuple[PropertyChange, ...] = ()
    """The properties that differ from the state, or from the other revision, by their paths."""
    likely: bool = False
    """Whether a replacement follows from what is known of the provider, which was not asked."""
    protected: bool = False
    """Whether the engine refuses to delete it until a change before this one takes the protection off."""
    unprotected: bool = False
    """Whether the change takes the protection off."""
    kept: bool = False
    """Whether the cloud keeps it where it is deleted, as its state says (`retain_on_delete`)."""
    renamed_from: str = ""
    """The URN that it had before."""
    failed: bool = False
    """Whether the engine tried and could not."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of the properties that differ."""
        return tuple(written(change.path) for change in self.properties)

    @property
    def forced_by(self) -> tuple[str, ...]:
        """Those of them that make a replacement necessary."""
        return tuple(written(change.path) for change in self.properties if change.forces)


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How many resources there are, components not counted."""

    resources: int
    components: int
    by_operation: Mapping[Operation, int]
    by_provider: Mapping[str, int]
    by_type: Mapping[str, int]
    by_component: Mapping[str, int]
    """By the name of the outermost component; the empty name stands for the stack itself."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The declared resources, what happens to them, and what is wrong with them."""

    project: str
    stack: str
    source: Source
    graph: Graph
    """Every resource that the plan is about, those to be deleted included."""
    changes: Mapping[str, Change]
    """What happens to each resource, by URN."""
    findings: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = field(default=())
    """What an engine or a provider reported as an error."""
    policies: Report | None = None
    """What the policy pack found; None where it was not asked."""
    against: str = ""
    """The revision that the program is compared with; empty where it is not."""

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong with what is declared. What policies find is told apart."""
        return not self.findings and not self.errors

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources that a provider makes: no components, no stack."""
        return tuple(resource for resource in self.graph.resources if resource.custom)

    @cached_property
    def losses(self) -> tuple[Resource, ...]:
        """The resources that hold data and are deleted or replaced."""
        lost = (resource for resource in self.resources if _is_lost(self.changes[resource.urn]))
        return tuple(resource for resource in lost if holds_own_data(resource.type, resource.inputs))

    @cached_property
    def totals(self) -> Totals:
        """The counts, each in a fixed order: largest first, then by name."""
        return Totals(
            resources=len(self.resources),
            components=sum(not r.custom and r.type != STACK_TYPE for r in self.graph.resources),
            by_operation=_counted(Counter(self.changes[r.urn].operation for r in self.resources)),
            by_provider=_counted(Counter(provider_of(r.type) for r in self.resources)),
            by_type=_counted(Counter(r.type for r in self.resources)),
            by_component=_counted(Counter(self.outermost(r) for r in self.resources)),
        )

    def outermost(self, resource: Resource) -> str:
        """The name of the outermost component that a resource is part of; empty where there is none."""
        name = ""
        component = self.graph.component_of(resource)
        while component is not None:
            name = component.name
            component = self.graph.component_of(component)
        return name


def of_program(project: str, stack: str, graph: Graph, findings: tuple[Finding, ...]) -> Plan:
    """The plan of an evaluated program: without a state, everything is made anew."""
    changes = {
        r.urn: Change(operation=Operation.READ if r.read else Operation.CREATE) for r in graph.resources
    }
    return Plan(
        project=project,
        stack=stack,
        source=Source.PROGRAM,
        graph=graph,
        changes=changes,
        findings=findings,
    )


def _is_lost(change: Change) -> bool:
    """Whether what is in the cloud goes. What replaces a resource begins empty, also where that one stays."""
    if change.operation is Operation.DELETE:
        return not change.kept
    return change.operation is Operation.REPLACE


def provider_of(type_token: str) -> str:
    """The provider of a resource type: `aws`."""
    return type_token.removeprefix("pulumi:providers:").partition(":")[0]


def unknown_inputs(resource: Resource) -> Iterator[Path]:
    """The paths of the inputs that are known only after deployment.

    What a secret map or list contains stays hidden, its keys included.
    """
    hidden = {path for path, value in walk(resource.inputs) if isinstance(value, Secret)}
    for path, value in walk(resource.inputs):
        if isinstance(value, Unknown) and not any(path[:depth] in hidden for depth in range(len(path))):
            yield path


def secret_inputs(resource: Resource) -> Iterator[Path]:
    """The paths of the inputs that are secret."""
    return (path for path, value in walk(resource.inputs) if isinstance(value, Secret))


_Key = TypeVar("_Key")


def _counted(counter: Counter[_Key]) -> dict[_Key, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], str(item[0]))))
