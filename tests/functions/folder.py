"""Loads a function's folder as Lambda does: its modules by their bare names, nobody else's."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2] / "functions"
SHARED = ROOT / "shared"
"""What an archive has of it lies beside the function's own modules there."""


@contextmanager
def modules(folder: str, *names: str) -> Generator[tuple[ModuleType, ...]]:
    """The named modules of `functions/<folder>`, forgotten again at the end.

    Two folders have modules of the same name, `handler` above all.
    """
    before = set(sys.modules)
    folders = [str(ROOT / folder), str(SHARED)]
    sys.path[:0] = folders
    try:
        yield tuple(import_module(name) for name in names)
    finally:
        for path in folders:
            sys.path.remove(path)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(tuple(folders)):
                del sys.modules[name]
