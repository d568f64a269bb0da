"""Reads the page about the guide, and says what in it is not so."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from infra.reading import GUIDE_FILE, ROOT
from infra.yaml_file import read

PAGE = ROOT / "docs" / "guide-coverage.md"
PROCEDURES = "Procedures"
"""The section about what people do: there a row may say that nothing is ready yet."""
NOTHING = "—"

_SPAN = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)*\.(py|yaml|md|sh)|components/templates/[\w/]+")
_CELLS = 3
_NAMES_OF_AN_ENTRY = ("level", "metric", "name", "type", "way")
"""How an entry of a list in YAML is called, by the first of these keys that it has."""
_NOT_RUN = ("skip", "skipif", "xfail", "engine", "full")
"""Marks of tests that `make test` does not, or not always, run."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of the page."""

    section: str
    said: str
    realised: str
    held: str

    @property
    def references(self) -> list[str]:
        """The files and the names inside files that realise it."""
        return [span for span in _SPAN.findall(self.realised) if _FILE.fullmatch(span.partition("::")[0])]

    @property
    def tests(self) -> list[str]:
        """The tests that hold it."""
        return _SPAN.findall(self.held)

    @property
    def text(self) -> str:
        """What it says to a reader: the guide's words and what is ready for them."""
        return f"{self.said} {self.realised}"


def statements(page: str) -> Iterator[Statement]:
    """The rows of all tables. Raises ValueError for one that has not three cells."""
    section = ""
    for line in page.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| the guide |"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if len(cells) != _CELLS:
                raise ValueError(f"a row has {len(cells)} cells instead of {_CELLS}: {line}")
            yield Statement(section, *cells)


def untrue(row: Statement, root: Path = ROOT) -> Iterator[str]:
    """A line for everything in a row that is not so."""
    where = f"{row.section}: {row.said}"
    if row.section == PROCEDURES and row.realised == row.held == NOTHING:
        return
    if not row.references:
        yield f"{where}: nothing realises it"
    if not row.tests:
        yield f"{where}: no test holds it"
    for reference in row.references:
        if not _exists(reference, root):
            yield f"{where}: there is no {reference}"
    for test in row.tests:
        if not _is_run(test, root):
            yield f"{where}: `make test` runs no {test}"


def _exists(reference: str, root: Path) -> bool:
    file, _, name = reference.partition("::")
    path = root / file
    if not path.is_file():
        return False
    if not name:
        return True
    if path.suffix == ".yaml":
        value: Any = read(path).value
        return any(key == name for key, _ in _values(value.get("config", value)))
    return path.suffix == ".py" and name in _names(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _names(path: Path) -> set[str]:
    """What a module defines at its top."""
    found: set[str] = set()
    for node in _tree(path).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case _:
                pass
    return found


def _is_run(test: str, root: Path) -> bool:
    """Whether pytest collects a test of that name and `make test` runs it wherever it runs."""
    file, _, name = test.partition("::")
    path = root / file
    if not (path.is_file() and path.name.startswith("test_") and name.startswith("test_")):
        return False
    tree = _tree(path)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    marks = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    return bool(found) and not any(_leaves_out(mark) for mark in [*marks, *found[-1].decorator_list])


def _leaves_out(mark: ast.expr) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in _NOT_RUN for node in ast.walk(mark))


def unsaid(rows: Sequence[Statement], root: Path = ROOT) -> Iterator[str]:
    """A line for every value of the guide's data that no row says beside its key, or one around it."""
    guide: Any = read(root / GUIDE_FILE).value
    for key, value in _values(guide):
        if isinstance(value, Mapping | list) or _is_name(key, value):
            continue
        beside = [row.text for row in rows if _cites(row, key)]
        if not beside:
            yield f"{GUIDE_FILE}::{key} is in no row"
        elif not isinstance(value, bool) and not any(_says(text, str(value)) for text in beside):
            yield f"{GUIDE_FILE}::{key} is {value}, which no row of it says"


def _cites(row: Statement, key: str) -> bool:
    cited = (reference.partition("::") for reference in row.references)
    return any(
        file == GUIDE_FILE and name and (key == name or key.startswith((f"{name}.", f"{name}[")))
        for file, _, name in cited
    )


def _says(text: str, value: str) -> bool:
    """Whether a text has a value as a word of its own: `30d` is not in `130d`."""
    return re.search(rf"(?<![\w.]){re.escape(value)}(?!\w)", text) is not None


def _values(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a document by its key, lists and mappings too."""
    if key:
        yield key, value
    if isinstance(value, Mapping):
        below: Iterable[tuple[Any, Any]] = cast("Mapping[str, Any]", value).items()
    elif isinstance(value, list):
        below = ((_name(entry, index), entry) for index, entry in enumerate(cast("list[Any]", value)))
    else:
        return
    for name, inner in below:
        yield from _values(inner, f"{key}.{name}" if key else str(name))


def _is_name(key: str, value: Any) -> bool:
    """Whether a value is what its entry is called by, and so stands in the key already."""
    *_, entry, last = ["", *key.split(".")]
    return last in _NAMES_OF_AN_ENTRY and entry == value


def _name(entry: Any, index: int) -> str:
    if isinstance(entry, Mapping):
        named = cast("Mapping[str, Any]", entry)
        return next((str(named[name]) for name in _NAMES_OF_AN_ENTRY if name in named), str(index))
    return str(index)
