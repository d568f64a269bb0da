"""Restores a dump into a new database beside the active one, and switches when it has proven itself.

The active database is not touched before the switch, which renames both in one transaction and keeps it.
Until then a failure leaves what was there, and nothing else.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
_PATIENCE_SECONDS: Final = 4 * 3600


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
    new, kept = (f"{target.database}_{what}_{now:%Y%m%d%H%M%S}" for what in ("restored", "before"))
    with connect("postgres") as server:
        _compatible(server, manifest)
        owner = _owner(server, target.database)
        server.run(f"CREATE DATABASE {name(new)} TEMPLATE template0 OWNER {name(owner)}")
    try:
        _load(target, s3.get_object(Bucket=bucket, Key=dump)["Body"], manifest, new)
        with connect(new) as restored:
            verify(restored, manifest)
        with connect("postgres") as server:
            _switch(server, target.database, new, kept)
    except BaseException:
        with connect("postgres") as server:
            # Of this name there is only one that was not switched.
            server.run(f"DROP DATABASE IF EXISTS {name(new)} WITH (FORCE)")
        raise
    return kept


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
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :database",
            database=active,
        )
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


def main() -> None:
    """What the job runs: `python3 restore.py NAME`.

    The environment says `DUMP_BUCKET`, `PGHOST`, `PGPORT`, `PGDATABASE` and `SECRETS_PREFIX`.

    Raises:
        SystemExit: nothing was switched; one line for standard error says why.
    """
    if len(sys.argv) != 2:  # noqa: PLR2004 (the program and the name)
        sys.exit("restore: say which dump: restore.py backup_2024_01_15_143022.sql.gz")
    session: Any = boto3.Session()
    secret = f"{os.environ['SECRETS_PREFIX']}/database-master"
    where = (os.environ["PGHOST"], int(os.environ["PGPORT"]))
    try:
        user, password = required(
            read(session.client("secretsmanager"), secret), secret, "username", "password"
        )
        target = Target(
            host=where[0], port=where[1], database=os.environ["PGDATABASE"], user=user, password=password
        )

        def opened(database: str) -> AbstractContextManager[Connection]:
            trust = instance_trust()
            return connect(where, database, user, password, trust, patience_seconds=_PATIENCE_SECONDS)

        kept = restore(
            target,
            session.client("s3"),
            os.environ["DUMP_BUCKET"],
            sys.argv[1],
            connect=opened,
            now=datetime.now(UTC),
        )
    except (RestoreError, DatabaseError, SecretError, ClientError, BotoCoreError) as error:
        sys.exit(f"restore: {error}")
    sys.stdout.write(f"{target.database} is {sys.argv[1]} now; what it was is kept as {kept}\n")


if __name__ == "__main__":
    main()
