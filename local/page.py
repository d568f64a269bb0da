"""The application's stand-in: the pages that commands ask for. There is no more of SyncUp here.

It serves while the group has an instance in service, and reaches neither Slack nor OpenAI.
"""

import json
import threading
import uuid
from collections.abc import Generator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from pg8000 import native

from components.contract import HEALTH_PATH
from local.credentials import NAME
from local.here import Here
from local.processes import LOCALHOST

_native: Any = native
_SMOKE: Final = "/api/smoke/"
_REGISTRATION: Final = f"{_SMOKE}registration"
Answer = tuple[int, str]


class Page:
    """What the stand-in answers."""

    def __init__(self, here: Here, trust: Any) -> None:
        """Args: the environment; whom the proxy's certificate has to be from."""
        self._here = here
        self._trust = trust

    def respond(self, method: str, path: str) -> Answer:
        """Status, and a line that says what was done."""
        if not self._serves():
            return 503, "no instance is in service"
        match method, path:
            case "GET", str() if path == HEALTH_PATH:
                return 200, "the stand-in of the application serves"
            case "POST", str() if path == _REGISTRATION:
                return self._register()
            case "POST", str() if path.startswith(_SMOKE):
                return 200, "the stand-in of the application answers, and tells nobody outside"
            case _:
                return 404, "the stand-in of the application has no such page"

    def _serves(self) -> bool:
        groups = self._here.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return any(one["LifecycleState"] == "InService" for group in groups for one in group["Instances"])

    def _register(self) -> Answer:
        """A user registers and is removed again, by the login that an instance would read at its start."""
        try:
            with closing(self._login()) as connection:
                connection.run("BEGIN")
                connection.run(
                    "INSERT INTO users (email, name) VALUES (:email, 'smoke')",
                    email=f"{uuid.uuid4().hex}@example.com",
                )
                connection.run("ROLLBACK")
        except _native.DatabaseError as error:
            return 500, f"the database refuses: {error.args[0].get('M')}"
        except (_native.InterfaceError, OSError) as error:
            return 500, f"the database does not answer: {type(error).__name__}"
        return 200, "a user was registered and removed"

    def _login(self) -> Any:
        manager = self._here.client("secretsmanager")
        text = manager.get_secret_value(SecretId=f"syncup/{NAME}/database")["SecretString"]
        url = urlsplit(str(json.loads(text)["DATABASE_URL"]))
        return _native.Connection(
            url.username,
            host=url.hostname,
            port=url.port,
            database=url.path.removeprefix("/"),
            password=url.password,
            ssl_context=self._trust,
            timeout=10,
        )


class _Handler(BaseHTTPRequestHandler):
    page: Page

    def _handle(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, says = self.page.respond(self.command, self.path)
        data = f"{says}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _handle  # noqa: N815 (the library's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        """Says nothing: what is asked here is asked by commands, which say it themselves."""


@contextmanager
def serving(server: ThreadingHTTPServer, page: Page) -> Generator[None]:
    """Serves until the block ends.

    Args:
        server: listens already, so that its port is known; see `listening`.
        page: what answers.
    """
    server.RequestHandlerClass = type("Handler", (_Handler,), {"page": page})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def listening() -> ThreadingHTTPServer:
    """A server on a free port, which answers nobody yet."""
    server = ThreadingHTTPServer((LOCALHOST, 0), _Handler)
    server.daemon_threads = True
    return server
