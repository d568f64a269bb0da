"""Asks every rule about resources that chance made from the types of pulumi-aws, and worse ones.

A tree has the properties of its type, known, unknown, absent or of a wrong type, at every depth; texts are
drawn from the values that AWS takes, from what the rules themselves look for, from policy documents and from
what other resources of the stack are called. Each text that means nothing carries a mark, which no message
may show. The same seed makes the same trees.
"""

import ast
import inspect
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from facts.enumerations import allowed
from policies.catalogue import RULES
from policies.evaluate import by_type, judge
from policies.normalise import normalise
from policies.parameters import DEFAULTS
from policies.rule import STACK_TYPE, Rule
from policies.stack import Stack
from policies.view import UNKNOWN, Options, Resource
from preview import sdk_types
from preview.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Scalar, Type

MARK: Final = "qzx"
"""In every text that means nothing."""

_OF_A_TYPE: Final = 4
"""How many of each type are in a stack."""
_DEEPEST: Final = 5
_LONGEST_WORD: Final = 40
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker of the protocol)
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_TEXTS: Final = (
    "",
    " ",
    "*",
    "true",
    "false",
    "-1",
    "0",
    "1e400",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/8",
    "999.1.2.3/99",
    "arn:aws:iam::111122223333:root",
    "arn:aws:s3:::*",
    "arn:",
    "{",
    "[]",
    "sun:02:00-sun:04:00",
    "99:99-1",
    "rate(1 hour)",
    "cron(0 * ? * * *)",
    "Ä\u0000\ud800",
)
_NUMBERS: Final = (-1.0, 0.0, 1.0, 22.0, 443.0, 3389.0, 65535.0, 0.5, 1e18, float("inf"), float("nan"))
_WRONG: Final[tuple[Any, ...]] = (None, True, 1.5, float("nan"), MARK, [], {}, [[MARK]], {"a": {}}, [None])
_STATEMENT: Final[Mapping[str, tuple[Any, ...]]] = {
    "Effect": ("Allow", "Deny", "allow", 1),
    "Action": ("*", ["iam:*", "s3:GetObject"], "iam:PassRole", "sts:AssumeRole", [1]),
    "NotAction": ("iam:*", ["s3:*"], None),
    "Resource": ("*", [f"arn:aws:s3:::{MARK}/*"], "arn:aws:s3:::*", {}),
    "NotResource": ("*", f"arn:aws:s3:::{MARK}"),
    "Principal": ("*", {"AWS": ["*", "111122223333"]}, {"Service": f"{MARK}.com"}, {"Federated": 1}, []),
    "NotPrincipal": ({"AWS": "*"}, MARK),
    "Condition": (
        {},
        {"StringLike": {"aws:SourceArn": f"arn:{MARK}"}},
        {"Bool": {"aws:SecureTransport": [False, "false"]}},
        {"StringEquals": {"a:sub": ["*"], "a:aud": None}},
        {"StringEqualsIfExists": MARK},
        [MARK],
    ),
}

_Names = tuple[str, ...]
"""The way to a property in Python names."""


@dataclass
class Outcome:
    """What came of it."""

    judged: int = 0
    """How many resources were judged."""
    judgements: int = 0
    """How often a rule was asked."""
    made: Counter[str] = field(default_factory=Counter[str])
    """How many resources of each type the rules could see: the judged ones and those beside them."""
    failures: list[str] = field(default_factory=list[str])
    """Rules that raised."""
    leaks: list[str] = field(default_factory=list[str])
    """Messages that show a property's value."""


def types() -> list[str]:
    """The types that rules are about."""
    return sorted(by_type(RULES))


def fuzz(token: str, count: int, *, rules: tuple[Rule, ...] = RULES, seed: int = 0) -> Outcome:
    """Judges resources of a type, in stacks with resources of what its rules look for.

    Args:
        token: the type.
        count: how many are judged, and how many of each type that the rules look for are made at least.
        rules: the rules, those of other types left out.
        seed: with which chance starts, together with the type.
    """
    chance = random.Random(f"{token} {seed}")  # noqa: S311 (no secret comes of it)
    asked: set[str] = {token}
    outcome = Outcome()
    while outcome.judged < count or any(outcome.made[other] < count for other in asked):
        tokens = [token] * _OF_A_TYPE + sorted(asked) * _OF_A_TYPE
        outcome.made.update(tokens)
        stack = _Recording(_resources(tokens, chance))
        stack.asked = asked
        for resource in stack.resources[:_OF_A_TYPE]:
            outcome.judged += 1
            for rule in by_type(rules).get(token, ()):
                _ask(rule, resource, stack, outcome)
    return outcome


def _ask(rule: Rule, resource: Resource, stack: Stack, outcome: Outcome) -> None:
    outcome.judgements += 1
    judgement = judge(rule, resource, DEFAULTS, stack)
    if judgement.broken:
        outcome.failures.append(f"{rule.name}: {judgement.problems[-1]}: {resource.raw(())!r}")
    outcome.leaks += [f"{rule.name}: {problem}" for problem in judgement.problems if MARK in problem]


class _Recording(Stack):
    """A stack that remembers of which types it was asked for."""

    asked: set[str]

    def all(self, *types: str) -> list[Resource]:
        self.asked.update(types)
        return super().all(*types)


def _resources(tokens: list[str], chance: random.Random) -> list[Resource]:
    urns = [f"urn:pulumi:test::example::some:kind:Component${t}::{MARK}-{i}" for i, t in enumerate(tokens)]
    names = [f"{MARK}-name-{index}" for index in range(len(tokens))]
    tree = _Tree(chance, names)
    found: list[Resource] = []
    for token, urn, name in zip(tokens, urns, names, strict=True):
        inputs, secrets = normalise(tree.inputs(token))
        found.append(
            Resource(
                urn=urn,
                type_token=token,
                inputs=inputs,
                identifier=chance.choice((UNKNOWN, name)),
                outputs={**inputs, "arn": chance.choice((UNKNOWN, f"arn:aws:x:::{name}"))},
                dependencies=(chance.choice(urns),),
                property_dependencies={key: (chance.choice(urns),) for key in inputs if tree.draws(0.3)},
                options=Options(protect=tree.draws(0.5)),
                secrets=secrets,
            )
        )
    return found


class _Tree:
    """Makes values of a type, most of them right."""

    def __init__(self, chance: random.Random, names: list[str]) -> None:
        self._chance = chance
        self._called = names

    def draws(self, share: float) -> bool:
        """True in that share of the draws."""
        return self._chance.random() < share

    def inputs(self, token: str) -> dict[str, Any]:
        """The inputs of a resource, as they travel on the wire."""
        if token == STACK_TYPE:
            return {}
        return self._object(token, (), sdk_types.inputs(token), 0)

    def _object(self, token: str, names: _Names, wanted: sdk_types.Properties, depth: int) -> dict[str, Any]:
        share = self._chance.random()
        return {
            wire: self._value(token, (*names, found.name), found.type, depth)
            for wire, found in wanted.items()
            if self.draws(share)
        }

    def _value(self, token: str, names: _Names, wanted: Type, depth: int) -> Any:
        if self.draws(0.08):
            return _UNKNOWN_TEXT
        if self.draws(0.06):
            wrong = self._chance.choice(_WRONG)
            return [wrong, _UNKNOWN_TEXT] if self.draws(0.2) else wrong
        value = self._right(token, names, wanted, depth)
        return {_SIGNATURE: _SECRET, "value": value} if self.draws(0.04) else value

    def _right(self, token: str, names: _Names, wanted: Type, depth: int) -> Any:  # noqa: PLR0911 (one case per kind)
        if depth > _DEEPEST:
            return None
        match wanted:
            case Scalar.BOOLEAN:
                return self.draws(0.5)
            case Scalar.INTEGER | Scalar.NUMBER:
                return self._chance.choice(_NUMBERS)
            case Scalar.STRING:
                return self._text(token, names)
            case ListOf(item=item):
                count = self._chance.choice((0, 1, 1, 2, 3))
                return [self._value(token, names, item, depth + 1) for _ in range(count)]
            case MapOf(value=inner):
                keys = [self._text(token, names) for _ in range(self._chance.choice((0, 1, 2)))]
                return {key: self._value(token, names, inner, depth + 1) for key in keys}
            case ObjectOf():
                return self._object(token, names, sdk_types.properties(wanted), depth + 1)
            case OneOf(options=options):
                return self._right(token, names, self._chance.choice(options), depth)
            case _:
                return {_SIGNATURE: _ASSET, "text": MARK}

    def _text(self, token: str, names: _Names) -> str:
        sources: tuple[Callable[[], str], ...] = (
            lambda: self._chance.choice(_known_values(token, names)),
            lambda: self._chance.choice(_literals(token)),
            lambda: self._chance.choice(_literals(token)),
            lambda: self._chance.choice(_TEXTS),
            lambda: self._chance.choice(self._called),
            lambda: f"{MARK}{self._chance.random()}",
            self._document,
        )
        return self._chance.choice(sources)()

    def _document(self) -> str:
        """A policy document, or nearly one."""
        statement = {word: self._chance.choice(values) for word, values in _STATEMENT.items()}
        kept = {word: value for word, value in statement.items() if self.draws(0.6)}
        statements = self._chance.choice(([kept], kept, [], [kept, MARK], None, [kept, kept]))
        return json.dumps({"Version": "2012-10-17", "Statement": statements})


@cache
def _known_values(token: str, names: _Names) -> tuple[str, ...]:
    return tuple(sorted(allowed(token, names) or (MARK,)))


@cache
def _literals(token: str) -> tuple[str, ...]:
    """What the rules about a type look for: the short words of their modules."""
    modules = {rule.predicate.__module__ for rule in by_type(RULES).get(token, ())}
    texts = [inspect.getsource(sys.modules[module]) for module in sorted(modules)]
    return tuple(sorted({word for text in texts for word in _words(text)})) or (MARK,)


def _words(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_word(node.value):
            yield node.value


def _is_word(text: str) -> bool:
    return len(text) < _LONGEST_WORD and " " not in text and not text.startswith("aws:")
