"""A healthy stack in AWS' place, and time that passes when somebody waits."""

from collections.abc import Iterator

import pytest

from operate.stack import Stack, connect
from tests.functions.postgres import Postgres
from tests.operate import pg
from tests.operate.double import Aws, Time, install
from tests.operate.healthy import HEALTHY
from tests.operate.releasing import Site, World


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS, in which the stack `staging` is well."""
    return install(monkeypatch, HEALTHY)


@pytest.fixture
def time() -> Time:
    """The time."""
    return Time()


@pytest.fixture
def stack(aws: Aws, time: Time) -> Stack:
    """The stack, connected; what connecting asked for is forgotten."""
    found = connect("staging", "us-west-2", time.clock)
    aws.calls.clear()
    return found


@pytest.fixture
def world(aws: Aws) -> World:
    """A stack that runs the old release; the new one is in the bucket."""
    found = World()
    aws.answers.update(found.answers())
    return found


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """The application's pages."""
    found = Site()
    monkeypatch.setattr("operate.http.ask", found.ask)
    return found


@pytest.fixture(scope="session")
def server17() -> Iterator[Postgres]:
    """PostgreSQL 17."""
    with pg.server() as server:
        yield server


@pytest.fixture
def database(server17: Postgres) -> Iterator[pg.Database]:
    """A database that is set up, with the extensions."""
    with pg.database(server17) as found:
        yield found


@pytest.fixture
def plain(server17: Postgres) -> Iterator[pg.Database]:
    """One without any extension."""
    with pg.database(server17, pg.PLAIN) as found:
        yield found
