"""Where the running environment is: one record in the project's ignored folder, and a lock beside it.

Whoever runs the environment holds the lock, so that one that was killed is told from one that runs.
Imports nothing that costs time: every command on `local` begins here.
"""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from operate.errors import GuardError, OperationError

ROOT: Final = Path(__file__).parent.parent
LIKE: Final = "staging"
"""The stack whose configuration the environment has."""
VARIABLE: Final = "SYNCUP_LOCAL"
"""Names another folder for the record, so that an environment may run beside another one."""
_RECORD: Final = "environment.json"
_RUNS: Final = "lock"
_STARTS: Final = "start-lock"
_LOG: Final = "log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What is known of an environment from its beginning on."""

    folder: str
    """Holds all of its data."""
    process: int = 0
    """Runs it; 0 until there is one."""
    endpoint: str = ""
    """AWS' address; empty until the environment is ready."""
    page: str = ""
    """The application's address."""


def place() -> Path:
    """The folder of the record."""
    found = Path(os.environ.get(VARIABLE) or ROOT / "build" / "local")
    found.mkdir(parents=True, exist_ok=True)
    return found


def read() -> Environment | None:
    """The environment that was begun and not taken down, whether it still runs or not."""
    try:
        return Environment(**json.loads((place() / _RECORD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def endpoint() -> str:
    """AWS' address.

    Raises:
        OperationError: there is none, since no environment is ready.
    """
    found = read()
    if found is None or not found.endpoint or not runs():
        raise OperationError("local is not started: `syncup local start`")
    return found.endpoint


def write(environment: Environment) -> None:
    """Records what is known now; whoever reads sees the record before or after, never half of it."""
    new = place() / f"{_RECORD}.new"
    new.write_text(json.dumps(asdict(environment)), encoding="utf-8")
    new.replace(place() / _RECORD)


def forget() -> None:
    """Removes the record, when nothing is left of the environment."""
    for name in (_RECORD, _LOG):
        (place() / name).unlink(missing_ok=True)


def log() -> Path:
    """Where the environment writes what goes wrong in it. It outlives the environment's own folder."""
    return place() / _LOG


def runs() -> bool:
    """Whether somebody runs an environment here."""
    with _opened(_RUNS) as file:
        return not _locked(file)


@contextmanager
def running() -> Generator[None]:
    """Holds the lock of whoever runs the environment until the block ends.

    Raises:
        GuardError: somebody else runs one here.
    """
    with _held(_RUNS, "local runs already: `syncup local stop` takes it down"):
        yield


@contextmanager
def starting() -> Generator[None]:
    """Holds the lock of whoever starts or takes down the environment, one at a time, until the block ends.

    Raises:
        GuardError: somebody else is at it.
    """
    with _held(_STARTS, "somebody else starts local, or takes it down: wait a moment"):
        yield


@contextmanager
def _held(name: str, otherwise: str) -> Generator[None]:
    with _opened(name) as file:
        if not _locked(file):
            raise GuardError(otherwise)
        yield


@contextmanager
def _opened(name: str) -> Generator[int]:
    file = os.open(place() / name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield file
    finally:
        # Whoever holds the lock gives it back by this.
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
