"""Servers that the tests of one worker share, each started when it is first asked for."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import certificates
from local.certificates import Certificates
from tests.functions import cache_server, postgres
from tests.functions.postgres import Postgres


@pytest.fixture(scope="session")
def tls() -> Iterator[Certificates]:
    """A certificate for 127.0.0.1 and the authority behind it."""
    with tempfile.TemporaryDirectory(prefix="syncup-test-") as folder:
        yield certificates.make(Path(folder))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """PostgreSQL with the roles that RDS has of itself."""
    with postgres.serving() as server:
        yield server


@pytest.fixture
def rds(postgres_server: Postgres) -> Iterator[Postgres]:
    """A new instance: a master user and an empty database."""
    with postgres.instance(postgres_server) as server:
        yield server


@pytest.fixture(scope="session")
def cache() -> Iterator[cache_server.CacheServer]:
    """Redis."""
    with cache_server.serving() as server:
        yield server
