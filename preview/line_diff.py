"""How two texts of several lines differ: documents in JSON, scripts, user data."""

import base64
import difflib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

_CONTEXT: Final = 2
_HEADING: Final = 3
"""Lines of a unified diff before the first that tells something."""


def lines_of(value: Any) -> list[str] | None:
    """The lines of a JSON document in one fixed form, of a text, or of what a text encodes in base64.

    None where the value is better shown as it is: a word, a number.
    """
    if isinstance(value, str):
        document = _json(value)
        text = _decoded(value) or value
        value = document if document is not None else text
    if isinstance(value, dict | list):
        return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
    return value.splitlines() if isinstance(value, str) and "\n" in value.strip() else None


def difference(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The lines that differ, as in a unified diff without its heading, with a few lines around them."""
    found = difflib.unified_diff(old, new, n=_CONTEXT, lineterm="")
    for line in islice(found, _HEADING, None):
        yield "  …" if line.startswith("@@") else line


def _json(text: str) -> Any:
    """The document that a text is; None where it is none, or a single value."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


_SHORTEST: Final = 16


def _decoded(text: str) -> str | None:
    """The lines that a text encodes in base64, as launch templates take their user data."""
    if len(text) < _SHORTEST or len(text) % 4:
        return None
    try:
        found = base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return None
    return found if "\n" in found else None
