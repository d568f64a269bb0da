"""The declared resources and how they hang together: what an evaluation of a program yields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from preview.values import UNKNOWN

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The resource options that a reviewer or a policy may ask about. Property names as on the wire."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    replace_on_changes: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """The URNs that it had before."""
    additional_secret_outputs: tuple[str, ...] = ()
    provider: str = ""
    import_id: str = ""
    deleted_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One declared resource. Property names are the wire's (camelCase), values as in `preview.values`."""

    urn: str
    type: str
    name: str
    parent: str
    """The parent's URN, empty for the stack itself."""
    custom: bool
    """Whether a provider makes it; components are not custom."""
    read: bool = False
    """Whether it exists already and the program only reads it."""
    inputs: Mapping[str, Any]
    id: Any = UNKNOWN
    """The identifier that the provider gives; empty for a component."""
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    options: Options = field(default_factory=Options)
    source: str = ""
    """The line that declares it, `components/database.py:88`; empty where the project has none."""

    def __getitem__(self, name: str) -> Any:
        """The input of that wire name; raises KeyError, with the names there are, where it is absent."""
        try:
            return self.inputs[name]
        except KeyError:
            raise KeyError(f"{self.urn} has no input {name!r}; it has {sorted(self.inputs)}") from None


@dataclass(frozen=True, slots=True)
class Message:
    """Something that the program, or the SDK for it, logged."""

    severity: str
    """`info` or `warning`."""
    text: str


def ordered(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources with every parent right before what it contains, siblings by their types and names."""
    backwards = sorted(resources, key=lambda r: (r.type, r.name, r.urn), reverse=True)
    urns = {resource.urn for resource in backwards}
    children: dict[str, list[Resource]] = {}
    for resource in backwards:
        children.setdefault(resource.parent if resource.parent in urns else "", []).append(resource)
    found: list[Resource] = []
    waiting = children.get("", [])
    while waiting:
        resource = waiting.pop()
        found.append(resource)
        waiting += children.get(resource.urn, [])
    return tuple(found)


@dataclass(frozen=True)
class Graph:
    """All resources of a stack, in the order of `ordered`."""

    resources: tuple[Resource, ...]
    stack_outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    messages: tuple[Message, ...] = ()

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    def all(self, type_token: str) -> list[Resource]:
        """Every resource of a type."""
        return [resource for resource in self.resources if resource.type == type_token]

    def one(self, type_token: str, name: str | None = None) -> Resource:
        """The only resource of a type, or the one of that type and logical name.

        Raises:
            LookupError: there is none, or more than one; the message lists the names.
        """
        found = [r for r in self.all(type_token) if name is None or r.name == name]
        if len(found) != 1:
            names = sorted(r.name for r in self.all(type_token))
            raise LookupError(f"wanted one {type_token} {name or ''}, found {len(found)} of {names}")
        return found[0]

    def children(self, parent: Resource) -> list[Resource]:
        """The resources whose parent it is."""
        return [resource for resource in self.resources if resource.parent == parent.urn]

    def component_of(self, resource: Resource) -> Resource | None:
        """The nearest component above a resource; None where only the stack is."""
        parent = self.by_urn.get(resource.parent)
        if parent is None or parent.type == STACK_TYPE:
            return None
        return parent if not parent.custom else self.component_of(parent)
