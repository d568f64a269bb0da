"""AWS' endpoint on this machine: moto, and in front of it what moto only records.

One server of 127.0.0.1 answers for every service and region.
"""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from moto.core.botocore_stubber import BotocoreStubber

from local import wire
from local.processes import LOCALHOST
from local.wire import Call, RefusalError, Request, Response

Answer = Callable[[Call], Mapping[str, Any] | None]
"""What answers an operation; None leaves it to moto.

Raises RefusalError where AWS would refuse.
"""
After = Callable[[Call], Mapping[str, str]]
"""What is done when moto has answered well; returns headers that the answer has beside moto's."""
_POLL_SECONDS: Final = 0.05
"""How soon the server notices that it shall end."""
_NOT_MADE: Final = "NotImplemented"
_moto: Any = BotocoreStubber()


class Endpoint:
    """Answers requests: by our own answers, else by moto."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        """By `service.Operation`."""
        self.after: dict[str, After] = {}

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Whatever is asked for, answered in the service's own protocol."""
        request = wire.signed(method, target, headers, body)
        if request is None:
            return 403, {}, b"this is AWS on this machine, and the request is not signed\n"
        known = self._known(request)
        try:
            result = self.answers[known](wire.call(request)) if known in self.answers else None
        except RefusalError as error:
            return wire.answer(request, error)
        if result is not None:
            return wire.answer(request, result)
        status, answered, data = _from_moto(request)
        if known in self.after and status < HTTPStatus.MULTIPLE_CHOICES:
            return status, {**answered, **self.after[known](wire.call(request))}, data
        return status, answered, data

    def _known(self, request: Request) -> str:
        """`service.Operation`, where something of the service is ours."""
        prefix = f"{request.service}."
        ours = any(name.startswith(prefix) for name in (*self.answers, *self.after))
        return f"{prefix}{wire.operation(request)}" if ours else ""


def _from_moto(request: Request) -> Response:
    try:
        found = _moto.process_request(request.for_moto())
    except NotImplementedError:
        found = None
    if found is None or found[2] == "Not yet implemented":
        name = wire.operation(request)
        return wire.answer(
            request, RefusalError(_NOT_MADE, f"local has no {request.service} {name}: moto does not do it")
        )
    status, headers, body = found
    data: bytes = body if isinstance(body, bytes) else str(body or "").encode()
    return int(status), {str(name): str(value) for name, value in dict(headers).items()}, data


class _Handler(BaseHTTPRequestHandler):
    """One connection, which stays open for further requests as AWS' do."""

    protocol_version = "HTTP/1.1"
    # Head and body in one piece: in two, the second would wait for the first one's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True
    endpoint: Endpoint

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        status, headers, data = self.endpoint.respond(self.command, self.path, dict(self.headers), body)
        self.send_response(status)
        told = {name.lower() for name in headers}
        for name, value in headers.items():
            if name.lower() not in {"content-length", "status", "connection", "transfer-encoding"}:
                self.send_header(name, value)
        size = headers.get("content-length", headers.get("Content-Length"))
        # Of a HEAD's answer the length is that of what a GET would bring.
        self.send_header("Content-Length", size if self.command == "HEAD" and size else str(len(data)))
        if "content-type" not in told:
            self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _handle  # noqa: N815 (the library's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        """Says nothing: bodies and addresses of requests are nobody's log's."""


@contextmanager
def serving(endpoint: Endpoint) -> Generator[int]:
    """Serves until the block ends; returns the port."""
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    with ThreadingHTTPServer((LOCALHOST, 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
