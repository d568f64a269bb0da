"""The way to the database: its certificate is checked, no secret shows, and nothing is left behind."""

import json
import os
import sys
import time as clock
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components import ports
from local import certificates, front
from local.certificates import Certificates
from operate import postgres, tunnel
from operate.errors import OperationError, RemoteError
from operate.outputs import Outputs
from operate.session import DatabaseError
from operate.stack import Stack
from tests.functions.conftest import tls
from tests.functions.postgres import DATABASE, PASSWORD
from tests.operate import plugin
from tests.operate.double import Aws
from tests.operate.healthy import OUTPUTS
from tests.operate.pg import Database

__all__ = ["tls"]

_SESSION = {"SessionId": "session-1", "TokenValue": "token-of-the-session", "StreamUrl": "wss://example.com"}


def _token(text: str) -> Callable[..., str]:
    def sign(*_: object) -> str:
        return text

    return sign


@pytest.fixture
def reachable(
    database: Database, tls: Certificates, monkeypatch: pytest.MonkeyPatch, stack: Stack, aws: Aws
) -> Iterator[Stack]:
    """A stack whose database is at 127.0.0.1 with TLS, and lets in whoever has the password for a token."""
    with front.postgresql(database.server.port, tls.server) as port:
        monkeypatch.setattr(ports, "POSTGRESQL", port)
        monkeypatch.setattr(postgres, "AUTHORITIES", tls.authority)
        monkeypatch.setattr(stack.client("rds"), "generate_db_auth_token", _token(PASSWORD), raising=False)
        outputs = Outputs("staging", {**OUTPUTS, "database-address": "127.0.0.1", "database-name": DATABASE})
        aws.answers.update({"ssm.StartSession": _SESSION, "ssm.TerminateSession": {"SessionId": "session-1"}})
        yield Stack(name="staging", outputs=outputs, clients=stack.clients, clock=stack.clock)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plugin's double, first on the path; returns where it leaves what it was called with."""
    program = tmp_path / tunnel.PLUGIN
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{plugin.__file__}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PLUGIN_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def test_a_person_reads_everything_and_writes_only_as_the_owner(reachable: Stack, database: Database) -> None:
    database.owner("CREATE TABLE things (id int)")
    with postgres.connect(reachable, direct=True) as session:
        assert session.value("SELECT count(*) FROM things") == 0
        with pytest.raises(DatabaseError, match=r"engineer at 127\.0\.0\.1: .*read-only"):
            session.run("INSERT INTO things VALUES (1)")
        session.as_owner()
        session.run("INSERT INTO things VALUES (:id)", id=1)
        assert session.rows("SELECT id FROM things") == [{"id": 1}]


def test_the_tunnel_leads_there_and_its_token_is_on_no_command_line(
    reachable: Stack, installed: Path, aws: Aws
) -> None:
    with postgres.connect(reachable, direct=False) as session:
        assert session.value("SELECT current_user::text") == "engineer"
    seen = json.loads(installed.read_text(encoding="utf-8"))
    assert json.loads(seen["response"]) == _SESSION
    assert not any(_SESSION["TokenValue"] in argument for argument in seen["arguments"])
    assert [call.name for call in aws.calls] == ["ssm.StartSession", "ssm.TerminateSession"]
    assert aws.calls[0].parameters["Target"] == OUTPUTS["bastion-instance"]


def test_a_plugin_that_ends_at_once_is_one_line_and_its_session_is_ended(
    reachable: Stack, installed: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGIN_FAILS", "1")
    with pytest.raises(RemoteError, match="ended at once"), postgres.connect(reachable, direct=False):
        pass
    assert aws.calls[-1].name == "ssm.TerminateSession"
    assert installed.exists()


@pytest.mark.parametrize("version", ["1.2.463.0", "", "what?"])
def test_a_plugin_that_would_show_the_token_is_refused(
    reachable: Stack, installed: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PLUGIN_VERSION", version)
    with (
        pytest.raises(OperationError, match=r"older than 1\.2\.497\.0"),
        postgres.connect(reachable, direct=False),
    ):
        pass
    assert aws.calls == []
    assert not installed.exists()


def test_without_the_plugin_it_is_one_line(
    reachable: Stack, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OperationError, match="not installed"), postgres.connect(reachable, direct=False):
        pass
    assert aws.calls == []


def test_a_server_that_cannot_prove_its_name_gets_no_password(
    reachable: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificates.make(tmp_path)
    monkeypatch.setattr(postgres, "AUTHORITIES", other.authority)
    with (
        pytest.raises(RemoteError, match="certificate verify failed"),
        postgres.connect(reachable, direct=True),
    ):
        pass


def test_a_wrong_password_is_one_line_that_does_not_show_it(
    reachable: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        reachable.client("rds"), "generate_db_auth_token", _token("not-the-password"), raising=False
    )
    with pytest.raises(RemoteError) as failed, postgres.connect(reachable, direct=True):
        pass
    assert "password authentication failed" in str(failed.value)
    assert "not-the-password" not in str(failed.value)


def test_nobody_listening_is_one_line(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack.client("rds"), "generate_db_auth_token", _token(""), raising=False)
    monkeypatch.setattr(ports, "POSTGRESQL", 1)
    outputs = Outputs("staging", {**OUTPUTS, "database-address": "127.0.0.1"})
    there = Stack(name="staging", outputs=outputs, clients=stack.clients, clock=stack.clock)
    with pytest.raises(RemoteError, match="no session comes about"), postgres.connect(there, direct=True):
        pass


def test_a_session_that_ends_takes_its_statement_with_it(reachable: Stack, database: Database) -> None:
    with postgres.connect(reachable, direct=True) as session:
        session.run("SET client_connection_check_interval = '100ms'")
        pid = session.value("SELECT pg_backend_pid()")
        line: Any = session._connection._usock  # pyright: ignore[reportPrivateUsage]
        line.settimeout(0.2)
        with pytest.raises(RemoteError, match="the session is gone"):
            session.run("SELECT pg_sleep(60)")
    end = clock.monotonic() + 20
    while _runs(database, pid):
        assert clock.monotonic() < end
        clock.sleep(0.05)


def _runs(database: Database, pid: int) -> bool:
    return [pid] in database.server.run("SELECT pid FROM pg_stat_activity")


def test_limits_end_a_statement(reachable: Stack) -> None:
    with postgres.connect(reachable, direct=True) as session:
        session.limit(statement_ms=50, lock_ms=50)
        with pytest.raises(DatabaseError) as failed:
            session.run("SELECT pg_sleep(60)")
    assert failed.value.timed_out


@contextmanager
def _local(database: Database, stack: Stack, aws: Aws, secret: str) -> Generator[Stack]:
    aws.answers["secretsmanager.GetSecretValue"] = {"SecretString": secret}
    address = f"127.0.0.1:{database.server.port}"
    outputs = Outputs("local", {**OUTPUTS, "database-address": address, "database-name": DATABASE})
    yield Stack(name="local", outputs=outputs, clients=stack.clients, clock=stack.clock)


def test_on_local_the_masters_secret_opens_it(database: Database, stack: Stack, aws: Aws) -> None:
    secret = json.dumps({"username": "syncup_admin", "password": PASSWORD})
    with (
        _local(database, stack, aws, secret) as here,
        postgres.connect(here, direct=False) as session,
    ):
        assert session.value("SELECT current_user::text") == "syncup_admin"
    assert aws.calls[0].parameters["SecretId"] == "syncup/local/database-master"


@pytest.mark.parametrize("secret", ["[]", '{"username": "x"}', "not JSON with a password"])
def test_a_secret_of_another_form_is_not_shown(
    database: Database, stack: Stack, aws: Aws, secret: str
) -> None:
    with (
        _local(database, stack, aws, secret) as here,
        pytest.raises(OperationError, match=r"lacks username and password$"),
        postgres.connect(here, direct=False),
    ):
        pass
