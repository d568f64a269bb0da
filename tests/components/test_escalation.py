"""Absolute times become relative steps, and back."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.escalation import delays


def test_the_guides_escalation() -> None:
    assert delays([0, 30, 60, 120])[:3] == (30, 30, 60)


@given(st.lists(st.integers(1, 10_000), unique=True, max_size=9).map(sorted))
def test_the_steps_add_up_to_the_times(later: list[int]) -> None:
    times = [0, *later]
    steps = delays(times)
    assert len(steps) == len(times)
    assert list(accumulate(steps[:-1], initial=0)) == times
    assert all(step > 0 for step in steps)


@pytest.mark.parametrize("times", [[], [5], [5, 10]])
def test_the_first_level_is_called_at_once(times: list[int]) -> None:
    with pytest.raises(ValueError, match="the first level is called at 0 minutes"):
        delays(times)


@pytest.mark.parametrize("times", [[0, 30, 30], [0, 60, 30]])
def test_an_escalation_out_of_order_is_refused(times: list[int]) -> None:
    with pytest.raises(ValueError, match="each level is called later than the one before"):
        delays(times)
