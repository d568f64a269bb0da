"""Dumps the database to S3: `pg_dump | gzip`, streamed, with a manifest that says what must be in it.

The manifest is written last. A dump without one is not finished, and nobody takes it for good.
"""

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from postgresql import Connection, DatabaseError, connect, name
from tls import instance_trust
from upload import Upload

_CHUNK_BYTES: Final = 1024 * 1024
_PATIENCE_SECONDS: Final = 4 * 3600
"""As long as the job may run: a large table is counted for a while."""
_LEAVES_EXTENSIONS_OUT: Final = 17
_SET_UP: Final = ("amcheck", "pg_stat_statements")
"""What `functions/database_setup` makes anew, and RDS itself owns: to restore its description is refused."""
_TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
"""Every table that a dump has the rows of: not those that belong to an extension."""


class DumpError(Exception):
    """There is no dump. The message says why in one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What is dumped and where to."""

    bucket: str
    host: str
    port: int
    database: str
    user: str
    programs: Sequence[str] = ("pg_dump", "gzip")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads libpq's own variables; a missing one is a KeyError that names it."""
        return cls(
            bucket=environment["DUMP_BUCKET"],
            host=environment["PGHOST"],
            port=int(environment["PGPORT"]),
            database=environment["PGDATABASE"],
            user=environment["PGUSER"],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """One state of the database, which the dump and the counts see alike."""

    identifier: str
    wal_position: str
    server_version: str


def manifest_key(dump: str) -> str:
    """Where a dump's manifest is."""
    return f"{dump.removesuffix('.sql.gz')}.manifest.json"


def dump(settings: Settings, s3: Any, password: str, trust: ssl.SSLContext, now: datetime) -> dict[str, Any]:
    """Makes one dump and returns its manifest.

    Args:
        settings: what and where to.
        s3: boto3's.
        password: of the user, or an IAM token; it reaches `pg_dump` through its environment.
        trust: whom the server's certificate has to be from.
        now: the moment that the dump is named after, UTC.

    Raises:
        DumpError: `pg_dump` or the compressor failed.
        postgresql.DatabaseError: the database refused.
        botocore.exceptions.ClientError: S3 refused.
    """
    key = f"backup_{now:%Y_%m_%d_%H%M%S}.sql.gz"
    where = (settings.host, settings.port)
    with (
        connect(
            where, settings.database, settings.user, password, trust, patience_seconds=_PATIENCE_SECONDS
        ) as holder,
        ThreadPoolExecutor(1) as counting,
    ):
        snapshot = _hold(holder)
        # Beside the dump, in the same snapshot: nothing waits for it but the manifest.
        counted = counting.submit(count, holder)
        with Upload(s3, settings.bucket, key) as upload:
            try:
                with _running(settings, snapshot, password) as compressed:
                    while chunk := compressed.read(_CHUNK_BYTES):
                        upload.write(chunk)
            except DumpError:
                # A count that failed has ended the transaction, and the snapshot with it: it is the cause.
                if counted.done():
                    counted.result()
                raise
            tables, large_objects = counted.result()
            upload.complete()
    manifest = {
        "name": key,
        "size_bytes": upload.size_bytes,
        "sha256": upload.sha256,
        "etag": upload.tag,
        "database": settings.database,
        "server_version": snapshot.server_version,
        "wal_position": snapshot.wal_position,
        "tables": tables,
        "large_objects": large_objects,
        "started_at": now.isoformat(),
    }
    s3.put_object(
        Bucket=settings.bucket,
        Key=manifest_key(key),
        Body=json.dumps(manifest, indent=1).encode(),
        ContentType="application/json",
        IfNoneMatch="*",
    )
    return manifest


def _hold(connection: Connection) -> Snapshot:
    """Keeps one state of the database readable until the connection ends."""
    connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    ((identifier, position, version),) = connection.run(
        "SELECT pg_export_snapshot(), pg_current_wal_lsn()::text, current_setting('server_version')"
    )
    return Snapshot(identifier=identifier, wal_position=position, server_version=version)


def count(connection: Connection) -> tuple[dict[str, int], int]:
    """The rows of each table, and the number of large objects."""
    tables: dict[str, int] = {}
    for schema, table in connection.run(_TABLES):
        ((rows,),) = connection.run(f"SELECT count(*) FROM ONLY {name(schema)}.{name(table)}")  # noqa: S608 (quoted)
        tables[f"{schema}.{table}"] = rows
    ((large_objects,),) = connection.run("SELECT count(*) FROM pg_largeobject_metadata")
    return tables, large_objects


@contextmanager
def _running(settings: Settings, snapshot: Snapshot, password: str) -> Generator[IO[bytes]]:
    """`pg_dump | gzip`; leaving it in peace requires that both have ended well.

    Raises:
        DumpError: one of them has not.
    """
    pg_dump, gzip = settings.programs
    where = [f"--host={settings.host}", f"--port={settings.port}", f"--username={settings.user}"]
    how = ["--format=plain", "--no-password", f"--snapshot={snapshot.identifier}", *_without(pg_dump)]
    with tempfile.TemporaryFile() as said:
        source = subprocess.Popen(  # noqa: S603 (ours)
            [pg_dump, *where, *how, settings.database],
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "PGPASSWORD": password},
        )
        packed = subprocess.Popen([gzip, "-6"], stdin=source.stdout, stdout=subprocess.PIPE, stderr=said)  # noqa: S603 (ours)
        if source.stdout is None or packed.stdout is None:
            raise DumpError("no pipe")
        # The compressor alone holds the end that it reads: if it goes, pg_dump is told.
        source.stdout.close()
        try:
            yield packed.stdout
        except BaseException:
            source.kill()
            packed.kill()
            raise
        finally:
            packed.stdout.close()
            # Where the compressor goes, pg_dump goes too, and for no reason of its own.
            ended = {gzip: packed.wait(), pg_dump: source.wait()}
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
        for program, status in ended.items():
            if status:
                raise DumpError(f"{Path(program).name} ended with {status}: {' '.join(words)[:500]}")


def _without(pg_dump: str) -> list[str]:
    """Leaves out what the set-up makes after a restore. Programs before 17 cannot."""
    said = subprocess.run([pg_dump, "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603 (ours)
    major = int(said.split()[2].partition(".")[0])
    if major < _LEAVES_EXTENSIONS_OUT:
        return []
    return [f"--exclude-extension={extension}" for extension in _SET_UP]


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit("dump: stopped, nothing was kept")


def main() -> None:
    """What the job runs.

    Raises:
        SystemExit: there is no dump; one line for standard error says why.
    """
    # The job is stopped by this signal, and the upload has to be taken back.
    signal.signal(signal.SIGTERM, _stop)
    settings = Settings.from_environment(os.environ)
    session: Any = boto3.Session()
    token = session.client("rds").generate_db_auth_token(
        DBHostname=settings.host, Port=settings.port, DBUsername=settings.user
    )
    try:
        made = dump(settings, session.client("s3"), token, instance_trust(), datetime.now(UTC))
    except (DumpError, DatabaseError, ClientError, BotoCoreError) as error:
        sys.exit(f"dump: {error}")
    rows = sum(made["tables"].values())
    sys.stdout.write(
        f"{made['name']}: {made['size_bytes']} bytes, {len(made['tables'])} tables, {rows} rows,"
        f" up to {made['wal_position']}\n"
    )


if __name__ == "__main__":
    main()
