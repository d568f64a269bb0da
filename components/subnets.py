"""Where every subnet lies inside the one address range of the VPC.

No Pulumi here, so that the layout can be tested as a plain function.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONE_LETTERS = "abcdefgh"
"""Every zone of a region has its own place, whether it is used or not: none moves when one is added."""

_ZONE = re.compile(rf"[a-z]{{2}}(-[a-z]+)+-\d[{ZONE_LETTERS}]")
_LARGEST_PREFIX, _SMALLEST_PREFIX = 16, 22
"""AWS allows a VPC /16 at most. Below /22 the private subnets are too small for a load balancer, which
wants a /27 with eight free addresses, and for a Client VPN association, which wants twenty.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is-best-practices.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """The subnets of one kind: a range that holds them all, and one subnet a zone."""

    cidr: str
    subnets: tuple[str, ...]
    """In the order of the zones asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The three tiers. The last eighth of the range stays free for what nobody thought of."""

    private: Tier
    """Half of the range: the application, the load balancer, functions, endpoints."""
    data: Tier
    """A quarter: databases, caches, indexes."""
    public: Tier
    """An eighth: NAT gateways alone."""


def layout(cidr: str, zones: Sequence[str]) -> Layout:
    """Divides the VPC's range among three tiers and each tier among the zones.

    A subnet depends on the range, its tier and the letter of its zone alone, so that adding, removing
    or reordering zones moves no other subnet.

    Args:
        cidr: the VPC's IPv4 range, /16 to /22.
        zones: availability zones by name: `us-west-2a`.

    Raises:
        ValueError: the range is malformed, too small or too large, a zone is named twice or is not an
            availability zone; the message says what would be right.
    """
    vpc = IPv4Network(cidr)
    if vpc.prefixlen > _SMALLEST_PREFIX:
        raise ValueError(f"{cidr} is too small for its subnets: /{_SMALLEST_PREFIX} is the least")
    if vpc.prefixlen < _LARGEST_PREFIX:
        raise ValueError(f"{cidr} is too large: AWS allows a VPC /{_LARGEST_PREFIX} at most")
    places = [_place(zone) for zone in zones]
    if len(set(places)) < len(places):
        raise ValueError(f"zones {', '.join(zones)}: each may be named once")
    halves = list(vpc.subnets(prefixlen_diff=1))
    quarters = list(vpc.subnets(prefixlen_diff=2))
    eighths = list(vpc.subnets(prefixlen_diff=3))
    return Layout(
        private=_tier(halves[0], places), data=_tier(quarters[2], places), public=_tier(eighths[6], places)
    )


def _tier(cidr: IPv4Network, places: Sequence[int]) -> Tier:
    """A subnet for each place out of as many as there are zone letters."""
    subnets = list(cidr.subnets(prefixlen_diff=len(ZONE_LETTERS).bit_length() - 1))
    return Tier(cidr=str(cidr), subnets=tuple(str(subnets[place]) for place in places))


def _place(zone: str) -> int:
    """The place of a zone: its letter's position in the alphabet."""
    if not _ZONE.fullmatch(zone):
        raise ValueError(f"{zone!r} is no availability zone: a region and a letter, such as us-west-2a")
    return ZONE_LETTERS.index(zone[-1])
