"""AWS' protocols: which operation a request is for, and how an answer or an error is written.

Models, routing and serialization are moto's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from moto.core import request as requests
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

_SERVICES: Final = {"monitoring": "cloudwatch", "elasticloadbalancing": "elbv2"}
"""By signing name, where the service has another one."""
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request")
_WITHOUT_REGION: Final = frozenset({"cloudfront", "iam", "route53"})
Response = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One signed request."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: Mapping[str, str]
    body: bytes
    signed_for: str
    """The service's signing name."""
    region: str

    @property
    def service(self) -> str:
        """The service as boto3 calls it."""
        return _SERVICES.get(self.signed_for, self.signed_for)

    def for_moto(self) -> AWSPreparedRequest:
        """The request as it would go to AWS, which is how moto knows whom it is for."""
        host = self.signed_for if self.signed_for in _WITHOUT_REGION else f"{self.signed_for}.{self.region}"
        host = f"{host}.amazonaws.com"
        headers: Any = {**self.headers, "Host": host}
        return AWSPreparedRequest(self.method, f"https://{host}{self.target}", headers, self.body, False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What is asked for."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]


class RefusalError(Exception):
    """An error in AWS' own form: what boto3 makes a `ClientError` of."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def signed(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request | None:
    """The request with whom it is signed for; None where nobody has signed it."""
    scope = _SCOPE.search(headers.get("Authorization", ""))
    if scope is None:
        return None
    return Request(
        method=method,
        target=target,
        headers=headers,
        body=body,
        signed_for=scope["service"],
        region=scope["region"],
    )


def operation(request: Request) -> str:
    """The name of the operation; empty where the service has none like it."""
    try:
        model: Any = _matched(request)[0]
    except NotFound:
        return ""
    return str(model.name)


def call(request: Request) -> Call:
    """What the request asks for, with its parameters as boto3 was given them."""
    asked = requests.normalize_request(request.for_moto())
    model, labels = _matched(request)
    parser: Any = PROTOCOL_PARSERS[_protocol(request, asked)]
    parameters = parser(model).parse(
        {
            "method": asked.method,
            "values": asked.values,
            "headers": asked.headers,
            "body": asked.data,
            "url_path": asked.path,
            "url_params": labels,
        }
    )
    return Call(
        service=request.service, operation=str(model.name), region=request.region, parameters=parameters
    )


def answer(request: Request, result: Mapping[str, Any] | RefusalError) -> Response:
    """A result, or an error, as the request's protocol writes it."""
    asked = requests.normalize_request(request.for_moto())
    model, _ = _matched(request)
    serializer: Any = get_serializer_class(request.service, _protocol(request, asked))
    written = serializer(operation_model=model).serialize(result)
    body = written["body"]
    headers = {name: str(value) for name, value in written["headers"].items()}
    return int(written["status_code"]), headers, body if isinstance(body, bytes) else str(body).encode()


def _matched(request: Request) -> tuple[Any, Mapping[str, Any]]:
    """The operation's model, and what its path holds."""
    return get_service_router(request.service).match(requests.normalize_request(request.for_moto()))


def _protocol(request: Request, asked: requests.Request) -> str:
    return requests.determine_request_protocol(get_service_model(request.service), asked.content_type)
