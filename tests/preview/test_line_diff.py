"""Documents differ line by line, whatever form they are written in."""

import base64

import pytest

from preview.line_diff import difference, lines_of


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("word", None),
        (3, None),
        ("one\n", None),
        ("one\ntwo\n", ["one", "two"]),
        ('{"b": 1, "a": [2]}', ["{", '  "a": [', "    2", "  ],", '  "b": 1', "}"]),
        ({"a": 1}, ["{", '  "a": 1', "}"]),
        ("{no json\nat all", ["{no json", "at all"]),
        (_encoded("#!/bin/sh\nstart -ö\n"), ["#!/bin/sh", "start -ö"]),
        (_encoded("only one line, encoded"), None),
        ("not base64, but as long, ü", None),
        (base64.b64encode(bytes(range(128, 148))).decode(), None),
    ],
)
def test_a_document_has_lines_and_a_word_has_none(value: object, lines: list[str] | None) -> None:
    assert lines_of(value) == lines


def test_what_differs_is_shown_with_a_little_around_it() -> None:
    old = [str(number) for number in range(20)]
    new = ["new" if line in ("3", "15") else line for line in old]
    assert list(difference(old, new)) == [
        *(" 1", " 2", "-3", "+new", " 4", " 5"),
        "  …",
        *(" 13", " 14", "-15", "+new", " 16", " 17"),
    ]


def test_what_is_the_same_has_no_difference() -> None:
    assert list(difference(["a"], ["a"])) == []
