"""What holds for every test."""

import gc
import os

import pytest
from hypothesis import settings

from tests.applies import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]

# The SDKs are a million objects that stay to the end: the usual thresholds have the collector look through
# them so often that it takes a sixth of a run.
gc.set_threshold(20_000, 20, 20)

# How long an example takes says more about who else uses the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("full", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unhurried"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was loaded to collect the tests is no garbage, and is not searched for any."""
    gc.freeze()
