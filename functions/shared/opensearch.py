"""Signed requests to an OpenSearch domain, with what the Lambda runtime brings along."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Response:
    """The answer of a domain."""

    status: int
    body: Any
    """Decoded JSON; text where it is none, as from a proxy in between."""


class Domain:
    """An OpenSearch domain that knows callers by their IAM role."""

    def __init__(self, endpoint: str, region: str, credentials: Any) -> None:
        """Prepares for requests.

        Args:
            endpoint: `https://` and the domain's host.
            region: the domain's region.
            credentials: botocore's, which renew themselves.
        """
        self._endpoint = endpoint.rstrip("/")
        self._signer: Any = SigV4Auth(credentials, "es", region)
        self._http: Any = URLLib3Session(timeout=_TIMEOUT_SECONDS)

    def request(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "application/json"
    ) -> Response:
        """Sends one request and returns the answer, whatever its status.

        Raises:
            botocore.exceptions.BotoCoreError: the domain could not be reached.
        """
        headers = {"Content-Type": content_type} if body is not None else {}
        request: Any = AWSRequest(method, f"{self._endpoint}{path}", headers=headers, data=body)
        self._signer.add_auth(request)
        answer = self._http.send(request.prepare())
        return Response(answer.status_code, _decoded(answer.content))


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
