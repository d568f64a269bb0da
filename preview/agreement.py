"""Whether a program declares the same resources whatever the cloud answers.

A program that makes a resource, or leaves out a property, depending on a value that only the cloud knows
cannot be previewed: what the preview shows is not what an update would do.
"""

from collections.abc import Iterator

from preview.findings import Finding, Rule
from preview.graph import Graph, Resource
from preview.places import place_of
from preview.values import Secret, Unknown


def disagreements(unknown: Graph, known: Graph) -> Iterator[Finding]:
    """Where two evaluations of one program differ.

    Args:
        unknown: with preview semantics, computed outputs unknown.
        known: with plausible known outputs.
    """
    for urn in sorted(unknown.by_urn.keys() ^ known.by_urn.keys()):
        when = "unknown" if urn in unknown.by_urn else "known"
        problem = f"it is declared only while computed outputs are {when}"
        yield Finding(urn, "", Rule.UNSTABLE_PROGRAM, problem, "declare it outside `apply`, by configuration")
    for before in unknown.resources:
        after = known.by_urn.get(before.urn)
        if after is not None:
            yield from _differences(before, after)


def _differences(before: Resource, after: Resource) -> Iterator[Finding]:
    if before.parent != after.parent:
        problem = f"its parent is {before.parent} or {after.parent}, depending on computed outputs"
        yield Finding(before.urn, "", Rule.UNSTABLE_PROGRAM, problem)
    # A value that is unknown may turn out to be nothing, and then its property is absent.
    settled = {name for name, value in before.inputs.items() if not _may_be_nothing(value)}
    for name in sorted(settled - after.inputs.keys() | after.inputs.keys() - before.inputs.keys()):
        when = "unknown" if name in before.inputs else "known"
        place = place_of(before.type, (name,)).text
        problem = f"it is given only while computed outputs are {when}"
        yield Finding(before.urn, place, Rule.UNSTABLE_PROGRAM, problem)


def _may_be_nothing(value: object) -> bool:
    return isinstance(value.value if isinstance(value, Secret) else value, Unknown)
