"""That the catalogue is worth judging rules by: it covers our stacks, applies to them, and is no nonsense."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

import pytest

from infra.reading import ROOT
from preview.check import check
from preview.graph import Graph
from preview.sdk_types import PROVIDER_PREFIX
from tests.policies.mutation_score import STACKS, evaluated
from tests.policies.weakenings import CATALOGUE, UNTOUCHED, Pair, Weakening, apply_to_pair, changed

STACK = "production"


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is kept of a weakened stack; the graphs of all of them would fill the memory."""

    weakening: Weakening
    urn: str
    findings: tuple[str, ...]
    """What the preview says of the changed resources, and did not say before."""
    added: tuple[str, ...]
    altered: tuple[str, ...]
    """The resources besides the weakened one whose inputs are not what they were."""
    decided: bool
    """Whether the evaluation with unknown outputs changes too."""


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every weakening of the first resource that it fits, in order."""
    return tuple(_mutants(evaluated(STACK), most=1))


def _mutants(pair: Pair, *, most: int | None = None) -> Iterator[Mutant]:
    for weakening in CATALOGUE:
        for urn, weakened in islice(apply_to_pair(weakening, pair), most):
            before, after = pair.known.by_urn, weakened.known.by_urn
            urns = changed(pair, weakened)
            both = [other for other in urns if other in before and other in after and other != urn]
            yield Mutant(
                weakening=weakening,
                urn=urn,
                findings=tuple(chain.from_iterable(map(_new_findings, pair, weakened))),
                added=tuple(other for other in urns if other not in before),
                altered=tuple(other for other in both if before[other].inputs != after[other].inputs),
                decided=weakened.unknown is not pair.unknown,
            )


def _new_findings(before: Graph, after: Graph) -> Iterator[str]:
    urns = changed(Pair(before, before), Pair(after, after))
    old = {str(finding) for finding in check(_around(urns, before), ROOT)}
    for finding in check(_around(urns, after), ROOT):
        if finding.urn in urns and str(finding) not in old:
            yield str(finding)


def _around(urns: frozenset[str], graph: Graph) -> Graph:
    """Some resources of a graph and what they refer to, so that the check of a few costs little."""
    named = set(urns)
    for resource in (graph.by_urn[urn] for urn in urns if urn in graph.by_urn):
        provider = resource.options.provider.rpartition("::")[0]
        named |= {resource.parent, provider, *resource.dependencies}
        named |= set(chain.from_iterable(resource.property_dependencies.values()))
    return Graph(tuple(graph.by_urn[urn] for urn in sorted(named) if urn in graph.by_urn))


def test_every_weakening_has_a_name_of_its_own() -> None:
    names = [weakening.name for weakening in CATALOGUE]
    assert len(set(names)) == len(names)


def test_every_weakening_says_what_it_breaks() -> None:
    assert all(weakening.breaks and weakening.description for weakening in CATALOGUE)


def test_there_are_more_kinds_than_a_pack_could_be_written_around() -> None:
    assert sum(not weakening.excluded for weakening in CATALOGUE) >= 250


def test_order_and_values_are_the_same_in_every_process() -> None:
    program = (
        "from tests.policies.weakenings import CATALOGUE, literals; print([w.name for w in CATALOGUE]);"
        "print(literals.PASSWORD, literals.ACCESS_KEY_ID)"
    )
    printed = {
        subprocess.run(  # noqa: S603 (this interpreter)
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_every_weakening_applies_to_our_stacks() -> None:
    applied = {mutant.weakening.name for mutant in mutants()}
    assert [weakening.name for weakening in CATALOGUE if weakening.name not in applied] == []


def test_every_type_of_our_stacks_is_weakened_or_left_for_a_reason() -> None:
    resources = evaluated(STACK).known.resources
    types = {r.type for r in resources if r.custom and not r.type.startswith(PROVIDER_PREFIX)}
    assert types - {weakening.type for weakening in CATALOGUE} == set(UNTOUCHED)


def test_a_weakened_resource_is_one_that_the_provider_takes() -> None:
    """By its types, its enumerations and what it refers to: none is noticed for being nonsense."""
    assert {(m.weakening.name, finding) for m in mutants() for finding in m.findings} == set()


def test_a_weakening_is_of_one_resource() -> None:
    for mutant in mutants():
        assert len(mutant.added) <= 1, (mutant.weakening.name, mutant.added)
        assert mutant.altered == (), (mutant.weakening.name, mutant.altered)


@pytest.mark.full
@pytest.mark.parametrize("stack", STACKS)
def test_the_same_holds_for_every_resource(stack: str) -> None:
    for mutant in _mutants(evaluated(stack)):
        shown = (mutant.weakening.name, mutant.urn)
        assert (mutant.findings, mutant.altered) == ((), ()), shown
        assert len(mutant.added) <= 1, shown


def test_what_a_preview_knows_is_weakened_in_a_preview() -> None:
    """Only a document that is unknown as a whole waits for the evaluation with known outputs."""
    undecided = {mutant.weakening.type for mutant in mutants() if not mutant.decided}
    assert undecided == {"aws:ssm/document:Document"}
