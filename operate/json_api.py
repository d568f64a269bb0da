"""JSON over HTTP to services that are not AWS: one call, its answer, or one line for what went wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from operate.errors import RemoteError

_TIMEOUT_SECONDS: Final = 10
_MOST_BYTES: Final = 4_000_000
_REFUSED: Final = (401, 403)
_TOO_MANY: Final = (420, 429)
_SERVER_ERROR: Final = 500


class AnswerError(RemoteError):
    """The service answered, and not with what was asked for."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed a little later."""
        return self.status in _TOO_MANY or self.status >= _SERVER_ERROR


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """Whom a call goes to, and how it proves who calls."""

    name: str
    """As people know it: `PagerDuty`."""
    url: str
    headers: Mapping[str, str]
    """Where the credential is: never in an address, which ends in logs."""
    credential: str
    """The variable that the credential comes from, for messages."""


def is_credential(value: str) -> bool:
    """Whether a value can stand in a header. Another one would be refused with a message that shows it."""
    return bool(value) and value.isascii() and value.isprintable() and " " not in value


class _NoRedirects(HTTPRedirectHandler):
    """A credential goes to the address that was asked, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def call(service: Service, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Sends one request and returns what the answer says.

    Args:
        service: whom it goes to.
        method: `GET`, `POST` or `PATCH`.
        path: what follows the service's address.
        body: becomes JSON.

    Raises:
        AnswerError: the answer was a refusal.
        RemoteError: there was no answer. No message shows the body that was sent, or a header.
    """
    request = Request(  # noqa: S310 (addresses are the program's own table)
        f"{service.url}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "User-Agent": "syncup",
            "Accept": "application/json",
            "Content-Type": "application/json; charset=utf-8",
            **service.headers,
        },
    )
    try:
        with build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS) as response:
            text = response.read(_MOST_BYTES)
    except HTTPError as error:
        status = error.code
        error.close()
        raise AnswerError(f"{service.name} {_refusal(service, status)}", status) from None
    except TimeoutError:
        raise RemoteError(f"{service.name} did not answer within {_TIMEOUT_SECONDS} s") from None
    except URLError as error:
        raise RemoteError(f"{service.name} could not be reached: {error.reason}") from None
    except (HTTPException, OSError) as error:
        raise RemoteError(f"{service.name}: the answer broke off ({type(error).__name__})") from None
    try:
        return json.loads(text) if text.strip() else {}
    except ValueError:
        raise RemoteError(f"{service.name} answers something else than JSON") from None


def _refusal(service: Service, status: int) -> str:
    if status in _REFUSED:
        return f"does not take the credential ({status}): look at {service.credential}"
    if status in _TOO_MANY:
        return f"answers {status}: too many calls, try again in a minute"
    return f"answers {status}"
