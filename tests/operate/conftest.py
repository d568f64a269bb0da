"""A healthy stack in AWS' place, and time that passes when somebody waits."""

import pytest

from operate.stack import Stack, connect
from tests.operate.double import Aws, Time, install
from tests.operate.healthy import HEALTHY


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS, in which the stack `staging` is well."""
    return install(monkeypatch, HEALTHY)


@pytest.fixture
def time() -> Time:
    """The time."""
    return Time()


@pytest.fixture
def stack(aws: Aws, time: Time) -> Stack:
    """The stack, connected; what connecting asked for is forgotten."""
    found = connect("staging", "us-west-2", time.clock)
    aws.calls.clear()
    return found
