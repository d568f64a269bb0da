"""Restores a dump into a new database beside the active one, and switches when it has proven itself.

The active database is not touched before the switch, which renames both in one transaction and keeps it.
Until then a failure leaves what was there, and nothing else. A test does the same without the switch.
"""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from dump import count, manifest_key
from postgresql import Connection, DatabaseError, connect, name
from stored import SecretError, read, required
from tls import instance_trust

NAME: Final = re.compile(r"backup_\d{4}_\d{2}_\d{2}_\d{6}\.sql\.gz")
_CHUNK_BYTES: Final = 1024 * 1024
_SWITCHES: Final = 5
"""Somebody may log in between the end of the sessions and the renaming."""
_IN_USE: Final = "55006"
_MOMENT: Final = "%Y%m%d%H%M%S"
_UNFINISHED: Final = r"_(restored|tested)_\d{14}"
"""The end of the names of databases that no restore is working on any more when the next one begins."""
_PATIENCE_SECONDS: Final = 4 * 3600
_END_SESSIONS: Final = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = :database AND a.backend_type = 'client backend' AND NOT r.rolsuper
"""
"""Those of people and programs. The server's own are not ours to end, and make way by themselves."""


class RestoreError(Exception):
    """Nothing was switched. The message says why in one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The server, and who restores."""

    host: str
    port: int
    database: str
    """The one that is replaced."""
    user: str
    password: str
    """Reaches `psql` through its environment."""
    programs: Sequence[str] = ("gzip", "psql")


Connect = Callable[[str], AbstractContextManager[Connection]]
"""Opens a session to a database of the server, as a context."""


def restore(target: Target, s3: Any, bucket: str, dump: str, *, connect: Connect, now: datetime) -> str:
    """Restores, verifies and switches; returns the name under which the replaced database is kept.

    Args:
        target: where to.
        s3: boto3's.
        bucket: with the dump and its manifest.
        dump: the dump's name.
        connect: to a database, as the target's user.
        now: the moment after which databases are named, UTC.

    Raises:
        RestoreError: the dump is not what its manifest says, does not restore, or restores to something
            else. The new database is gone again.
        postgresql.DatabaseError: the server refused.
        botocore.exceptions.ClientError: S3 refused.
    """
    manifest = read_manifest(s3, bucket, dump)
    new, kept = (f"{target.database}_{what}_{now:{_MOMENT}}" for what in ("restored", "before"))
    with _beside(target, s3, bucket, manifest, new, connect=connect), connect("postgres") as server:
        _switch(server, target.database, new, kept)
    return kept


def rehearse(
    target: Target, s3: Any, bucket: str, dump: str, *, connect: Connect, now: datetime
) -> Mapping[str, Any]:
    """Restores and verifies in a database that is dropped again; returns the manifest that held.

    The arguments and failures are those of `restore`.
    """
    manifest, new = read_manifest(s3, bucket, dump), f"{target.database}_tested_{now:{_MOMENT}}"
    with _beside(target, s3, bucket, manifest, new, connect=connect), connect("postgres") as server:
        _drop(server, new)
    return manifest


def sweep(server: Connection, database: str) -> list[str]:
    """Drops what restores have left that were killed. Only one restore runs at a time, and this is it."""
    found = server.run(
        "SELECT datname FROM pg_database WHERE datname ~ ('^' || :database || :unfinished || '$')",
        database=re.escape(database),
        unfinished=_UNFINISHED,
    )
    for (left,) in found:
        _drop(server, left)
    return [left for (left,) in found]


@contextmanager
def _beside(
    target: Target, s3: Any, bucket: str, manifest: Mapping[str, Any], new: str, *, connect: Connect
) -> Generator[None]:
    """A new database with what is in the dump, verified. Whatever fails inside the block drops it."""
    with connect("postgres") as server:
        _compatible(server, manifest)
        owner = _owner(server, target.database)
        server.run(f"CREATE DATABASE {name(new)} TEMPLATE template0 OWNER {name(owner)}")
    try:
        _load(target, s3.get_object(Bucket=bucket, Key=manifest["name"])["Body"], manifest, new)
        with connect(new) as restored:
            verify(restored, manifest)
        yield
    except BaseException:
        with connect("postgres") as server:
            # Of this name there is only one that was not switched.
            _drop(server, new)
        raise


def _drop(server: Connection, database: str) -> None:
    server.run(f"DROP DATABASE IF EXISTS {name(database)} WITH (FORCE)")


def read_manifest(s3: Any, bucket: str, dump: str) -> Mapping[str, Any]:
    """What has to be in the dump.

    Raises:
        RestoreError: that is no name of a dump, or the manifest is another one's.
    """
    if NAME.fullmatch(dump) is None:
        raise RestoreError(f"{dump!r} is no dump: write a name such as backup_2024_01_15_143022.sql.gz")
    try:
        manifest: Any = json.loads(s3.get_object(Bucket=bucket, Key=manifest_key(dump))["Body"].read())
    except s3.exceptions.NoSuchKey:
        raise RestoreError(f"{dump} has no manifest: it was not finished") from None
    except ValueError:
        raise RestoreError(f"{dump}: its manifest cannot be read") from None
    if manifest.get("name") != dump:
        raise RestoreError(f"{dump}: its manifest is that of {manifest.get('name')}")
    return manifest


def verify(connection: Connection, manifest: Mapping[str, Any]) -> None:
    """Holds a restored database against the manifest.

    Raises:
        RestoreError: a table, its rows or large objects are missing, or there are more of them.
    """
    tables, large_objects = count(connection)
    expected: Mapping[str, int] = manifest["tables"]
    for table in sorted({*tables, *expected}):
        if tables.get(table) != expected.get(table):
            raise RestoreError(
                f"{table}: {tables.get(table, 'no')} rows, the manifest says {expected.get(table, 'no')}"
            )
    if large_objects != manifest["large_objects"]:
        raise RestoreError(f"{large_objects} large objects, the manifest says {manifest['large_objects']}")


def _owner(server: Connection, database: str) -> str:
    owners = server.run(
        "SELECT datdba::regrole::text FROM pg_database WHERE datname = :database", database=database
    )
    if not owners:
        raise RestoreError(f"there is no database {database} to replace")
    return str(owners[0][0])


def _compatible(server: Connection, manifest: Mapping[str, Any]) -> None:
    ((version,),) = server.run("SELECT current_setting('server_version_num')::int / 10000")
    dumped = int(str(manifest["server_version"]).partition(".")[0])
    if dumped > version:
        raise RestoreError(
            f"the dump is of PostgreSQL {dumped}, the server is {version}: older ones cannot read it"
        )


def _load(target: Target, body: Any, manifest: Mapping[str, Any], database: str) -> None:
    """S3 → gunzip → psql, up to the first error; what has gone through must be what the manifest says."""
    gzip, psql = target.programs
    where = [f"--host={target.host}", f"--port={target.port}", f"--username={target.user}"]
    how = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    whole = hashlib.sha256()
    with tempfile.TemporaryFile() as said:
        unpacked = subprocess.Popen(  # noqa: S603 (ours)
            [gzip, "--decompress", "--stdout"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
        loading = subprocess.Popen(  # noqa: S603 (ours)
            [psql, *where, *how, f"--dbname={database}"],
            stdin=unpacked.stdout,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, "PGPASSWORD": target.password},
        )
        try:
            _feed(unpacked, body, whole)
        except BaseException:
            unpacked.kill()
            loading.kill()
            _shut(unpacked.stdin)
            raise
        finally:
            ended = {psql: loading.wait(), gzip: unpacked.wait()}
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
    if whole.hexdigest() != manifest["sha256"]:
        raise RestoreError(f"{manifest['name']} is damaged: its bytes are not those of its manifest")
    for program, status in ended.items():
        if status:
            raise RestoreError(f"{Path(program).name} ended with {status}: {' '.join(words)[:500]}")


def _feed(process: subprocess.Popen[bytes], body: Any, whole: Any) -> None:
    """All bytes count, also where nobody wants them any more: only the whole shows what was wrong."""
    target = process.stdin
    if target is None or process.stdout is None:
        raise RestoreError("no pipe")
    # psql alone holds the end that it reads: if it goes, the one before it is told.
    process.stdout.close()
    for chunk in iter(lambda: body.read(_CHUNK_BYTES), b""):
        whole.update(chunk)
        if not target.closed:
            try:
                target.write(chunk)
            except BrokenPipeError:
                _shut(target)
    _shut(target)


def _shut(target: IO[bytes] | None) -> None:
    """Closes a pipe, whether anybody still reads from it or not."""
    if target is not None:
        with suppress(BrokenPipeError):
            target.close()


def _switch(server: Connection, active: str, new: str, kept: str) -> None:
    """Renames both, together or not at all."""
    for attempt in range(1, _SWITCHES + 1):
        server.run(_END_SESSIONS, database=active)
        try:
            server.run("BEGIN")
            server.run(f"ALTER DATABASE {name(active)} RENAME TO {name(kept)}")
            server.run(f"ALTER DATABASE {name(new)} RENAME TO {name(active)}")
            server.run("COMMIT")
        except DatabaseError as error:
            server.run("ROLLBACK")
            if error.code != _IN_USE or attempt == _SWITCHES:
                raise
        else:
            return


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit("restore: stopped, nothing was switched")


def _asked(environment: Mapping[str, str]) -> tuple[str, bool, datetime]:
    """Which dump, whether it is only tested, and the moment after which databases are named.

    Raises:
        RestoreError: whoever started the job did not say so, or not in this form.
    """
    dump, purpose = environment.get("RESTORE_DUMP", ""), environment.get("RESTORE_PURPOSE", "")
    if purpose not in ("replace", "test"):
        raise RestoreError(f"RESTORE_PURPOSE is {purpose!r}: write replace or test")
    try:
        now = datetime.strptime(environment.get("RESTORE_MOMENT", ""), _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise RestoreError("RESTORE_MOMENT is no moment: write it such as 20240115143022") from None
    return dump, purpose == "test", now


def main() -> None:
    """What the job runs.

    The environment says `RESTORE_DUMP`, `RESTORE_PURPOSE` (replace or test), `RESTORE_MOMENT`,
    `DUMP_BUCKET`, `PGHOST`, `PGPORT`, `PGDATABASE` and `SECRETS_PREFIX`.

    Raises:
        SystemExit: nothing was switched; one line for standard error says why.
    """
    # The job is stopped by this signal, and the new database has to go.
    signal.signal(signal.SIGTERM, _stop)
    session: Any = boto3.Session()
    secret = f"{os.environ['SECRETS_PREFIX']}/database-master"
    where, database = (os.environ["PGHOST"], int(os.environ["PGPORT"])), os.environ["PGDATABASE"]
    try:
        dump, only_tested, now = _asked(os.environ)
        user, password = required(
            read(session.client("secretsmanager"), secret), secret, "username", "password"
        )
        target = Target(host=where[0], port=where[1], database=database, user=user, password=password)

        def opened(database: str) -> AbstractContextManager[Connection]:
            trust = instance_trust()
            return connect(where, database, user, password, trust, patience_seconds=_PATIENCE_SECONDS)

        with opened("postgres") as server:
            for left in sweep(server, database):
                sys.stdout.write(f"{left} was left by a restore that was killed, and is dropped\n")
        work = rehearse if only_tested else restore
        done = work(target, session.client("s3"), os.environ["DUMP_BUCKET"], dump, connect=opened, now=now)
    except (RestoreError, DatabaseError, SecretError, ClientError, BotoCoreError) as error:
        sys.exit(f"restore: {error}")
    if isinstance(done, str):
        sys.stdout.write(f"{database} is {dump} now; what it was is kept as {done}\n")
    else:
        rows = sum(done["tables"].values())
        sys.stdout.write(
            f"{dump} restores: {len(done['tables'])} tables, {rows} rows, as its manifest says\n"
        )


if __name__ == "__main__":
    main()
