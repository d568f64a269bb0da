"""When two values are the same to AWS: the form in which they are compared.

The order of a set means nothing, nor the form of a JSON document; in a policy neither the order of
statements, actions and resources, nor whether a single one stands in a list.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from facts.sets import is_set
from preview.places import place_of
from preview.values import Asset, Path, ResourceReference, Secret, Unknown

_LISTS: Final = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_PRINCIPALS: Final = frozenset({"Principal", "NotPrincipal"})


def normal(token: str, path: Path, value: Any) -> str:
    """The text that two values have in common where they are the same.

    Args:
        token: the resource's type.
        path: the way to the value from the resource, in wire names.
        value: as in `preview.values`.
    """
    return json.dumps(_normal(token, path, value), sort_keys=True, ensure_ascii=False)


def _normal(token: str, path: Path, value: Any) -> Any:  # noqa: PLR0911 (one case per kind of value)
    match value:
        case Secret():
            return {"$secret": _normal(token, path, value.value)}
        case Unknown():
            return {"$unknown": True}
        case ResourceReference():
            return {"$resource": value.urn}
        case Asset():
            if value.digest:
                return {"$content": value.digest}
            return {"$asset": [value.kind, value.form, _normal(token, path, value.source)]}
        case str():
            return _document(value)
        case Mapping():
            properties = cast("Mapping[str, Any]", value).items()
            # What is null is not there.
            return {k: _normal(token, (*path, k), item) for k, item in properties if item is not None}
        case list():
            items = cast("list[Any]", value)
            found = [_normal(token, (*path, index), item) for index, item in enumerate(items)]
            return sorted(found, key=_text) if is_set(token, place_of(token, path).names) else found
        case _:
            return value


def _document(text: str) -> Any:
    """A JSON document apart from its form; another text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        found: Any = json.loads(text)
    except ValueError:
        return text
    if isinstance(found, dict) and "Statement" in found:
        found = _policy(cast("dict[str, Any]", found))
    return {"$json": cast("Any", found)}


def _policy(document: dict[str, Any]) -> dict[str, Any]:
    statements = sorted(map(_statement, _listed(document["Statement"])), key=_text)
    return {**document, "Statement": statements}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    found = dict(cast("dict[str, Any]", statement))
    for name in found.keys() & _LISTS:
        found[name] = sorted(_listed(found[name]), key=_text)
    for name in found.keys() & _PRINCIPALS:
        found[name] = _values(found[name])
    if isinstance(conditions := found.get("Condition"), dict):
        found["Condition"] = {k: _values(v) for k, v in cast("dict[str, Any]", conditions).items()}
    return found


def _values(value: Any) -> Any:
    """A map whose values are sets, each as a list; what IAM reads as text is text."""
    if not isinstance(value, dict):
        return value
    return {
        key: sorted({item if isinstance(item, str) else _text(item) for item in _listed(items)})
        for key, items in cast("dict[str, Any]", value).items()
    }


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
