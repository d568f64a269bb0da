"""The application as a rotation meets it: instances read the address once, then log in and write."""

import itertools
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

from pg8000 import native

from tests.functions import aws
from tests.functions.aws import Secrets

_native: Any = native
_PAUSE_SECONDS = 0.01


class Application:
    """What all instances have in common, and what they have lived through."""

    def __init__(self, secrets: Secrets, trust: ssl.SSLContext) -> None:
        self.secrets, self.trust = secrets, trust
        self.logins = itertools.count()
        self.failures: list[str] = []

    def launch(self) -> "Instance":
        """Starts an instance, which has read the address when this returns."""
        instance = Instance(self)
        instance.start()
        return instance


class Instance(threading.Thread):
    """One instance: a new login and a row at each turn, until it is told to end."""

    def __init__(self, application: Application) -> None:
        super().__init__(daemon=True)
        self._application = application
        self._url = urlsplit(aws.value(application.secrets, "database")["DATABASE_URL"])
        self._over = threading.Event()

    def end(self) -> None:
        """Finishes the turn that it is at and ends."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Counts what worked and keeps what did not."""
        while not self._over.wait(_PAUSE_SECONDS):
            try:
                self._turn()
                next(self._application.logins)
            except Exception as error:
                self._application.failures.append(f"{self._url.username}: {error}")

    def _turn(self) -> None:
        connection = _native.Connection(
            self._url.username,
            host=self._url.hostname,
            port=self._url.port,
            database=self._url.path.removeprefix("/"),
            password=self._url.password,
            ssl_context=self._application.trust,
            timeout=30,
        )
        try:
            connection.run("INSERT INTO writes DEFAULT VALUES")
        finally:
            connection.close()
