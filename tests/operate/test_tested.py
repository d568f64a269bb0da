"""A record says only what is so: these files, these tests, passed."""

import sys
from pathlib import Path

import pytest

from operate import tested
from operate.git import revision
from tests.operate.checkout import Checkout

PASS = [sys.executable, "-c", ""]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]
MEDDLE = [sys.executable, "-c", "open('one.txt', 'w').close()"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A clean checkout of a merged commit."""
    return Checkout(tmp_path, monkeypatch)


def test_tests_that_pass_are_recorded_with_the_files_that_they_passed_with(checkout: Checkout) -> None:
    assert tested.recorded(checkout.folder) is None
    assert tested.run(checkout.folder, PASS) == 0
    assert tested.recorded(checkout.folder) == revision(checkout.folder, {}).tree


def test_what_is_committed_after_its_tests_has_passed_them(checkout: Checkout) -> None:
    checkout.write("two.txt", "2")
    tested.run(checkout.folder, PASS)
    checkout.commit("two.txt", "2")
    assert tested.recorded(checkout.folder) == revision(checkout.folder, {}).tree
    checkout.commit("two.txt", "3")
    assert tested.recorded(checkout.folder) != revision(checkout.folder, {}).tree


def test_tests_that_fail_are_not_recorded_and_leave_the_former_record(checkout: Checkout) -> None:
    assert tested.run(checkout.folder, FAIL) == 3
    assert tested.recorded(checkout.folder) is None
    tested.run(checkout.folder, PASS)
    before = tested.recorded(checkout.folder)
    checkout.write("one.txt", "broken")
    tested.run(checkout.folder, FAIL)
    assert tested.recorded(checkout.folder) == before


def test_files_that_change_during_the_tests_are_not_recorded(checkout: Checkout) -> None:
    assert tested.run(checkout.folder, MEDDLE) == 0
    assert tested.recorded(checkout.folder) is None


def test_without_a_checkout_the_tests_run_all_the_same(tmp_path: Path) -> None:
    assert tested.run(tmp_path, PASS) == 0
    assert tested.recorded(tmp_path) is None
