"""Blocks of IP addresses and ranges of ports, as rules about networks compare them."""

from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from policies.view import View, every_holds

HIGHEST_PORT: Final = 65535

_WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix of a block that a single owner holds."""
_PRIVATE_6: Final = IPv6Network("fc00::/7")


@cache
def block(text: str) -> IPv4Network | IPv6Network | None:
    """The block of a CIDR text; None where it is none."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def is_world(text: str) -> bool:
    """Whether a block is the internet or a great part of it: `0.0.0.0/0`, `::/0`, but also `128.0.0.0/1`."""
    found = block(text)
    if found is None or found.prefixlen >= _WIDEST[found.version]:
        return False
    return isinstance(found, IPv4Network) or not found.subnet_of(_PRIVATE_6)


def lies_in(text: str, blocks: Iterable[str]) -> bool:
    """Whether a block lies inside one of others; one that is no block does not."""
    inner = block(text)
    return any(_inside(inner, outer) for outer in map(block, blocks))


def _inside(inner: IPv4Network | IPv6Network | None, outer: IPv4Network | IPv6Network | None) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def protocol(text: str) -> str:
    """A protocol by its name in lower case, whichever way it is written: `tcp`, `udp`, `all`."""
    name = text.strip().lower()
    return {"-1": "all", "6": "tcp", "17": "udp"}.get(name, name)


def covers_port(view: View, port: int) -> bool:
    """Whether the range `fromPort` to `toPort` contains a port; a missing end is no end.

    Raises:
        UndecidedError: an end is unknown, and the other one does not decide.
    """
    return every_holds(
        lambda: view.number("fromPort", default=0) <= port,
        lambda: port <= _last(view.number("toPort", default=HIGHEST_PORT)),
    )


def _last(port: float) -> float:
    return HIGHEST_PORT if port < 0 else port
