"""What an evaluation spares, the process has again afterwards."""

import gc
import linecache
import sys
from collections.abc import Generator

import pytest

from preview.economy import SPARING


@pytest.fixture(autouse=True)
def collecting() -> Generator[None]:
    before = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if before else gc.disable)()


def _spared() -> bool:
    spared = {not gc.isenabled(), hasattr(sys, "tracebacklimit"), not linecache.getlines(linecache.__file__)}
    (answer,) = spared
    return answer


def test_everything_is_as_before_once_the_last_has_left() -> None:
    linecache.clearcache()
    assert not _spared()
    with SPARING:
        linecache.clearcache()
        with SPARING:
            assert _spared()
        assert _spared(), "another evaluation is still inside"
    assert not _spared()


def test_an_error_leaves_nothing_behind() -> None:
    with pytest.raises(ValueError, match="its own"), SPARING:
        raise ValueError("its own")
    assert not _spared()


def test_who_collects_by_hand_goes_on_doing_so() -> None:
    gc.disable()
    with SPARING:
        pass
    assert not gc.isenabled()
