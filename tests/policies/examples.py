"""The examples of all rules, found where they are tested."""

from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.policies.kit import Case


def _of(module: str) -> list[Case]:
    """The examples that a module's tests are made of."""
    tests = vars(import_module(f"tests.policies.rules.{module}")).values()
    marks: list[pytest.Mark] = [mark for test in tests for mark in getattr(test, "pytestmark", ())]
    return [case for mark in marks if mark.args[:1] == ("case",) for case in mark.args[1]]


_MODULES: Final = sorted(file.stem for file in (Path(__file__).parent / "rules").glob("test_*.py"))

EXAMPLES: Final[tuple[Case, ...]] = tuple(case for module in _MODULES for case in _of(module))
"""Every example that a test checks."""
