"""A test whose assertion inside `apply` never ran fails."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = """
import pulumi
from pulumi_random import RandomPet

from tests.harness import build


def _holds(value):
    assert value


def _fails(value):
    raise AssertionError(value)


def _program(known, function):
    build(lambda: RandomPet("pet").id.apply(function), known=known)


def test_in_vain():
    _program(False, _fails)


def test_fails():
    _program(True, _fails)


def test_holds():
    _program(True, _holds)


def test_captured_in_vain():
    seen = []
    _program(False, seen.append)


def test_nothing_to_run():
    build(lambda: RandomPet("pet"))
"""


def test_an_assertion_that_never_ran_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_outputs.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.applies", "-p", "no:cacheprovider", "-rA", "-q"]
    ended = subprocess.run(  # noqa: S603 (our own interpreter)
        [*command, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    found: list[tuple[str, str]] = re.findall(r"^([A-Z]+) \S*::(\w+)", ended.stdout, re.MULTILINE)
    outcomes = {test: outcome for outcome, test in found}
    assert outcomes == {
        "test_in_vain": "FAILED",
        "test_fails": "FAILED",
        "test_holds": "PASSED",
        "test_captured_in_vain": "FAILED",
        "test_nothing_to_run": "PASSED",
    }
    assert re.search(r"never ran what was given to `apply` in line \d+", ended.stdout)
