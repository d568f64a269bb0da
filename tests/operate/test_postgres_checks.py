"""Whether the database serves and is whole: what is damaged is found, what is well is left alone."""

import json
from io import BytesIO

import pytest

from operate.errors import OperationError, UsageError
from operate.postgres_checks import Finding, check, integrity, manifest_of, stats
from operate.stack import Stack
from tests.operate.double import Aws, error
from tests.operate.pg import Database

_NAME = "backup_2026_11_24_120000.sql.gz"


def _seen(database: Database, stack: Stack, manifest: dict[str, int] | None = None) -> dict[str, Finding]:
    with database.session(stack) as session:
        return {one.name: one for one in integrity(session, manifest)}


def test_a_database_that_serves(database: Database, stack: Stack) -> None:
    with database.session(stack) as session:
        seen = {one.name: one for one in check(session)}
    assert all(one.fine for one in seen.values()), seen
    assert list(seen) == ["answer", "writes", "encryption", "connections", "transaction ids"]
    assert seen["answer"].says.startswith("PostgreSQL 17.")
    assert "as engineer" in seen["answer"].says


def test_the_figures(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE small (id int)",
        "CREATE TABLE large (id int PRIMARY KEY, text text)",
        "CREATE INDEX unread ON large (text)",
        "INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 5000) n",
        "DELETE FROM large WHERE id <= 100",
    )
    database.owner("ANALYZE large")
    with database.session(stack) as session:
        session.value("SELECT pg_stat_force_next_flush()::text")
        seen = stats(session, 1)
    (largest,) = seen.tables
    assert (largest.name, largest.rows, largest.vacuumed) == ("large", 4900, "never")
    assert largest.analyzed != "never"
    assert seen.size_bytes > largest.size_bytes > 500_000
    assert seen.unused_indexes == ["unread"]
    assert seen.connections["active"] >= 1


def test_a_whole_database(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE things (id int PRIMARY KEY)", "INSERT INTO things SELECT generate_series(1, 1000)"
    )
    seen = _seen(database, stack, {"public.things": 1000})
    assert all(one.fine for one in seen.values()), seen
    assert seen["indexes"].says == "2 were read, all whole"
    assert seen["rows against the manifest"].says == "1 tables, 1000 rows"


def test_an_invalid_index_is_found(database: Database, stack: Stack) -> None:
    database.owner("CREATE TABLE things (id int)", "INSERT INTO things VALUES (1), (1)")
    with pytest.raises(Exception, match="could not create unique index"):
        database.owner("CREATE UNIQUE INDEX CONCURRENTLY twice ON things (id)")
    assert _seen(database, stack)["invalid indexes"] == Finding(
        name="invalid indexes", fine=False, says="twice"
    )


def test_a_constraint_that_was_never_validated_is_found(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE TABLE things (id int)", "ALTER TABLE things ADD CONSTRAINT positive CHECK (id > 0) NOT VALID"
    )
    found = _seen(database, stack)["constraints that were never validated"]
    assert (found.fine, found.says) == (False, "things.positive")


def test_an_index_that_lacks_rows_is_found(database: Database, stack: Stack) -> None:
    database.owner(
        "CREATE FUNCTION turned(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
        "CREATE TABLE things (id int)",
        "INSERT INTO things SELECT generate_series(1, 10)",
        "CREATE INDEX by_turned ON things (turned(id))",
        "CREATE OR REPLACE FUNCTION turned(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT -$1'",
    )
    found = _seen(database, stack)["indexes"]
    assert found.fine is False
    assert "1 of 2 are damaged: by_turned (" in found.says
    assert "\n" not in found.says


def test_a_damaged_page_is_found(database: Database, stack: Stack) -> None:
    database.owner("CREATE TABLE things (id int)", "INSERT INTO things VALUES (1)", "CREATE TABLE later ()")
    database.run(
        "UPDATE pg_class SET relfrozenxid ="
        " (SELECT (xmin::text::bigint + 1)::text::xid FROM things) WHERE relname = 'things'"
    )
    found = _seen(database, stack)["pages"]
    assert found.fine is False
    assert "things (xmin" in found.says


def test_without_the_extension_nothing_is_claimed(plain: Database, stack: Stack) -> None:
    found = _seen(plain, stack)
    assert found["amcheck"].fine is None
    assert "indexes" not in found


def test_without_the_right_to_read_nothing_is_claimed(database: Database, stack: Stack) -> None:
    with database.session(stack, "app_a") as session:
        seen = {one.name: one for one in integrity(session, None)}
    assert seen["pages"].fine is None
    assert "permission denied" in seen["pages"].says


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"public.things": 2}, "public.things has 1 rows instead of 2"),
        ({"public.gone": 0}, "public.gone is missing"),
        ({'public."': 0}, 'public." is missing'),
    ],
)
def test_rows_that_differ_are_found(
    database: Database, stack: Stack, manifest: dict[str, int], said: str
) -> None:
    database.owner("CREATE TABLE things (id int)", "INSERT INTO things VALUES (1)")
    found = _seen(database, stack, manifest)["rows against the manifest"]
    assert (found.fine, found.says) == (False, said)


def test_a_manifest_is_read_from_beside_its_dump(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.GetObject"] = {"Body": BytesIO(json.dumps({"tables": {"public.a": 3}}).encode())}
    assert manifest_of(stack, _NAME) == {"public.a": 3}
    assert aws.calls[0].parameters["Key"] == "backup_2026_11_24_120000.manifest.json"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"tables": {"a": "many"}}', b'{"tables": 1}'])
def test_a_manifest_of_another_form_is_one_line(stack: Stack, aws: Aws, body: bytes) -> None:
    aws.answers["s3.GetObject"] = {"Body": BytesIO(body)}
    with pytest.raises(OperationError, match="cannot be read"):
        manifest_of(stack, _NAME)


def test_a_dump_without_manifest_and_a_name_of_another_form_are_refused(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.GetObject"] = error("NoSuchKey", status=404)
    with pytest.raises(OperationError, match="has no manifest"):
        manifest_of(stack, _NAME)
    with pytest.raises(UsageError, match="is no dump"):
        manifest_of(stack, "../manifest.json")
