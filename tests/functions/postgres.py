"""A real PostgreSQL, dressed as RDS, for tests."""

from collections.abc import Generator
from contextlib import contextmanager

from local import postgres, processes
from local.postgres import DATABASE, MASTER, SUPERUSER, Postgres, instance, programs_of

__all__ = ["DATABASE", "MASTER", "PASSWORD", "SUPERUSER", "Postgres", "instance", "programs_of", "serving"]

PASSWORD = "of-tests-alone"  # noqa: S105 (of a server that lives for a moment)
_LOGS_ALL = {"autovacuum": "off", "log_statement": "all"}


@contextmanager
def serving(version: str = "16", **more: str) -> Generator[Postgres]:
    """A server of the major version until the block ends, with more settings if need be."""
    # Not pytest's folder: that one is closed to all users but one, and root's servers run as another.
    with (
        processes.folder("syncup-test-") as folder,
        postgres.serving(folder, version, PASSWORD, **_LOGS_ALL | more) as server,
    ):
        yield server
