"""Joins what the provider refuses, what the SDK documents and what AWS's models enumerate.

A property is enumerated where the provider itself refuses every other value, or where the SDK's
documentation and AWS's model agree on a list. Its values are then the union of what these three know:
the recorded provider is older than the SDK, and no valid value may be refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from facts.generate import models, sdk
from facts.generate.models import Enumeration
from facts.generate.sdk import Property

_LONGEST: Final = 100
"""Longer lists (instance types, countries) are open: AWS adds to them faster than anybody updates a table."""
_AGREEMENT: Final = 0.6
"""The share of all values named by documentation or model that both name, where the provider says nothing."""

_CODE: Final = re.compile(r"""[`"*]+([^`"*\s]+)[`"*]+""")
_NO_VALUES: Final = frozenset({"Note"})
"""Words that docstrings set as they set values."""
_SENTENCE_END: Final = re.compile(r"\.\s+(?=[A-Z>])")
_LETTERS: Final = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, order=True, slots=True)
class Row:
    """The valid values of one property."""

    token: str
    path: str
    """Python names, joined by dots."""
    values: tuple[str, ...]
    sources: tuple[str, ...]
    """Where the values are from: `provider`, `documentation`, a model's `service:Shape`, or an address."""
    any_case: bool = False
    """Whether the provider takes the values in capitals or small letters alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Recording:
    values: frozenset[str]
    any_case: bool


def render(rows: list[Row]) -> str:
    """The table as text: one line for each list, with every property that takes it."""
    groups: dict[tuple[Any, ...], dict[str, list[str]]] = {}
    for row in sorted(rows):
        properties = groups.setdefault((row.values, row.sources, row.any_case), {})
        properties.setdefault(row.token, []).append(row.path)
    lines = [
        json.dumps(
            {"values": values, "sources": sources, "any_case": any_case, "properties": properties},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for (values, sources, any_case), properties in sorted(groups.items())
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def rows(module: str) -> Iterator[Row]:
    """Every enumerated property of a module's resource types."""
    recordings, corrections = _recordings(), _corrections()
    for token, properties in sdk.resource_types(module).items():
        for found in properties:
            path = ".".join(found.path)
            if (correction := corrections.get((token, path))) is not None:
                yield Row(token, path, tuple(sorted(correction["values"])), (correction["source"],))
            elif (recording := recordings.get((token, path))) is not None:
                values, sources = _from_provider(module, found, recording.values)
                yield Row(token, path, tuple(sorted(values)), sources, recording.any_case)
            elif found.is_text and (agreed := _from_agreement(module, found)) is not None:
                values, sources = agreed
                yield Row(token, path, tuple(sorted(values)), sources)


def _from_provider(
    module: str, found: Property, recorded: frozenset[str]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """What the provider takes, with what is newer than its recording."""
    model = _model_of(module, found, recorded)
    if model is not None:
        return recorded | model.values, ("provider", model.name)
    documented = _listed(found, recorded)
    if documented <= recorded:
        return recorded, ("provider",)
    return recorded | documented, ("provider", "documentation")


def _model_of(module: str, found: Property, recorded: frozenset[str]) -> Enumeration | None:
    """The model's enumeration that the provider's list was made from.

    One that more than doubles the list, or lengthens it under another name, is another list.
    """
    wanted = recorded - {""}
    candidates = [
        model
        for model in models.enumerations(module)
        if wanted == model.values
        or (wanted < model.values and len(model.values) <= 2 * len(wanted) and _is_named(model, found))
    ]
    return min(candidates, key=lambda model: (len(model.values), model.name), default=None)


def _from_agreement(module: str, found: Property) -> tuple[frozenset[str], tuple[str, ...]] | None:
    """What documentation and model agree on.

    Several of a service's enumerations may share a name; then the property takes whatever any of those
    takes that contain what is documented.
    """
    named = [model for model in models.enumerations(module) if _is_named(model, found)]
    for model in named:
        listed = _listed(found, model.values) | found.members
        agreed = listed & model.values
        if len(agreed) >= max(2, _AGREEMENT * len(listed | model.values)) and len(model.values) <= _LONGEST:
            containing = [other for other in named if agreed <= other.values]
            values = listed.union(*(other.values for other in containing))
            return values, ("documentation", *(other.name for other in containing))
    return None


def _listed(found: Property, known: frozenset[str]) -> frozenset[str]:
    """What the docstring sets in code or quotes where it lists known values, names of properties excepted."""
    sentences = (frozenset(_CODE.findall(sentence)) for sentence in _SENTENCE_END.split(found.doc))
    lists = (values for values in sentences if len(values & known) >= min(2, len(known)))
    return frozenset[str]().union(*lists) - found.siblings - _NO_VALUES


def _is_named(model: Enumeration, found: Property) -> bool:
    """Whether a structure of the service holds the enumeration under the property's name."""
    return _plain(found.path[-1]) in {_plain(member) for member in model.members}


def _plain(name: str) -> str:
    return _LETTERS.sub("", name.lower()).removesuffix("s")


@cache
def _recordings() -> Mapping[tuple[str, str], _Recording]:
    """What the provider was seen to take; `provider.json` says how it was recorded."""
    recording = json.loads((files("facts.generate") / "provider.json").read_text(encoding="utf-8"))
    return {
        (token, path): _Recording(values=frozenset(group["values"]), any_case=group["any_case"])
        for group in recording["enumerations"]
        for token, paths in group["properties"].items()
        for path in paths
    }


@cache
def _corrections() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """What is kept by hand, because neither the provider nor a model says it."""
    corrections = json.loads((files("facts.generate") / "corrections.json").read_text(encoding="utf-8"))
    return {
        (token, path): correction
        for token, paths in corrections.items()
        for path, correction in paths.items()
    }
