"""Whether a database's address lets in who it names: tried before the address replaces one that does."""

import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

import botocore.httpsession

from components import ports
from operate import postgres, tunnel
from operate.aws import LOCAL
from operate.errors import OperationError, RemoteError
from operate.postgres import Login
from operate.stack import Stack
from operate.tunnel import Address


def require(stack: Stack, value: str, *, direct: bool, authority: Path | None = None) -> None:
    """Logs in with an address, through the bastion or from here, and out again.

    Args:
        stack: whose bastion is gone through.
        value: an address that `secret_values.check` has admitted.
        direct: whether the address can be reached from here, so that no tunnel is needed.
        authority: who has to have signed the server's certificate; None for RDS and the public authorities,
            which sign those of instances and of the RDS Proxy.

    Raises:
        OperationError: there is no way to it.
        RemoteError: nobody answers, or does not let in. The message shows no password.
    """
    url = urlsplit(value)
    target = (url.hostname or "", url.port or ports.POSTGRESQL)
    login = Login(
        user=unquote(url.username or ""), password=unquote(url.password or ""), trust=_trust(authority)
    )
    database = unquote(url.path.strip("/"))
    try:
        if direct or stack.name == LOCAL:
            _log_in(database, target, target, login)
            return
        with tunnel.through_bastion(stack, target) as here:
            _log_in(database, here, target, login)
    except OperationError as error:
        kind = RemoteError if isinstance(error, RemoteError) else OperationError
        raise kind(f"DATABASE_URL: nothing was changed, since it lets nobody in: {error}") from None


def _log_in(database: str, here: Address, target: Address, login: Login) -> None:
    """The RDS Proxy asks the database itself only for the first statement."""
    with postgres.session(database, here, target, login) as session:
        session.value("SELECT 1")


def _trust(authority: Path | None) -> ssl.SSLContext:
    if authority is not None:
        return ssl.create_default_context(cafile=str(authority))
    trust = ssl.create_default_context(cafile=botocore.httpsession.DEFAULT_CA_BUNDLE)
    trust.load_verify_locations(cafile=str(postgres.AUTHORITIES))
    return trust
