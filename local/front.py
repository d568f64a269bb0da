"""TLS in front of a server that has none: PostgreSQL's way as RDS, and the RDS Proxy's double."""

import asyncio
import ssl
import struct
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import scramp

_SSL_REQUEST = 80877103
_MECHANISM = "SCRAM-SHA-256"
_SASL, _SASL_CONTINUE, _SASL_FINAL = 10, 11, 12
"""https://www.postgresql.org/docs/current/protocol-message-formats.html"""
_scramp: Any = scramp

Passwords = Callable[[], dict[str, str]]
"""By user, the passwords that the registered secrets hold now."""


@dataclass
class ProxyLog:
    """Who logged in through the double, and who was refused."""

    accepted: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])


class _RefusedError(Exception):
    """The client's password is not the one that the double knows, or its user is unknown."""


@contextmanager
def plain(port: int, server: ssl.SSLContext) -> Generator[int]:
    """TLS from the first byte, as ElastiCache has it; returns the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _relay(reader, writer, *await asyncio.open_connection("127.0.0.1", port))

    with _listening(serve, server) as listening:
        yield listening


@contextmanager
def postgresql(port: int, server: ssl.SSLContext, *, force: bool = True) -> Generator[int]:
    """TLS as PostgreSQL negotiates it, and nobody in without, as RDS with `rds.force_ssl`.

    Without force the package's own clients come in too, which know no TLS.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(8)
        if _long(first[4:]) == _SSL_REQUEST:
            writer.write(b"S")
            await writer.start_tls(server)
            first = b""
        elif force:
            await _error(writer, "no encryption")
            return
        behind = await asyncio.open_connection("127.0.0.1", port)
        behind[1].write(first)
        await _relay(reader, writer, *behind)

    with _listening(serve) as listening:
        yield listening


@contextmanager
def proxy(
    port: int, server: ssl.SSLContext, passwords: Passwords, lag_seconds: float = 0
) -> Generator[tuple[int, ProxyLog]]:
    """A double of the RDS Proxy: it lets in whom the registered secrets name, by their current version.

    Args:
        port: of the database.
        server: what it shows of itself.
        passwords: reads the secrets.
        lag_seconds: how long it keeps what it has read.
    """
    log, known = ProxyLog(), _Known(passwords, lag_seconds)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        await writer.start_tls(server)
        startup = await reader.readexactly(_long(await reader.readexactly(4)) - 4)
        fields = startup[4:].split(b"\0")
        user = fields[fields.index(b"user") + 1].decode()
        try:
            password = (await asyncio.to_thread(known.read))[user]
            await _check(reader, writer, password)
        except (KeyError, _RefusedError):
            log.refused.append(user)
            await _error(writer, f'password authentication failed for user "{user}"')
            return
        behind = await asyncio.open_connection("127.0.0.1", port)
        try:
            behind[1].write(struct.pack("!I", len(startup) + 4) + startup)
            # What the database itself has to say to a wrong password reaches the client as it is.
            if await _log_in(*behind, writer, user, password):
                log.accepted.append(user)
            await _relay(reader, writer, *behind)
        finally:
            await _closed(behind[1])

    with _listening(serve) as listening:
        yield listening, log


class _Known:
    """The secrets as the proxy has read them last."""

    def __init__(self, passwords: Passwords, lag_seconds: float) -> None:
        self._passwords = passwords
        self._lag_seconds = lag_seconds
        self._read: tuple[float, dict[str, str]] | None = None

    def read(self) -> dict[str, str]:
        now = time.monotonic()
        if self._read is None or now - self._read[0] >= self._lag_seconds:
            self._read = (now, self._passwords())
        return self._read[1]


@contextmanager
def _listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any], tls: ssl.SSLContext | None = None
) -> Generator[int]:
    """Serves in a thread of its own until the block ends."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    ports: list[int] = []

    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client that goes in the middle is no fault of the server's."""
        try:
            if tls:
                # Here and not before: a handshake that nobody ends is then ended with its task.
                await writer.start_tls(tls)
            await serve(reader, writer)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            await _closed(writer)

    async def main() -> None:
        listener = await asyncio.start_server(quiet, "127.0.0.1", 0)
        ports.append(listener.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        listener.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        # An aborted connection is closed in the loop's next turn.
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        ready.wait()
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


async def _check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, password: str) -> None:
    """The server's side of SCRAM: https://www.postgresql.org/docs/current/sasl-authentication.html."""
    mechanism = _scramp.ScramMechanism(_MECHANISM)
    known = mechanism.make_auth_info(password, iteration_count=4096)

    def kept(_user: str) -> Any:
        return known

    server = mechanism.make_server(kept)
    await _send(writer, b"R", struct.pack("!I", _SASL) + _MECHANISM.encode() + b"\0\0")
    first = (await _message(reader))[1]
    server.set_client_first(first[len(_MECHANISM) + 5 :].decode())
    await _send(writer, b"R", struct.pack("!I", _SASL_CONTINUE) + server.get_server_first().encode())
    final = (await _message(reader))[1]
    try:
        server.set_client_final(final.decode())
    except _scramp.ScramException:
        raise _RefusedError from None
    await _send(writer, b"R", struct.pack("!I", _SASL_FINAL) + server.get_server_final().encode())


async def _log_in(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    client: asyncio.StreamWriter,
    user: str,
    password: str,
) -> bool:
    """The client's side of it; the first message that is not about it goes on to the proxy's client."""
    scram: Any = None
    while True:
        kind, body = await _message(reader)
        step = _long(body[:4]) if kind == b"R" else 0
        if kind == b"R" and step == _SASL:
            scram = _scramp.ScramClient([_MECHANISM], user, password)
            first = scram.get_client_first().encode()
            await _send(writer, b"p", _MECHANISM.encode() + b"\0" + struct.pack("!I", len(first)) + first)
        elif kind == b"R" and step == _SASL_CONTINUE:
            scram.set_server_first(body[4:].decode())
            await _send(writer, b"p", scram.get_client_final().encode())
        elif kind == b"R" and step == _SASL_FINAL:
            scram.set_server_final(body[4:].decode())
        else:
            await _send(client, kind, body)
            return kind == b"R"


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(_long(head[1:]) - 4)


async def _send(writer: asyncio.StreamWriter, kind: bytes, body: bytes) -> None:
    writer.write(kind + struct.pack("!I", len(body) + 4) + body)
    await writer.drain()


async def _error(writer: asyncio.StreamWriter, text: str) -> None:
    """https://www.postgresql.org/docs/current/protocol-error-fields.html."""
    fields = {b"S": b"FATAL", b"V": b"FATAL", b"C": b"28P01", b"M": text.encode()}
    body = b"".join(name + value + b"\0" for name, value in fields.items()) + b"\0"
    await _send(writer, b"E", body)


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    behind_reader: asyncio.StreamReader,
    behind_writer: asyncio.StreamWriter,
) -> None:
    """Bytes both ways until either end is done."""

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()

    tasks = [
        asyncio.ensure_future(copy(reader, behind_writer)),
        asyncio.ensure_future(copy(behind_reader, writer)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            # Also where the end of the block cancels the wait.
            await _closed(behind_writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    """Ends a connection for good, so that nothing is left for the garbage collector to complain of."""
    writer.close()
    try:
        with suppress(OSError, ssl.SSLError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1)
    finally:
        # Also where the end of the block cancels the wait. TLS that has ended has nothing to abort.
        with suppress(AttributeError):
            writer.transport.abort()


def _long(four: bytes) -> int:
    return struct.unpack("!I", four)[0]
