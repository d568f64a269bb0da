"""The reference pages say what the models that read the files say, and all of it."""

import inspect
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.guide import Guide
from infra.reading import ROOT
from infra.reference import FOLDER, pages, stale, write
from infra.settings import Settings
from infra.validation import Section

MODELS: dict[str, type[Section]] = {"operations.md": Guide, "settings.md": Settings}
SECTION = re.compile(r"^## ([^\n]+)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([^`]+)` \| .+ \| .* \|$", re.MULTILINE)
PROVIDERS = "The AWS provider's own"
"""The section whose keys stand in the file without one around them."""
NO_KEY = "stack"
"""A stack's name is a part of its file's name."""


def test_every_page_is_fresh() -> None:
    assert stale() == []


def test_a_stale_page_is_named_with_the_command_that_renews_it(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "settings.md").write_text("Written by hand.\n", encoding="utf-8")
    (tmp_path / "operations.md").unlink()
    assert stale(tmp_path) == [
        "settings.md is stale: run `make docs`",
        "operations.md is stale: run `make docs`",
    ]


def test_that_command_writes_the_pages() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^docs: .*\n\t@\$\(BIN\)/python -m infra\.reference$", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(MODELS))
def test_every_key_of_the_models_is_on_its_page_and_no_other(page: str) -> None:
    text = (FOLDER / page).read_text(encoding="utf-8")
    on_page = {
        row if heading == PROVIDERS else f"{heading.strip('`')}.{row}".replace(".[]", "[]")
        for heading, below in SECTION.findall(text)
        for row in ROW.findall(below)
    }
    assert on_page == set(_leaves(MODELS[page]))


def test_what_stands_below_a_field_is_what_its_row_says() -> None:
    row = next(row for row in pages()["settings.md"].splitlines() if row.startswith("| `min_size` |"))
    assert row == "| `min_size` | 1 to 100 | Instances, however little there is to do. |"


def _leaves(model: type[Section], prefix: str = "") -> Iterator[str]:
    """The path of every plain value that a model admits, read from its annotations."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        inner = _inner(field.annotation)
        if inner is not None:
            between, below = inner
            yield from _leaves(below, f"{key}{between}")
        elif name != NO_KEY:
            yield key


def _inner(kind: typing.Any) -> tuple[str, type[Section]] | None:
    """The model that a field holds, and what stands between the field's key and those of the model."""
    if inspect.isclass(kind) and issubclass(kind, Section):
        return ".", kind
    around: dict[typing.Any, str] = {tuple: "[].", dict: ".<name>."}
    between = around.get(typing.get_origin(kind))
    models = (inner for inner in typing.get_args(kind) if inspect.isclass(inner))
    found = next((model for model in models if issubclass(model, Section)), None)
    return (between, found) if between and found else None
