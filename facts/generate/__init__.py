"""Makes the tables of `facts/` from the installed provider SDK and botocore. `make facts` runs it."""

from collections.abc import Callable, Mapping
from typing import Final

from facts.generate import enumerations, models, replacements


def _enumerations() -> str:
    return enumerations.render([row for module in models.SERVICES for row in enumerations.rows(module)])


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "enumerations.json": _enumerations,
    "replacements.json": replacements.render,
}
"""The text of every generated table, by the name of its file."""
