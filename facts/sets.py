"""Which properties are sets: lists in which the order means nothing.

`sets.json` was recorded from the provider's own schema, as it says.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("sets.json")


def is_set(type_token: str, path: tuple[str, ...]) -> bool:
    """Whether the order of a property's items means nothing.

    Args:
        type_token: the resource's type.
        path: the way to the property from the resource in Python names, without indices and map keys.
    """
    return ".".join(path) in _table().get(type_token, frozenset())


@cache
def _table() -> Mapping[str, frozenset[str]]:
    table: dict[str, list[str]] = json.loads(_TABLE.read_text(encoding="utf-8"))["sets"]
    return {token: frozenset(paths) for token, paths in table.items()}
