"""Vacuum and analyze by need: the tables that autovacuum has not got to yet, at a quiet hour.

https://www.postgresql.org/docs/current/routine-vacuuming.html
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from operate.maintenance import Outcome, Task
from operate.session import DatabaseError, Session

_LOCK_MS: Final = 5000
"""Who waits for a lock keeps others waiting behind it."""
_NEED: Final = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
        s.n_dead_tup AS dead,
        s.n_mod_since_analyze AS changed,
        age(c.relfrozenxid) AS age,
        s.n_dead_tup > 1000 + 0.1 * s.n_live_tup AS is_dead,
        s.n_ins_since_vacuum > 1000 + 0.2 * s.n_live_tup AS is_new,
        age(c.relfrozenxid) > 0.5 * current_setting('autovacuum_freeze_max_age')::bigint AS is_old,
        s.n_mod_since_analyze > 100 + 0.05 * s.n_live_tup AS is_changed
    FROM pg_stat_user_tables s
    JOIN pg_class c ON c.oid = s.relid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY age(c.relfrozenxid) > 0.5 * current_setting('autovacuum_freeze_max_age')::bigint DESC,
        s.n_dead_tup DESC, 1
"""
"""Half of what makes autovacuum begin by itself, so that it need not in the middle of the day."""


def tasks(session: Session) -> Iterator[Task]:
    """What is due, the most urgent first.

    Args:
        session: the owner's.
    """
    for row in session.rows(_NEED):
        reasons = list(_reasons(row))
        if row["is_old"]:
            yield Task(what=f"VACUUM (FREEZE, ANALYZE) {row['name']}", why="; ".join(reasons))
        elif row["is_dead"] or row["is_new"]:
            yield Task(what=f"VACUUM (ANALYZE) {row['name']}", why="; ".join(reasons))
        elif row["is_changed"]:
            yield Task(what=f"ANALYZE {row['name']}", why="; ".join(reasons))


def do(session: Session, task: Task, left: timedelta) -> tuple[Outcome, str]:
    """Does one task. One whose time is up has done what it did, and loses nothing.

    Args:
        session: the owner's.
        task: one of `tasks`.
        left: how long it may take.
    """
    session.limit(statement_ms=left // timedelta(milliseconds=1), lock_ms=_LOCK_MS)
    try:
        session.run(task.what)
    except DatabaseError as error:
        return (Outcome.STOPPED if error.timed_out else Outcome.FAILED), str(error)
    return Outcome.DONE, ""


def _reasons(row: dict[str, Any]) -> Iterator[str]:
    if row["is_old"]:
        yield f"its oldest row is {row['age']} transactions old"
    if row["is_dead"]:
        yield f"{row['dead']} dead rows"
    if row["is_new"]:
        yield "many new rows"
    if row["is_changed"]:
        yield f"{row['changed']} changed rows since the last look"
