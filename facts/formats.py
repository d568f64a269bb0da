"""Texts of a certain form: an ARN, a range of addresses, JSON, a window.

`formats.json` says which property wants which form: under `kinds` those that are checked here, under
`patterns` those that one expression describes, each with AWS's page. Which kind a property is of was
recorded from hashicorp/aws 5.100, by offering it texts of every kind. The checks are never narrower than
the provider's: a text that it takes passes, an empty one always does (it stands for an absent value).
"""

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from facts.enumerations import allowed_in_any_case

_TABLE = Path(__file__).with_name("formats.json")


def violation(type_token: str, path: tuple[str, ...], value: str) -> str | None:
    """Why a property cannot have a text, in one phrase; None where it can.

    Args:
        type_token: the resource's type.
        path: the way to the property from the resource in Python names, without indices and map keys.
        value: the text.
    """
    if not value:
        return None
    values = allowed_in_any_case(type_token, path)
    if values is not None:
        known = {text.casefold() for text in values}
        return None if value.casefold() in known else f"it has to be one of {', '.join(sorted(values))}"
    key = (type_token, ".".join(path))
    kind = _kinds().get(key)
    if kind is not None:
        wanted, accepts = _KINDS[kind]
        return None if accepts(value) else f"it has to be {wanted}"
    pattern = _patterns().get(key)
    if pattern is not None:
        expression, wanted = pattern
        return None if re.fullmatch(expression, value, re.ASCII) else f"it has to be {wanted}"
    return None


def _matches(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value, flags) is not None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def accepts(value: str) -> bool:
        try:
            parse(value)
        except (ValueError, binascii.Error):
            return False
        return True

    return accepts


def _network(version: int | None, *, of_host: bool = False) -> Callable[[str], bool]:
    """A range in CIDR notation; only one `of_host` may have bits set behind its prefix."""

    def parse(value: str) -> None:
        network = ipaddress.ip_network(value, strict=not of_host)
        if "/" not in value or version not in (None, network.version):
            raise ValueError(value)

    return _parses(parse)


def _host(value: str) -> str:
    host = urlsplit(value).netloc
    if not host:
        raise ValueError(value)
    return host


_TIME: Final = r"([01]\d|2[0-3]):[0-5]\d"
_DAY: Final = r"(mon|tue|wed|thu|fri|sat|sun)"

_KINDS: Final[Mapping[str, tuple[str, Callable[[str], bool]]]] = {
    "account": ("an account's twelve digits", _matches(r"\d{12}")),
    "arn": ("an ARN (arn:aws:…)", _matches(r"arn:aws[a-z-]*:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)),
    "base64": ("base64", _parses(lambda value: base64.b64decode(value, validate=True))),
    "boolean": ("true or false", _matches(r"1|0|t|f|T|F|true|false|True|False|TRUE|FALSE")),
    "cidr": ("a network's address and prefix (10.0.0.0/16)", _network(None)),
    "cidr_of_host": ("an address and a prefix (10.0.0.1/16)", _network(None, of_host=True)),
    "daily_window": ("a daily window in UTC (03:00-04:00)", _matches(f"{_TIME}-{_TIME}")),
    "date": ("a date (2026-01-31)", _parses(date.fromisoformat)),
    "duration": ("a duration (1h30m)", _matches(r"[-+]?(0|(\d*\.?\d+(ns|us|µs|μs|ms|s|m|h))+)")),
    "email": ("an e-mail address", _matches(r"[^@\s]+@[^@\s]+")),
    "integer": ("a whole number", _matches(r"[-+]?\d+")),
    "ip": ("an IP address", _parses(ipaddress.ip_address)),
    "ipv4": ("an IPv4 address", _parses(ipaddress.IPv4Address)),
    "ipv4_cidr": ("an IPv4 network's address and prefix (10.0.0.0/16)", _network(4)),
    "ipv6_cidr": ("an IPv6 network's address and prefix (2001:db8::/32)", _network(6)),
    "json": ("JSON", _parses(json.loads)),
    "json_pointer": ("a JSON pointer (/path/to/member)", _matches(r"(/([^/~]|~[01])*)+")),
    "number": ("a number", _parses(float)),
    "region": ("a region (eu-west-1)", _matches(r"[a-z]{2,4}(-[a-z]+)+-\d+")),
    "timestamp": (
        "a time as in RFC 3339 (2026-01-31T03:00:00Z)",
        _matches(rf"\d{{4}}-\d\d-\d\d[Tt]{_TIME}:\d\d(\.\d+)?([Zz]|[-+]{_TIME})"),
    ),
    "url": ("an address with a host (https://example.com)", _parses(_host)),
    "weekly_window": (
        "a weekly window in UTC (sun:03:00-sun:04:00)",
        _matches(f"{_DAY}:{_TIME}-{_DAY}:{_TIME}", re.IGNORECASE),
    ),
}


@cache
def _kinds() -> Mapping[tuple[str, str], str]:
    kinds: dict[str, dict[str, list[str]]] = json.loads(_TABLE.read_text(encoding="utf-8"))["kinds"]
    return {
        (token, path): kind
        for kind, properties in kinds.items()
        for token, paths in properties.items()
        for path in paths
    }


@cache
def _patterns() -> Mapping[tuple[str, str], tuple[str, str]]:
    return {
        (token, path): (group["pattern"], group["wanted"])
        for group in json.loads(_TABLE.read_text(encoding="utf-8"))["patterns"]
        for token, paths in group["properties"].items()
        for path in paths
    }
