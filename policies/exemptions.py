"""Exemptions: findings that somebody answers for, for a stated reason and a limited time.

    exemptions:
      - rule: s3-bucket-encrypted-with-kms
        resource: "urn:pulumi:*::*::*$aws:s3/bucket:Bucket::access-logs"
        reason: AWS delivers load-balancer logs only to buckets that use its own keys.
        owner: security@example.com
        expires: "2027-06-30"

`resource` is a URN in which `*` stands for anything. `expires` is the last day on which it holds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from infra.mistakes import ConfigurationError, Mistake
from infra.yaml_file import Document, KeyPath, at, read

FILE: Final = Path(__file__).parent / "exemptions.yaml"
"""The pack's own."""

_KEYS: Final = ("rule", "resource", "reason", "owner", "expires")


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """One exemption."""

    rule: str
    resource: str
    """A pattern of URNs."""
    reason: str
    owner: str
    expires: date
    """The last day on which it holds."""
    place: str
    """`exemptions.yaml:3`."""

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it is about a rule and a resource, expired or not."""
        return rule == self.rule and _pattern(self.resource).fullmatch(urn) is not None

    def holds(self, today: date) -> bool:
        """Whether it has not expired."""
        return today <= self.expires


@cache
def _pattern(resource: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in resource.split("*")))


def read_exemptions(rules: frozenset[str], path: Path = FILE) -> tuple[Exemption, ...]:
    """Reads a file of exemptions; none where there is no file.

    Args:
        rules: the names of the rules that there are.
        path: the file.

    Raises:
        ConfigurationError: an exemption lacks something, is about no rule, or says something else.
    """
    if not path.exists():
        return ()
    document = read(path)
    mistakes = list(_mistakes(document, rules))
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(
        Exemption(
            **{key: entry[key].strip() for key in _KEYS if key != "expires"},
            expires=date.fromisoformat(entry["expires"]),
            place=f"{document.file}:{document.line(('exemptions', index))}",
        )
        for index, entry in enumerate(document.value["exemptions"])
    )


def _mistakes(document: Document, rules: frozenset[str]) -> Iterator[Mistake]:
    entries = at(document.value, ("exemptions",))
    if not isinstance(entries, list) or set(document.value) != {"exemptions"}:
        yield Mistake(document.file, 1, "it is no list of exemptions: begin with exemptions:")
        return
    for index, entry in enumerate(cast("list[Any]", entries)):
        path: KeyPath = ("exemptions", index)
        if isinstance(entry, dict):
            yield from _wrong(document, path, cast("dict[str, Any]", entry), rules)
        else:
            yield _mistake(document, path, f"it is no mapping: give it {', '.join(_KEYS)}")


def _wrong(
    document: Document, path: KeyPath, entry: Mapping[str, Any], rules: frozenset[str]
) -> Iterator[Mistake]:
    for key in entry.keys() - set(_KEYS):
        yield _mistake(document, (*path, key), f"{key} is no known key: write {', '.join(_KEYS)}")
    for key in _KEYS:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            yield _mistake(document, (*path, key), f"{key} is missing: every exemption has one, as text")
        elif key == "rule" and value not in rules:
            yield _mistake(
                document, (*path, key), f"rule is {value}: there is none, see `syncup policy list`"
            )
        elif key == "resource" and not value.startswith("urn:pulumi:"):
            yield _mistake(document, (*path, key), "resource is no URN: it begins with urn:pulumi:")
        elif key == "expires" and not _is_date(value):
            yield _mistake(document, (*path, key), 'expires is no day: write it as "2027-06-30"')


def _mistake(document: Document, path: KeyPath, text: str) -> Mistake:
    return Mistake(document.file, document.line(path), text)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
