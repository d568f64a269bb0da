"""A gigabyte goes through the dump in little memory, and nearly as fast as into a file."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import front
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


def _file(server: Postgres, path: Path) -> float:
    """Seconds of the yardstick."""
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


def _sink(server: Postgres, port: int, tls: Certificates) -> tuple[float, dict[str, int], int]:
    """Seconds of the job, its manifest, and what arrived."""
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
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    return seconds, manifest, arrived[f"/dumps/{manifest['name']}"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process' peak memory as Linux tells it")
@pytest.mark.parametrize("gigabytes", [0.05, pytest.param(1.0, marks=pytest.mark.full)])
def test_it_takes_little_memory_and_little_more_time_than_into_a_file(
    rds: Postgres, tls: Certificates, tmp_path: Path, gigabytes: float
) -> None:
    assert fill(rds, gigabytes) > 0.9 * gigabytes * 1e9
    with front.postgresql(rds.port, tls.server, force=False) as port:
        seconds, manifest, arrived = _sink(rds, port, tls)
    plain = _file(rds, tmp_path / "dump.gz")
    assert arrived >= manifest["size_bytes"] > 0.9 * (tmp_path / "dump.gz").stat().st_size
    assert manifest["memory_kib"] < MEMORY_LIMIT_MIB * 1024
    # A small one takes as long as the job takes to start.
    assert gigabytes < 1 or plain / seconds >= SPEED
