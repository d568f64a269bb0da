"""An exemption has a reason, an owner and a last day, or it is a mistake."""

from datetime import date
from pathlib import Path

import pytest

from infra.mistakes import ConfigurationError
from policies.catalogue import RULES
from policies.exemptions import Exemption, read_exemptions
from tests.policies.samples import urn

_RULES = frozenset({"thing-closed"})
_ENTRY = {
    "rule": "thing-closed",
    "resource": '"urn:pulumi:*::example::*::thing"',
    "reason": "It has to stay open.",
    "owner": "somebody@example.com",
    "expires": '"2030-06-30"',
}


def _read(folder: Path, **changes: str | None) -> tuple[Exemption, ...]:
    lines = [f"{key}: {value}" for key, value in {**_ENTRY, **changes}.items() if value is not None]
    file = folder / "exemptions.yaml"
    file.write_text("exemptions:\n  - " + "\n    ".join(lines) + "\n", encoding="utf-8")
    return read_exemptions(_RULES, file)


def test_it_holds_until_its_last_day(tmp_path: Path) -> None:
    (exemption,) = _read(tmp_path)
    assert exemption.holds(date(2030, 6, 30))
    assert not exemption.holds(date(2030, 7, 1))
    assert exemption.place == "exemptions.yaml:2"


def test_it_covers_its_rule_and_the_resources_of_its_pattern(tmp_path: Path) -> None:
    (exemption,) = _read(tmp_path)
    assert exemption.covers("thing-closed", urn("thing"))
    assert not exemption.covers("thing-closed", urn("another-thing-too"))
    assert not exemption.covers("thing-open", urn("thing"))


def test_only_an_asterisk_is_special_in_a_pattern(tmp_path: Path) -> None:
    (exemption,) = _read(tmp_path, resource='"urn:pulumi:t::a.b::*"')
    assert exemption.covers("thing-closed", "urn:pulumi:t::a.b::x")
    assert not exemption.covers("thing-closed", "urn:pulumi:t::axb::x")


@pytest.mark.parametrize("key", list(_ENTRY))
def test_without_any_of_its_parts_it_is_a_mistake(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^exemptions\.yaml:2: {key} is missing"):
        _read(tmp_path, **{key: None})
    with pytest.raises(ConfigurationError, match=rf"{key} is missing"):
        _read(tmp_path, **{key: '" "'})


@pytest.mark.parametrize(
    ("key", "value", "mistake"),
    [
        ("rule", "thing-open", "exemptions.yaml:2: rule is thing-open: there is none"),
        ("resource", '"*"', "exemptions.yaml:3: resource is no URN: it begins with urn:pulumi:"),
        ("expires", '"next year"', 'exemptions.yaml:6: expires is no day: write it as "2027-06-30"'),
        ("expires", '"20300630"', "exemptions.yaml:6: expires is no day"),
        ("until", "x", "exemptions.yaml:7: until is no known key"),
    ],
)
def test_a_wrong_part_is_said_with_its_line(tmp_path: Path, key: str, value: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _read(tmp_path, **{key: value})
    assert str(caught.value).startswith(mistake)


@pytest.mark.parametrize("text", ["exemptions: 1\n", "a: 1\n", "- a\n", "exemptions:\n  - a\n"])
def test_what_is_no_list_of_exemptions_is_a_mistake(tmp_path: Path, text: str) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"exemptions\.yaml:\d"):
        read_exemptions(_RULES, file)


def test_the_packs_own_are_right() -> None:
    for exemption in read_exemptions(frozenset(rule.name for rule in RULES)):
        assert len(exemption.reason) > 20, f"{exemption.place}: say why"
