"""One request has one answer, or one reason why there is none."""

import socket
import threading

import pytest

from operate.http import ask
from tests.functions.server import Request, serving


@pytest.mark.parametrize("status", [200, 301, 401, 404, 429, 500, 503])
def test_every_status_is_an_answer(status: int) -> None:
    with serving(lambda _: (status, b"first\nsecond")) as server:
        answer = ask("GET", f"{server.url}/page")
    assert (answer.status, answer.says) == (status, "first")
    assert answer.milliseconds > 0
    assert [request.path for request in server.requests] == ["/page"]


def test_a_post_has_an_empty_body() -> None:
    with serving(lambda _: (200, b"")) as server:
        assert ask("POST", server.url).says == ""
    (request,) = server.requests
    assert (request.method, request.body) == ("POST", b"")


def test_nobody_listening_is_a_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = ask("GET", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert answer.status is None
    assert "not reachable" in answer.says


def test_silence_ends() -> None:
    over = threading.Event()

    def wait(_: Request) -> tuple[int, bytes]:
        over.wait(10)
        return 200, b""

    with serving(wait) as server:
        answer = ask("GET", server.url, timeout_seconds=0.05)
        over.set()
    assert answer.status is None
    assert answer.says == "no answer within 0.05 s"


def test_an_answer_that_is_no_http_is_a_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_badly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=answer_badly)
        thread.start()
        answer = ask("GET", f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert answer.status is None
    assert "broke off" in answer.says
