"""What tells two graphs of one stack apart, in words short enough for a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from preview.graph import Graph, Resource


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """By `Kind name`, as in the inventory."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: Mapping[str, frozenset[str]]
    """With the names of the inputs that differ; `(options)` where an option does."""

    @property
    def properties(self) -> frozenset[str]:
        """The names of all inputs that differ somewhere."""
        return frozenset(chain.from_iterable(self.changed.values()))


def changes(before: Graph, after: Graph) -> Changes:
    """What a change of the configuration does to what is declared."""
    old, new = before.by_urn, after.by_urn
    return Changes(
        added=frozenset(_called(new[urn]) for urn in new.keys() - old.keys()),
        removed=frozenset(_called(old[urn]) for urn in old.keys() - new.keys()),
        changed={
            _called(old[urn]): differing
            for urn in old.keys() & new.keys()
            if (differing := _differing(old[urn], new[urn]))
        },
    )


def _called(resource: Resource) -> str:
    return f"{resource.type.rpartition(':')[2]} {resource.name}"


def _differing(old: Resource, new: Resource) -> frozenset[str]:
    names = old.inputs.keys() | new.inputs.keys()
    differing = {name for name in names if old.inputs.get(name) != new.inputs.get(name)}
    return frozenset(differing | ({"(options)"} if old.options != new.options else set()))
