"""Which texts a property takes, where the provider or AWS takes only certain ones.

The table is `enumerations.json`: type token, then the property's path in Python names joined by dots
(`restore_to_point_in_time.restore_type`; lists and maps add nothing to a path), then every valid value.
A property that is not in the table takes any text.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("enumerations.json")


def allowed(type_token: str, path: tuple[str, ...]) -> frozenset[str] | None:
    """Every valid value of a property, or None where any text is valid.

    Args:
        type_token: the resource's type.
        path: the way to the property from the resource in Python names, without indices and map keys.
    """
    return _table().get(type_token, {}).get(".".join(path))


@cache
def _table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    rows: dict[str, dict[str, list[str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        token: {path: frozenset(values) for path, values in paths.items()} for token, paths in rows.items()
    }
