"""Credentials in plain text: known formats, passwords in addresses, assignments, values that look random.

Nothing here knows of resources. A reference to a secret is none: a variable, a path, an ARN, a placeholder.
What is found is named by its kind alone, so that no message can show a value.
"""

import base64
import binascii
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

_FORMATS: Final = tuple(
    (kind, tuple(hints.split()), re.compile(pattern))
    for kind, hints, pattern in (
        (
            "a private key",
            "-----BEGIN",
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*[A-Za-z0-9+/:=]",
        ),
        (
            "an AWS access key",
            "AKIA ASIA",
            r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])",
        ),
        (
            "a GitHub token",
            "gho_ ghp_ ghs_ ghr_ ghu_ github_pat_",
            r"(?<![A-Za-z0-9])(?:gh[opsru]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})",
        ),
        ("a GitLab token", "gl", r"(?<![A-Za-z0-9])gl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,}"),
        ("a Slack token", "xox", r"(?<![A-Za-z0-9])xox[abeoprs]-[0-9]+-[A-Za-z0-9-]{10,}"),
        (
            "a Slack webhook",
            "hooks.slack.com",
            r"hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,}/[A-Z0-9]+/[A-Za-z0-9]{16,}",
        ),
        ("an API key", "sk-", r"(?<![A-Za-z0-9_-])sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{32,}"),
        (
            "a Stripe key",
            "k_live_ k_test_ whsec_",
            r"(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})",
        ),
        (
            "a Google key",
            "AIza GOCSPX-",
            r"(?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{24,})(?![A-Za-z0-9])",
        ),
        ("an npm token", "npm_", r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
        ("a PyPI token", "pypi-AgE", r"(?<![A-Za-z0-9])pypi-AgE[A-Za-z0-9_-]{40,}"),
        ("a SendGrid key", "SG.", r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,}"),
        ("a DigitalOcean token", "_v1_", r"(?<![A-Za-z0-9])do[opr]_v1_[0-9a-f]{64}"),
        ("a Pulumi token", "pul-", r"(?<![A-Za-z0-9])pul-[0-9a-f]{40}(?![A-Za-z0-9])"),
        ("a Vault token", "hvs. hvb.", r"(?<![A-Za-z0-9])hv[sb]\.[A-Za-z0-9_-]{24,}"),
        ("a Sentry address", "https://", r"https://[0-9a-f]{32}(?::[0-9a-f]{32})?@[a-z0-9.-]+/[0-9]+"),
        (
            "a signed token",
            "eyJ",
            r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
        ),
    )
)
"""The formats by which issuers make their credentials known, each with what it always contains."""

_ADDRESS: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@'\"<>]*:(?P<password>[^\s@/'\"]+)@[^\s@]")

_VALUE: Final = r"(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s\"';,&|)}\]]+))"
_ASSIGNMENTS: Final = (
    re.compile(r"(?<![\w.-])(?P<name>[A-Za-z_][\w.-]{0,80})[\"']?\s*(?:=>?|:=?)\s*" + _VALUE),
    re.compile(r"(?<!\S)--(?P<name>[a-z][a-z0-9-]{0,80})[ =]" + _VALUE),
)
"""`name=value`, `"name": "value"`, `--name value`."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALONE: Final = frozenset({"password", "passwd", "pwd", "passphrase", "passcode", "apikey", "pgpassword"})
"""Words that say by themselves that a value is a credential, whatever it looks like."""
_PAIRS: Final = frozenset(
    (first, "key") for first in ("access", "api", "auth", "encryption", "private", "secret", "signing")
)
_OFTEN: Final = frozenset({"secret", "secrets", "token", "tokens", "credential", "credentials"})
"""Words of names that may hold a credential, or only what it is called."""
_ABOUT: Final = frozenset(
    {
        "age",
        "algorithm",
        "arn",
        "arns",
        "audience",
        "bucket",
        "count",
        "days",
        "enabled",
        "endpoint",
        "expiration",
        "expires",
        "expiry",
        "field",
        "file",
        "fingerprint",
        "format",
        "group",
        "header",
        "host",
        "id",
        "ids",
        "issuer",
        "len",
        "length",
        "lifetime",
        "limit",
        "location",
        "manager",
        "max",
        "method",
        "min",
        "mode",
        "name",
        "names",
        "optional",
        "owner",
        "parameter",
        "path",
        "policy",
        "port",
        "prefix",
        "provider",
        "ref",
        "reference",
        "region",
        "required",
        "retention",
        "role",
        "rotation",
        "schedule",
        "service",
        "source",
        "store",
        "suffix",
        "table",
        "timeout",
        "topic",
        "ttl",
        "type",
        "uri",
        "url",
        "user",
        "username",
        "vendor",
        "version",
        "window",
    }
)
"""With one of these at its end, a name is about a credential and does not hold one."""

_REFERENCE: Final = re.compile(
    r"""
    [$%@!&]                                   # a variable: $1, ${NAME}, %NAME%, @{…}
    | .*(?:\$\{|\$\(|\{\{|<%|\#\{|`)          # something is put in
    | <.*>$ | \[.*\]$ | \(.*                  # <password>, [REDACTED], a call
    | arn:                                    # what only names it
    | (?:ssm|secretsmanager|resolve|vault|op|sm|file|https?|s3)[:/]
    | [./~\\]                                 # a path
    | [A-Za-z_][\w.]*[\[(]                    # environ["NAME"], secret("name")
    | (?:os|process|var|local|self|config|env|module|data|params|args|settings|context)\.\w
    """,
    re.VERBOSE,
)
_NOTHING: Final = re.compile(
    r"(?i)(?:true|false|yes|no|on|off|none|null|nil|undefined|empty|required|optional|enabled|disabled|string|"
    r"unset|redacted|masked|hidden|managed|generated|rotated|automatic|your[_-].*|example.*|"
    r"[x*.#?_-]+|[0-9]{1,5}|[0-9]+[smhd])$"
)
_PATH: Final = re.compile(r"[a-z][a-z0-9_-]*(?:/[a-z0-9_.?*-]+)+|[a-z]+(?:[-_.:][a-z]+)+")
"""What a secret is called: `syncup/production/database`, `application-password`."""

_SHORTEST: Final = 6
"""Shorter values are no credentials that anybody would miss."""


def in_text(text: str) -> str:
    """The kind of the first credential in a text, a script for instance; empty where there is none.

    Text in base64, compressed or not, is read as what it stands for.
    """
    for readable in _readings(text):
        found = _in_readable(readable)
        if found:
            return found
    return ""


def in_setting(name: str, value: str) -> str:
    """The kind of credential that a named value is or holds; empty where it is none.

    Args:
        name: what it is called, as an environment variable or a tag: the name tells as well.
        value: the value.
    """
    return _in_setting(name, value)


@lru_cache(maxsize=4096)
def _in_setting(name: str, value: str) -> str:
    if _is_credential(name, value, quoted=True):
        return "a password or a key, by its name"
    found = in_text(value)
    if found:
        return found
    return "a random value" if looks_random(value) else ""


@lru_cache(maxsize=512)
def _in_readable(text: str) -> str:
    for kind, hints, pattern in _FORMATS:
        if any(hint in text for hint in hints) and any(
            "EXAMPLE" not in match[0] for match in pattern.finditer(text)
        ):
            return kind
    if "://" in text and any(not _is_reference(match["password"]) for match in _ADDRESS.finditer(text)):
        return "an address with a password"
    for match in chain.from_iterable(pattern.finditer(text) for pattern in _ASSIGNMENTS):
        quoted = match["bare"] is None
        value = match["bare"] or match["double"] or match["single"] or ""
        if _is_credential(match["name"], value, quoted=quoted):
            return "a password or a key, by its name"
    return ""


def _readings(text: str) -> Iterator[str]:
    """A text, and what it stands for where it is base64."""
    yield text
    compact = "".join(text.split())
    if len(compact) < _SHORTEST or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", compact):
        return
    try:
        raw = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = zlib.decompressobj(31).decompress(raw, 1_000_000)
        except zlib.error:
            return
    try:
        decoded = raw.decode()
    except UnicodeDecodeError:
        return
    if decoded.isprintable() or "\n" in decoded:
        yield decoded


def _is_credential(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a value is a credential, by the name that it has."""
    certain, possible = _names_credential(name)
    if not (certain or possible) or len(value) < _SHORTEST or _is_reference(value):
        return False
    if certain and quoted:
        return not _is_name(value)
    return _has_digit_and_letter(value) and not _is_name(value)


def _is_name(value: str) -> bool:
    """Whether a value is what something is called: `application-password`, `WorkspaceApiKey`."""
    words = [word.lower() for word in _WORDS.findall(value)]
    return _PATH.fullmatch(value) is not None or (
        value.isalpha() and any(pair in _PAIRS for pair in pairwise(words))
    )


@lru_cache(maxsize=4096)
def _names_credential(name: str) -> tuple[bool, bool]:
    """Whether a name says that its value is a credential, and whether it may say so."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False, False
    certain = not _ALONE.isdisjoint(words) or any(pair in _PAIRS for pair in pairwise(words))
    return certain, not _OFTEN.isdisjoint(words)


def _is_reference(value: str) -> bool:
    """Whether a value is none itself: it refers to one, or stands for one."""
    return _REFERENCE.match(value) is not None or _NOTHING.match(value) is not None


def _has_digit_and_letter(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


_RANDOM: Final = re.compile(r"[A-Za-z0-9+/_=!#^*&~-]{24,128}")
_LEAST_ENTROPY: Final = 3.8
"""In bits for each character. Random letters and digits have 4.2 at the shortest length, words have 3.5."""
_LONGEST_WORDS: Final = 2.4
"""How long words are on average, a capital with the small letters behind it: in chance 1.6, in names 4."""


def looks_random(value: str) -> bool:
    """Whether a value looks like chance: letters of both cases and digits, mixed as no name mixes them.

    Hexadecimal digits are identifiers and checksums far more often than credentials, and do not count.
    """
    if not _RANDOM.fullmatch(value) or not _has_all_classes(value) or _PATH.fullmatch(value):
        return False
    words = _WORDS.findall(value)
    return sum(map(len, words)) / len(words) <= _LONGEST_WORDS and _entropy(value) >= _LEAST_ENTROPY


def _has_all_classes(value: str) -> bool:
    return any(map(str.isupper, value)) and any(map(str.islower, value)) and any(map(str.isdigit, value))


def _entropy(value: str) -> float:
    """Shannon's, in bits for each character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
