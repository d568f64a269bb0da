"""The restore of a dump: what comes out is what went in, and until the switch nothing is harmed."""

import gzip
import hashlib
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from local import front
from local.certificates import Certificates
from tests.functions import aws
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

BUCKET = "dumps"
NOW = datetime(2026, 11, 27, 5, 0, 1, tzinfo=UTC)
NAME = "backup_2026_11_27_050001.sql.gz"
MANIFEST = "backup_2026_11_27_050001.manifest.json"
KEPT = "syncup_before_20261127060001"
_COLUMNS = (
    "id bigserial PRIMARY KEY, n numeric, f double precision, t text, b bytea, j jsonb, a text[][],"
    " r tstzrange, m mood, p positive, c pair, u uuid, i inet, z timestamptz, bits bit varying,"
    " g int GENERATED ALWAYS AS (length(t)) STORED"
)
_NAMES = "n, f, t, b, j, a, r, m, p, c, u, i, z, bits"
_VALUES = (
    "'NaN', '-Infinity', E'tab\\tline\\nback\\\\slash \\u00e9\\U0001F600', '\\x00ff',"
    " '{\"k\": [null, 1e400]}',"
    " ARRAY[['a', NULL], ['\"', '{}']], '[2024-01-01,infinity)', 'it''s fine', 7, ROW('x,y', 1.50),"
    " gen_random_uuid(), '::1', '294276-12-31 23:59:59+00', B'101'"
)
_AWKWARD = (
    "CREATE TYPE mood AS ENUM ('sad', 'it''s fine')",
    "CREATE DOMAIN positive AS int CHECK (value > 0)",
    "CREATE TYPE pair AS (left_one text, right_one numeric)",
    f'CREATE TABLE "Every Kind" ({_COLUMNS})',
    f'INSERT INTO "Every Kind" ({_NAMES}) VALUES ({_VALUES})',  # noqa: S608 (ours)
    'INSERT INTO "Every Kind" DEFAULT VALUES',
    "CREATE TABLE parts (at date, n int) PARTITION BY RANGE (at)",
    "CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "INSERT INTO parts SELECT '2026-01-01'::date + n, n FROM generate_series(0, 99) n",
    "CREATE MATERIALIZED VIEW sums AS SELECT sum(n) AS total FROM parts",
    "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'",
    "SELECT lo_from_bytea(0, '\\xdeadbeef')",
)
_CONTENT = (
    'SELECT "Every Kind"::text FROM "Every Kind" ORDER BY id',
    "SELECT count(*), sum(n) FROM parts",
    "SELECT total FROM sums",
    "SELECT twice(21)",
    "SELECT encode(lo_get(oid), 'hex') FROM pg_largeobject_metadata",
    'SELECT last_value FROM "Every Kind_id_seq"',
)


class Restoring:
    """The job with its surroundings: a database that was dumped and has been damaged since."""

    def __init__(self, dump: Any, restore: Any, server: Postgres, port: int, tls: Certificates) -> None:
        self.module, self.server = restore, server
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
        self.trust = ssl.create_default_context(cafile=str(tls.authority))
        self.where = ("127.0.0.1", port)
        self.programs = ("gzip", str(server.programs / "psql"))
        pg_dump = str(server.programs / "pg_dump")
        settings = dump.Settings(
            bucket=BUCKET,
            host="127.0.0.1",
            port=port,
            database=DATABASE,
            user=MASTER,
            programs=(pg_dump, "gzip"),
        )
        server.run(*_AWKWARD, user=MASTER, database=DATABASE)
        self.content = self.read(DATABASE)
        self._dump = partial(dump.dump, settings, self.s3, PASSWORD, self.trust, NOW)
        self._dump()
        self.sql('DELETE FROM "Every Kind"', "DROP MATERIALIZED VIEW sums")

    def sql(self, *statements: str, database: str = DATABASE) -> Any:
        return self.server.run(*statements, user=MASTER, database=database)

    def read(self, database: str) -> list[Any]:
        return [self.sql(query, database=database) for query in _CONTENT]

    def run(self, name: str = NAME, s3: Any = None, work: str = "restore") -> Any:
        target = self.module.Target(
            host=self.where[0],
            port=self.where[1],
            database=DATABASE,
            user=MASTER,
            password=PASSWORD,
            programs=self.programs,
        )

        def opened(database: str) -> Any:
            return self.module.connect(self.where, database, MASTER, PASSWORD, self.trust)

        later = NOW + timedelta(hours=1)
        return getattr(self.module, work)(target, s3 or self.s3, BUCKET, name, connect=opened, now=later)

    def dump_again(self) -> None:
        """Makes the dump anew, under the same name."""
        for key in (NAME, MANIFEST):
            self.s3.delete_object(Bucket=BUCKET, Key=key)
        self._dump()

    def databases(self) -> set[str]:
        return {row[0] for row in self.server.run("SELECT datname FROM pg_database")}

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def dump(self) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=NAME)["Body"].read()

    def manifest(self, **changes: Any) -> bytes:
        kept = json.loads(self.s3.get_object(Bucket=BUCKET, Key=MANIFEST)["Body"].read())
        return json.dumps({**kept, **changes}).encode()


@pytest.fixture(name="restoring")
def make_restoring(rds: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Restoring]:
    # The package's programs are built without TLS.
    monkeypatch.setenv("PGSSLMODE", "disable")
    with (
        mock_aws(),
        front.postgresql(rds.port, tls.server, force=False) as port,
        modules("dump_job", "dump", "restore") as (dump, restore),
    ):
        yield Restoring(dump, restore, rds, port, tls)


def test_what_comes_out_is_what_went_in_and_the_damaged_database_is_kept(restoring: Restoring) -> None:
    assert restoring.run() == KEPT
    assert restoring.read(DATABASE) == restoring.content
    assert restoring.sql('SELECT count(*) FROM "Every Kind"', database=KEPT) == [[0]]
    assert restoring.databases() == {"postgres", "template0", "template1", DATABASE, KEPT}


def test_who_is_logged_in_does_not_stop_the_switch(restoring: Restoring) -> None:
    with closing(restoring.server.connect(MASTER, database=DATABASE)):
        restoring.run()
    assert restoring.read(DATABASE) == restoring.content


def test_the_servers_own_sessions_are_left_alone(restoring: Restoring) -> None:
    """The master user may not end them, and to try would be an error."""
    with closing(restoring.server.connect(database=DATABASE)) as own:
        with restoring.module.connect(restoring.where, "postgres", MASTER, PASSWORD, restoring.trust) as one:
            assert one.run(restoring.module._END_SESSIONS, database=DATABASE) == []
        assert own.run("SELECT 1") == [[1]]


def _refused(restoring: Restoring, why: str, **how: Any) -> None:
    """Refuses, and leaves everything as it was."""
    before = restoring.databases()
    with pytest.raises(Exception, match=why):
        restoring.run(**how)
    assert restoring.databases() == before
    assert restoring.sql('SELECT count(*) FROM "Every Kind"') == [[0]]


def _truncated(restoring: Restoring) -> None:
    restoring.put(NAME, restoring.dump()[:-20])


def _corrupted(restoring: Restoring) -> None:
    body = bytearray(restoring.dump())
    body[len(body) // 2] ^= 0xFF
    restoring.put(NAME, bytes(body))


def _swapped(restoring: Restoring) -> None:
    restoring.put(NAME, gzip.compress(b"CREATE TABLE other (id int);"))


def _foreign(restoring: Restoring) -> None:
    restoring.put(MANIFEST, restoring.manifest(name="backup_2020_01_01_000000.sql.gz"))


def _unfinished(restoring: Restoring) -> None:
    restoring.s3.delete_object(Bucket=BUCKET, Key=MANIFEST)


def _unreadable(restoring: Restoring) -> None:
    restoring.put(MANIFEST, b"{")


def _newer(restoring: Restoring) -> None:
    restoring.put(MANIFEST, restoring.manifest(server_version="99.1"))


def _other_rows(restoring: Restoring) -> None:
    restoring.put(MANIFEST, restoring.manifest(tables={"public.parts_2026": 99}))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_truncated, "is damaged: its bytes are not those of its manifest"),
        (_corrupted, "is damaged: its bytes are not those of its manifest"),
        (_swapped, "is damaged: its bytes are not those of its manifest"),
        (_foreign, "its manifest is that of backup_2020_01_01_000000"),
        (_unfinished, "has no manifest: it was not finished"),
        (_unreadable, "its manifest cannot be read"),
        (_newer, "the dump is of PostgreSQL 99, the server is 16"),
        (_other_rows, "public.Every Kind: 2 rows, the manifest says no"),
    ],
)
def test_a_dump_that_is_not_what_it_should_be_harms_nothing(
    restoring: Restoring, damage: Callable[[Restoring], None], why: str
) -> None:
    damage(restoring)
    _refused(restoring, why)


def test_what_is_no_name_of_a_dump_is_refused(restoring: Restoring) -> None:
    _refused(restoring, "is no dump: write a name such as", name="../backup.sql")


def test_a_dump_that_does_not_load_harms_nothing(restoring: Restoring) -> None:
    # A role of the dump is missing here, as on a new server before its set-up.
    body = gzip.compress(
        gzip.decompress(restoring.dump()) + b"\nALTER TABLE public.parts OWNER TO nobody_here;\n"
    )
    digest = hashlib.sha256(body).hexdigest()
    restoring.put(MANIFEST, restoring.manifest(sha256=digest))
    restoring.put(NAME, body)
    _refused(restoring, 'psql ended with 3: .*role "nobody_here" does not exist')


def test_a_test_proves_the_dump_and_leaves_nothing(restoring: Restoring) -> None:
    before = restoring.databases()
    tables = restoring.run(work="rehearse")["tables"]
    assert tables == {"public.Every Kind": 2, "public.parts_2026": 100}
    assert restoring.databases() == before
    assert restoring.sql('SELECT count(*) FROM "Every Kind"') == [[0]]


def test_a_test_of_a_bad_dump_fails_and_leaves_nothing(restoring: Restoring) -> None:
    _corrupted(restoring)
    _refused(restoring, "is damaged", work="rehearse")


class Job:
    """The job as CodeBuild runs it."""

    def __init__(self, restoring: Restoring, monkeypatch: pytest.MonkeyPatch) -> None:
        self.restoring = restoring
        self._set = monkeypatch.setenv
        client = aws.client("secretsmanager")
        aws.put(client, "database-master", {"username": MASTER, "password": PASSWORD})
        clients = {"s3": restoring.s3, "secretsmanager": client}
        monkeypatch.setattr(restoring.module.boto3, "Session", lambda: SimpleNamespace(client=clients.get))
        monkeypatch.setattr(restoring.module, "instance_trust", lambda: restoring.trust)
        monkeypatch.setattr(restoring.module.signal, "signal", self._signal)
        # The programs are those that the package has.
        monkeypatch.setenv("PATH", f"{restoring.server.programs}:/usr/bin:/bin")
        self.environment = {
            "RESTORE_DUMP": NAME,
            "RESTORE_PURPOSE": "replace",
            "RESTORE_MOMENT": "20261127060001",
            "DUMP_BUCKET": BUCKET,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(restoring.where[1]),
            "PGDATABASE": DATABASE,
            "SECRETS_PREFIX": aws.PREFIX,
        }
        self.stop: Any = None

    def _signal(self, _number: int, handler: Any) -> None:
        self.stop = handler

    def run(self, **changes: str) -> None:
        for variable, value in {**self.environment, **changes}.items():
            self._set(variable, value)
        self.restoring.module.main()


@pytest.fixture(name="job")
def _job(restoring: Restoring, monkeypatch: pytest.MonkeyPatch) -> Job:
    return Job(restoring, monkeypatch)


def test_the_job_restores_what_its_environment_says(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.run()
    assert capsys.readouterr().out == f"{DATABASE} is {NAME} now; what it was is kept as {KEPT}\n"
    assert job.restoring.read(DATABASE) == job.restoring.content


def test_the_job_tests_where_its_environment_says_so(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.run(RESTORE_PURPOSE="test")
    assert capsys.readouterr().out == f"{NAME} restores: 2 tables, 102 rows, as its manifest says\n"
    assert KEPT not in job.restoring.databases()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"RESTORE_DUMP": ""}, "'' is no dump"),
        ({"RESTORE_DUMP": "backup_2026_11_27_050001.sql.gz; rm -r /"}, "is no dump"),
        ({"RESTORE_PURPOSE": ""}, "write replace or test"),
        ({"RESTORE_PURPOSE": "drop"}, "write replace or test"),
        ({"RESTORE_MOMENT": "now"}, "is no moment"),
        ({"SECRETS_PREFIX": "syncup/elsewhere"}, "database-master has no value yet"),
    ],
)
def test_a_job_that_was_not_told_what_to_do_says_so(job: Job, changes: dict[str, str], why: str) -> None:
    before = job.restoring.databases()
    with pytest.raises(SystemExit, match=f"^restore: .*{why}"):
        job.run(**changes)
    assert job.restoring.databases() == before


def test_a_job_that_is_stopped_leaves_nothing(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = job.restoring.databases()

    def stopped(*_: Any) -> None:
        job.stop(15, None)

    monkeypatch.setattr(job.restoring.module, "verify", stopped)
    with pytest.raises(SystemExit, match="stopped, nothing was switched"):
        job.run()
    assert job.restoring.databases() == before


def test_what_a_killed_job_has_left_goes_with_the_next_one(job: Job) -> None:
    kept = ["syncup_before_20261101000000", "syncup_restored_by_hand", "other_restored_20261101000000"]
    left = ["syncup_restored_20261101000000", "syncup_tested_20261101000000"]
    for database in (*kept, *left):
        job.restoring.server.run(f"CREATE DATABASE {database} OWNER {MASTER}")
    job.run(RESTORE_PURPOSE="test")
    there = job.restoring.databases()
    assert set(kept) <= there
    assert not set(left) & there


class Breaking:
    """S3 whose answer ends in the middle."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def get_object(self, **request: Any) -> Any:
        answer = self._s3.get_object(**request)
        if request["Key"] == NAME:
            answer["Body"] = self
        return answer

    def read(self, _size: int) -> bytes:
        raise ConnectionError("reset by peer")


def test_s3_that_breaks_off_harms_nothing(restoring: Restoring) -> None:
    _refused(restoring, "reset by peer", s3=Breaking(restoring.s3))
