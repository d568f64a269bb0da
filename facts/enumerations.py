"""Which texts a property takes, where the provider or AWS takes only certain ones.

`enumerations.json` has one line for each list of values: the values, where they are from, and every
property that takes them, by type token and path in Python names. `make facts` writes it; the page
`docs/reference/facts.md` says from what. A property that is not in the table takes any text.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("enumerations.json")


def allowed(type_token: str, path: tuple[str, ...]) -> frozenset[str] | None:
    """Every valid value of a property, or None where any text is valid.

    Args:
        type_token: the resource's type.
        path: the way to the property from the resource in Python names, without indices and map keys.
    """
    return _values(any_case=False).get((type_token, ".".join(path)))


def allowed_in_any_case(type_token: str, path: tuple[str, ...]) -> frozenset[str] | None:
    """The same for the few properties whose values the provider takes in capitals or small letters alike."""
    return _values(any_case=True).get((type_token, ".".join(path)))


@cache
def _values(*, any_case: bool) -> Mapping[tuple[str, str], frozenset[str]]:
    return {
        (token, path): values
        for group in _groups()
        if group["any_case"] is any_case
        for values in [frozenset(group["values"])]
        for token, paths in group["properties"].items()
        for path in paths
    }


@cache
def _groups() -> list[dict[str, Any]]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))
