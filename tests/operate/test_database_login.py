"""An address that lets nobody in is found out before it replaces one that does, and shows no password."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from local import certificates, front
from local.certificates import Certificates
from operate import database_login
from operate.errors import RemoteError
from operate.stack import Stack
from tests.functions.conftest import tls
from tests.functions.postgres import DATABASE, PASSWORD
from tests.operate.double import Aws
from tests.operate.pg import Database
from tests.operate.test_postgres import installed

__all__ = ["installed", "tls"]

_HARD = "a/b@c:d e%f?g#h"
"""A password that an address cannot hold as it is."""


@pytest.fixture
def port(database: Database, tls: Certificates) -> Iterator[int]:
    """Where the database is, with TLS."""
    with front.postgresql(database.server.port, tls.server) as found:
        yield found


def _address(port: int, *, user: str = "app_a", password: str = PASSWORD, name: str = DATABASE) -> str:
    return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{port}/{name}?sslmode=require"


def test_who_is_let_in_has_nothing_to_say(port: int, stack: Stack, tls: Certificates, aws: Aws) -> None:
    database_login.require(stack, _address(port), direct=True, authority=tls.authority)
    assert aws.calls == []


def test_a_password_that_needs_escapes_is_understood(
    port: int, database: Database, stack: Stack, tls: Certificates
) -> None:
    database.run(
        f"CREATE ROLE awkward LOGIN PASSWORD '{_HARD}'", f"GRANT CONNECT ON DATABASE {DATABASE} TO awkward"
    )
    try:
        address = _address(port, user="awkward", password=_HARD)
        database_login.require(stack, address, direct=True, authority=tls.authority)
    finally:
        database.run("DROP OWNED BY awkward", "DROP ROLE awkward")


@pytest.mark.usefixtures("installed")
def test_the_bastion_leads_there(port: int, stack: Stack, tls: Certificates, aws: Aws) -> None:
    session = {"SessionId": "session-1", "TokenValue": "token", "StreamUrl": "wss://example.com"}
    aws.answers.update({"ssm.StartSession": session, "ssm.TerminateSession": {"SessionId": "session-1"}})
    database_login.require(stack, _address(port), direct=False, authority=tls.authority)
    assert [call.name for call in aws.calls] == ["ssm.StartSession", "ssm.TerminateSession"]
    parameters = aws.calls[0].parameters["Parameters"]
    assert (parameters["host"], parameters["portNumber"]) == (["127.0.0.1"], [str(port)])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "hunter2"}, "password authentication failed"),
        ({"user": "nobody"}, "nobody at 127.0.0.1: "),
        ({"name": "moon"}, 'database "moon" does not exist'),
    ],
    ids=["password", "user", "database"],
)
def test_who_is_refused_is_told_why(
    port: int, stack: Stack, tls: Certificates, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(RemoteError, match="nothing was changed") as failed:
        database_login.require(stack, _address(port, **wrong), direct=True, authority=tls.authority)
    assert said in str(failed.value)
    assert "hunter2" not in str(failed.value)
    assert PASSWORD not in str(failed.value)


def test_a_server_that_cannot_prove_its_name_gets_no_password(
    port: int, stack: Stack, tmp_path: Path
) -> None:
    other = certificates.make(tmp_path)
    for authority in (other.authority, None):
        with pytest.raises(RemoteError, match="certificate verify failed"):
            database_login.require(stack, _address(port), direct=True, authority=authority)


def test_a_server_without_tls_gets_no_password(database: Database, stack: Stack, tls: Certificates) -> None:
    with pytest.raises(RemoteError, match="no session comes about"):
        database_login.require(stack, _address(database.server.port), direct=True, authority=tls.authority)


def test_nobody_there_is_one_line(stack: Stack) -> None:
    with pytest.raises(RemoteError, match=r"app_a at 127\.0\.0\.1: no session comes about"):
        database_login.require(stack, _address(1), direct=True)
