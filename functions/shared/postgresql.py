"""Connections to PostgreSQL: always by TLS, to a server that proves its name, and silent about passwords."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pg8000.native
from stored import PENDING, read, required
from tls import instance_trust

from operate.session import NOTICE_GONE, DatabaseError, close, refused

_native: Any = pg8000.native

LOCK: Final = 5_432_001
"""The advisory lock of whoever changes roles or their passwords: one after the other."""
USERS: Final = ("app_a", "app_b")
"""Log in and work as the owner."""

_REACH_SECONDS = 10
"""Whether there is a server at all shows at once."""
_ITERATIONS = 4096
"""PostgreSQL's own default, `scram_iterations`."""


class Connection:
    """One session."""

    def __init__(self, session: Any, where: str) -> None:
        self._session = session
        self._where = where

    def run(self, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        """Runs one statement and returns its rows.

        Raises:
            DatabaseError: it failed.
        """
        try:
            return self._session.run(statement, **values) or []
        except (_native.DatabaseError, _native.InterfaceError, OSError) as error:
            raise refused(self._where, error) from None


@contextmanager
def connect(
    where: tuple[str, int],
    database: str,
    user: str,
    password: str,
    trust: ssl.SSLContext,
    *,
    patience_seconds: int = 60,
) -> Generator[Connection]:
    """A session until the block ends.

    Args:
        where: host and port.
        database: its name.
        user: who logs in.
        password: or what stands for it, an IAM token.
        trust: whom the server's certificate has to be from; its name is checked in any case.
        patience_seconds: how long the server may be silent once it is reached, in each statement too.

    Raises:
        DatabaseError: no session came about.
    """
    with opened(where, database, user, password, trust, patience_seconds=patience_seconds) as session:
        yield Connection(session, f"{user} at {where[0]}")


@contextmanager
def opened(
    where: tuple[str, int],
    database: str,
    user: str,
    password: str,
    trust: ssl.SSLContext,
    *,
    patience_seconds: int,
) -> Generator[Any]:
    """The driver's own session, as `connect` opens it."""
    host, _ = where
    place = f"{user} at {host}"
    try:
        reached = socket.create_connection(where, timeout=_REACH_SECONDS)
    except OSError as error:
        raise refused(place, error) from None
    reached.settimeout(patience_seconds)
    try:
        session = _native.Connection(
            user,
            host=host,
            sock=reached,
            database=database,
            password=password,
            ssl_context=trust,
            application_name="syncup-functions",
            startup_params=NOTICE_GONE,
        )
    except (_native.DatabaseError, _native.InterfaceError, OSError) as error:
        raise refused(place, error) from None
    finally:
        # Encryption has taken it over; where it came to nothing it has to go.
        reached.close()
    try:
        yield session
    finally:
        close(session)


@contextmanager
def connect_master(secrets: Any, secret: str, where: tuple[str, int], database: str) -> Generator[Connection]:
    """A session of the master user, by the secret's current value or, while it rotates, by the pending one.

    Raises:
        stored.SecretError: the secret has no value yet.
        DatabaseError: neither value opens a session.
    """
    user, password = required(read(secrets, secret), secret, "username", "password")
    try:
        with connect(where, database, user, password, instance_trust()):
            pass
    except DatabaseError as error:
        pending: Mapping[str, Any] | None = read(secrets, secret, label=PENDING)
        if not error.refuses_login or pending is None:
            raise
        user, password = required(pending, secret, "username", "password")
    with connect(where, database, user, password, instance_trust()) as connection:
        yield connection


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password.

    To send this instead keeps the password out of the statement, and so out of the server's log.
    https://www.postgresql.org/docs/current/catalog-pg-authid.html
    """
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    texts = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *texts)


def literal(text: str) -> str:
    """The text as SQL writes it."""
    return _native.literal(text)


def name(text: str) -> str:
    """The name of a role or a table as SQL writes it."""
    return '"' + text.replace('"', '""') + '"'
