"""The layout of subnets, over every range and set of zones that is allowed."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.subnets import ZONE_LETTERS, Layout, layout


def _range(prefix: int, address: int) -> str:
    return str(IPv4Network((address, prefix), strict=False))


cidrs = st.builds(_range, st.integers(16, 22), st.integers(10 << 24, (11 << 24) - 1))
ALL_ZONES = [f"us-west-2{letter}" for letter in ZONE_LETTERS]
zone_lists = st.lists(st.sampled_from(ALL_ZONES), min_size=1, unique=True)


def _subnets(found: Layout) -> list[IPv4Network]:
    tiers = (found.private, found.data, found.public)
    return [IPv4Network(cidr) for tier in tiers for cidr in tier.subnets]


@given(cidrs, zone_lists)
def test_no_two_subnets_overlap_and_all_lie_inside(cidr: str, zones: list[str]) -> None:
    subnets = _subnets(layout(cidr, zones))
    assert len(subnets) == 3 * len(zones)
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(cidrs, zone_lists)
def test_a_tiers_range_holds_its_subnets_and_touches_no_other_tier(cidr: str, zones: list[str]) -> None:
    found = layout(cidr, zones)
    tiers = (found.private, found.data, found.public)
    for tier in tiers:
        assert all(IPv4Network(subnet).subnet_of(IPv4Network(tier.cidr)) for subnet in tier.subnets)
    ranges = [IPv4Network(tier.cidr) for tier in tiers]
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


@given(cidrs, zone_lists, st.permutations(ALL_ZONES))
def test_adding_removing_or_reordering_zones_moves_no_subnet(
    cidr: str, zones: list[str], everything: list[str]
) -> None:
    some, whole = layout(cidr, zones), layout(cidr, everything)
    for position, zone in enumerate(zones):
        place = everything.index(zone)
        assert some.private.subnets[position] == whole.private.subnets[place]
        assert some.data.subnets[position] == whole.data.subnets[place]
        assert some.public.subnets[position] == whole.public.subnets[place]


@given(cidrs, zone_lists)
def test_every_subnet_is_one_that_aws_makes(cidr: str, zones: list[str]) -> None:
    assert all(16 <= subnet.prefixlen <= 28 for subnet in _subnets(layout(cidr, zones)))


@given(cidrs, zone_lists)
def test_private_subnets_have_room_for_a_load_balancer_and_a_vpn_association(
    cidr: str, zones: list[str]
) -> None:
    for subnet in layout(cidr, zones).private.subnets:
        assert IPv4Network(subnet).prefixlen <= 27


def test_production_looks_as_documented() -> None:
    found = layout("10.20.0.0/16", ["us-west-2a", "us-west-2b", "us-west-2c"])
    assert found.private.subnets == ("10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20")
    assert found.data.subnets == ("10.20.128.0/21", "10.20.136.0/21", "10.20.144.0/21")
    assert found.public.subnets == ("10.20.192.0/22", "10.20.196.0/22", "10.20.200.0/22")


@pytest.mark.parametrize(
    ("cidr", "zones", "message"),
    [
        ("10.0.0.0/23", ["us-west-2a"], "too small for its subnets: /22"),
        ("10.0.0.0/15", ["us-west-2a"], "too large: AWS allows a VPC /16"),
        ("10.0.0.1/16", ["us-west-2a"], "host bits set"),
        ("10.0.0/16", ["us-west-2a"], "10.0.0"),
        ("10.0.0.0/16", ["us-west-2a", "us-west-2a"], "named once"),
        ("10.0.0.0/16", ["us-west-2"], "no availability zone"),
        ("10.0.0.0/16", ["us-west-2x"], "no availability zone"),
        ("10.0.0.0/16", ["us-west-2-lax-1a"], "no availability zone"),
        ("10.0.0.0/16", [""], "no availability zone"),
    ],
)
def test_a_wrong_range_or_zone_is_refused_with_what_would_be_right(
    cidr: str, zones: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        layout(cidr, zones)
