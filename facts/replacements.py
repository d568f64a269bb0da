"""Which properties a resource cannot change: a new value makes the provider replace it.

`replacements.json` has one line for each type, its properties by the source that says so. `make facts`
writes it; the page `docs/reference/facts.md` says from what. What the table does not know may still force a
replacement: only the engine can tell for certain.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_TABLE = Path(__file__).with_name("replacements.json")

_EVERYWHERE: Final = frozenset({("region",)})
"""https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support"""

_DRAWN_ONCE: Final = "random:"
"""What is drawn by chance is drawn once; whatever else is asked for is drawn anew.
https://registry.terraform.io/providers/hashicorp/random/latest/docs"""


def forces_replacement(type_token: str, path: tuple[str, ...]) -> bool:
    """Whether a new value of a property makes the provider replace the resource.

    Args:
        type_token: the resource's type.
        path: the way to the property from the resource in Python names, without indices and map keys.
    """
    if type_token.startswith(_DRAWN_ONCE) or (type_token.startswith("aws:") and path in _EVERYWHERE):
        return True
    return ".".join(path) in _table().get(type_token, frozenset())


@cache
def _table() -> Mapping[str, frozenset[str]]:
    table: dict[str, dict[str, list[str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {token: frozenset[str]().union(*by_source.values()) for token, by_source in table.items()}
