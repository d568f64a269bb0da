"""Holds a rule to what every rule has to do, from two examples that differ only in what it is about.

    CASES = (
        Case(
            rds.instance_storage_encrypted,
            base={"engine": "postgres"},
            compliant={"storageEncrypted": True},
            violating={"storageEncrypted": False},
        ),
    )
    test_cases = judged(CASES)

From it follow: the compliant and the violating resource, valid by the SDK's own types; the property that
differs absent, and unknown, each with the whole path to it; and all of it once more as the SDK's runtime
hands it over, in proxies and with floats.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast, final

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.evaluate import Judgement, Verdict, judge
from policies.normalise import normalise
from policies.parameters import DEFAULTS
from policies.rule import Rule
from policies.stack import Stack
from policies.view import UNKNOWN, Options, Resource
from preview import graph, sdk_types, values
from preview.check import check_properties
from preview.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Scalar, Type


def reference(index: int) -> str:
    """Stands, inside inputs, for a resource's identifier: 0 is the judged one, 1 the first beside it."""
    return f"{{resource {index}}}"


MAIN: Final = reference(0)
"""Stands for the judged resource's identifier, in the inputs of one beside it."""
SIDE: Final = reference(1)
"""Stands for the identifier of the first resource beside it, in the judged one's inputs."""

_ACCOUNT: Final = "111122223333"
"""The account of every example."""
_STACK: Final = "urn:pulumi:test::example::"
_REFERENCE: Final = re.compile(r"{resource ([0-9]+)}")


@final
class Side:
    """A resource beside the judged one. `MAIN` in its inputs refers to that one."""

    def __init__(self, type_token: str, /, **inputs: Any) -> None:
        """Keeps the type and its inputs by their wire names."""
        self.type = type_token
        self.inputs = inputs


def backup_selection(resources: list[str], **given: Any) -> list[Side]:
    """A backup plan, and what it selects. They have to be the first ones beside the judged resource."""
    return [
        Side("aws:backup/plan:Plan", rules=[{"ruleName": "daily", "targetVaultName": "vault"}]),
        Side("aws:backup/selection:Selection", planId=SIDE, resources=resources, **given),
    ]


@dataclass(frozen=True)
class Case:
    """Two examples for a rule, and what has to follow from them."""

    rule: Rule
    compliant: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The inputs of the compliant one, besides `base`."""
    violating: Mapping[str, Any] = field(default_factory=dict[str, Any])
    base: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Inputs that both have. What the type requires and nobody gives is filled in."""
    type: str = ""
    """The type, where it is not the rule's first."""
    beside: Sequence[Side] = ()
    """Resources beside either."""
    compliant_beside: Sequence[Side] = ()
    violating_beside: Sequence[Side] = ()
    absent: Verdict | None = Verdict.VIOLATED
    """The verdict where the property that differs is absent, or the resource beside it that differs.
    None where that says nothing (the type requires it)."""
    unknown: Verdict | None = Verdict.UNDECIDABLE
    """The verdict where it is unknown; None where that says nothing (something else may tell)."""
    out_of_scope: Sequence[Mapping[str, Any]] = ()
    """Inputs, besides `base` and `violating`, about which the rule says nothing."""
    compliant_options: Options = field(default_factory=Options)
    """The resource options of the compliant one."""
    violating_options: Options = field(default_factory=Options)
    more_compliant: Sequence[Mapping[str, Any]] = ()
    """Further inputs, besides `base`, that comply."""
    more_violating: Sequence[Mapping[str, Any]] = ()
    """Further inputs, besides `base`, that do not."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The parameters that differ from their defaults."""
    valid: bool = True
    """False where a resource is valid only to AWS, because the SDK's types say too little."""

    def __str__(self) -> str:
        return self.rule.name


def judged(cases: Sequence[Case]) -> Callable[[Case], None]:
    """The test of a module's cases."""

    @pytest.mark.parametrize("case", cases, ids=_numbered(cases))
    def test_the_rule_decides(case: Case) -> None:
        check(case)

    return test_the_rule_decides


def _numbered(cases: Sequence[Case]) -> list[str]:
    """The rules' names, numbered where one has several cases."""
    names = [str(case) for case in cases]
    return [
        name if names.count(name) == 1 else f"{name}-{names[: index + 1].count(name)}"
        for index, name in enumerate(names)
    ]


def check(case: Case) -> None:
    """Asserts all that follows from a case."""

    def compliant(inputs: Mapping[str, Any]) -> list[_Given]:
        return _situation(case, inputs, case.compliant_beside, case.compliant_options)

    def violating(inputs: Mapping[str, Any]) -> list[_Given]:
        return _situation(case, inputs, case.violating_beside, case.violating_options)

    good, bad = compliant(case.compliant), violating(case.violating)
    expect(case, good, Verdict.COMPLIANT, "the compliant example")
    expect(case, bad, Verdict.VIOLATED, "the violating example")
    for inputs in case.more_compliant:
        expect(case, compliant(inputs), Verdict.COMPLIANT, f"{inputs}")
    for inputs in case.more_violating:
        expect(case, violating(inputs), Verdict.VIOLATED, f"{inputs}")
    for inputs in case.out_of_scope:
        outside = violating({**case.violating, **inputs})
        expect(case, outside, Verdict.OUT_OF_SCOPE, f"{inputs}")
    differing = _difference(good, bad)
    assert differing or good != bad, f"the two examples of {case} do not differ"
    for index, path in differing:
        for depth in range(len(path) + (index > 0)):
            steps = path[: len(path) - depth]
            place = f"{good[index].type} {'.'.join(steps)}"
            if case.absent is not None:
                expect(case, _changed(good, index, steps, None), case.absent, f"{place} absent", valid=False)
            if steps and case.unknown is not None:
                unknown = _changed(good, index, steps, UNKNOWN)
                expect(case, unknown, case.unknown, f"{place} unknown", valid=False)


def expect(case: Case, situation: "list[_Given]", verdict: Verdict, what: str, *, valid: bool = True) -> None:
    """Asserts a verdict in every form in which the resources may come."""
    if valid and case.valid:
        for given in situation:
            _assert_valid(given)
    for form, stack in _forms(situation):
        judgement = _judged(case, stack)
        assert not judgement.broken, f"{case}: {what}, {form}: {judgement.problems}"
        assert judgement.verdict is verdict, (
            f"{case}: {what}, {form}, is {judgement.verdict} and not {verdict}: "
            f"{judgement.problems or judgement.unknown}"
        )
        _assert_no_value_shown(judgement, situation)


def _judged(case: Case, stack: Stack) -> Judgement:
    settings = {**DEFAULTS, **case.settings}
    return judge(case.rule, stack.resources[0], settings, stack)


# The resources ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Given:
    """One resource of a situation: the judged one, or one beside it."""

    type: str
    inputs: Mapping[str, Any]
    options: Options = field(default_factory=Options)


def _situation(
    case: Case, inputs: Mapping[str, Any], beside: Sequence[Side], options: Options
) -> list[_Given]:
    token = case.type or case.rule.types[0]
    main = _Given(token, filled(token, {**case.base, **inputs}), options)
    return [main, *(_Given(side.type, filled(side.type, side.inputs)) for side in (*case.beside, *beside))]


def filled(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs with what their type requires besides; a type of no SDK stays as it is."""
    if not token.startswith("aws:"):
        return dict(inputs)
    required = {
        wire: _example(property_.type, wire)
        for wire, property_ in sdk_types.inputs(token).items()
        if property_.required and wire not in inputs
    }
    return {**required, **inputs}


def _example(wanted: Type, name: str) -> Any:  # noqa: PLR0911 (one case per kind of type)
    match wanted:
        case Scalar.STRING:
            return "{}" if name.lower().endswith("policy") else f"example-{name}".lower()
        case Scalar.INTEGER | Scalar.NUMBER:
            return 1
        case Scalar.BOOLEAN:
            return True
        case ListOf(item=item):
            return [_example(item, name)]
        case MapOf():
            return {}
        case ObjectOf():
            properties = sdk_types.properties(wanted)
            return {w: _example(p.type, w) for w, p in properties.items() if p.required}
        case OneOf(options=options):
            return _example(options[0], name)
        case _:
            return values.Asset("archive", "path", ".")


def _assert_valid(given: _Given) -> None:
    if not given.type.startswith("aws:"):
        return
    declared = graph.Resource(
        urn=f"{_STACK}{given.type}::main",
        type=given.type,
        name="main",
        parent="",
        custom=True,
        inputs=_referring(given.inputs, _identifier),
    )
    found = [str(finding) for finding in check_properties(declared) if "example-" not in finding.problem]
    assert not found, f"{given.type} is not valid: {found}"


def _referring(value: Any, named: Callable[[int], Any]) -> Any:
    """Inputs with what a resource is called in the place of each reference."""
    if isinstance(value, Mapping):
        return {key: _referring(item, named) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_referring(item, named) for item in cast("list[Any]", value)]
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return named(int(found[1])) if found else value


def _identifier(index: int) -> str:
    return f"example-{index}a1b2c3d"


def _arn(index: int) -> str:
    return f"arn:aws:example:us-west-2:{_ACCOUNT}:thing/{_identifier(index)}"


def _unknown(_index: int) -> Any:
    return UNKNOWN


def _forms(situation: list[_Given]) -> Iterator[tuple[str, Stack]]:
    """The same resources in each form in which they may come."""
    yield "known", _stack(situation, _identifier)
    yield "in the SDK's proxies", _stack(situation, _identifier, proxied=True)
    if _REFERENCE.search(repr(situation)):
        yield "referred to by ARN", _stack(situation, _arn)
        yield "referred to by what is unknown", _stack(situation, _unknown)


def _stack(situation: list[_Given], named: Callable[[int], Any], *, proxied: bool = False) -> Stack:
    urns = [f"{_STACK}{given.type}::resource-{index}" for index, given in enumerate(situation)]
    resources: list[Resource] = []
    for index, given in enumerate(situation):
        inputs: Any = _referring(given.inputs, named)
        if proxied:
            inputs = unknown_checking_proxy(_as_runtime(inputs))
        normalised, secrets = normalise(inputs)
        unknown = named is _unknown
        resources.append(
            Resource(
                urn=urns[index],
                type_token=given.type,
                inputs=normalised,
                secrets=secrets,
                identifier=UNKNOWN if unknown else _identifier(index),
                outputs={**normalised, "arn": UNKNOWN if unknown else _arn(index)},
                property_dependencies=_dependencies(given, urns),
                account=_ACCOUNT,
                options=given.options,
            )
        )
    return Stack(resources)


def _dependencies(given: _Given, urns: list[str]) -> dict[str, tuple[str, ...]]:
    """What each property comes from, as the SDK tells it."""
    found = {name: _REFERENCE.findall(repr(value)) for name, value in given.inputs.items()}
    return {
        name: tuple(urns[int(index)] for index in indices if int(index) < len(urns))
        for name, indices in found.items()
        if indices
    }


def _as_runtime(value: Any) -> Any:
    """Inputs as the analyzer protocol hands them to the SDK: every number a float, unknowns as marks."""
    if isinstance(value, dict):
        return {key: _as_runtime(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_as_runtime(item) for item in cast("list[Any]", value)]
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


# What differs -----------------------------------------------------------------------------------------

_Path = tuple[str, ...]


def _difference(good: list[_Given], bad: list[_Given]) -> list[tuple[int, _Path]]:
    """Where the compliant example differs: which resource, and the way to the property.

    A resource that only the compliant one has differs as a whole.
    """
    found: list[tuple[int, _Path]] = []
    for index, given in enumerate(good):
        if index >= len(bad) or bad[index].type != given.type:
            found.append((index, ()))
        else:
            found += [(index, path) for path in _differing(given.inputs, bad[index].inputs)]
    return found


def _differing(good: Mapping[str, Any], bad: Mapping[str, Any]) -> Iterator[_Path]:
    for name in sorted(good.keys() | bad.keys()):
        mine, other = good.get(name), bad.get(name)
        if isinstance(mine, Mapping) and isinstance(other, Mapping):
            inner = cast("Mapping[str, Any]", mine)
            for path in _differing(inner, cast("Mapping[str, Any]", other)):
                yield (name, *path)
        elif mine != other:
            yield (name,)


def _changed(situation: list[_Given], index: int, path: _Path, value: Any) -> list[_Given]:
    """The situation with a property set, or gone where the value is None; a whole resource by no path."""
    if not path:
        return [given for position, given in enumerate(situation) if position != index]
    inputs = deepcopy(dict(situation[index].inputs))
    around = inputs
    for step in path[:-1]:
        around = around.setdefault(step, {})
    if value is None:
        around.pop(path[-1], None)
    else:
        around[path[-1]] = value
    changed = replace(situation[index], inputs=inputs)
    return [*situation[:index], changed, *situation[index + 1 :]]


_SHORT: Final = 6
"""Shorter texts may be words of a message by chance."""


def _assert_no_value_shown(judgement: Judgement, situation: list[_Given]) -> None:
    """What a message may name is what the rule's own text names."""
    source = inspect.getsource(sys.modules[judgement.rule.predicate.__module__])
    for given in situation:
        for _, value in values.walk(given.inputs):
            if isinstance(value, str) and len(value) >= _SHORT and value not in source:
                shown = [problem for problem in judgement.problems if value in problem]
                assert not shown, f"{judgement.rule} shows a value: {shown}"


def arn(service: str, resource: str) -> str:
    """An ARN in the account and the region of the examples."""
    return f"arn:aws:{service}:us-west-2:111122223333:{resource}"


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
