"""The restore under the worst: killed at any moment, on a full disk, without rights, beside another one.

Whatever happens, the active database is the one that was there before or the one that was restored, whole.
"""

import gzip
import hashlib
import json
import resource
import ssl
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from local import front
from local.certificates import Certificates
from tests.functions import aws, postgres
from tests.functions.aws import Dead, Fused, Killed
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, SUPERUSER, Postgres
from tests.functions.streaming import fill
from tests.functions.test_restore import BUCKET, MANIFEST, NAME, NOW, Restoring, make_restoring

__all__ = ["make_restoring"]

_LATER = NOW + timedelta(hours=1)
_MIB = 1024 * 1024
MOMENTS = 28
"""As many as one restore has: two a call, to PostgreSQL and to S3."""
_REDUCED = (*range(0, 18, 6), *range(18, MOMENTS))
"""Of the load a few, of the switch all."""


def _restore(
    restoring: Restoring,
    *,
    fuse: Dead | None = None,
    s3: Any = None,
    user: str = MASTER,
    now: datetime = _LATER,
) -> str:
    found = fuse or Dead(None)
    where, module = restoring.where, restoring.module
    target = module.Target(
        host=where[0],
        port=where[1],
        database=DATABASE,
        user=user,
        password=PASSWORD,
        programs=restoring.programs,
    )

    @contextmanager
    def opened(database: str) -> Generator[Any]:
        with module.connect(where, database, user, PASSWORD, restoring.trust) as connection:
            yield Fused(connection, found)

    asked = Fused(s3 or restoring.s3, found)
    return module.restore(target, asked, BUCKET, NAME, connect=opened, now=now)


def _as_damaged(restoring: Restoring) -> bool:
    """Whether the active database is the one that was to be replaced."""
    return restoring.sql('SELECT count(*) FROM "Every Kind"') == [[0]]


def _killed_at(restoring: Restoring, moments: Iterator[int]) -> None:
    was_switched = False
    for moment in moments:
        with pytest.raises(Killed):
            _restore(restoring, fuse=Dead(moment), now=_LATER + timedelta(seconds=moment))
        if not _as_damaged(restoring):
            assert restoring.read(DATABASE) == restoring.content
            restoring.sql('DELETE FROM "Every Kind"', "DROP MATERIALIZED VIEW sums")
            was_switched = True
    # After the last call there is nothing left to kill.
    assert was_switched
    with restoring.module.connect(restoring.where, "postgres", MASTER, PASSWORD, restoring.trust) as server:
        restoring.module.sweep(server, DATABASE)
    assert not any("restored" in database for database in restoring.databases())
    whole = Dead(None)
    _restore(restoring, fuse=whole)
    assert whole.moments == MOMENTS
    assert restoring.read(DATABASE) == restoring.content


@pytest.mark.parametrize(
    "moments", [_REDUCED, pytest.param(tuple(range(MOMENTS)), marks=pytest.mark.full)], ids=["some", "all"]
)
def test_killed_at_any_moment_it_harms_nothing_and_the_next_one_succeeds(
    restoring: Restoring, moments: tuple[int, ...]
) -> None:
    _killed_at(restoring, iter(moments))


def test_who_may_make_no_database_harms_none(restoring: Restoring) -> None:
    restoring.server.run(f"CREATE ROLE weak LOGIN PASSWORD '{PASSWORD}'")
    before = restoring.databases()
    with pytest.raises(restoring.module.DatabaseError, match="permission denied to create database"):
        _restore(restoring, user="weak")
    assert restoring.databases() == before
    assert _as_damaged(restoring)


def test_who_may_not_rename_the_active_database_leaves_it_and_nothing_else(restoring: Restoring) -> None:
    restoring.server.run(f"ALTER DATABASE {DATABASE} OWNER TO {SUPERUSER}")
    before = restoring.databases()
    with pytest.raises(restoring.module.DatabaseError):
        _restore(restoring)
    assert restoring.databases() == before
    restoring.server.run(f"ALTER DATABASE {DATABASE} OWNER TO {MASTER}")
    assert _as_damaged(restoring)


class Ending:
    """S3 whose answer ends early, with an error or, as where a connection is cut, without one."""

    def __init__(self, s3: Any, after: int, error: Exception | None) -> None:
        self._s3, self._after, self._error = s3, after, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def get_object(self, **request: Any) -> Any:
        answer = self._s3.get_object(**request)
        if request["Key"] == NAME:
            self._body = answer["Body"].read()[: self._after]
            answer["Body"] = self
        return answer

    def read(self, _size: int) -> bytes:
        body, self._body = self._body, b""
        if not body and self._error is not None:
            raise self._error
        return body


@pytest.mark.parametrize(
    ("after", "error", "why"),
    [
        (0, None, "is damaged"),
        (500, None, "is damaged"),
        (500, ConnectionError("reset by peer"), "reset by peer"),
        (10**9, ConnectionError("reset by peer"), "reset by peer"),
    ],
    ids=["at once", "in the middle", "in the middle with an error", "at the very end"],
)
def test_an_answer_of_s3_that_ends_early_harms_nothing(
    restoring: Restoring, after: int, error: Exception | None, why: str
) -> None:
    before = restoring.databases()
    with pytest.raises(Exception, match=why):
        _restore(restoring, s3=Ending(restoring.s3, after, error))
    assert restoring.databases() == before
    assert _as_damaged(restoring)


@pytest.mark.parametrize("apart_seconds", [0, 1])
def test_of_two_at_once_at_least_one_succeeds_and_neither_harms(
    restoring: Restoring, apart_seconds: int
) -> None:
    def attempt(number: int) -> str | None:
        try:
            return _restore(restoring, now=_LATER + timedelta(seconds=number * apart_seconds))
        except restoring.module.DatabaseError:
            return None

    with ThreadPoolExecutor(2) as pool:
        done = [kept for kept in pool.map(attempt, range(2)) if kept]
    assert done
    assert restoring.read(DATABASE) == restoring.content
    assert not any("restored" in database for database in restoring.databases())
    assert set(done) <= restoring.databases()


@pytest.mark.parametrize("gigabytes", [0.01, pytest.param(1.0, marks=pytest.mark.full)])
def test_a_large_database_comes_back_to_the_last_row(restoring: Restoring, gigabytes: float) -> None:
    fill(restoring.server, gigabytes)
    content = "SELECT count(*), sum(hashtextextended(text, 0)) FROM bulk"
    before = restoring.sql(content)
    restoring.dump_again()
    restoring.sql("TRUNCATE bulk")
    _restore(restoring)
    assert restoring.sql(content) == before


@pytest.fixture(scope="module", name="newer")
def _newer() -> Iterator[Postgres]:
    """RDS' version here, whose package has the extensions, on a disk that is soon full."""
    with _no_file_larger_than(17 * _MIB), postgres.serving("17") as server, postgres.instance(server):
        yield server


@contextmanager
def _no_file_larger_than(size_bytes: int) -> Generator[None]:
    """What a full disk is to a table: it cannot grow. Holds for what is started inside.

    A segment of PostgreSQL's log has 16 MiB, and shall still fit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Extended:
    """Both jobs beside a server that has extensions."""

    def __init__(self, dump: Any, restore: Any, server: Postgres, port: int, tls: Certificates) -> None:
        self.dump, self.restore, self.server, self.port = dump, restore, server, port
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
        self.trust = ssl.create_default_context(cafile=str(tls.authority))

    def settings(self, pg_dump: str) -> Any:
        return self.dump.Settings(
            bucket=BUCKET,
            host="127.0.0.1",
            port=self.port,
            database=DATABASE,
            user=MASTER,
            programs=(pg_dump, "gzip"),
        )

    def make_dump(self) -> None:
        settings = self.settings(str(self.server.programs / "pg_dump"))
        self.dump.dump(settings, self.s3, PASSWORD, self.trust, NOW)

    def run(self) -> None:
        target = self.restore.Target(
            host="127.0.0.1",
            port=self.port,
            database=DATABASE,
            user=MASTER,
            password=PASSWORD,
            programs=("gzip", str(self.server.programs / "psql")),
        )

        def opened(database: str) -> Any:
            return self.restore.connect(("127.0.0.1", self.port), database, MASTER, PASSWORD, self.trust)

        self.restore.restore(target, self.s3, BUCKET, NAME, connect=opened, now=_LATER)


@pytest.fixture(name="extended")
def _extended(newer: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Extended]:
    monkeypatch.setenv("PGSSLMODE", "disable")
    with (
        mock_aws(),
        front.postgresql(newer.port, tls.server, force=False) as port,
        modules("dump_job", "dump", "restore") as (dump, restore),
    ):
        yield Extended(dump, restore, newer, port, tls)


_TRUSTED = ("citext", "hstore", "ltree", "pg_trgm", "pgcrypto")
"""Extensions that an application's owner may make by himself."""


def test_extensions_their_types_and_their_indexes_come_back(extended: Extended) -> None:
    def sql(*statements: str) -> Any:
        return extended.server.run(*statements, user=MASTER, database=DATABASE)

    sql(
        *(f'CREATE EXTENSION "{name}"' for name in _TRUSTED),
        "CREATE TABLE odd (c citext UNIQUE, h hstore, l ltree, d text DEFAULT digest('x', 'sha256')::text)",
        "INSERT INTO odd VALUES ('Ada', 'a=>\"b c\", d=>NULL', 'Top.Science.x')",
        "CREATE INDEX alike ON odd USING gin ((c::text) gin_trgm_ops)",
        "CREATE INDEX below ON odd USING gist (l)",
    )
    content = "SELECT c = 'ADA', h -> 'a', h ? 'd', l <@ 'Top', d FROM odd"
    names = "SELECT extname FROM pg_extension ORDER BY 1"
    before = sql(content), sql(names)
    extended.make_dump()
    extended.run()
    assert (sql(content), sql(names)) == before
    assert sql("SELECT count(*) FROM pg_index WHERE indrelid = 'odd'::regclass AND indisvalid") == [[3]]
    manifest = json.loads(extended.s3.get_object(Bucket=BUCKET, Key=MANIFEST)["Body"].read())
    assert manifest["tables"] == {"public.odd": 1}


def test_a_full_disk_harms_nothing(extended: Extended) -> None:
    extended.make_dump()
    lines = "".join(f"{number}\t{'x' * 100}\n" for number in range(200_000))
    table = f"CREATE TABLE large (id int, text text);\nCOPY large FROM stdin;\n{lines}\\.\n"
    body = gzip.compress(table.encode(), 1)
    kept = json.loads(extended.s3.get_object(Bucket=BUCKET, Key=MANIFEST)["Body"].read())
    kept |= {"sha256": hashlib.sha256(body).hexdigest(), "tables": {"public.large": 200_000}}
    extended.s3.put_object(Bucket=BUCKET, Key=NAME, Body=body)
    extended.s3.put_object(Bucket=BUCKET, Key=MANIFEST, Body=json.dumps(kept).encode())
    before = extended.server.run("SELECT datname, oid::int FROM pg_database ORDER BY 1")
    with pytest.raises(extended.restore.RestoreError, match=r"psql ended with 3: .*could not extend file"):
        extended.run()
    assert extended.server.run("SELECT datname, oid::int FROM pg_database ORDER BY 1") == before


def test_a_program_older_than_the_server_makes_no_dump(extended: Extended) -> None:
    older = str(postgres.programs_of("16") / "pg_dump")
    with pytest.raises(extended.dump.DumpError, match=r"pg_dump ended with 1: .*server version mismatch"):
        extended.dump.dump(extended.settings(older), extended.s3, PASSWORD, extended.trust, NOW)
    assert "Contents" not in extended.s3.list_objects_v2(Bucket=BUCKET)
