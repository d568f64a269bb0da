"""What each secret's value has to look like. No message repeats a value.

A value that does not fit is refused before it replaces one that works.
"""

import re
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from components.tool_secrets import PAGE_KEY
from operate.errors import RemoteError, UsageError

_POSTGRESQL: Final = 5432
_TLS_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""https://www.postgresql.org/docs/current/protocol-message-formats.html: SSLRequest."""
_TIMEOUT_SECONDS: Final = 5
_LEAST_LENGTH: Final = 32
"""Of a secret that signs: 256 bits even where each character carries only 8."""


def _like(pattern: str, description: str) -> Callable[[str], str | None]:
    form = re.compile(pattern)
    return lambda value: None if form.fullmatch(value) else description


def _database(value: str) -> str | None:
    try:
        url = urlsplit(value)
        parts = (url.hostname, url.username, url.password, url.path.strip("/"))
        _port(url)
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


def reach(value: str, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
    """Whether a PostgreSQL server that speaks TLS is where a database's address leads.

    Nothing secret is sent: the login itself is not tried.

    Args:
        value: an address that `check` has admitted.
        timeout_seconds: how long the server may take.

    Raises:
        RemoteError: there is none, or it cannot be reached from here.
    """
    url = urlsplit(value)
    where = f"{url.hostname}:{_port(url)}"
    try:
        with socket.create_connection(
            (url.hostname or "", _port(url)), timeout=timeout_seconds
        ) as connection:
            connection.sendall(_TLS_REQUEST)
            answer = connection.recv(1)
    except OSError as error:
        raise RemoteError(
            f"DATABASE_URL: {where} cannot be reached from here ({error.strerror or error}); "
            "--no-connect sets it all the same"
        ) from error
    if answer != b"S":
        what = "without TLS" if answer == b"N" else "but is no PostgreSQL server"
        raise RemoteError(f"DATABASE_URL: {where} answers, {what}")


def _port(url: SplitResult) -> int:
    return url.port or _POSTGRESQL
