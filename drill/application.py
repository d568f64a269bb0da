"""The application as a drill needs it: instances log in and write all the while, and note what fails.

An instance reads the database's address once, when it starts, as the real one does
(docs/application-contract.md); it lives as long as the instance of the group that it stands for.
"""

import json
import ssl
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from pg8000 import native

from operate import application
from operate.stack import Stack

_native: Any = native
_PAUSE_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 30
_WRITE: Final = "INSERT INTO drill_writes DEFAULT VALUES RETURNING id, at"
TABLE: Final = (
    "CREATE TABLE drill_writes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " at timestamptz NOT NULL DEFAULT clock_timestamp())"
)


@dataclass
class Lived:
    """What all instances together have lived through."""

    logins: int = 0
    """Each of which has written a row."""
    failures: list[str] = field(default_factory=list[str])
    last: datetime = field(default_factory=lambda: datetime.fromtimestamp(0, UTC))
    """When the database has taken the last row."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wrote(self, at: datetime) -> None:
        """Notes a row."""
        with self._lock:
            self.logins += 1
            self.last = max(self.last, at)


class _Instance(threading.Thread):
    """One instance: a login and a row at each turn."""

    def __init__(self, address: str, trust: ssl.SSLContext, lived: Lived) -> None:
        super().__init__(daemon=True)
        self._address = urlsplit(address)
        self._trust = trust
        self._lived = lived
        self._over = threading.Event()

    def end(self) -> None:
        """Finishes the turn that it is at, and ends."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Until it is told to end."""
        while not self._over.wait(_PAUSE_SECONDS):
            try:
                self._turn()
            except (_native.DatabaseError, _native.InterfaceError, OSError) as error:
                self._lived.failures.append(f"{self._address.username}: {error}")

    def _turn(self) -> None:
        with closing(
            _native.Connection(
                self._address.username,
                host=self._address.hostname,
                port=self._address.port,
                database=self._address.path.removeprefix("/"),
                password=self._address.password,
                ssl_context=self._trust,
                timeout=_PATIENCE_SECONDS,
            )
        ) as connection:
            ((_, at),) = connection.run(_WRITE)
        self._lived.wrote(at)


@contextmanager
def serving(stack: Stack, trust: ssl.SSLContext) -> Generator[Lived]:
    """Has an instance for each of the group's that is in service, until the block ends."""
    lived, over = Lived(), threading.Event()
    instances: dict[str, _Instance] = {}

    def follow() -> None:
        while not over.is_set():
            here = {one.id for one in application.group(stack).instances if one.state == "InService"}
            for name in here - set(instances):
                instances[name] = _Instance(_address(stack), trust, lived)
                instances[name].start()
            for name in set(instances) - here:
                instances.pop(name).end()
            over.wait(_LOOK_SECONDS)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield lived
    finally:
        over.set()
        thread.join()
        for instance in instances.values():
            instance.end()


def _address(stack: Stack) -> str:
    """What an instance reads at its start."""
    manager = stack.client("secretsmanager")
    text = manager.get_secret_value(SecretId=f"syncup/{stack.name}/database")["SecretString"]
    return str(json.loads(text)["DATABASE_URL"])
