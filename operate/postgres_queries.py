"""What statements cost, by pg_stat_statements: the slow ones, where the time goes, and N+1 patterns.

https://www.postgresql.org/docs/current/pgstatstatements.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from operate.errors import OperationError
from operate.session import Session

_EXTENSION: Final = "pg_stat_statements"
_MANY_CALLS: Final = 100
"""Fewer say nothing about a pattern."""
_AGREES: Final = 0.1
"""How far calls of the one and rows of the other may be apart."""
_LOOKUP: Final = re.compile(r"^\s*select\b.*\bwhere\b[^()]*?=\s*\$\d+", re.IGNORECASE | re.DOTALL)
"""Finds by a key that comes from outside."""
_SELECT: Final = re.compile(r"^\s*(select|with)\b", re.IGNORECASE)
_TEXT: Final = (
    r"regexp_replace(regexp_replace(query, '\s+', ' ', 'g'), '(password )''[^'']*''', '\1''…''', 'gi')"
)
"""In one line. A statement about a role keeps its values, and a password among them is not for the screen."""
_COLUMNS: Final = (
    f"queryid::text AS id, {_TEXT} AS text, calls::bigint AS calls,"
    " rows::bigint AS rows, total_exec_time AS total_ms,"
    " mean_exec_time AS mean_ms, max_exec_time AS worst_ms,"
    " shared_blks_hit AS hits, shared_blks_read AS reads, temp_blks_written AS spilled,"
    " sum(total_exec_time) OVER () AS all_ms"
)
_OURS: Final = (
    "FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND calls > 0"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement, with `$1`, `$2` in place of its values."""

    id: str
    text: str
    calls: int
    rows: int
    total_ms: float
    mean_ms: float
    worst_ms: float
    share_percent: float
    """Of all time that statements took."""
    hit_percent: float | None
    """How much of what it read was in memory; None where it read nothing."""
    spilled_blocks: int
    """Written to temporary files, for want of memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NPlusOne:
    """A lookup of single rows that is made again and again."""

    lookup: Statement
    list: Statement | None
    """The statement that returns about as many rows as the lookup has calls: one for each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """What the figures cover."""

    reset: str
    statements: int


def slow(session: Session, limit: int) -> list[Statement]:
    """The statements that take longest at a time, the slowest first."""
    return _statements(session, "mean_exec_time", limit)


def profile(session: Session, limit: int) -> list[Statement]:
    """The statements that take most time in all, the most expensive first."""
    return _statements(session, "total_exec_time", limit)


def since(session: Session) -> Since:
    """Since when is counted, and how many different statements."""
    _require(session)
    reset = session.value("SELECT to_char(stats_reset, 'YYYY-MM-DD HH24:MI') FROM pg_stat_statements_info")
    return Since(reset=reset or "", statements=session.value(f"SELECT count(*) {_OURS}"))


def n_plus_one(session: Session, limit: int) -> list[NPlusOne]:
    """What looks like one query for a list and one more for each of its rows, the most frequent first.

    The signs are those of the pattern itself: a lookup by a key that returns at most a row or two a call,
    very many calls, and often a list whose rows are as many as these calls.
    """
    found = _statements(session, "calls", 1000)
    lists = [one for one in found if _SELECT.match(one.text) and one.rows > 2 * one.calls]
    lookups = [
        one
        for one in found
        if one.calls >= _MANY_CALLS and one.rows <= 2 * one.calls and _LOOKUP.match(one.text)
    ]
    return [NPlusOne(lookup=one, list=_list_of(one, lists)) for one in lookups[:limit]]


def _list_of(lookup: Statement, lists: Sequence[Statement]) -> Statement | None:
    nearest = min(lists, key=lambda one: abs(one.rows - lookup.calls), default=None)
    if nearest is None or abs(nearest.rows - lookup.calls) > _AGREES * lookup.calls:
        return None
    return nearest


def _statements(session: Session, order: str, limit: int) -> list[Statement]:
    _require(session)
    rows = session.rows(
        f"SELECT {_COLUMNS} {_OURS} ORDER BY {order} DESC, queryid LIMIT :most",
        most=limit,
    )
    return [_statement(row) for row in rows]


def _statement(row: dict[str, Any]) -> Statement:
    read = row["hits"] + row["reads"]
    return Statement(
        id=row["id"] or "",
        text=row["text"].strip(),
        calls=row["calls"],
        rows=row["rows"],
        total_ms=row["total_ms"],
        mean_ms=row["mean_ms"],
        worst_ms=row["worst_ms"],
        share_percent=100 * row["total_ms"] / row["all_ms"] if row["all_ms"] else 0.0,
        hit_percent=100 * row["hits"] / read if read else None,
        spilled_blocks=row["spilled"],
    )


def _require(session: Session) -> None:
    if not session.has_extension(_EXTENSION):
        raise OperationError(
            f"the database does not have {_EXTENSION}, so nobody counts its statements: the database's "
            "set-up makes it where the server has loaded it"
        )
