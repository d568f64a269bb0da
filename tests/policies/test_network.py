"""How blocks of addresses and ranges of ports compare."""

import pytest

from policies.network import covers_port, is_world, lies_in, protocol
from policies.view import UNKNOWN, UndecidedError, View


@pytest.mark.parametrize("text", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "2000::/3", " 0.0.0.0/0 "])
def test_the_world_is_everything_and_great_parts_of_it(text: str) -> None:
    assert is_world(text)


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "203.0.113.0/24", "fc00::/7", "2001:db8::/32", "", "10.0.0.1", "world"]
)
def test_what_one_owner_holds_is_not_the_world(text: str) -> None:
    assert not is_world(text)


def test_a_block_lies_in_a_wider_one_of_its_version() -> None:
    assert lies_in("10.20.0.0/24", ["2001:db8::/32", "10.20.0.0/16"])
    assert lies_in("2001:db8:1::/48", ["2001:db8::/32"])
    assert not lies_in("10.0.0.0/8", ["10.20.0.0/16"])
    assert not lies_in("::/0", ["0.0.0.0/0"])
    assert not lies_in("none", ["0.0.0.0/0"])


def test_a_protocol_has_several_spellings() -> None:
    assert [protocol(text) for text in ("-1", "6", "TCP", "17")] == ["all", "tcp", "tcp", "udp"]


@pytest.mark.parametrize(
    ("ports", "covered"),
    [
        ({"fromPort": 22, "toPort": 22}, True),
        ({"fromPort": 0, "toPort": -1}, True),
        ({}, True),
        ({"fromPort": 23, "toPort": UNKNOWN}, False),
        ({"fromPort": UNKNOWN, "toPort": 21}, False),
    ],
)
def test_a_range_covers_a_port(ports: dict[str, object], covered: bool) -> None:
    assert covers_port(View(ports), 22) is covered


def test_an_unknown_end_leaves_a_port_undecided() -> None:
    with pytest.raises(UndecidedError):
        covers_port(View({"fromPort": 0, "toPort": UNKNOWN}), 22)
