"""What the database says of itself: whether it serves, how large it is, and whether it is whole."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operate import backups
from operate.aws import is_missing
from operate.errors import OperationError, UsageError
from operate.session import DatabaseError, Session
from operate.stack import Stack

_OURS: Final = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
_POOL_PERCENT: Final = 80
"""Guide, Database Health: connection pool."""
_WRAPAROUND: Final = 1_500_000_000
"""Of two thousand million transactions; PostgreSQL begins to hurry at 200 million and stops at the end.
https://www.postgresql.org/docs/current/routine-vacuuming.html"""
_DENIED: Final = "42501"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool | None
    """None where it could not be looked at."""
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table."""

    name: str
    size_bytes: int
    """With its indexes and everything that it keeps elsewhere."""
    rows: int
    """About."""
    dead_rows: int
    vacuumed: str
    analyzed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stats:
    """The database in figures."""

    size_bytes: int
    cache_hits_percent: float | None
    commits: int
    rollbacks: int
    deadlocks: int
    temporary_bytes: int
    connections: Mapping[str, int]
    """By state."""
    most_connections: int
    oldest_transaction_seconds: float
    transaction_age: int
    """How many transactions since the oldest row that is not frozen."""
    tables: Sequence[Table]
    """The largest first."""
    unused_indexes: Sequence[str]
    """Which nobody has read since statistics began, and which guard nothing."""


def check(session: Session, stopwatch: Callable[[], float] = time.perf_counter) -> Iterator[Finding]:
    """Whether the database serves.

    Args:
        session: with the database.
        stopwatch: seconds that only go forward.
    """
    began = stopwatch()
    (here,) = session.rows(
        "SELECT current_setting('server_version') AS version, current_user::text AS who,"
        " pg_is_in_recovery() AS replica, now() - pg_postmaster_start_time() AS up"
    )
    milliseconds = 1000 * (stopwatch() - began)
    yield Finding(
        name="answer",
        fine=True,
        says=f"PostgreSQL {here['version']} in {milliseconds:.0f} ms, as {here['who']}, up {here['up']}",
    )
    yield Finding(
        name="writes", fine=not here["replica"], says="a replica, read only" if here["replica"] else "taken"
    )
    encrypted = session.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    local = session.where.endswith(("at 127.0.0.1", "at localhost"))
    yield Finding(name="encryption", fine=encrypted or local, says="TLS" if encrypted else "none")
    (used,) = session.rows(
        "SELECT count(*) AS open, current_setting('max_connections')::int AS most FROM pg_stat_activity"
    )
    percent = 100 * used["open"] / used["most"]
    yield Finding(
        name="connections",
        fine=percent < _POOL_PERCENT,
        says=f"{used['open']} of {used['most']} ({percent:.0f}%, should be < {_POOL_PERCENT}%)",
    )
    age = _transaction_age(session)
    yield Finding(name="transaction ids", fine=age < _WRAPAROUND, says=f"{age} of 2000000000 used")


def stats(session: Session, limit: int) -> Stats:
    """The database in figures.

    Args:
        session: with the database.
        limit: how many tables at most.
    """
    (database,) = session.rows(
        "SELECT pg_database_size(datname) AS size, xact_commit, xact_rollback, deadlocks, temp_bytes,"
        " blks_hit, blks_read FROM pg_stat_database WHERE datname = current_database()"
    )
    read = database["blks_hit"] + database["blks_read"]
    states = session.rows(
        "SELECT coalesce(state, backend_type) AS state, count(*) AS count FROM pg_stat_activity"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return Stats(
        size_bytes=database["size"],
        cache_hits_percent=100 * database["blks_hit"] / read if read else None,
        commits=database["xact_commit"],
        rollbacks=database["xact_rollback"],
        deadlocks=database["deadlocks"],
        temporary_bytes=database["temp_bytes"],
        connections={row["state"]: row["count"] for row in states},
        most_connections=session.value("SELECT current_setting('max_connections')::int"),
        oldest_transaction_seconds=float(
            session.value(
                "SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid()"
            )
        ),
        transaction_age=_transaction_age(session),
        tables=[
            Table(**row)
            for row in session.rows(
                "SELECT relid::regclass::text AS name, pg_total_relation_size(relid) AS size_bytes,"
                " n_live_tup AS rows, n_dead_tup AS dead_rows,"
                " coalesce(to_char(greatest(last_vacuum, last_autovacuum), 'YYYY-MM-DD HH24:MI'), 'never')"
                " AS vacuumed,"
                " coalesce(to_char(greatest(last_analyze, last_autoanalyze), 'YYYY-MM-DD HH24:MI'), 'never')"
                " AS analyzed FROM pg_stat_user_tables ORDER BY 2 DESC, 1 LIMIT :most",
                most=limit,
            )
        ],
        unused_indexes=[
            row["name"]
            for row in session.rows(
                "SELECT s.indexrelid::regclass::text AS name FROM pg_stat_user_indexes s"
                " JOIN pg_index i USING (indexrelid) WHERE s.idx_scan = 0 AND NOT i.indisunique"
                " ORDER BY pg_relation_size(s.indexrelid) DESC, 1"
            )
        ],
    )


def integrity(session: Session, manifest: Mapping[str, int] | None) -> Iterator[Finding]:
    """Whether the database is whole: its indexes, its constraints, its pages, and its rows.

    Args:
        session: with the database.
        manifest: how many rows each table had in a dump; None compares nothing.
    """
    invalid = _names(
        session,
        "SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"  # noqa: S608 (a constant)
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND {_OURS} ORDER BY 1",
    )
    yield _none("invalid indexes", invalid)
    open_constraints = _names(
        session,
        "SELECT conrelid::regclass::text || '.' || conname AS name FROM pg_constraint o"  # noqa: S608 (a constant)
        f" JOIN pg_namespace n ON n.oid = o.connamespace WHERE NOT o.convalidated AND {_OURS} ORDER BY 1",
    )
    yield _none("constraints that were never validated", open_constraints)
    if session.has_extension("amcheck"):
        yield _indexes(session)
        yield _pages(session)
    else:
        yield Finding(
            name="amcheck",
            fine=None,
            says="the extension is not there, so neither indexes nor pages were read: the database's set-up"
            " makes it where the server has it",
        )
    if manifest is not None:
        yield _rows(session, manifest)


def manifest_of(stack: Stack, name: str) -> Mapping[str, int]:
    """How many rows each table had when a dump was made.

    Args:
        stack: the stack.
        name: the dump's name.

    Raises:
        UsageError: that is no name of a dump.
        OperationError: there is no such dump, or its manifest cannot be read.
    """
    if backups.NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} is no dump: write a name such as backup_2024_01_15_143022.sql.gz")
    try:
        body = (
            stack.client("s3")
            .get_object(Bucket=stack.outputs["dump-bucket"], Key=backups.manifest_key(name))["Body"]
            .read()
        )
        tables: Any = json.loads(body)["tables"]
        return {str(table): int(rows) for table, rows in tables.items()}
    except ClientError as error:
        if is_missing(error):
            raise OperationError(
                f"{name} has no manifest: `syncup backup list {stack.name}` shows what there is"
            ) from error
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperationError(f"the manifest of {name} cannot be read: `syncup backup verify`") from error


def _indexes(session: Session) -> Finding:
    """Every B-tree index: its order, and that it has every row of its table.

    Only share locks are taken, so that the application goes on.
    https://www.postgresql.org/docs/current/amcheck.html
    """
    found = session.rows(
        "SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name FROM pg_index i"  # noqa: S608 (a constant)
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE a.amname = 'btree' AND i.indisvalid AND i.indisready AND c.relpersistence = 'p'"
        f" AND c.relkind = 'i' AND {_OURS} ORDER BY 2"
    )
    return _amcheck(session, "indexes", found, "SELECT bt_index_check(CAST(:oid AS oid)::regclass, true)")


def _pages(session: Session) -> Finding:
    """Every page of every table."""
    found = session.rows(
        "SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name FROM pg_class c"  # noqa: S608 (a constant)
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND {_OURS} ORDER BY 2"
    )
    return _amcheck(
        session,
        "pages",
        found,
        "SELECT msg FROM verify_heapam(CAST(:oid AS oid)::regclass) LIMIT 1",
    )


def _amcheck(session: Session, name: str, found: Sequence[Mapping[str, Any]], statement: str) -> Finding:
    bad: list[str] = []
    for one in found:
        try:
            said = session.rows(statement, oid=one["oid"])
        except DatabaseError as error:
            if error.code == _DENIED:
                return Finding(
                    name=name, fine=None, says=f"not looked at: {error}; the database's set-up grants it"
                )
            bad.append(f"{one['name']} ({error})")
        else:
            bad += [f"{one['name']} ({row['msg']})" for row in said if row.get("msg")]
    if bad:
        return Finding(
            name=name, fine=False, says=f"{len(bad)} of {len(found)} are damaged: {'; '.join(bad)}"
        )
    return Finding(name=name, fine=True, says=f"{len(found)} were read, all whole")


def _rows(session: Session, manifest: Mapping[str, int]) -> Finding:
    """Counts every table of a manifest, all as of one moment."""
    there = {
        row["name"]
        for row in session.rows(
            "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c"  # noqa: S608 (a constant)
            f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {_OURS}"
        )
    }
    different: list[str] = []
    session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        for table, rows in sorted(manifest.items()):
            if table not in there:
                different.append(f"{table} is missing")
                continue
            schema, _, name = table.partition(".")
            count = session.value(f"SELECT count(*) FROM {_quoted(schema)}.{_quoted(name)}")  # noqa: S608
            if count != rows:
                different.append(f"{table} has {count} rows instead of {rows}")
    finally:
        session.run("ROLLBACK")
    name = "rows against the manifest"
    if different:
        return Finding(name=name, fine=False, says="; ".join(different))
    return Finding(name=name, fine=True, says=f"{len(manifest)} tables, {sum(manifest.values())} rows")


def _transaction_age(session: Session) -> int:
    return session.value("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()")


def _names(session: Session, statement: str) -> list[str]:
    return [row["name"] for row in session.rows(statement)]


def _none(name: str, found: Sequence[str]) -> Finding:
    return Finding(name=name, fine=not found, says=", ".join(found) or "none")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
