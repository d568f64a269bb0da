"""What a restored database has to show, read as the validator: everything, as far as the time goes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from postgresql import Connection, DatabaseError, literal, name

_KNOWN_ROWS: Final = 100
"""A table of so many rows, by its own statistics, is not empty by chance."""
_HEARTBEAT_LIMIT: Final = timedelta(hours=1)
"""Guide, Backup Schedule: a recovery point an hour. By then the next one would be there."""
_SCHEDULER: Final = "pg_cron"
SCHEDULER_DATABASE: Final = "postgres"
"""`functions/database_setup` has it there."""
_TABLES: Final = """
SELECT n.nspname, c.relname, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p'
AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY c.relpages, 1, 2
"""
"""The small ones first, so that the most are read where the time does not suffice for all."""
_INDEXES: Final = """
SELECT i.indexrelid::regclass::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND i.indisvalid
ORDER BY c.relpages, 1
"""


class UnsoundError(Exception):
    """The restored database is not what it should be. The message says what is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What was read."""

    tables: int
    tables_read: int
    rows: int
    indexes_checked: int
    behind: timedelta | None
    """From the last heartbeat to the recovery point; None where nothing beats."""

    def __str__(self) -> str:
        """One line for a person."""
        behind = "" if self.behind is None else f", {self.behind.total_seconds():.0f} s before the point"
        return (
            f"{self.tables_read} of {self.tables} tables read, {self.rows} rows,"
            f" {self.indexes_checked} indexes checked{behind}"
        )


def beats(scheduler: Connection) -> bool:
    """Whether a heart beats there, by a connection to the scheduler's own database."""
    ((beating,),) = scheduler.run(
        f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(_SCHEDULER)})"  # noqa: S608 (a constant)
    )
    return beating


def examine(
    connection: Connection, point: datetime, seconds_left: Callable[[], float], *, beating: bool
) -> Findings:
    """Reads every row of every table, which holds every page against its checksum, and checks indexes.

    Args:
        connection: the validator's, to the restored database.
        point: when the recovery point was made.
        seconds_left: how long it may go on.
        beating: whether a heart beats; without the scheduler the row is as old as the set-up.

    Raises:
        UnsoundError: data is missing, old or damaged.
    """
    ((checksums,),) = connection.run("SELECT current_setting('data_checksums')")
    if checksums != "on":
        raise UnsoundError("the instance has no data checksums: damage would not be noticed")
    behind = _behind(connection, point) if beating else None
    tables = connection.run(_TABLES)
    if not tables:
        raise UnsoundError("the database has no tables")
    read, rows = 0, 0
    for schema, table, expected in tables:
        if seconds_left() <= 0:
            break
        counted = _count(connection, schema, table)
        if not counted and expected >= _KNOWN_ROWS:
            raise UnsoundError(f"{schema}.{table} is empty and had about {expected} rows")
        read, rows = read + 1, rows + counted
    checked = _check_indexes(connection, seconds_left)
    return Findings(tables=len(tables), tables_read=read, rows=rows, indexes_checked=checked, behind=behind)


def _count(connection: Connection, schema: str, table: str) -> int:
    try:
        # As text: what is stored beside the table is read too.
        ((rows,),) = connection.run(f"SELECT count(t::text) FROM ONLY {name(schema)}.{name(table)} t")  # noqa: S608 (quoted)
    except DatabaseError as error:
        raise UnsoundError(f"{schema}.{table} cannot be read: {error}") from None
    return rows


def _behind(connection: Connection, point: datetime) -> timedelta:
    """How long before the recovery point the heart beat last."""
    rows = connection.run("SELECT at FROM operations.heartbeat")
    if not rows:
        raise UnsoundError("the heartbeat has no row")
    behind: timedelta = point - rows[0][0]
    if behind > _HEARTBEAT_LIMIT:
        raise UnsoundError(f"the data ends {behind} before the recovery point")
    return behind


def _check_indexes(connection: Connection, seconds_left: Callable[[], float]) -> int:
    """By `amcheck`, where the database has it and lets the validator use it."""
    allowed = (
        "SELECT FROM pg_proc WHERE proname = 'bt_index_check' AND has_function_privilege(oid, 'EXECUTE')"
    )
    if not connection.run(allowed):
        return 0
    checked = 0
    for (index,) in connection.run(_INDEXES):
        if seconds_left() <= 0:
            break
        try:
            connection.run(f"SELECT bt_index_check({literal(index)}::regclass)")
        except DatabaseError as error:
            raise UnsoundError(f"the index {index} is damaged: {error}") from None
        checked += 1
    return checked
