"""Whatever goes wrong with AWS is one line of the right kind."""

from typing import Any

import pytest
from botocore import exceptions

from operate.aws import Clients, in_one_line
from operate.errors import OperationError, RemoteError, UsageError
from tests.operate.double import error

ENDPOINT = "https://ssm.us-west-2.amazonaws.com/"
ANSWERED: list[tuple[str, type[OperationError], str]] = [
    ("ThrottlingException", RemoteError, "too many calls"),
    ("Throttling", RemoteError, "too many calls"),
    ("TooManyRequestsException", RemoteError, "too many calls"),
    ("RequestLimitExceeded", RemoteError, "too many calls"),
    ("SlowDown", RemoteError, "too many calls"),
    ("ExpiredToken", RemoteError, "sign in again"),
    ("ExpiredTokenException", RemoteError, "sign in again"),
    ("UnrecognizedClientException", RemoteError, "sign in again"),
    ("InvalidClientTokenId", RemoteError, "sign in again"),
    ("AccessDenied", RemoteError, "AWS denies Call: No."),
    ("AccessDeniedException", RemoteError, "AWS denies Call: No."),
    ("UnauthorizedOperation", RemoteError, "AWS denies Call: No."),
    ("ResourceNotFoundException", OperationError, "AWS knows of no such thing"),
    ("ParameterNotFound", OperationError, "AWS knows of no such thing"),
    ("DBInstanceNotFound", OperationError, "AWS knows of no such thing"),
    ("NoSuchBucket", OperationError, "AWS knows of no such thing"),
    ("404", OperationError, "AWS knows of no such thing"),
    ("InternalFailure", RemoteError, "AWS refuses Call (InternalFailure): No."),
    ("ValidationException", RemoteError, "AWS refuses Call (ValidationException): No."),
]


@pytest.mark.parametrize(("code", "kind", "said"), ANSWERED)
def test_what_aws_answers_is_one_line(code: str, kind: type[OperationError], said: str) -> None:
    with pytest.raises(OperationError) as raised, in_one_line():
        raise error(code)
    assert type(raised.value) is kind
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (exceptions.NoCredentialsError(), "sign in again"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "sign in again",
        ),
        (exceptions.ReadTimeoutError(endpoint_url=ENDPOINT), "did not answer in time"),
        (exceptions.ConnectTimeoutError(endpoint_url=ENDPOINT), "did not answer in time"),
        (exceptions.EndpointConnectionError(endpoint_url=ENDPOINT), "could not be reached"),
        (exceptions.ConnectionClosedError(endpoint_url=ENDPOINT), "could not be reached"),
        (exceptions.SSLError(endpoint_url=ENDPOINT, error="certificate"), "could not be reached"),
        (exceptions.ProxyConnectionError(proxy_url=ENDPOINT), "could not be reached"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_keeps_aws_from_answering_is_one_line(failure: Exception, said: str) -> None:
    with pytest.raises(RemoteError) as raised, in_one_line():
        raise failure
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_message_of_several_lines_becomes_one() -> None:
    with pytest.raises(RemoteError) as raised, in_one_line():
        raise error("ValidationException", "1 error:\n  a is\n  wrong")
    assert str(raised.value).endswith("1 error: a is wrong")


@pytest.mark.parametrize("call", ["PutSecretValue", "CreateSecret", "UpdateSecret"])
def test_a_refused_secret_is_not_repeated(call: str) -> None:
    response: Any = {"Error": {"Code": "ValidationException", "Message": "Value 'hunter-two' is bad"}}
    with pytest.raises(RemoteError) as raised, in_one_line():
        raise exceptions.ClientError(response, call)
    assert "hunter-two" not in str(raised.value)
    assert call in str(raised.value)


def test_what_is_no_error_of_aws_is_left_alone() -> None:
    with pytest.raises(KeyError), in_one_line():
        raise KeyError("ours")


def test_the_local_stack_has_made_up_credentials_and_an_endpoint_of_this_machine() -> None:
    clients = Clients("local", "us-west-2", {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"})
    ssm = clients.client("ssm")
    assert ssm.meta.endpoint_url == "http://127.0.0.1:5000"
    assert ssm._request_signer._credentials.access_key == "local"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "put its address into AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": ""}, "put its address into AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "https://ssm.us-west-2.amazonaws.com"}, "is not on this machine"),
        ({"AWS_ENDPOINT_URL": "127.0.0.1:5000"}, "is not on this machine"),
    ],
)
def test_the_local_stack_never_leaves_this_machine(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Clients("local", "us-west-2", environ)


@pytest.mark.usefixtures("aws")
def test_a_client_works_in_the_stacks_region_or_in_the_one_it_is_told() -> None:
    clients = Clients("staging", "us-west-2", {})
    assert clients.client("ssm").meta.region_name == "us-west-2"
    assert clients.client("ssm", "us-east-1").meta.region_name == "us-east-1"
