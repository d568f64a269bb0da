"""Moto as each test finds it: empty."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.moto_api._internal.models import moto_api_backend

_moto: Any = moto_api_backend


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """What a test has made in moto goes with it."""
    yield
    _moto.reset()
