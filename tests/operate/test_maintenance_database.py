"""What needs it is vacuumed and rebuilt; what does not is left alone; nothing is lost on the way."""

import re
from contextlib import closing
from datetime import timedelta

import pytest

from operate import maintenance_database, maintenance_indexes
from operate.maintenance import Outcome, Task
from operate.stack import Stack
from tests.functions.postgres import DATABASE, PASSWORD
from tests.operate.pg import Database

_LONG = timedelta(minutes=5)


def _vacuum(database: Database, stack: Stack) -> list[Task]:
    with database.session(stack) as session:
        session.as_owner()
        return list(maintenance_database.tasks(session))


def _indexes(database: Database, stack: Stack) -> list[Task]:
    with database.session(stack) as session:
        session.as_owner()
        return list(maintenance_indexes.tasks(session))


def test_tables_are_vacuumed_by_need_the_most_urgent_first(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE quiet (id int)",
        "CREATE TABLE dead (id int)",
        "CREATE TABLE changed (id int)",
        "INSERT INTO quiet SELECT generate_series(1, 50)",
        "INSERT INTO dead SELECT generate_series(1, 3000)",
        "INSERT INTO changed SELECT generate_series(1, 500)",
        "DELETE FROM dead",
    )
    due = _vacuum(database, stack)
    assert [task.what for task in due] == ["VACUUM (ANALYZE) public.dead", "ANALYZE public.changed"]
    assert due[0].why.startswith("3000 dead rows")
    with database.session(stack) as session:
        session.as_owner()
        for task in due:
            assert maintenance_database.do(session, task, _LONG) == (Outcome.DONE, "")
    assert _vacuum(database, stack) == []
    assert database.run("SELECT pg_relation_size('dead')") == [[0]]


def test_a_table_whose_rows_are_too_old_is_frozen_first(database: Database, stack: Stack) -> None:
    database.owner("CREATE TABLE old (id int)", "INSERT INTO old VALUES (1)")
    database.owner("CREATE TABLE dead (id int)", "INSERT INTO dead SELECT generate_series(1, 3000)")
    database.owner("DELETE FROM dead")
    database.run(
        "UPDATE pg_class SET relfrozenxid = ((txid_current() + 4144967296) % 4294967296)::text::xid"
        " WHERE relname = 'old'"
    )
    first = _vacuum(database, stack)[0]
    assert first.what == "VACUUM (FREEZE, ANALYZE) public.old"
    database.run("UPDATE pg_class SET relfrozenxid = txid_current()::text::xid WHERE relname = 'old'")


def test_a_name_of_any_form_is_written_as_sql_does(database: Database, stack: Stack) -> None:
    database.owner(
        'CREATE TABLE "Odd ""name""; DROP TABLE x" (id int)',
        'INSERT INTO "Odd ""name""; DROP TABLE x" SELECT generate_series(1, 3000)',
    )
    (task,) = _vacuum(database, stack)
    with database.session(stack) as session:
        session.as_owner()
        assert maintenance_database.do(session, task, _LONG) == (Outcome.DONE, "")


def test_a_task_ends_when_its_time_is_up(database: Database, stack: Stack) -> None:
    with database.session(stack) as session:
        session.as_owner()
        outcome, says = maintenance_database.do(
            session, Task(what="SELECT pg_sleep(60)", why=""), timedelta(milliseconds=50)
        )
    assert outcome is Outcome.STOPPED
    assert "statement timeout" in says


def test_a_bloated_index_is_rebuilt_and_a_full_one_is_not(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE things (id int PRIMARY KEY, other int)",
        "CREATE INDEX full_one ON things (other)",
        "INSERT INTO things SELECT n, n FROM generate_series(1, 100000) n",
        "DELETE FROM things WHERE id % 10 <> 0",
    )
    database.owner("REINDEX INDEX full_one")
    database.owner("VACUUM ANALYZE things")
    (task,) = _indexes(database, stack)
    assert task.what == "REINDEX INDEX CONCURRENTLY public.things_pkey"
    before = database.run("SELECT pg_relation_size('things_pkey')")[0][0]
    with database.session(stack) as session:
        session.as_owner()
        assert maintenance_indexes.do(session, task, _LONG) == (Outcome.DONE, "")
    assert database.run("SELECT pg_relation_size('things_pkey')")[0][0] < before / 4
    assert _indexes(database, stack) == []


def test_an_index_that_was_just_built_is_not_bloated(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE things (id int, text text, at timestamptz)",
        "INSERT INTO things SELECT n, md5(n::text), now() FROM generate_series(1, 50000) n",
        "CREATE INDEX by_text ON things (text)",
        "CREATE INDEX by_both ON things (id, text)",
        "CREATE INDEX by_expression ON things (upper(text))",
        "CREATE INDEX partial ON things (id) WHERE id > 100",
    )
    database.owner("VACUUM ANALYZE things")
    assert _indexes(database, stack) == []


def test_invalid_indexes_are_repaired(database: Database, stack: Stack) -> None:
    database.owner("CREATE TABLE things (id int)", "INSERT INTO things VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        database.owner("CREATE UNIQUE INDEX CONCURRENTLY once ON things (id)")
    (task,) = _indexes(database, stack)
    assert (task.what, task.why) == ("REINDEX INDEX CONCURRENTLY public.once", "it is invalid")
    with database.session(stack) as session:
        session.as_owner()
        outcome, says = maintenance_indexes.do(session, task, _LONG)
        assert outcome is Outcome.FAILED
        assert "could not create unique index" in says
        assert "\n" not in says
    assert [found.what for found in _indexes(database, stack)] == [task.what], "nothing is left beside it"
    database.owner("DELETE FROM things")
    with database.session(stack) as session:
        session.as_owner()
        assert maintenance_indexes.do(session, task, _LONG) == (Outcome.DONE, "")
    assert _indexes(database, stack) == []


def test_what_an_interrupted_rebuilding_left_goes_the_next_time(
    database: Database, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance_indexes, "_TIDY_MS", 100)
    database.owner("CREATE TABLE things (id int PRIMARY KEY)", "INSERT INTO things VALUES (1)")
    rebuild = Task(what="REINDEX INDEX CONCURRENTLY public.things_pkey", why="")
    with closing(database.server.connect("app_a", PASSWORD, DATABASE)) as other:
        other.run("BEGIN")
        other.run("SELECT * FROM things")
        with database.session(stack) as session:
            session.as_owner()
            outcome, _ = maintenance_indexes.do(session, rebuild, timedelta(milliseconds=300))
        assert outcome is Outcome.STOPPED
        assert database.owner("SELECT count(*) FROM things WHERE id = 1") == [[1]]
    (left,) = _indexes(database, stack)
    assert re.fullmatch("DROP INDEX CONCURRENTLY public.things_pkey_cc(new|old)", left.what)
    with database.session(stack) as session:
        session.as_owner()
        assert maintenance_indexes.do(session, left, _LONG) == (Outcome.DONE, "")
    assert _indexes(database, stack) == []
