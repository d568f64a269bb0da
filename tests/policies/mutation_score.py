"""How many weakenings of our stacks make a mandatory rule fire: what the policy pack is worth.

Every weakening of the catalogue is applied to every resource that it fits, one at a time, in staging and in
production. It is noticed where a mandatory rule fires that did not fire before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol

from tests.policies.weakenings import CATALOGUE, Pair, Weakening, apply_to_pair, changed
from tests.program.stacks import built

STACKS: Final = ("production", "staging")
OVERALL: Final = 0.95
"""The share of all mutations that has to be noticed."""
EVERY_SERVICE: Final = 0.90
"""The same for each service."""

_SHOWN_URNS = 3

Finding = tuple[str, str]
"""A rule that fires, by its name, and the URN of the resource that it blames."""


class Judge(Protocol):
    """Judges a stack by the mandatory rules."""

    def __call__(self, pair: Pair, changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
        """Every mandatory rule that fires, with the resource.

        Args:
            pair: both evaluations of the stack.
            changed: the URNs of the resources that are not as in the first pair that was judged of this
                stack, without `changed`: weakened, added or deleted. A judge may leave out what it said of
                the others, as long as nothing that these changes cause is missing.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mutation:
    """One weakening of one resource, and the rules that noticed."""

    weakening: Weakening
    stack: str
    urn: str
    rules: frozenset[str]

    @property
    def noticed(self) -> bool:
        """Whether a mandatory rule fired that had not fired before."""
        return bool(self.rules)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of something were noticed."""

    noticed: int
    total: int

    @property
    def share(self) -> float:
        """The noticed part of all, 1 of none."""
        return self.noticed / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.noticed:>5} of {self.total:>5}  {self.share:>6.1%}"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every mutation."""

    mutations: Sequence[Mutation]
    excluded: Sequence[Weakening]
    """Those that no rule at deployment could know; they count nowhere."""

    @property
    def overall(self) -> Tally:
        """Every mutation together."""
        return _tally(self.mutations)

    @property
    def services(self) -> Mapping[str, Tally]:
        """The mutations by service, in the order of the services' names."""
        return {service: _tally(group) for service, group in _grouped(self.mutations, _service)}

    @property
    def weakenings(self) -> Mapping[str, Tally]:
        """By service, the weakenings that are noticed wherever they apply: a stricter count, of kinds."""
        return {
            service: Tally(
                sum(all(m.noticed for m in same) for _name, same in kinds),
                len(kinds),
            )
            for service, group in _grouped(self.mutations, _service)
            for kinds in [_grouped(group, lambda mutation: mutation.weakening.name)]
        }

    @property
    def survivors(self) -> Sequence[tuple[Weakening, Sequence[Mutation]]]:
        """The weakenings that somewhere made no mandatory rule fire, with the mutations that it was."""
        unnoticed = [mutation for mutation in self.mutations if not mutation.noticed]
        by_name = _grouped(unnoticed, lambda m: f"{m.weakening.service} {m.weakening.name}")
        return [(same[0].weakening, same) for _name, same in by_name]

    @property
    def misses(self) -> Sequence[str]:
        """The goals that are missed, a line each."""
        missed = [
            f"{service}: {tally.share:.1%} of its mutations are noticed, not {EVERY_SERVICE:.0%}"
            for service, tally in self.services.items()
            if tally.share < EVERY_SERVICE
        ]
        if self.overall.share < OVERALL:
            missed.append(
                f"overall: {self.overall.share:.1%} of the mutations are noticed, not {OVERALL:.0%}"
            )
        return missed

    def table(self) -> str:
        """The report for a person: services, survivors with what they break, exclusions with reasons."""
        services, weakenings = self.services, self.weakenings
        width = max(map(len, [*services, "all services"]), default=0)
        lines = [f"{'service':{width}}  {'weakenings, everywhere':>22}  {'mutations':>22}"]
        lines += [f"{service:{width}}  {weakenings[service]}  {services[service]}" for service in services]
        kinds = Tally(sum(t.noticed for t in weakenings.values()), sum(t.total for t in weakenings.values()))
        lines.append(f"{'all services':{width}}  {kinds}  {self.overall}")
        if self.survivors:
            lines += ["", "Not noticed:"]
        for weakening, mutations in self.survivors:
            lines.append(f"  {weakening.service} | {weakening.name} | {weakening.kind} | {weakening.breaks}")
            lines += [f"      {place}" for place in _places(mutations)]
        if self.excluded:
            lines += ["", "Not counted, because no rule at deployment could know:"]
        lines += [f"  {w.service} | {w.name}: {w.excluded}" for w in self.excluded]
        return "\n".join(lines)


def evaluated(stack: str) -> Pair:
    """Both evaluations of a stack of ours, made once a process."""
    declared = built(stack)
    return Pair(unknown=declared.unknown, known=declared.known)


def score(
    judge: Judge, stacks: Mapping[str, Pair] | None = None, catalogue: Iterable[Weakening] = CATALOGUE
) -> Report:
    """Applies the catalogue and asks the judge about every mutation.

    Args:
        judge: judges a stack by the mandatory rules; first each stack as it is, then each mutation with the
            URNs of the resources that it changed.
        stacks: the stacks by name; without them production and staging.
        catalogue: the weakenings.
    """
    if stacks is None:
        stacks = {stack: evaluated(stack) for stack in STACKS}
    counted = [weakening for weakening in catalogue if not weakening.excluded]
    mutations: list[Mutation] = []
    for stack, pair in stacks.items():
        before = judge(pair)
        for weakening in counted:
            for urn, weakened in apply_to_pair(weakening, pair):
                fired = judge(weakened, changed(pair, weakened)) - before
                mutations.append(Mutation(weakening, stack, urn, frozenset(rule for rule, _urn in fired)))
    return Report(mutations, [weakening for weakening in catalogue if weakening.excluded])


def _tally(mutations: Sequence[Mutation]) -> Tally:
    return Tally(sum(mutation.noticed for mutation in mutations), len(mutations))


def _service(mutation: Mutation) -> str:
    return mutation.weakening.service


def _grouped(
    mutations: Iterable[Mutation], key: Callable[[Mutation], str]
) -> list[tuple[str, list[Mutation]]]:
    """The mutations by a key, the keys in order, those of a key as they come."""
    return [(name, list(group)) for name, group in groupby(sorted(mutations, key=key), key)]


def _places(mutations: Sequence[Mutation]) -> list[str]:
    """Where it was not noticed; of many places the first few."""
    places = [f"{mutation.stack}: {mutation.urn.rpartition('::')[2]}" for mutation in mutations]
    more = len(places) - _SHOWN_URNS
    return [*places[:_SHOWN_URNS], *([f"and {more} more"] if more > 0 else [])]
