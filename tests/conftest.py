"""What holds for every test."""

import os

from hypothesis import settings

from tests.applies import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]

# How long an example takes says more about who else uses the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("full", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unhurried"))
