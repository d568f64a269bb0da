"""The tests' own servers keep the promises that the tests of the functions lean on."""

import ssl
from contextlib import closing
from typing import Any

import pytest
from pg8000 import native

from local import front
from local.cache_server import CacheServer
from local.certificates import Certificates
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

_native: Any = native


def _connect(port: int, tls: Certificates, user: str = MASTER, password: str = PASSWORD) -> Any:
    trust = ssl.create_default_context(cafile=str(tls.authority))
    return _native.Connection(
        user, host="127.0.0.1", port=port, database=DATABASE, password=password, ssl_context=trust
    )


def test_the_database_is_reached_by_tls_and_nobody_is_a_superuser(rds: Postgres, tls: Certificates) -> None:
    with front.postgresql(rds.port, tls.server) as port, closing(_connect(port, tls)) as connection:
        assert connection.run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [[False]]
        assert connection.run("SELECT sum(n) FROM generate_series(1, 100000) n") == [[5000050000]]


def test_the_double_of_the_proxy_knows_the_current_password_and_no_other(
    rds: Postgres, tls: Certificates
) -> None:
    known = {MASTER: PASSWORD}
    with front.proxy(rds.port, tls.server, lambda: known) as (port, log):
        _connect(port, tls).close()
        for user, password in ((MASTER, "wrong"), ("nobody", PASSWORD)):
            with pytest.raises(_native.DatabaseError, match="password authentication failed"):
                _connect(port, tls, user, password)
        # The proxy believes in this one, the database does not.
        known[MASTER] = "early"
        with pytest.raises(_native.DatabaseError, match="password authentication failed"):
            _connect(port, tls, MASTER, "early")
    assert log.accepted == [MASTER]
    assert log.refused == [MASTER, "nobody"]


def test_the_cache_has_users_with_several_passwords(cache: CacheServer) -> None:
    cache.set_user("application", ["one", "two"])
    for password in ("one", "two"):
        assert cache.command("AUTH", "application", password) == "+OK"
    with pytest.raises(RuntimeError, match="WRONGPASS"):
        cache.command("AUTH", "application", "three")
