"""What holds for every test."""

import gc
import os
import signal

import pytest
from hypothesis import settings

from tests.applies import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]

# The SDKs are a million objects that stay to the end: the usual thresholds have the collector look through
# them so often that it takes a sixth of a run.
gc.set_threshold(20_000, 20, 20)

# Started in the background of a script, a process ignores interruptions, and so would all that tests start
# and interrupt: the tests would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about who else uses the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("full", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unhurried"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was loaded to collect the tests is no garbage, and is not searched for any."""
    gc.freeze()
