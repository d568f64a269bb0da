"""Joins for what the provider replaces a resource, and what documentation says of what it was not asked."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from facts.generate import models, sdk

_DOCUMENTED: Final = re.compile(
    r"\bforces? (?:replacement|(?:a |the creation of a )?new resource)", re.IGNORECASE
)
_CONDITIONAL: Final = re.compile(r"\b(?:if|when|from)\b[^.]*\bforces?\b", re.IGNORECASE)
"""What depends on the values is left out."""

_BY_HAND: Final[Mapping[str, Mapping[str, list[str]]]] = {
    # The provider refuses a plan that changes a table's keys alone.
    "aws:dynamodb/table:Table": {
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html": [
            "hash_key",
            "range_key",
        ]
    },
}

Properties = Mapping[str, list[str]]
"""Paths in Python names, by type token."""


def render() -> str:
    """The table as text: a line for each type, its properties that force a replacement by their source."""
    recording = json.loads(files("facts.generate").joinpath("replacements.json").read_text(encoding="utf-8"))
    recorded: Properties = recording["replacements"]
    documented = _documented(recorded, recording["others"])
    lines: list[str] = []
    for token in sorted({*recorded, *documented, *_BY_HAND}):
        by_source: dict[str, list[str]] = {
            "provider": recorded.get(token, []),
            "documentation": documented.get(token, []),
        }
        by_source |= _BY_HAND.get(token, {})
        known = {source: paths for source, paths in by_source.items() if paths}
        lines.append(f"{json.dumps(token)}:{json.dumps(known, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _documented(recorded: Properties, others: Properties) -> Properties:
    """What the SDK's docstrings say of properties that the recording does not know."""
    found: dict[str, list[str]] = {}
    for module in models.SERVICES:
        for token, properties in sdk.resource_types(module).items():
            known = {*recorded.get(token, []), *others.get(token, [])}
            for one in properties:
                path = ".".join(one.path)
                if path not in known and _says_so(one.doc):
                    found.setdefault(token, []).append(path)
    return {token: sorted(paths) for token, paths in found.items()}


def _says_so(doc: str) -> bool:
    sentences = re.split(r"(?<=\.)\s+", doc)
    return any(_DOCUMENTED.search(one) and not _CONDITIONAL.search(one) for one in sentences)
