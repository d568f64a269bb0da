"""The dump: everything, as it was at one moment, whole in S3 or not there at all."""

import dataclasses
import gzip
import hashlib
import re
import signal
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from local import front
from local.certificates import Certificates
from tests.functions import aws
from tests.functions.aws import refusal
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

BUCKET = "dumps"
NOW = datetime(2026, 11, 27, 5, 0, 1, tzinfo=UTC)
NAME = "backup_2026_11_27_050001.sql.gz"
MANIFEST = "backup_2026_11_27_050001.manifest.json"


class Dumping:
    """The job with its surroundings."""

    def __init__(self, module: Any, server: Postgres, port: int, tls: Certificates, s3: Any) -> None:
        self.module, self.server, self.s3 = module, server, s3
        self.trust = ssl.create_default_context(cafile=str(tls.authority))
        self.settings = module.Settings(
            bucket=BUCKET,
            host="127.0.0.1",
            port=port,
            database=DATABASE,
            user=MASTER,
            programs=(str(server.programs / "pg_dump"), "gzip"),
        )

    def run(self, *, s3: Any = None, settings: Any = None, password: str = PASSWORD) -> dict[str, Any]:
        return self.module.dump(settings or self.settings, s3 or self.s3, password, self.trust, NOW)

    def client(self, _service: str) -> Any:
        return self.s3

    def changed(self, **settings: Any) -> Any:
        return dataclasses.replace(self.settings, **settings)

    def body(self) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=NAME)["Body"].read()

    def sql(self) -> str:
        return gzip.decompress(self.body()).decode()

    def kept(self) -> list[str]:
        """The objects, and the uploads that somebody has begun and not ended."""
        objects = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        uploads = self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return [entry["Key"] for entry in (*objects, *uploads)]


@pytest.fixture(name="dumping")
def make_dumping(rds: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dumping]:
    # The package's pg_dump is built without TLS.
    monkeypatch.setenv("PGSSLMODE", "disable")
    rds.run(
        "CREATE TABLE meetings (id serial PRIMARY KEY, title text)",
        "INSERT INTO meetings (title) SELECT 'meeting ' || n FROM generate_series(1, 1000) n",
        'CREATE SCHEMA "Odd Schema"',
        'CREATE TABLE "Odd Schema"."ta""ble" (x int)',
        "SELECT lo_from_bytea(0, 'abc')",
        user=MASTER,
        database=DATABASE,
    )
    with (
        mock_aws(),
        front.postgresql(rds.port, tls.server, force=False) as port,
        modules("dump_job", "dump") as (module,),
    ):
        s3 = aws.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
        yield Dumping(module, rds, port, tls, s3)


def test_a_dump_says_what_is_in_it(dumping: Dumping) -> None:
    manifest = dumping.run()
    body = dumping.body()
    assert manifest["name"] == NAME
    assert manifest["size_bytes"] == len(body)
    assert manifest["sha256"] == hashlib.sha256(body).hexdigest()
    assert manifest["etag"] == dumping.s3.head_object(Bucket=BUCKET, Key=NAME)["ETag"]
    assert manifest["tables"] == {'Odd Schema.ta"ble': 0, "public.meetings": 1000}
    assert (manifest["large_objects"], manifest["database"]) == (1, DATABASE)
    assert manifest["server_version"].startswith("16.")
    assert re.fullmatch(r"[0-9A-F]+/[0-9A-F]+", manifest["wal_position"])
    assert dumping.kept() == [MANIFEST, NAME]
    assert "meeting 1000\n" in dumping.sql()


def test_rows_that_come_meanwhile_are_neither_in_the_dump_nor_in_its_counts(
    dumping: Dumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Callable[..., Any] = dumping.module._hold

    def hold(connection: Any) -> Any:
        held = plain(connection)
        dumping.server.run("INSERT INTO meetings (title) VALUES ('late')", user=MASTER, database=DATABASE)
        return held

    monkeypatch.setattr(dumping.module, "_hold", hold)
    assert dumping.run()["tables"]["public.meetings"] == 1000
    assert "late" not in dumping.sql()


def test_a_long_dump_goes_in_parts(dumping: Dumping, monkeypatch: pytest.MonkeyPatch) -> None:
    dumping.server.run(
        "CREATE TABLE noise AS SELECT md5(random()::text) || md5(random()::text) AS text"
        " FROM generate_series(1, 250000)",
        user=MASTER,
        database=DATABASE,
    )
    upload: Any = dumping.module.Upload
    parts = 5 * 1024 * 1024

    def small(s3: Any, bucket: str, key: str) -> Any:
        return upload(s3, bucket, key, parts)

    monkeypatch.setattr(dumping.module, "Upload", small)
    manifest = dumping.run()
    assert parts < manifest["size_bytes"] < 2 * parts
    assert dumping.s3.head_object(Bucket=BUCKET, Key=NAME)["ETag"].endswith('-2"')
    assert hashlib.sha256(dumping.body()).hexdigest() == manifest["sha256"]


class Failing:
    """S3 that refuses one of its operations."""

    def __init__(self, s3: Any, operation: str) -> None:
        self._s3, self._operation = s3, operation

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._s3, name)

        def refuse(**_: Any) -> None:
            raise refusal("AccessDenied", self._operation)

        return refuse


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("create_multipart_upload", []),
        ("upload_part", []),
        ("complete_multipart_upload", []),
        # Without a manifest it counts as unfinished.
        ("put_object", [NAME]),
    ],
)
def test_where_s3_fails_nothing_is_there_that_looks_finished(
    dumping: Dumping, operation: str, left: list[str]
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        dumping.run(s3=Failing(dumping.s3, operation))
    assert dumping.kept() == left


def test_where_the_user_may_not_read_nothing_is_there(dumping: Dumping) -> None:
    dumping.server.run("CREATE ROLE dump LOGIN PASSWORD 'x'")
    with pytest.raises(Exception, match="permission denied"):
        dumping.run(settings=dumping.changed(user="dump"), password="x")  # noqa: S106 (lives for a moment)
    assert dumping.kept() == []


def _program(path: Path, *lines: str, version: str = "16.1") -> str:
    """A program that says it is pg_dump, and does what the lines say."""
    said = f'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi'
    path.write_text("\n".join(["#!/bin/sh", said, *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("program", [0, 1], ids=["pg_dump", "gzip"])
def test_a_program_that_is_killed_leaves_nothing(dumping: Dumping, tmp_path: Path, program: int) -> None:
    names = list(dumping.settings.programs)
    names[program] = _program(tmp_path / "dying", "echo text", "kill -9 $$")
    with pytest.raises(dumping.module.DumpError, match="dying ended with -9"):
        dumping.run(settings=dumping.changed(programs=tuple(names)))
    assert dumping.kept() == []


@pytest.mark.parametrize(("version", "left_out"), [("16.10", False), ("17.6", True)])
def test_what_the_set_up_makes_anew_is_left_out_where_the_program_can(
    dumping: Dumping, tmp_path: Path, version: str, *, left_out: bool
) -> None:
    seen = tmp_path / "seen"
    spy = _program(tmp_path / "pg_dump", f'echo "$@" > {seen}', "exit 3", version=version)
    with pytest.raises(dumping.module.DumpError):
        dumping.run(settings=dumping.changed(programs=(spy, "gzip")))
    for extension in ("amcheck", "pg_stat_statements"):
        assert (f"--exclude-extension={extension}" in seen.read_text(encoding="utf-8")) is left_out


def test_two_in_the_same_second_leave_one(dumping: Dumping) -> None:
    first = dumping.run()
    with pytest.raises(ClientError, match="PreconditionFailed"):
        dumping.run()
    assert dumping.kept() == [MANIFEST, NAME]
    assert (
        first["sha256"]
        == hashlib.sha256(dumping.s3.get_object(Bucket=BUCKET, Key=NAME)["Body"].read()).hexdigest()
    )


def test_the_password_is_in_no_command_line_and_in_no_message(dumping: Dumping, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    spy = _program(tmp_path / "pg_dump", f'echo "$@" > {seen}', "exit 3")
    settings = dumping.changed(programs=(spy, "gzip"))
    with pytest.raises(dumping.module.DumpError, match="pg_dump ended with 3") as failed:
        dumping.run(settings=settings)
    assert f"--username={MASTER}" in seen.read_text(encoding="utf-8")
    assert PASSWORD not in seen.read_text(encoding="utf-8") + str(failed.value)


def test_a_job_without_a_database_fails_in_one_line(
    dumping: Dumping, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DUMP_BUCKET": BUCKET,
        "PGHOST": "127.0.0.1",
        "PGPORT": "1",
        "PGDATABASE": DATABASE,
        "PGUSER": "dump",
        "AWS_DEFAULT_REGION": "us-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            dumping.module.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert str(ended.value.code).startswith("dump: dump at 127.0.0.1: ")
    assert "\n" not in str(ended.value.code)
