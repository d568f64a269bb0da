"""A healthy stack in AWS' place, and time that passes when somebody waits."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from infra.reading import read_guide, stack_configuration
from operate.http import Answer
from operate.security_exposure import Check
from policies.stack import Stack
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

    def of(*_: object) -> World | None:
        return World.latest

    monkeypatch.setattr("operate.program.of", of)
    return install(monkeypatch, HEALTHY)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The time that commands see."""
    time = Time()
    monkeypatch.setattr("cli.frame.CLOCK", time.clock)
    return time


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's pages answer, and its buckets let no stranger in."""

    def ask(_method: str, url: str, **__: Any) -> Answer:
        return Answer(status=403 if "amazonaws.com" in url else 200, milliseconds=1, says="")

    def fine(*_: Any) -> Iterator[Check]:
        yield Check(name="site", fine=True, says="careful")

    monkeypatch.setattr("operate.http.ask", ask)
    monkeypatch.setenv("PATH", "/nowhere")  # no pip-audit, which would ask the network
    # What it takes to see that a site is careful has tests of its own, and so have the rules.
    for name in ("headers", "tls"):
        monkeypatch.setattr(f"operate.security_exposure.{name}", fine)
    monkeypatch.setattr("operate.security_exposure.plain", lambda _host: next(fine()))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    monkeypatch.setattr("cli.policy.judged_resources", lambda name, _state: (name, Stack(()), {}))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
