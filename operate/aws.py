"""AWS as every procedure uses it: one way to get a client, one line for whatever goes wrong."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore import exceptions
from botocore.config import Config

from operate.errors import OperationError, RemoteError, UsageError

LOCAL: Final = "local"
"""The stack whose AWS is a server on this machine."""
ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL"
"""https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"""
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_CONFIG: Final = Config(
    # How often is AWS_MAX_ATTEMPTS' to say, three times otherwise.
    retries={"mode": "standard"},
    connect_timeout=5,
    read_timeout=60,
    user_agent_appid="syncup",
)

_THROTTLED: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
    }
)
_EXPIRED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "InvalidToken",
        "SignatureDoesNotMatch",
    }
)
_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "UnauthorizedAccess",
        "Forbidden",
        "403",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, and S3's, EC2's and SNS' own."""
_SIGN_IN: Final = "sign in again, for instance with `aws sso login`"
_CREDENTIALS: Final = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)
_UNREACHABLE: Final = (exceptions.HTTPClientError, exceptions.ConnectionError)
_MAY_ECHO: Final = frozenset({"CreateSecret", "PutSecretValue", "UpdateSecret"})
"""Calls that carry a secret: of their errors only the code is shown."""


class Clients:
    """Makes clients of one account, in a region that each may choose."""

    def __init__(self, stack: str, region: str, environ: Mapping[str, str] = os.environ) -> None:
        """Looks only where credentials may be; nothing is asked of AWS yet.

        Args:
            stack: the stack's name. For `local` the endpoint comes from the environment, and
                credentials are made up, so that no real ones reach a server that is not AWS.
            region: where clients work that do not say otherwise.
            environ: the process's environment.

        Raises:
            UsageError: `local` without an endpoint on this machine.
            RemoteError: the credentials cannot be read.
        """
        self.region = region
        self._made: dict[tuple[str, str], Any] = {}
        self._endpoint = _local_endpoint(environ) if stack == LOCAL else None
        with in_one_line():
            self._session: Any = (
                _session_of_nobody(region) if self._endpoint else boto3.Session(region_name=region)
            )

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of a service, in the stack's region or another one."""
        key = service, region or self.region
        if key not in self._made:
            self._made[key] = self._session.client(
                service, region_name=key[1], endpoint_url=self._endpoint, config=_CONFIG
            )
        return self._made[key]


def _session_of_nobody(region: str) -> Any:
    """A session with credentials that are made up, and without anybody's profile or files."""
    unread = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
    variables = {name: (None, None, value, None) for name, value in unread.items()}
    return boto3.Session(
        aws_access_key_id=LOCAL,
        aws_secret_access_key=LOCAL,
        region_name=region,
        botocore_session=botocore.session.Session(session_vars=variables),
    )


def _local_endpoint(environ: Mapping[str, str]) -> str:
    endpoint = environ.get(ENDPOINT_VARIABLE)
    if not endpoint:
        raise UsageError(
            f"{LOCAL} is a server on this machine: `syncup local start`, or put its address into "
            f"{ENDPOINT_VARIABLE}"
        )
    if urlsplit(endpoint).hostname not in _LOOPBACK:
        raise UsageError(
            f"{ENDPOINT_VARIABLE} is {endpoint}, which is not on this machine: {LOCAL} works nowhere else"
        )
    return endpoint


def code_of(error: exceptions.ClientError) -> str:
    """The error's code, such as `ParameterNotFound`."""
    response: Any = error.response
    return str(response.get("Error", {}).get("Code", ""))


def is_missing(error: exceptions.ClientError) -> bool:
    """Whether AWS says that there is no such thing."""
    code = code_of(error)
    return code.startswith("NoSuch") or "NotFound" in code or code in {"404", "DoesNotExistException"}


@contextmanager
def in_one_line() -> Generator[None]:
    """Whatever botocore raises inside becomes one of `operate.errors`."""
    try:
        yield
    except exceptions.ClientError as error:
        raise _answered(error) from error
    except exceptions.BotoCoreError as error:
        raise _not_answered(error) from error


def _answered(error: exceptions.ClientError) -> OperationError:
    """What AWS answered."""
    response: Any = error.response
    code, call = code_of(error), error.operation_name
    said = " ".join(str(response.get("Error", {}).get("Message", "")).split())
    if code in _THROTTLED:
        return RemoteError(f"AWS answers {call} with {code}: too many calls, try again in a minute")
    if code in _EXPIRED:
        return RemoteError(f"AWS does not take the credentials ({code}): {_SIGN_IN}")
    if call in _MAY_ECHO:
        said = ""
    detail = f": {said}" if said else ""
    if code in _DENIED:
        return RemoteError(f"AWS denies {call}{detail or ': the credentials lack the permission'}")
    if is_missing(error):
        return OperationError(f"AWS knows of no such thing ({call}, {code}){detail}")
    return RemoteError(f"AWS refuses {call} ({code}){detail}")


def _not_answered(error: exceptions.BotoCoreError) -> OperationError:
    """What kept the call from being answered."""
    said = " ".join(str(error).split())
    if isinstance(error, _CREDENTIALS):
        return RemoteError(f"there are no AWS credentials to use ({said}): {_SIGN_IN}")
    if isinstance(error, exceptions.ReadTimeoutError | exceptions.ConnectTimeoutError):
        return RemoteError(f"AWS did not answer in time ({said}): try again")
    if isinstance(error, _UNREACHABLE):
        return RemoteError(f"AWS could not be reached ({said})")
    return OperationError(f"the call to AWS could not be made: {said}")
