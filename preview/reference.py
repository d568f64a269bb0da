"""The reference page of a plan as JSON, made by `make docs` from the schema; a test says when it is stale."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent.parent / "docs" / "reference" / "preview-json.md"
SCHEMA_FILE: Final = Path(__file__).with_name("plan.schema.json")

Schema = Mapping[str, Any]
"""A part of a JSON schema."""

_HEAD: Final = """\
# A plan as JSON

What `syncup preview STACK --format json` writes, without an engine or with one, for programs that read it.
Made by `make docs` from `preview/plan.schema.json`, a JSON schema that every plan fits.

    syncup preview production --format json --output plan.json
    jq -r '.resources[] | select(.options.protect) | .urn' plan.json

JSON goes to standard output or to the file alone; the verdict is on standard error, and the exit status is
that of any preview. One program and one configuration give the same text each time, so that two plans can be
compared line by line. Every key is always there.
"""


def schema() -> Schema:
    """The schema of a plan."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def page() -> str:
    """The text of the page."""
    plan = schema()
    sections = [_HEAD.rstrip(), "", "## The plan", "", *_table(plan)]
    for name, definition in plan["$defs"].items():
        if "properties" in definition:
            sections += ["", f"## {_heading(name)}", "", definition["description"], "", *_table(definition)]
    return "\n".join(sections) + "\n"


def _table(definition: Schema) -> Iterator[str]:
    yield "| key | is | |"
    yield "|---|---|---|"
    for key, value in definition["properties"].items():
        yield f"| `{key}` | {_kind(value)} | {value['description']} |"


def _kind(value: Schema) -> str:
    """What may stand there, in words."""
    match value:
        case {"$ref": reference}:
            kind = _named(str(reference).rpartition("/")[2])
        case {"anyOf": options}:
            kind = " or ".join(map(_kind, options))
        case {"enum": values}:
            kind = ", ".join(f"`{one}`" for one in values)
        case {"const": constant}:
            kind = f"`{constant}`"
        case {"type": "array", "items": items}:
            kind = f"list of {_kind(items)}"
        case {"type": "object", "additionalProperties": items}:
            kind = f"object, each value {_kind(items)}"
        case {"type": name}:
            kind = _KINDS[name]
        case _:
            kind = "any value"
    return kind


_KINDS: Final = {
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "object": "object",
    "string": "text",
}


def _named(name: str) -> str:
    """A definition: a link to its section, or what it is where it has none."""
    definition = schema()["$defs"][name]
    if "properties" not in definition:
        return _kind(definition)
    heading = _heading(name)
    return f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"


def _heading(name: str) -> str:
    """`policyFinding` is headed "Policy finding"."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.capitalize()


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
