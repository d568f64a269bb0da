"""A local sink that speaks as much of S3 as a multipart upload needs, and keeps nothing but lengths."""

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_CHUNK_BYTES = 1024 * 1024


class _Listener(ThreadingHTTPServer):
    """Counts what arrives, by key."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._lock = threading.Lock()
        self.arrived: dict[str, int] = {}

    def count(self, key: str, received: int) -> None:
        with self._lock:
            self.arrived[key] = self.arrived.get(key, 0) + received


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Begins an upload, or ends one."""
        self._drain()
        beginning = "uploads" in parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        kind = "InitiateMultipartUploadResult" if beginning else "CompleteMultipartUploadResult"
        self._answer(f"<{kind}><UploadId>one</UploadId><ETag>&quot;e&quot;</ETag></{kind}>".encode())

    def do_PUT(self) -> None:
        """Takes a part, or a whole object."""
        received = self._drain()
        if isinstance(self.server, _Listener):
            self.server.count(urlsplit(self.path).path, received)
        self._answer(b"")

    def _drain(self) -> int:
        """Reads the body, which may come in chunks, and returns its length."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self._read(int(self.headers.get("Content-Length", 0)))
        received = 0
        while size := int(re.split(rb"[;\r]", self.rfile.readline())[0], 16):
            received += self._read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return received

    def _read(self, size: int) -> int:
        left = size
        while left:
            left -= len(self.rfile.read(min(left, _CHUNK_BYTES)))
        return size

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Says nothing."""


@contextmanager
def serving() -> Generator[tuple[str, dict[str, int]]]:
    """The sink's address, and the bytes that have arrived, by key."""
    listener = _Listener()
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}", listener.arrived
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
