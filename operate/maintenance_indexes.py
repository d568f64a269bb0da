"""Indexes: what is broken is repaired, what is bloated is rebuilt, while the application goes on.

https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from operate.maintenance import Outcome, Task
from operate.session import DatabaseError, Session

_LOCK_MS: Final = 30_000
_TIDY_MS: Final = 60_000
_SMALL_BYTES: Final = 1024 * 1024
"""A smaller index costs less as it is than its rebuilding."""
_BLOATED: Final = 2.0
"""As many times as large as its entries would fill, freshly built."""
_LEFT_OVER: Final = re.compile(r"_cc(new|old)\d*$")
"""What an interrupted rebuilding leaves, by PostgreSQL's own names."""
_INVALID: Final = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relname AS plain
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND pg_has_role(c.relowner, 'USAGE')
        AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
    ORDER BY 1
"""
"""An index that somebody builds at this moment is not valid yet either."""
_SIZES: Final = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
        pg_relation_size(c.oid) AS size,
        -- A page of 8192 bytes has a header of 24 and 16 more, and is filled to nine tenths.
        ceil(c.reltuples * (12 + sum(coalesce(s.avg_width, 8))) / (0.9 * 8152)) * 8192 AS filled
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_am m ON m.oid = c.relam
    JOIN pg_attribute a ON a.attrelid = c.oid
    LEFT JOIN pg_attribute o ON o.attrelid = t.oid AND o.attnum = i.indkey[a.attnum - 1]
    LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND NOT s.inherited
        AND s.tablename = CASE WHEN o.attnum IS NULL THEN c.relname ELSE t.relname END
        AND s.attname = coalesce(o.attname, a.attname)
    WHERE i.indisvalid AND m.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p'
        AND c.reltuples > 0 AND pg_has_role(c.relowner, 'USAGE')
    GROUP BY n.nspname, c.relname, c.oid, c.reltuples
    ORDER BY 2 DESC, 1
"""
"""How large each index is, and how large its entries would be by the statistics of their columns.

Entries of equal keys are kept together and need less, so that of such an index bloat is underestimated.
"""


def tasks(session: Session) -> Iterator[Task]:
    """What is due: repairs first, then what wastes most.

    Args:
        session: the owner's.
    """
    for row in session.rows(_INVALID):
        if _LEFT_OVER.search(row["plain"]):
            yield Task(what=f"DROP INDEX CONCURRENTLY {row['name']}", why="left over from a rebuilding")
        else:
            yield Task(what=f"REINDEX INDEX CONCURRENTLY {row['name']}", why="it is invalid")
    for row in session.rows(_SIZES):
        size, filled = int(row["size"]), int(row["filled"])
        if size >= _SMALL_BYTES and size >= _BLOATED * filled:
            yield Task(
                what=f"REINDEX INDEX CONCURRENTLY {row['name']}",
                why=f"{size // 1024} KiB, of which its entries fill about {filled // 1024}",
            )


def do(session: Session, task: Task, left: timedelta) -> tuple[Outcome, str]:
    """Does one task. One that does not come to its end leaves the index as it was, and nothing beside it.

    Args:
        session: the owner's.
        task: one of `tasks`.
        left: how long it may take.
    """
    before = _invalid(session)
    session.limit(statement_ms=left // timedelta(milliseconds=1), lock_ms=_LOCK_MS)
    try:
        session.run(task.what)
    except DatabaseError as error:
        _tidy(session, before)
        return (Outcome.STOPPED if error.timed_out else Outcome.FAILED), str(error)
    return Outcome.DONE, ""


def _tidy(session: Session, before: set[str]) -> None:
    """Drops what the rebuilding has left. What resists the next maintenance finds."""
    session.limit(statement_ms=_TIDY_MS, lock_ms=_LOCK_MS)
    for name in sorted(_invalid(session) - before):
        if _LEFT_OVER.search(name.rstrip('"')):
            try:
                session.run(f"DROP INDEX CONCURRENTLY {name}")
            except DatabaseError:
                continue


def _invalid(session: Session) -> set[str]:
    return {row["name"] for row in session.rows(_INVALID)}
