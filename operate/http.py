"""One HTTP request to whoever is not AWS, and what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

_TIMEOUT_SECONDS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of a request."""

    status: int | None
    """None where there was no answer."""
    milliseconds: float
    says: str
    """The first line of the body, or why there was no answer."""


class _NoRedirects(HTTPRedirectHandler):
    """An answer is an answer: a check that is redirected has not been passed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def ask(
    method: str,
    url: str,
    *,
    timeout_seconds: float = _TIMEOUT_SECONDS,
    stopwatch: Callable[[], float] = time.perf_counter,
) -> Answer:
    """Sends one request without a body and follows no redirection.

    Args:
        method: `GET` or `POST`.
        url: `https://…`, and for tests and the local stack `http://…`.
        timeout_seconds: how long the other side may be silent.
        stopwatch: seconds that only go forward.

    Returns:
        The answer, whatever its status, or why there was none.
    """
    request = Request(  # noqa: S310 (addresses are ours: a stack's output, or the program's own table)
        url, method=method, headers={"User-Agent": "syncup"}, data=b"" if method == "POST" else None
    )
    started = stopwatch()
    status: int | None = None
    try:
        with build_opener(_NoRedirects).open(request, timeout=timeout_seconds) as response:
            status, says = response.status, _first_line(response.read(1000))
    except HTTPError as error:
        status, says = error.code, _first_line(error.read(1000))
        error.close()
    except TimeoutError:
        says = f"no answer within {timeout_seconds:g} s"
    except URLError as error:
        timed_out = isinstance(error.reason, TimeoutError)
        says = f"no answer within {timeout_seconds:g} s" if timed_out else f"not reachable: {error.reason}"
    except (HTTPException, OSError) as error:
        says = f"the answer broke off: {error or type(error).__name__}"
    return Answer(status=status, milliseconds=1000 * (stopwatch() - started), says=says)


def _first_line(body: bytes) -> str:
    lines = body.decode(errors="replace").strip().splitlines()
    return lines[0][:200] if lines else ""
