"""Holds declared resources against the provider SDKs' own types, and references against what they name.

A value that is unknown is right wherever any value would be. A secret is judged like any other value,
and never shown.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path as File
from types import NoneType
from typing import Any, cast

from facts.enumerations import allowed
from facts.formats import violation
from preview import sdk_types
from preview.findings import Finding, Rule
from preview.graph import STACK_TYPE, Graph, Resource
from preview.places import Place, place_of
from preview.sdk_types import (
    PROVIDER_PREFIX,
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    Properties,
    Scalar,
    Type,
    UnresolvedTypeError,
    snake_case,
)
from preview.values import Asset, ResourceReference, Secret, Unknown, walk

_SHOWN_VALUES = 8
_SHOWN_LENGTH = 60
_HIDDEN = "[secret]"
"""Stands for a name that is part of a secret."""


def check(graph: Graph, directory: File, *, built: str | None = None) -> list[Finding]:
    """Everything that is wrong with a graph, in the order of its resources.

    Args:
        graph: what a program declared.
        directory: where the program ran; paths of files start there.
        built: the folder below it whose files a build makes, which need not have run yet.
    """
    products = directory / built if built else None
    return [
        finding for resource in graph.resources for finding in _check(resource, graph, directory, products)
    ]


def check_properties(resource: Resource) -> Iterator[Finding]:
    """Properties that a resource's type does not have, has otherwise, or wants."""
    try:
        wanted = sdk_types.inputs(resource.type)
    except UnresolvedTypeError as error:
        yield Finding(resource.urn, "", Rule.UNRESOLVED_TYPE, str(error))
        return
    inputs = resource.inputs
    if resource.type.startswith(PROVIDER_PREFIX):
        inputs = {name: _decoded(value, wanted.get(name)) for name, value in inputs.items()}
    yield from _Checker(resource).object(inputs, wanted, Place())


def _check(resource: Resource, graph: Graph, directory: File, products: File | None) -> Iterator[Finding]:
    if resource.custom:
        yield from check_properties(resource)
        yield from _check_parent(resource, graph)
    yield from _check_references(resource, graph)
    yield from _check_files(resource, directory, products)


def _check_parent(resource: Resource, graph: Graph) -> Iterator[Finding]:
    parent = graph.by_urn.get(resource.parent)
    if parent is None or (parent.type == STACK_TYPE and not resource.type.startswith(PROVIDER_PREFIX)):
        problem = "it hangs directly under the stack" if parent else "its parent is not declared"
        yield Finding(
            resource.urn, "", Rule.MISSING_PARENT, problem, "give it the component that it belongs to"
        )


def _check_references(resource: Resource, graph: Graph) -> Iterator[Finding]:
    provider = resource.options.provider.rpartition("::")[0]
    named = {urn: "" for urn in (*resource.dependencies, provider) if urn}
    for name, urns in resource.property_dependencies.items():
        named |= dict.fromkeys(urns, place_of(resource.type, (name,)).text)
    for path, value in walk(resource.inputs):
        if isinstance(value, ResourceReference):
            named[value.urn] = place_of(resource.type, path).text
    for urn, place in named.items():
        if urn not in graph.by_urn:
            problem = f"it refers to {urn}, which is not declared"
            yield Finding(resource.urn, place, Rule.DANGLING_REFERENCE, problem)


def _check_files(resource: Resource, directory: File, products: File | None) -> Iterator[Finding]:
    for path, value in walk(resource.inputs):
        if isinstance(value, Asset):
            for source in _files(value):
                file = directory / source
                if not file.exists() and not (products and file.is_relative_to(products)):
                    place = place_of(resource.type, path).text
                    yield Finding(resource.urn, place, Rule.MISSING_FILE, f"there is no file {source}")


def _files(asset: Asset) -> Iterator[str]:
    if asset.form == "path":
        yield asset.source
    elif asset.form == "assets":
        for member in cast("Mapping[str, Asset]", asset.source).values():
            yield from _files(member)


def _decoded(value: Any, wanted: sdk_types.Property | None) -> Any:
    """A provider's own configuration, which travels as JSON text where it is no text."""
    if not isinstance(value, str) or wanted is None or wanted.type is Scalar.STRING:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


class _Checker:
    """Walks one resource's inputs and their types side by side."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource

    def object(
        self, given: Mapping[str, Any], wanted: Properties, place: Place, *, secret: bool = False
    ) -> Iterator[Finding]:
        for wire, value in given.items():
            property_ = wanted.get(wire)
            if property_ is None:
                yield self._unknown_property(wire, wanted, place, secret=secret)
            elif value is not None:
                yield from self._value(value, property_.type, place.property(property_.name), secret=secret)
        if self._resource.read:
            return
        for wire, property_ in wanted.items():
            if property_.required and given.get(wire) is None:
                problem = f"it needs {property_.name}, which is {describe(property_.type)}"
                yield self._finding(place.property(property_.name), Rule.MISSING_PROPERTY, problem)

    def _value(self, value: Any, wanted: Type, place: Place, *, secret: bool = False) -> Iterator[Finding]:
        match value, wanted:
            case Unknown(), _:
                pass
            case Secret(), _:
                yield from self._value(value.value, wanted, place, secret=True)
            case _, OneOf():
                yield from self._one_of(value, wanted, place, secret=secret)
            case list(), ListOf(item=item):
                for index, element in enumerate(cast("list[Any]", value)):
                    yield from self._value(element, item, place.item(index), secret=secret)
            case Mapping(), MapOf(value=item):
                for key, element in cast("Mapping[str, Any]", value).items():
                    yield from self._value(
                        element, item, place.key(_HIDDEN if secret else key), secret=secret
                    )
            case Mapping(), ObjectOf():
                given = cast("Mapping[str, Any]", value)
                yield from self.object(given, sdk_types.properties(wanted), place, secret=secret)
            case _, Scalar() if _is_scalar(value, wanted):
                yield from self._allowed(value, place, secret=secret)
            case _:
                yield self._wrong_type(value, wanted, place, secret=secret)

    def _one_of(self, value: Any, wanted: OneOf, place: Place, *, secret: bool) -> Iterator[Finding]:
        attempts = [list(self._value(value, option, place, secret=secret)) for option in wanted.options]
        if not all(attempts):
            return
        right_type = [found for found in attempts if all(each.rule is Rule.NOT_ALLOWED for each in found)]
        # The option that is an object says best what is wrong inside.
        inside = [
            found
            for found, option in zip(attempts, wanted.options, strict=True)
            if isinstance(value, Mapping) and isinstance(option, ObjectOf | MapOf)
        ]
        if best := (right_type + inside)[:1]:
            yield from best[0]
        else:
            yield self._wrong_type(value, wanted, place, secret=secret)

    def _wrong_type(self, value: Any, wanted: Type, place: Place, *, secret: bool) -> Finding:
        shown = "" if secret else _shown(value)
        problem = f"it is {_kind(value)}{shown}, but has to be {describe(wanted)}"
        return self._finding(place, Rule.WRONG_TYPE, problem, _conversion(value, wanted))

    def _unknown_property(self, given: str, wanted: Properties, place: Place, *, secret: bool) -> Finding:
        wires = {property_.name: property_.wire for property_ in wanted.values()}
        near = [] if secret else get_close_matches(snake_case(given), wires, n=1, cutoff=0.6)
        if not near:
            suggestion = f"it has {_listed(wires)}" if wires else ""
        elif near[0] == given:
            # The SDK cannot tell what a plain dictionary in a union stands for, and translates nothing.
            suggestion = f"write it {wires[given]}"
        else:
            suggestion = f"did you mean {near[0]}?"
        owner = place.names[-1] if place.names else self._resource.type
        problem = f"{owner} has no such property"
        return self._finding(
            place.property(_HIDDEN if secret else given), Rule.UNKNOWN_PROPERTY, problem, suggestion
        )

    def _allowed(self, value: Any, place: Place, *, secret: bool) -> Iterator[Finding]:
        """A text that is none of those that the provider takes, or of another form."""
        if not isinstance(value, str):
            return
        values = allowed(self._resource.type, place.names)
        reason = violation(self._resource.type, place.names, value)
        if values is not None and value not in values:
            near = get_close_matches(value, values, n=1, cutoff=0.6)
            suggestion = f"did you mean {near[0]}?" if near and not secret else f"it takes {_listed(values)}"
        elif reason is not None:
            suggestion = reason
        else:
            return
        problem = f"its value{'' if secret else _shown(value)} is none that the provider takes"
        yield self._finding(place, Rule.NOT_ALLOWED, problem, suggestion)

    def _finding(self, place: Place, rule: Rule, problem: str, suggestion: str = "") -> Finding:
        return Finding(self._resource.urn, place.text, rule, problem, suggestion)


def _is_scalar(value: Any, wanted: Scalar) -> bool:
    match wanted:
        case Scalar.ANYTHING:
            return True
        case Scalar.STRING:
            return isinstance(value, str)
        case Scalar.BOOLEAN:
            return isinstance(value, bool)
        case Scalar.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Scalar.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Scalar.ASSET | Scalar.ARCHIVE:
            return isinstance(value, Asset) and value.kind == wanted.name.lower()


def describe(wanted: Type) -> str:
    """A type, in a person's words."""
    match wanted:
        case Scalar():
            return wanted.value
        case ListOf(item=item):
            return f"a list, each item {describe(item)}"
        case MapOf(value=value):
            return f"a map, each value {describe(value)}"
        case ObjectOf(name=name):
            return name
        case OneOf(options=options):
            return " or ".join(describe(option) for option in options)


_KINDS: Mapping[type, str] = {
    bool: Scalar.BOOLEAN,
    int: Scalar.INTEGER,
    float: Scalar.NUMBER,
    str: Scalar.STRING,
    list: "a list",
    dict: "a map",
    ResourceReference: "a whole resource",
    NoneType: "nothing",
}


def _kind(value: Any) -> str:
    """What a value is, in the words of `describe`."""
    return f"an {value.kind}" if isinstance(value, Asset) else _KINDS[type(value)]


def _shown(value: Any) -> str:
    """The value itself, where it is short and contains no secret that a message would give away."""
    if not isinstance(value, str | int | float):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f" ({text})" if len(text) <= _SHOWN_LENGTH else ""


def _conversion(value: Any, wanted: Type) -> str:
    match value, wanted:
        case ((Mapping() | str() | int()), ListOf()):
            return "put it into a list"
        case ((bool() | int() | float()), Scalar.STRING):
            return "write it as text"
        case str(), (Scalar.INTEGER | Scalar.NUMBER | Scalar.BOOLEAN):
            return "write it without quotation marks"
        case list(), (Scalar() | ObjectOf()):
            return "give one value instead of a list"
        case ResourceReference(), Scalar.STRING:
            return "give one of its outputs, such as its id or arn"
        case _:
            return ""


def _listed(values: Iterable[str]) -> str:
    ordered = sorted(values)
    more = len(ordered) - _SHOWN_VALUES
    return ", ".join(ordered[:_SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")
