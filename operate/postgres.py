"""A session with the stack's database, for people: as the user `engineer`, who reads everything.

Whoever wants to write says so in the session (`as_owner`). The certificate is checked in full against
RDS' own authorities, also through a tunnel, and IAM's token stands in for a password.
"""

import json
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pg8000.native

from components import ports
from operate import tunnel
from operate.aws import LOCAL
from operate.errors import OperationError, RemoteError
from operate.session import NOTICE_GONE, Session, close, refused
from operate.stack import Stack
from operate.tunnel import Address

_native: Any = pg8000.native
USER: Final = "engineer"
AUTHORITIES: Final = Path(__file__).parents[1] / "functions" / "shared" / "rds-ca.pem"
_LOCAL_SECRET: Final = "database-master"  # noqa: S105 (the secret's name)
_CONNECT_SECONDS: Final = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """Who logs in, and whom he trusts."""

    user: str
    password: str = field(repr=False)
    """Or what stands for it."""
    trust: ssl.SSLContext | None
    """Whom the server's certificate has to be from. None where there is no TLS."""


@contextmanager
def connect(stack: Stack, *, direct: bool, target: Address | None = None) -> Generator[Session]:
    """A session until the block ends.

    Args:
        stack: the stack.
        direct: whether the database can be reached from here, so that no tunnel is needed.
        target: another instance of the stack's than the active one.

    Raises:
        OperationError: there is no way to the database.
        RemoteError: it does not answer, or does not let in.
    """
    if stack.name == LOCAL:
        with _local(stack) as found:
            yield found
        return
    target = target or (stack.outputs["database-address"], ports.POSTGRESQL)
    token = stack.client("rds").generate_db_auth_token(*target, USER)
    login = Login(user=USER, password=token, trust=ssl.create_default_context(cafile=str(AUTHORITIES)))
    if direct:
        with session(stack.outputs["database-name"], target, target, login) as found:
            yield found
        return
    with (
        tunnel.through_bastion(stack, target) as here,
        session(stack.outputs["database-name"], here, target, login) as found,
    ):
        yield found


@contextmanager
def _local(stack: Stack) -> Generator[Session]:
    """The server of this machine: no tunnel, no TLS, and the master's password from its secret."""
    host, _, port = stack.outputs["database-address"].partition(":")
    here = (host, int(port or ports.POSTGRESQL))
    name = f"syncup/{LOCAL}/{_LOCAL_SECRET}"
    text = stack.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    try:
        value = json.loads(text)
        login = Login(user=value["username"], password=value["password"], trust=None)
    except (ValueError, KeyError, TypeError):
        raise OperationError(f"the secret {name} lacks username and password") from None
    with session(stack.outputs["database-name"], here, here, login) as found:
        yield found


@contextmanager
def session(database: str, here: Address, target: Address, login: Login) -> Generator[Session]:
    """A session of a user until the block ends.

    Args:
        database: its name.
        here: where to connect to.
        target: who has to be there: the certificate's name is held against it.
        login: who logs in.

    Raises:
        RemoteError: no session comes about. The message shows no password.
    """
    where = f"{login.user} at {target[0]}"
    try:
        connection = _logged_in(database, here, target, login)
    except _native.DatabaseError as error:
        raise RemoteError(str(refused(where, error))) from None
    except (_native.InterfaceError, OSError) as error:
        raise RemoteError(f"{where}: no session comes about ({error})") from None
    found = Session(connection, where)
    try:
        yield found
    finally:
        close(connection)


def _logged_in(database: str, here: Address, target: Address, login: Login) -> Any:
    host, port = target
    line = socket.create_connection(here, timeout=_CONNECT_SECONDS)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection = _native.Connection(
            login.user,
            host=host,
            port=port,
            database=database,
            password=login.password,
            ssl_context=login.trust or False,
            sock=line,
            application_name="syncup",
            startup_params=NOTICE_GONE,
        )
    except BaseException:
        line.close()
        raise
    # What has begun may take its time: statements have limits of their own.
    connection._usock.settimeout(None)  # noqa: SLF001 (the driver has no other way to its socket)
    return connection
