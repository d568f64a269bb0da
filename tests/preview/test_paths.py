"""Paths are written as Pulumi writes them, and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preview.paths import parsed, written
from preview.values import Path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("name",), "name"),
        (("rules", 0, "tags", "a.b"), 'rules[0].tags["a.b"]'),
        (("tags", "aws:x"), 'tags["aws:x"]'),
        (("a", 1, 2), "a[1][2]"),
        ((), ""),
    ],
)
def test_a_path_is_written_and_read_back(path: Path, text: str) -> None:
    assert written(path) == text
    assert parsed(text) == path


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(0, 99)), max_size=4))
def test_every_path_is_read_back(steps: list[str | int]) -> None:
    path = ("property", *steps)
    assert parsed(written(path)) == path


def test_what_is_no_path_is_one_step() -> None:
    assert parsed('a["b') == ('a["b',)
