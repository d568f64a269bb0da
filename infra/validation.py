"""Holds what a file says against a model, and says what does not fit in the file's own terms."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from infra.mistakes import ConfigurationError, Mistake
from infra.yaml_file import Absent, Document, KeyPath, at, written

_LONGEST_VALUE = 60
_CLOSE = 0.7
"""How much a wrong word has to resemble a right one to have been meant: less only confuses."""

_TELLING = ("value_error", "enum", "literal_error")
"""Errors whose text may repeat a part of the value, or show what resembles it."""


class Section(BaseModel):
    """A part of a file: frozen, strict, without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], value: Any, document: Document, *, below: KeyPath = ()) -> Model:
    """Makes a model of a value that comes from a file.

    Args:
        model: what the value should be.
        value: the value, of JSON's types.
        document: the file, for the lines of the mistakes.
        below: where in the file the value stands.

    Raises:
        ConfigurationError: one mistake for everything that does not fit.
    """
    try:
        # From JSON even a strict model takes text for an enumeration, and a list for a tuple.
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        schema = model.model_json_schema()
        errors = error.errors(include_url=False, include_input=False)
        misspelled = {
            (*details["loc"][:-1], _meant(details, schema))
            for details in errors
            if details["type"] == "extra_forbidden"
        }
        raise ConfigurationError(
            _mistake(details, schema, value, document, below)
            for details in errors
            # Who writes `cidrs` for `cidr` hears of it once.
            if details["type"] != "missing" or details["loc"] not in misspelled
        ) from None


def mistake(
    document: Document, path: KeyPath, value: Any, problem: str, *, tells_nothing: bool = False
) -> Mistake:
    """A mistake in the value at a path: `syncup:network.cidr is 10.20.0.0/30: too small …`.

    Of what may be a secret neither the value is shown nor the problem, unless that tells nothing of it.
    """
    if value is Absent:
        text = f"is missing: {problem}"
    elif not document.secrets.intersection(map(str, path)):
        text = f"is {shown(value)}: {_without(value, problem)}"
    elif tells_nothing:
        text = f"is not shown, as it may be a secret: {problem}"
    else:
        text = "does not fit, and is not shown, as it may be a secret"
    return Mistake(document.file, document.line(path), f"{written(path)} {text}")


def shown(value: Any) -> str:
    """A value as a message gives it: on one line, and no longer than it takes to recognise it."""
    match value:
        case None | "" | [] | {}:
            return "empty"
        case bool():
            return str(value).lower()
        case str():
            # Text that needs no quotes in YAML gets none here.
            text = value if value.isprintable() and value == value.strip() else json.dumps(value)
        case Mapping():
            return "a mapping"
        case list():
            text = json.dumps(value).replace('"', "")
            if "{" in text:
                return "a list"
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _without(value: Any, problem: str) -> str:
    """A problem that does not say the value again."""
    for prefix in (f"{value} is ", f"{value!r} is ", f"{value!r}: ", f"in {value!r}: "):
        problem = problem.removeprefix(prefix)
    return problem


def one_of(values: Iterable[object], given: object = None) -> str:
    """What to write where only some values are right: the one that was probably meant, or all."""
    names = [str(value) for value in values]
    return f"write {_nearest(names, given) or _either(names)}"


def _nearest(names: list[str], given: object) -> str | None:
    """What was probably meant. A namespace that all share makes nothing alike."""
    by_word = {name.rpartition(":")[2]: name for name in names}
    near = get_close_matches(str(given).rpartition(":")[2], by_word, n=1, cutoff=_CLOSE)
    return by_word[near[0]] if near else None


def _meant(details: ErrorDetails, schema: Mapping[str, Any]) -> str | None:
    """The key for which an unknown one stands."""
    *parent, key = details["loc"]
    return _nearest(_keys(_schema_at(schema, tuple(parent))), key)


def _keys(schema: Mapping[str, Any]) -> list[str]:
    return list(schema.get("properties", {}))


def _mistake(
    details: ErrorDetails, schema: Mapping[str, Any], value: Any, document: Document, below: KeyPath
) -> Mistake:
    location = details["loc"]
    if location[-1] == "[key]":
        path = (*below, *location[:-1])
        text = f"{written(path)} is no fitting key: {_problem(details, {}, location[-2])}"
        return Mistake(document.file, document.line(path), text)
    path = (*below, *location)
    match details["type"]:
        case "missing":
            wanted = _wanted(_schema_at(schema, location))
            return Mistake(document.file, document.line(path), f"{written(path)} is missing: add {wanted}")
        case "extra_forbidden":
            known = one_of(_keys(_schema_at(schema, location[:-1])), location[-1])
            return Mistake(document.file, document.line(path), f"{written(path)} is no known key: {known}")
        case _:
            found = at(value, location)
            problem = _problem(details, _schema_at(schema, location), found)
            return mistake(document, path, found, problem, tells_nothing=details["type"] not in _TELLING)


def _problem(details: ErrorDetails, schema: Mapping[str, Any], value: Any) -> str:
    kind = details["type"]
    if kind == "value_error":
        return str(details["ctx"]["error"]) if "ctx" in details else details["msg"]
    if kind in ("int_type", "bool_type", "literal_error") and _is_quoted(value):
        return "write it without quotes"
    if kind in ("enum", "literal_error"):
        return one_of(_choices(schema), value)
    if kind == "string_type" and isinstance(value, int | float):
        return f"text is wanted here, put it in quotes{_example(schema, ' as in ')}"
    if kind == "string_type" and isinstance(value, list):
        return f"one value is wanted here{_example(schema, ', such as ')}"
    return f"write {_wanted(schema)}"


def _is_quoted(value: Any) -> bool:
    """Whether it is a number or a truth that became text by its quotes."""
    return isinstance(value, str) and (value in ("true", "false") or value.removeprefix("-").isdigit())


def _wanted(schema: Mapping[str, Any]) -> str:
    """What a schema asks for, in words, with an example where the model has one."""
    choices = _choices(schema)
    return _either(choices) if choices else f"{_kind(schema)}{_example(schema, ' such as ')}"


def _example(schema: Mapping[str, Any], before: str) -> str:
    examples: list[Any] = schema.get("examples", [])
    return f"{before}{examples[0]}" if examples else ""


def _kind(schema: Mapping[str, Any]) -> str:
    match schema.get("type"):
        case "object" if "properties" in schema:
            return f"a mapping with the keys {', '.join(schema['properties'])}"
        case "object":
            return "a mapping"
        case "array":
            return f"a list{_range(schema.get('minItems'), schema.get('maxItems'), ' of ')}"
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_range(schema.get('minimum'), schema.get('maximum'), ', ')}"
        case _:
            return "text"


def _range(low: int | None, high: int | None, before: str) -> str:
    if low is not None and high is not None:
        return f"{before}{low} to {high}"
    if low is not None:
        return f"{before}{low} or more"
    return f"{before}{high} or less" if high is not None else ""


def _choices(schema: Mapping[str, Any]) -> list[str]:
    """The values of an enumeration; none where anything goes."""
    if "const" in schema:
        return [str(schema["const"])]
    return [str(value) for value in schema.get("enum", [])]


def _either(names: list[str]) -> str:
    return f"one of {', '.join(names)}" if len(names) > 1 else names[0]


def _schema_at(schema: Mapping[str, Any], location: KeyPath) -> Mapping[str, Any]:
    """The part of a JSON schema that speaks of a place in the value; empty where there is none."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    here = _resolved(schema, definitions)
    for step in location:
        here = _resolved(_below(here, step), definitions)
    return here


def _below(schema: Mapping[str, Any], step: str | int) -> Mapping[str, Any]:
    if isinstance(step, int):
        return schema.get("items", {})
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties.get(step) or schema.get("additionalProperties") or {}


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follows a reference, and for what may be absent takes what it is where it is present."""
    present = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    merged: dict[str, Any] = {**(present[0] if present else {}), **schema}
    reference: str | None = merged.get("$ref")
    return {**definitions[reference.rpartition("/")[2]], **merged} if reference else merged
