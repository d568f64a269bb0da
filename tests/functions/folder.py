"""Loads a function's folder as Lambda does: its modules by their bare names, nobody else's."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2] / "functions"


@contextmanager
def modules(folder: str, *names: str) -> Generator[tuple[ModuleType, ...]]:
    """The named modules of `functions/<folder>`, forgotten again at the end.

    Two folders have modules of the same name, `handler` above all.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT / folder))
    try:
        yield tuple(import_module(name) for name in names)
    finally:
        sys.path.remove(str(ROOT / folder))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / folder)):
                del sys.modules[name]
