"""PostgreSQL 17 with the extensions that RDS has, set up as the program's function does it."""

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from operate import postgres as sessions
from operate.postgres import Login
from operate.session import Session
from operate.stack import Stack
from tests.functions import postgres
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

EXTENDED, PLAIN = "extended", "plain"
_TEMPLATES = {EXTENDED: ("amcheck", "pg_stat_statements", "pgstattuple"), PLAIN: ()}
_LOADED = {"shared_preload_libraries": "pg_stat_statements", "autovacuum": "off"}


@dataclass(frozen=True)
class Database:
    """The application's database."""

    server: Postgres

    def run(self, *statements: str) -> Sequence[Any]:
        """As RDS itself, who may do anything."""
        return self.server.run(*statements, database=DATABASE)

    def owner(self, *statements: str) -> Sequence[Any]:
        """As a user of the application, so that what is made is the owner's."""
        rows: Sequence[Any] = []
        with closing(self.server.connect("app_a", PASSWORD, DATABASE)) as connection:
            for statement in statements:
                rows = connection.run(statement) or []
        return rows

    @contextmanager
    def session(self, stack: Stack, user: str = "engineer") -> Generator[Session]:
        """A session of a person."""
        here = ("127.0.0.1", self.server.port)
        login = Login(user=user, password=PASSWORD, trust=None)
        with sessions.session(stack.outputs["database-name"], here, here, login) as found:
            yield found

    def behind_every_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever connects to a stack's database, by a tunnel or directly, gets a session of this one."""

        @contextmanager
        def connect(stack: Stack, *, direct: bool) -> Generator[Session]:
            with self.session(stack) as session:
                yield session

        monkeypatch.setattr("operate.postgres.connect", connect)


@contextmanager
def server() -> Generator[Postgres]:
    """The server, with one database that is set up and has the extensions, and one that has none."""
    with postgres.serving("17", **_LOADED) as found, postgres.instance(found):
        found.run(f"DROP DATABASE {DATABASE}")
        for name, extensions in _TEMPLATES.items():
            found.run(f"CREATE DATABASE {DATABASE} OWNER {MASTER}")
            _set_up(found, extensions)
            found.run(f"ALTER DATABASE {DATABASE} RENAME TO {name}")
        yield found


@contextmanager
def database(found: Postgres, template: str = EXTENDED) -> Generator[Database]:
    """A database that is set up; gone again at the end."""
    found.run(f"CREATE DATABASE {DATABASE} TEMPLATE {template} OWNER app_owner STRATEGY FILE_COPY")
    try:
        yield Database(found)
    finally:
        found.run(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def _set_up(found: Postgres, extensions: Sequence[str]) -> None:
    made = Database(found)
    with modules("database_setup", "plan") as (plan,):
        facts = {"version": 170000, "database": DATABASE, "master": MASTER, "preloaded": ()}
        roles = {name for (name,) in found.run("SELECT rolname FROM pg_roles")}
        with closing(found.connect(MASTER, database=DATABASE)) as connection:
            for statement in plan.statements(plan.Facts(roles=roles, available=(), **facts), {}):
                connection.run(statement)
        made.run(
            *(f"CREATE EXTENSION {name}" for name in extensions),
            *(f"ALTER ROLE {name} PASSWORD '{PASSWORD}'" for name in ("engineer", "app_a")),
        )
        made.run(*plan.check_grants([str(name) for (name,) in made.run(plan.CHECKS)]), "SELECT 1")
