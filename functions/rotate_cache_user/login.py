"""A login to Redis or Valkey: two commands of a protocol that is as old as they are.

https://valkey.io/topics/protocol/
"""

import socket
import ssl

_PATIENCE_SECONDS = 10


class CacheError(Exception):
    """The cache refused, or could not be reached."""


def log_in(where: tuple[str, int], user: str, password: str, trust: ssl.SSLContext) -> None:
    """Logs in by TLS and asks for a sign of life.

    Args:
        where: host and port.
        user: who logs in.
        password: of the user.
        trust: whom the server's certificate has to be from; its name is checked in any case.

    Raises:
        CacheError: it did not work; the message has the server's words.
    """
    host = where[0]
    try:
        with (
            socket.create_connection(where, timeout=_PATIENCE_SECONDS) as plain,
            trust.wrap_socket(plain, server_hostname=host) as connection,
        ):
            connection.sendall(_command("AUTH", user, password) + _command("PING"))
            answers = connection.makefile("rb")
            for wanted in (b"+OK", b"+PONG"):
                answer = answers.readline().rstrip()
                if answer != wanted:
                    raise CacheError(f"{user} at {host}: {answer.decode(errors='replace')[:200]}")
    except OSError as error:
        raise CacheError(f"{user} at {host}: {error}") from None


def _command(*words: str) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()
