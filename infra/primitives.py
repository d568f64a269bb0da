"""The kinds of values that files contain, each with what it accepts and an example to follow.

Every check answers a wrong value with what would be right.
"""

import re
from datetime import datetime
from difflib import get_close_matches
from ipaddress import IPv4Network
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field

from components.instance_types import architecture
from facts.regions import REGIONS

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""RFC 1918 and RFC 6598."""
_SHORTEST_WINDOW_MINUTES: Final = 60
"""ElastiCache's minimum for snapshots; RDS is content with 30 minutes.
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"""


def pattern(form: str, right: str) -> AfterValidator:
    """Text of a form; `right` says what to write."""
    compiled = re.compile(form)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f"write {right}")
        return text

    return AfterValidator(check)


def _cidr(text: str) -> str:
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in text:
        raise ValueError("this is no IPv4 range, write one such as 10.20.0.0/16")
    if str(network) != text:
        raise ValueError(f"the address is inside its range, write {network}")
    if not any(network.subnet_of(private) for private in _PRIVATE):
        raise ValueError("the range is not private, write one inside 10.0.0.0/8")
    return text


def _region(name: str) -> str:
    if name not in REGIONS:
        near = get_close_matches(name, REGIONS, n=1)
        raise ValueError(f"there is no such AWS region, write {near[0] if near else 'one such as us-west-2'}")
    return name


def _daily_window(text: str) -> str:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError("write a daily window in UTC such as 09:00-10:00")
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    minutes = ((end_hour - start_hour) * 60 + end_minute - start_minute) % (24 * 60)
    if minutes < _SHORTEST_WINDOW_MINUTES:
        raise ValueError(f"the window lasts {minutes} minutes, AWS wants {_SHORTEST_WINDOW_MINUTES} or more")
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), n=1)
        raise ValueError(
            f"there is no such time zone, write {near[0] if near else 'an IANA name such as Europe/Berlin'}"
        ) from None
    return name


def _instant(text: str) -> str:
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
    if re.fullmatch(form, text) is None or not _is_date(text):
        raise ValueError("write an instant with its offset, such as 2026-01-05T09:00:00Z (RFC 3339)")
    return text


def _timestamp(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text) is None or not _is_date(text):
        raise ValueError("write a point in time in UTC such as 2024-01-15 14:30:00")
    return text


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _instance_type(text: str) -> str:
    architecture(text)
    return text


def _prefixed_instance_type(prefix: str, suffix: str, example: str) -> AfterValidator:
    def check(text: str) -> str:
        bare = text.removeprefix(prefix).removesuffix(suffix)
        if f"{prefix}{bare}{suffix}" != text:
            raise ValueError(f"write {prefix}{bare}{suffix}")
        try:
            architecture(bare)
        except ValueError:
            raise ValueError(f"this is no instance type, write one such as {example}") from None
        return text

    return AfterValidator(check)


Cidr = Annotated[str, AfterValidator(_cidr), Field(examples=["10.20.0.0/16"])]
Region = Annotated[str, AfterValidator(_region), Field(examples=["us-west-2"])]
AccountId = Annotated[
    str, pattern(r"\d{12}", "the account's twelve digits in quotes"), Field(examples=['"111122223333"'])
]
ImageId = Annotated[
    str,
    pattern(r"ami-[0-9a-f]{17}", "an image id such as ami-0a1b2c3d4e5f60718"),
    Field(examples=["ami-0a1b2c3d4e5f60718"]),
]
DomainName = Annotated[
    str,
    pattern(
        r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "a domain in small letters, without https:// and path, such as syncup.example.com",
    ),
    Field(examples=["syncup.example.com"]),
]
DailyWindow = Annotated[str, AfterValidator(_daily_window), Field(examples=['"09:00-10:00"'])]
"""`hh:mm-hh:mm` in UTC, as RDS and ElastiCache spell it."""
TimeZone = Annotated[str, AfterValidator(_time_zone), Field(examples=["Europe/Berlin"])]
Instant = Annotated[str, AfterValidator(_instant), Field(examples=['"2026-01-05T09:00:00Z"'])]
"""RFC 3339."""
Timestamp = Annotated[str, AfterValidator(_timestamp), Field(examples=['"2024-01-15 14:30:00"'])]
"""UTC, in the guide's spelling for point-in-time recovery."""
InstanceType = Annotated[str, AfterValidator(_instance_type), Field(examples=["m7g.large"])]
DatabaseClass = Annotated[
    str, _prefixed_instance_type("db.", "", "db.m7g.large"), Field(examples=["db.m7g.large"])
]
CacheNodeType = Annotated[
    str, _prefixed_instance_type("cache.", "", "cache.m7g.large"), Field(examples=["cache.m7g.large"])
]
SearchInstanceType = Annotated[
    str, _prefixed_instance_type("", ".search", "r7g.large.search"), Field(examples=["r7g.large.search"])
]
HttpsUrl = Annotated[
    str,
    pattern(r"https://[^\s/]+(/[^\s/]+)*", "an https:// address without a slash at its end"),
    Field(examples=["https://github.com/example/syncup-infrastructure/blob/main/docs/runbooks"]),
]
EmailAddress = Annotated[
    str, pattern(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "an e-mail address"), Field(examples=["dba@example.com"])
]
SlackChannel = Annotated[
    str,
    pattern(r"#[a-z0-9_-]{1,80}", 'a Slack channel in quotes, such as "#syncup-tech"'),
    Field(examples=['"#syncup-tech"']),
]
