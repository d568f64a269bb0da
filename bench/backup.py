"""Measures the backup's streaming: a gigabyte through the dump job into a sink that speaks as S3 does.

The yardstick is `pg_dump | gzip` of the same database into a file, in the same run; both take turns, and
neither always comes first. Ends with status 1 where a figure is over its limit.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from bench.__main__ import Ratio
from local import certificates, front
from tests.functions import postgres
from tests.functions.streaming import MEMORY_LIMIT_MIB, SPEED, Streamed, fill, into_a_file, into_the_sink

_GIGABYTES = 1.0
_ROUNDS = 2


def main(gigabytes: float = _GIGABYTES) -> int:
    """Measures, prints it, and returns the exit status.

    Args:
        gigabytes: of rows in the database.
    """
    streamed: list[Streamed] = []
    plain: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.serving() as server,
        postgres.instance(server),
    ):
        tls, file = certificates.make(Path(folder)), Path(folder) / "dump.gz"
        size = fill(server, gigabytes)
        with front.postgresql(server.port, tls.server, force=False) as port:
            for number in range(_ROUNDS):
                if number % 2:
                    plain.append(into_a_file(server, file))
                    streamed.append(into_the_sink(server, port, tls))
                else:
                    streamed.append(into_the_sink(server, port, tls))
                    plain.append(into_a_file(server, file))
    seconds, yardstick = statistics.median(one.seconds for one in streamed), statistics.median(plain)
    ratios = [
        Ratio(
            name=f"backup to S3 / pg_dump | gzip into a file ({yardstick / seconds:.2f} of its speed)",
            value=seconds / yardstick,
            limit=1 / SPEED,
        ),
        Ratio(
            name=f"peak memory of the backup of {size / 1e9:.2f} GB",
            value=max(one.memory_mib for one in streamed),
            limit=MEMORY_LIMIT_MIB,
            unit="MiB",
        ),
    ]
    told = f"backup of {size / 1e9:.2f} GB: {seconds:.1f} s, pg_dump | gzip into a file: {yardstick:.1f} s"
    sys.stdout.write("\n".join([told, *map(str, ratios)]) + "\n")
    return 0 if all(ratio.holds for ratio in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
