"""The pack as the judge of weakened stacks: which mandatory rules fire.

A rule is asked again only where a change can matter to it: about a resource that changed, or, if it needs the
stack, where one of a type changed that it asked for the first time. It is a pure function, so that nothing
else can change its answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from policies.evaluate import by_type, judge
from policies.from_graph import resource_of
from policies.ownership import in_one_account
from policies.pack import Pack, read_pack
from policies.rule import Level, Rule, Settings
from policies.stack import Stack
from policies.view import Resource
from preview import graph
from tests.policies.mutation_score import Finding
from tests.policies.weakenings import Pair

_EVERYTHING = "*"


class PackJudge:
    """Says which mandatory rules fire in a stack and its weakenings."""

    def __init__(self) -> None:
        self._converted: dict[int, tuple[graph.Resource, Resource]] = {}
        self._first: dict[str, _First] = {}

    def __call__(self, pair: Pair, changed: frozenset[str] | None = None, /) -> AbstractSet[Finding]:
        """Every mandatory rule that fires, of those that have to be asked again."""
        resources = in_one_account(self._resource(declared) for declared in pair.known.resources)
        name = resources[0].urn.split("::")[0].rpartition(":")[2]
        if changed is None:
            self._first[name] = _First(_Rules.of(read_pack(name)), {r.urn: r for r in resources})
            stack: Stack = _Recording(resources, self._first[name])
            return frozenset(self._first[name].fired(stack.resources, stack))
        first = self._first[name]
        return frozenset(first.fired(resources, Stack(resources), changed))

    def _resource(self, declared: graph.Resource) -> Resource:
        """The resource as rules see it; a weakened stack shares all others with the first one."""
        kept = self._converted.get(id(declared))
        if kept is None:
            kept = self._converted[id(declared)] = declared, resource_of(declared)
        return kept[1]


@dataclass
class _Rules:
    """The mandatory rules of a pack with their settings."""

    of_type: dict[str, tuple[Rule, ...]]
    settings: dict[str, Settings]

    @classmethod
    def of(cls, pack: Pack) -> "_Rules":
        level = pack.configuration.level
        mandatory = [rule for rule in pack.rules if level(rule) is Level.MANDATORY]
        return cls(
            dict(by_type(mandatory)), {rule.name: pack.configuration.settings(rule) for rule in mandatory}
        )


@dataclass
class _First:
    """A stack as it is, and of which types each rule asked there."""

    rules: _Rules
    resources: dict[str, Resource]
    asked: dict[Finding, set[str]] = field(default_factory=dict[Finding, set[str]])
    asking: Finding = ("", "")

    def fired(
        self, resources: Iterable[Resource], stack: Stack, changed: frozenset[str] | None = None
    ) -> Iterator[Finding]:
        """The rules that fire, of all or of those for which something changed."""
        types = self._types(stack, changed or frozenset())
        for resource in resources:
            for rule in self.rules.of_type.get(resource.type, ()):
                self.asking = rule.name, resource.urn
                if changed is not None and resource.urn not in changed:
                    asked = self.asked.get(self.asking, set())
                    if asked.isdisjoint(types) and _EVERYTHING not in asked:
                        continue
                if judge(rule, resource, self.rules.settings[rule.name], stack).problems:
                    yield self.asking

    def _types(self, stack: Stack, changed: frozenset[str]) -> set[str]:
        found = (of.get(urn) for urn in changed for of in (self.resources, stack.by_urn))
        return {resource.type for resource in found if resource is not None}


class _Recording(Stack):
    """A stack that remembers of which types each rule asked."""

    def __init__(self, resources: Iterable[Resource], first: _First) -> None:
        super().__init__(resources)
        self._first = first

    def all(self, *types: str) -> list[Resource]:
        self._first.asked.setdefault(self._first.asking, set()).update(types)
        return super().all(*types)

    @property
    def by_urn(self) -> Mapping[str, Resource]:
        """Whoever asks for this may see everything."""
        self._first.asked.setdefault(self._first.asking, set()).add(_EVERYTHING)
        return super().by_urn
