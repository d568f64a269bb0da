"""The reader of YAML: one meaning for every spelling, and a line for everything."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.mistakes import ConfigurationError
from infra.yaml_file import parse, read, written


def _said(text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        parse(text, "a.yaml")
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("'true'", "true"),
        ("us-west-2a", "us-west-2a"),
        ("10.20.0.0/16", "10.20.0.0/16"),
        ("09:00-10:00", "09:00-10:00"),
        ("error_rate > 5%", "error_rate > 5%"),
        ("ami-0a1b2c3d4e5f60718", "ami-0a1b2c3d4e5f60718"),
    ],
)
def test_a_value_has_the_type_that_pulumi_gives_it(text: str, value: Any) -> None:
    found = parse(f"key: {text}", "a.yaml").value["key"]
    assert found == value
    assert type(found) is type(value)


_AMBIGUOUS = [
    *("yes", "No", "on", "OFF", "y"),
    *("12:30", "1:00:00", "2026-01-05", "2026-01-05T09:00:00Z", "2026-01-05 09:00:00"),
    *("0755", "0o17", "0x1F", "1_000", "1e3", ".5", ".inf", "+5", "012345678901"),
]


@pytest.mark.parametrize("text", _AMBIGUOUS)
def test_a_spelling_that_readers_of_yaml_differ_on_is_refused(text: str) -> None:
    assert _said(f"first: 1\nkey: {text}").startswith(f"a.yaml:2: key is {text}: ")
    assert parse(f'key: "{text}"', "a.yaml").value == {"key": text}


def test_every_value_knows_its_line() -> None:
    document = parse("a:\n  b: [1,\n    2]\n  c: { d: 3 }\n", "a.yaml")
    places = [("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1), ("a", "c", "d")]
    assert [document.line(place) for place in places] == [1, 2, 2, 3, 4]


def test_what_is_missing_is_said_of_the_line_around_it() -> None:
    document = parse("a:\n  b: 1\n", "a.yaml")
    assert document.line(("a", "x", "y")) == 1


def test_an_alias_stands_for_its_anchor() -> None:
    assert parse("a: &a [1]\nb: *a\n", "a.yaml").value == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.yaml: the file is empty"),
        ("# nothing\n", "a.yaml: the file is empty"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: a second document begins here: one file, one document"),
        ("a: [1\nb: 2\n", "a.yaml:1: this is no YAML: did not find expected ',' or ']'"),
        ("a: 1\n b: 2\n", "a.yaml:2: this is no YAML: mapping values are not allowed in this context"),
        ("a: *b\n", "a.yaml:1: this is no YAML: found undefined alias"),
        ("a: \x00\n", "a.yaml: this is no YAML: unacceptable character #x0000"),
        ("a: 1\na: 2\na: 3\n", "a.yaml:2: a stands here twice (the first is in line 1): keep one"),
        ("&a [*a]\n", "a.yaml:1: [0] contains itself by an alias: write it out"),
    ],
)
def test_what_is_no_yaml_is_said_in_a_line(text: str, said: str) -> None:
    assert _said(text).splitlines()[0].startswith(said)


def test_a_file_that_cannot_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe4\n")
    with pytest.raises(ConfigurationError, match=r"^latin.yaml: the file cannot be read"):
        read(tmp_path / "latin.yaml")
    with pytest.raises(ConfigurationError, match=r"^none.yaml: the file is missing$"):
        read(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read(tmp_path)


@given(st.text(max_size=40))
def test_any_text_is_read_or_answered_in_lines(text: str) -> None:
    said = ""
    try:
        parse(text, "a.yaml")
    except ConfigurationError as error:
        said = str(error)
    assert all(line.startswith("a.yaml:") for line in said.split("\n") if said)


def test_a_path_is_written_as_people_read_it() -> None:
    assert written(("config", "syncup:network", "zones", 1)) == "syncup:network.zones[1]"
    assert written(("alerts", 0, "name")) == "alerts[0].name"
