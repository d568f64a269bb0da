"""Server programs on this machine: under a user of no rights, in a folder that goes with them."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

LOCALHOST = "127.0.0.1"
_START_SECONDS = 60


@contextmanager
def folder(prefix: str = "syncup-") -> Generator[Path]:
    """An empty folder that belongs to the servers' user and is gone at the end."""
    made = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        give(made)
        yield made
    finally:
        shutil.rmtree(made)


def give(path: Path) -> None:
    """Makes a file or folder the servers' user's own, where that is another one: root's servers are."""
    if os.geteuid() == 0:
        os.chown(path, _nobody().pw_uid, _nobody().pw_gid)


def run(command: Sequence[str | Path], cwd: Path) -> None:
    """Runs a program to its end as the servers' user.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    user, group = _owner()
    done = subprocess.run(  # noqa: S603 (ours)
        command, cwd=cwd, check=False, capture_output=True, text=True, user=user, group=group
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")


@contextmanager
def running(
    command: Sequence[str | Path], cwd: Path, port: int, stop: int
) -> Generator[subprocess.Popen[bytes]]:
    """Runs a server as the servers' user until the block ends; begins when it takes connections.

    Args:
        command: the program and its arguments.
        cwd: the folder it works in; what it says goes to `log` there.
        port: where it listens on 127.0.0.1.
        stop: the signal that ends it.
    """
    user, group = _owner()
    with (cwd / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (ours)
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, group=group
        )
        try:
            wait(lambda: _listens(port), process, cwd / "log")
            yield process
        finally:
            process.send_signal(stop)
            process.wait()


def wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits until the server is ready.

    Raises:
        RuntimeError: it has ended, or takes too long; the message is the end of its log.
    """
    end = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{process.args}: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def reachable(program: Path, cwd: Path) -> bool:
    """Whether the servers' user can start the program where it lies."""
    try:
        run([program, "--version"], cwd)
    except PermissionError:
        return False
    return True


def _owner() -> tuple[int | None, int | None]:
    """User and group of the servers: PostgreSQL refuses to run as root."""
    return (_nobody().pw_uid, _nobody().pw_gid) if os.geteuid() == 0 else (None, None)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOCALHOST, port)) == 0
