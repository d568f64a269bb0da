"""A healthy stack in AWS' place, and time that passes when somebody waits."""

from functools import cache
from typing import Any

import pytest

from infra.reading import read_guide, stack_configuration
from operate.http import Answer
from tests.operate.conftest import server17
from tests.operate.double import Aws, Time, install
from tests.operate.healthy import HEALTHY
from tests.operate.releasing import World

__all__ = ["server17"]

# The project's files do not change while tests run.
_read_guide = cache(read_guide)
_stack_configuration = cache(stack_configuration)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS, in which the stack `staging` is well."""
    monkeypatch.setattr("infra.reading.read_guide", _read_guide)
    monkeypatch.setattr("infra.reading.stack_configuration", _stack_configuration)
    monkeypatch.setattr("operate.program.of", lambda *_: World.latest)
    return install(monkeypatch, HEALTHY)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The time that commands see."""
    time = Time()
    monkeypatch.setattr("cli.frame.CLOCK", time.clock)
    return time


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's pages answer."""

    def ask(*_: Any, **__: Any) -> Answer:
        return Answer(status=200, milliseconds=1, says="")

    monkeypatch.setattr("operate.http.ask", ask)
