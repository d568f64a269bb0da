"""What each secret's value has to look like. No message repeats a value.

A value that does not fit is refused before it replaces one that works.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from components.tool_secrets import PAGE_KEY
from operate.errors import UsageError

_LEAST_LENGTH: Final = 32
"""Of a secret that signs: 256 bits even where each character carries only 8."""


def _like(pattern: str, description: str) -> Callable[[str], str | None]:
    form = re.compile(pattern)
    return lambda value: None if form.fullmatch(value) else description


def _database(value: str) -> str | None:
    try:
        url = urlsplit(value)
        parts = (url.hostname, url.username, url.password, url.path.strip("/"))
        _ = url.port  # raises where it is none
    except ValueError:
        return "an address such as postgresql://user:password@host:5432/syncup; a part of it is malformed"
    if url.scheme not in {"postgresql", "postgres"} or not all(parts):
        return "an address such as postgresql://user:password@host:5432/syncup, with all of its parts"
    return None


def _sentry(value: str) -> str | None:
    try:
        url = urlsplit(value)
        fits = url.scheme == "https" and url.hostname and url.username and re.search(r"/\d+$", url.path)
    except ValueError:
        fits = False
    return None if fits else "an address such as https://<key>@<host>/<project number>"


def _signs(value: str) -> str | None:
    return None if len(value) >= _LEAST_LENGTH else f"at least {_LEAST_LENGTH} characters"


FORMS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "DATABASE_URL": _database,
    "NEXTAUTH_SECRET": _signs,
    "JWT_SECRET": _signs,
    "OPENAI_API_KEY": _like(r"sk-[\w-]{16,}", "a key that begins with sk-"),
    "SLACK_BOT_TOKEN": _like(r"xoxb-[\w-]{16,}", "a token that begins with xoxb-"),
    "SLACK_SIGNING_SECRET": _like(r"[0-9a-f]{32}", "32 hexadecimal digits"),
    "GOOGLE_CLIENT_ID": _like(
        r"[\w-]+\.apps\.googleusercontent\.com", "an id that ends in .apps.googleusercontent.com"
    ),
    "GOOGLE_CLIENT_SECRET": _like(r"[\w-]{16,}", "at least 16 letters, digits, hyphens and underscores"),
    "SENTRY_DSN": _sentry,
    "DATADOG_API_KEY": _like(r"[0-9a-f]{32}", "32 hexadecimal digits"),
    PAGE_KEY: _like(r"[\w-]{20,}", "at least 20 letters, digits, hyphens and underscores"),
}
"""By variable, what says what is wrong with a value: None where nothing is."""


def check(key: str, value: str) -> None:
    """Whether a value can be the variable's.

    Raises:
        UsageError: with what would be right, and never with the value.
    """
    if not value:
        raise UsageError(f"{key}: there is no value")
    if value != value.strip() or not value.isprintable():
        raise UsageError(f"{key}: a value is one line of text without spaces around it")
    wanted = FORMS[key](value) if key in FORMS else None
    if wanted is not None:
        raise UsageError(f"{key}: this is no {key}, it would be {wanted}")
