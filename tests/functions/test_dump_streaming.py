"""A gigabyte goes through the dump in little memory, and nearly as fast as into a file."""

import sys
from pathlib import Path

import pytest

from local import front
from local.certificates import Certificates
from tests.functions.postgres import Postgres
from tests.functions.streaming import MEMORY_LIMIT_MIB, SPEED, fill, into_a_file, into_the_sink


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process' peak memory as Linux tells it")
@pytest.mark.parametrize("gigabytes", [0.05, pytest.param(1.0, marks=pytest.mark.full)])
def test_it_takes_little_memory_and_little_more_time_than_into_a_file(
    rds: Postgres, tls: Certificates, tmp_path: Path, gigabytes: float
) -> None:
    assert fill(rds, gigabytes) > 0.9 * gigabytes * 1e9
    with front.postgresql(rds.port, tls.server, force=False) as port:
        streamed = into_the_sink(rds, port, tls)
    plain = into_a_file(rds, tmp_path / "dump.gz")
    assert streamed.arrived_bytes >= streamed.size_bytes > 0.9 * (tmp_path / "dump.gz").stat().st_size
    assert streamed.memory_mib < MEMORY_LIMIT_MIB
    # A small one takes as long as the job takes to start.
    assert gigabytes < 1 or plain / streamed.seconds >= SPEED
