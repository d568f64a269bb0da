"""Walks through the cache once: what has expired goes, and what never will is counted.

Runs on an instance of the application, by its system's own Python (3.9): nothing but the standard library
here, and nothing of this project. It reads where the cache is and who may use it from the application's
environment, and prints figures alone. To look at a key is all it takes for the server to remove it, if
its time is over; no key that is alive is touched.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Strategies.html
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

_BATCH = 500
_NO_EXPIRY, _GONE = -1, -2
"""What PTTL says of such a key."""
_PAUSE_SECONDS = 0.01
"""Between two batches, so that the application has the server to itself most of the time."""


class Cache:
    """One connection that speaks as Redis and Valkey do."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Connects by TLS, unless the environment says CACHE_TLS=false, and logs in."""
        host = environment["CACHE_HOST"]
        line: Any = socket.create_connection((host, int(environment["CACHE_PORT"])), 10)
        if environment.get("CACHE_TLS") != "false":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        self._line = line
        self._answers = line.makefile("rb")
        try:
            self.ask([["AUTH", environment["CACHE_USERNAME"], environment["CACHE_PASSWORD"]]])
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._answers.close()
        self._line.close()

    def ask(self, commands: list[list[Any]]) -> list[Any]:
        """Sends commands together and returns their answers."""
        parts: list[bytes] = []
        for words in commands:
            parts.append(b"*%d\r\n" % len(words))
            for word in words:
                data = word if isinstance(word, bytes) else str(word).encode()
                parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
        self._line.sendall(b"".join(parts))
        return [self._answer() for _ in commands]

    def _answer(self) -> Any:
        kind, rest = self._read_line()
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._read(int(rest))
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        return rest

    def _read_line(self) -> tuple[bytes, bytes]:
        line = self._answers.readline()
        if not line.endswith(b"\r\n"):
            raise RuntimeError("the cache has ended the connection")
        return line[:1], line[1:-2]

    def _read(self, length: int) -> bytes:
        data = self._answers.read(length + 2)
        return data[:-2]


def clean(cache: Cache, seconds: float) -> dict[str, Any]:
    """Walks through all keys, or as far as there is time.

    Args:
        cache: the connection.
        seconds: how long it may take.
    """
    end = time.monotonic() + seconds
    before = _info(cache)
    cursor, keys, forever = b"0", 0, 0
    while True:
        ((cursor, found),) = cache.ask([["SCAN", cursor, "COUNT", _BATCH]])
        left = cache.ask([["PTTL", key] for key in found])
        keys += sum(one != _GONE for one in left)
        forever += sum(one == _NO_EXPIRY for one in left)
        done = cursor == b"0"
        if done or time.monotonic() > end:
            break
        time.sleep(_PAUSE_SECONDS)
    after = _info(cache)
    return {
        "complete": done,
        "keys": keys,
        "without_expiry": forever,
        "expired": int(after["expired_keys"]) - int(before["expired_keys"]),
        "evicted_ever": int(after["evicted_keys"]),
        "bytes_before": int(before["used_memory"]),
        "bytes_after": int(after["used_memory"]),
    }


def _info(cache: Cache) -> dict[str, str]:
    (text,) = cache.ask([["INFO"]])
    lines = text.decode(errors="replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))


def environment_of(text: str) -> dict[str, str]:
    """What a file of lines KEY="value" says, as systemd reads them."""
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line]
    return {key: json.loads(value) if value.startswith('"') else value for key, value in pairs}


def main() -> int:
    """Takes the environment's file and the seconds as arguments."""
    file, seconds = sys.argv[1], float(sys.argv[2])
    try:
        with open(file, encoding="utf-8") as opened:  # noqa: PTH123 (nothing is imported that is not used)
            environment = environment_of(opened.read())
        with Cache(environment) as cache:
            sys.stdout.write(json.dumps(clean(cache, seconds)) + "\n")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        # No value of the environment is in any of these.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
