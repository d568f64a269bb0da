"""AWS as a test wants it: answers by call, held against botocore's own models of requests and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from operate.clock import Clock

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any] | Exception | Callable[[Parameters], Any]
"""What a call is answered: the same each time, an error, or what the parameters ask for."""

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """One call that was made."""

    name: str
    """`ssm.GetParameter`"""
    region: str
    parameters: Parameters

    @property
    def changes(self) -> bool:
        """Whether it changes something in AWS."""
        reads = ("Describe", "Get", "List", "BatchGet", "Head", "StartQuery", "StopQuery")
        return not self.name.partition(".")[2].startswith(reads)


@dataclass
class Aws:
    """The double. A call that nobody has told it to answer fails the test."""

    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    calls: list[Call] = field(default_factory=list[Call])
    failure: Exception | None = None
    """What the next failing call fails with, …"""
    failing: int | None = None
    """… and which one that is, counted from 0."""

    def answer(self, client: Any, operation: str, parameters: Parameters) -> Any:
        """What a client gets."""
        service = client.meta.service_model.service_name
        name = f"{service}.{operation}"
        model = client.meta.service_model.operation_model(operation)
        _fits(parameters, model.input_shape)
        self.calls.append(Call(name, client.meta.region_name, dict(parameters)))
        if self.failure is not None and self.failing == len(self.calls) - 1:
            raise _named(self.failure, operation)
        if name not in self.answers:
            raise AssertionError(f"nobody said what {name} answers")
        found = self.answers[name]
        if callable(found):
            found = found(parameters)
        if isinstance(found, Exception):
            raise _named(found, operation)
        _fits(found, model.output_shape)
        return found

    def named(self, name: str) -> list[Parameters]:
        """The parameters of the calls of one name, in order."""
        return [call.parameters for call in self.calls if call.name == name]

    @property
    def changes(self) -> list[str]:
        """The calls that changed something."""
        return [call.name for call in self.calls if call.changes]


def install(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Answer]) -> Aws:
    """Puts the double in AWS' place for a test."""
    aws = Aws(dict(answers))
    for variable, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": "nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(variable, value)
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)

    # AWS' models take a second to read; each process reads them once.
    monkeypatch.setattr("operate.aws.boto3.Session", _Session)

    def make_api_call(client: Any, operation: str, parameters: Parameters) -> Any:
        return aws.answer(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    return aws


_REAL_SESSION: Any = boto3.Session


@cache
def _shared_session() -> Any:
    return _REAL_SESSION(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 (none)


@cache
def _client(service: str, region: str) -> Any:
    return _shared_session().client(service, region_name=region)


class _Session:
    """Hands out clients that are made once."""

    def __init__(self, **_: Any) -> None:
        pass

    def client(self, service: str, *, region_name: str, **_: Any) -> Any:
        return _client(service, region_name)


def error(code: str, message: str = "No.", status: int = 400) -> ClientError:
    """What AWS answers when it does not do what it was asked to."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Call")


def _named(failure: Exception, operation: str) -> Exception:
    """A client's error says which call it answers."""
    if isinstance(failure, ClientError):
        return ClientError(vars(failure)["response"], operation)
    return failure


def _fits(values: Parameters, shape: Any) -> None:
    if shape is None:
        return
    validator: Any = ParamValidator()
    report: Any = validator.validate(dict(values), shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


@dataclass
class Time:
    """A clock that goes forward only when somebody sleeps."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list[float])

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        """The same as procedures take it."""
        return Clock(now=lambda: self.now, sleep=self.sleep)
