"""The reference pages of the files that people write, made from the models that read them.

`make docs` writes them, and a test says when one is stale.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from infra import guide, settings
from infra.reading import GUIDE_FILE, ROOT
from infra.validation import Section

FOLDER: Final = ROOT / "docs" / "reference"

Schema = Mapping[str, Any]
"""A part of a model's JSON schema."""
Docs = Mapping[tuple[str, str], str]
"""What a key means, by its model's name and its own."""

_SETTINGS = """\
# The stack files

What `Pulumi.<stack>.yaml` may say below `config:`.
Made by `make docs` from `infra/settings.py`, which reads it.
Every key has to be there unless it says otherwise, and no other key is admitted.
What has to fit together, across keys and with the guide, is checked by `infra/settings_rules.py`.

Edit the file, or let Pulumi do it: `pulumi config set --path syncup:application.min_size 4`.
With `--path` a dot leads to a key inside, and a number stays a number.
Without it the dot is a part of the key.
Credentials do not belong here: they come from the environment.
"""
_GUIDE = f"""\
# The guide as data

What `{GUIDE_FILE}` says. Made by `make docs` from `infra/guide.py`, which reads it.
Every key has to be there unless it says otherwise, and no other key is admitted.
What has to fit together is checked by `infra/guide_rules.py`.
"""


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    return {
        "settings.md": _page(_SETTINGS, settings.Settings, settings),
        "operations.md": _page(_GUIDE, guide.Guide, guide),
    }


def write(folder: Path = FOLDER) -> None:
    """Writes the pages."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def stale(folder: Path = FOLDER) -> list[str]:
    """A line for every page in `folder` that is missing or not what the models say."""
    return [
        f"{name} is stale: run `make docs`"
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def _page(introduction: str, model: type[Section], module: ModuleType) -> str:
    schema, docs = model.model_json_schema(), _docstrings(module)
    definitions: Schema = schema["$defs"]
    plain: list[str] = []
    sections: list[str] = []
    for key, value in schema["properties"].items():
        inner, _ = _resolved(value, definitions)
        described = _structure(inner, definitions)
        if described is None:
            plain += _rows(model.__name__, {key: value}, definitions, docs)
            continue
        prefix, structure = described
        rows = _rows(structure["title"], structure["properties"], definitions, docs, prefix)
        sections.append(f"## `{key}`\n\n{structure['description']}\n\n{_table(rows)}")
    first = [f"## The AWS provider's own\n\n{_table(plain)}"] if plain else []
    return "\n".join([introduction, *first, *sections])


def _table(rows: list[str]) -> str:
    return "\n".join(["| key | accepts | |", "|---|---|---|", *rows]) + "\n"


def _rows(owner: str, properties: Schema, definitions: Schema, docs: Docs, prefix: str = "") -> list[str]:
    """A line for every value at or below some properties of one model."""
    rows: list[str] = []
    for name, value in properties.items():
        inner, optional = _resolved(value, definitions)
        described = _structure(inner, definitions)
        if described is None:
            accepts = _accepts(inner) + (", or absent" if optional else "")
            meaning = docs.get((owner, name)) or inner.get("description", "")
            rows.append(f"| `{prefix}{name}` | {accepts} | {meaning} |")
            continue
        between, structure = described
        below = f"{prefix}{name}{between or '.'}"
        rows += _rows(structure["title"], structure["properties"], definitions, docs, below)
    return rows


def _resolved(schema: Schema, definitions: Schema) -> tuple[Schema, bool]:
    """A schema without references, and whether the value may be absent."""
    choices = schema.get("anyOf")
    if choices:
        return _resolved(choices[0], definitions)[0], True
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema, False


def _structure(schema: Schema, definitions: Schema) -> tuple[str, Schema] | None:
    """What stands between a key and those below it, and their model; None for a plain value."""
    if "properties" in schema:
        return "", schema
    for kind, between in (("items", "[]."), ("additionalProperties", ".<name>.")):
        inner: Schema | bool = schema.get(kind, False)
        if isinstance(inner, Mapping) and "$ref" in inner:
            found, _ = _resolved(inner, definitions)
            if "properties" in found:
                return between, found
    return None


def _accepts(schema: Schema) -> str:
    """What a plain value may be."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    match schema["type"]:
        case "boolean":
            return "`true`, `false`"
        case "integer" if "minimum" in schema:
            return f"{schema['minimum']} to {schema['maximum']}"
        case "integer":
            return "a whole number"
        case "array":
            kind = f"a list of {schema['minItems']} or more" if "minItems" in schema else "a list"
        case "object":
            kind = "a mapping"
        case _:
            kind = "text"
    examples = [f"`{example}`" for example in schema.get("examples", ())]
    return f"{kind}, such as {', '.join(examples)}" if examples else kind


def _docstrings(module: ModuleType) -> dict[tuple[str, str], str]:
    """What stands below each field of the module's models, by model and key."""
    tree = ast.parse(inspect.getsource(module))
    found: dict[tuple[str, str], str] = {}
    for node in tree.body:
        model = getattr(module, node.name) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and isinstance(model, type) and issubclass(model, Section):
            for name, text in _below_fields(node):
                key = model.model_fields[name].alias or name
                found[node.name, key] = " ".join(text.split()).replace("|", "\\|")
    return found


def _below_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, after in zip(node.body, node.body[1:], strict=False):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, text
            case _:
                pass


if __name__ == "__main__":
    write()
