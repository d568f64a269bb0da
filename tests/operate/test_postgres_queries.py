"""What statements cost is what the server counted, and an N+1 pattern is told by its figures."""

import pytest

from operate import postgres_queries
from operate.errors import OperationError
from operate.stack import Stack
from tests.operate.pg import Database


def _used(database: Database) -> None:
    """An application that reads 150 orders and then each one's customer."""
    database.run("SELECT pg_stat_statements_reset()")
    database.owner(
        "CREATE TABLE customers (id int PRIMARY KEY)",
        "INSERT INTO customers SELECT generate_series(1, 150)",
        "SELECT id FROM customers ORDER BY id",
        *("SELECT id FROM customers WHERE id = 7" for _ in range(150)),
        "SELECT pg_sleep(0.05)",
        "SELECT 1 WHERE 1 = 2",
    )


def test_the_slowest_come_first(database: Database, stack: Stack) -> None:
    _used(database)
    with database.session(stack) as session:
        slowest = postgres_queries.slow(session, 1)
    assert [one.text for one in slowest] == ["SELECT pg_sleep($1)"]
    assert slowest[0].mean_ms >= 50
    assert slowest[0].calls == 1


def test_what_was_set_as_a_password_is_not_shown(database: Database, stack: Stack) -> None:
    role = "of_a_test"
    database.run(f"CREATE ROLE {role}", f"ALTER ROLE {role}\nPASSWORD 'kept to itself'", f"DROP ROLE {role}")
    with database.session(stack) as session:
        texts = [one.text for one in postgres_queries.profile(session, 1000)]
    assert f"ALTER ROLE {role} PASSWORD '…'" in texts
    assert not any("kept to itself" in text for text in texts)


def test_a_profile_adds_up(database: Database, stack: Stack) -> None:
    _used(database)
    with database.session(stack) as session:
        seen = postgres_queries.profile(session, 1000)
        assert postgres_queries.since(session).reset
    assert [one.total_ms for one in seen] == sorted((one.total_ms for one in seen), reverse=True)
    assert 99 < sum(one.share_percent for one in seen) <= 100.01
    assert not any("150" in one.text for one in seen if one.text.startswith("SELECT"))


def test_a_lookup_for_each_row_is_found_with_its_list(database: Database, stack: Stack) -> None:
    _used(database)
    with database.session(stack) as session:
        (found,) = postgres_queries.n_plus_one(session, 10)
    assert found.lookup.text == "SELECT id FROM customers WHERE id = $1"
    assert found.lookup.calls == 150
    assert found.list is not None
    assert found.list.text == "SELECT id FROM customers ORDER BY id"


def test_a_few_lookups_are_no_pattern(database: Database, stack: Stack) -> None:
    database.run("SELECT pg_stat_statements_reset()")
    database.owner("CREATE TABLE t (id int)", *("SELECT id FROM t WHERE id = 1" for _ in range(99)))
    with database.session(stack) as session:
        assert postgres_queries.n_plus_one(session, 10) == []


def test_statements_of_other_databases_are_not_counted(database: Database, stack: Stack) -> None:
    database.server.run("SELECT 'elsewhere' AS elsewhere")
    with database.session(stack) as session:
        assert not any("elsewhere" in one.text for one in postgres_queries.profile(session, 1000))


def test_without_the_extension_it_is_one_line(plain: Database, stack: Stack) -> None:
    with plain.session(stack) as session, pytest.raises(OperationError) as failed:
        postgres_queries.slow(session, 10)
    assert "pg_stat_statements" in str(failed.value)
    assert "\n" not in str(failed.value)
