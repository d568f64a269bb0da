"""The dump job's streaming beside the same programs without it, for the test and for the bench."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.certificates import Certificates
from tests.functions import s3_sink
from tests.functions.folder import ROOT, SHARED
from tests.functions.postgres import DATABASE, MASTER, PASSWORD, Postgres

MEMORY_LIMIT_MIB = 200
SPEED = 0.8
"""Of `pg_dump | gzip` into a file."""
_JOB = """
import json, sys
from datetime import UTC, datetime
import boto3
import dump
settings = dump.Settings.from_environment(__import__("os").environ)
settings = dump.Settings(bucket=settings.bucket, host=settings.host, port=settings.port,
    database=settings.database, user=settings.user, programs=(sys.argv[1], "gzip"))
s3 = boto3.client("s3", endpoint_url=sys.argv[2])
made = dump.dump(settings, s3, sys.stdin.read(), dump.instance_trust(), datetime.now(UTC))
# The process' own peak: what the system reports of ended children counts their parent in.
status = open("/proc/self/status").read()
made["memory_kib"] = int(status.partition("VmHWM:")[2].split()[0])
print(json.dumps(made))
"""


def fill(server: Postgres, gigabytes: float) -> int:
    """Rows that compress about as well as text does; returns their size in bytes."""
    some = " || ".join(f"md5(n || '{part}')" for part in range(6))
    rows = f"generate_series(1, {int(gigabytes * 1_000_000)})"
    server.run(
        f"CREATE UNLOGGED TABLE bulk AS SELECT {some} || repeat(md5((n % 1000)::text), 25) AS text"  # noqa: S608 (ours)
        f" FROM {rows} n",
        user=MASTER,
        database=DATABASE,
    )
    ((size,),) = server.run("SELECT sum(octet_length(text)) FROM bulk", database=DATABASE)
    return size


def into_a_file(server: Postgres, path: Path) -> float:
    """Seconds of `pg_dump | gzip` into a file, the yardstick."""
    environment = {**os.environ, "PGPASSWORD": PASSWORD, "PGSSLMODE": "disable"}
    began = time.monotonic()
    with path.open("wb") as file:
        source = subprocess.Popen(  # noqa: S603 (ours)
            [server.programs / "pg_dump", "-h", "127.0.0.1", "-p", str(server.port), "-U", MASTER, DATABASE],
            stdout=subprocess.PIPE,
            env=environment,
        )
        subprocess.run(["gzip", "-6"], stdin=source.stdout, stdout=file, check=True)  # noqa: S607 (any gzip)
        if source.stdout:
            source.stdout.close()
        assert source.wait() == 0
    return time.monotonic() - began


@dataclass(frozen=True)
class Streamed:
    """What the job did."""

    seconds: float
    memory_mib: float
    size_bytes: int
    """By the manifest."""
    arrived_bytes: int


def into_the_sink(server: Postgres, port: int, tls: Certificates) -> Streamed:
    """Runs the job, in a process of its own, from the server into a sink that speaks as S3 does.

    Args:
        server: the server, for its programs.
        port: where the server is reached with TLS.
        tls: whom the job trusts.

    Raises:
        RuntimeError: the job failed; with what it said.
    """
    with s3_sink.serving() as (url, arrived):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "dump_job"), str(SHARED)]),
            "DATABASE_CA": str(tls.authority),
            "DUMP_BUCKET": "dumps",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGDATABASE": DATABASE,
            "PGUSER": MASTER,
            "PGSSLMODE": "disable",
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603 (ours)
            [sys.executable, "-c", _JOB, server.programs / "pg_dump", url],
            env=environment,
            input=PASSWORD,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(done.stderr)
    manifest: Any = json.loads(done.stdout)
    return Streamed(
        seconds=seconds,
        memory_mib=manifest["memory_kib"] / 1024,
        size_bytes=manifest["size_bytes"],
        arrived_bytes=arrived[f"/dumps/{manifest['name']}"],
    )
