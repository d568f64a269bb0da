"""Where the data of a database instance come from, and what PostgreSQL is told. No Pulumi here."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

DATABASE_NAME: Final = "syncup"
"""Guide, Environment Variables: `DATABASE_URL=postgresql://user:pass@host:5432/syncup`."""
MASTER_USER: Final = "syncup_admin"
LOG_EXPORTS: Final = ("postgresql", "upgrade")
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html"""


_GENERATION: Final = re.compile(r"g[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty database: the first generation."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of this region."""

    identifier: str


@dataclass(frozen=True, slots=True)
class PointInTime:
    """A moment of an instance of this region, by its automated backups."""

    instance: str
    """The instance's identifier, or the name of a generation of the same database, listed still or not."""
    at: str | None = None
    """UTC, `2024-01-15 14:30:00`; None is the latest restorable time."""


@dataclass(frozen=True, slots=True)
class ReplicatedBackup:
    """A moment of an instance of another region, by the automated backups that were replicated here."""

    identifier: str
    """`ab-…`, as `describe-db-instance-automated-backups` has it. It cannot be told from the instance's
    resource id."""
    at: str | None = None
    """As for `PointInTime`."""


Source = Nothing | Snapshot | PointInTime | ReplicatedBackup


@dataclass(frozen=True, slots=True)
class Generation:
    """One database instance of the environment: a restore adds the next, nothing is renamed."""

    name: str
    """`g1`: the end of the instance's identifier."""
    source: Source


@dataclass(frozen=True, slots=True)
class Parameter:
    """A PostgreSQL parameter. A static one takes effect with the next restart only."""

    name: str
    value: str
    static: bool = False


def is_generation(instance: str) -> bool:
    """Whether that is the name of a generation, and no instance's identifier."""
    return _GENERATION.fullmatch(instance) is not None


def restore_time(at: str) -> str:
    """The guide's spelling of a point in time, `2024-01-15 14:30:00`, as RDS takes it.

    Raises:
        ValueError: `at` is not of that form.
    """
    try:
        moment = datetime.strptime(at, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise ValueError(f"{at!r} is no point in time, write it in UTC as 2024-01-15 14:30:00") from None
    return f"{moment.isoformat()}Z"


def parameters(slow_query_milliseconds: int) -> tuple[Parameter, ...]:
    """What every instance is told.

    Args:
        slow_query_milliseconds: a query that takes longer is logged.
    """
    return (
        Parameter("rds.force_ssl", "1"),
        Parameter("log_min_duration_statement", str(slow_query_milliseconds)),
        # The log tells which query was slow, not whose meeting it was about: bound values stay out of it.
        Parameter("log_parameter_max_length", "0"),
        Parameter("log_lock_waits", "1"),
        # pg_cron writes the heartbeat without which a replica's lag grows while nothing else is written. It
        # stays in the database `postgres`, where it is at first: its scheduler is a session of a superuser
        # in the database that it is in, and nobody could rename that one.
        # https://github.com/citusdata/pg_cron/issues/352
        Parameter("shared_preload_libraries", "pg_stat_statements,pg_cron", static=True),
    )
