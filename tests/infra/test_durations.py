"""Durations as the guide writes them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.durations import duration, spelled


@given(st.integers(min_value=0, max_value=999_999))
def test_what_is_spelled_is_read_again(minutes: int) -> None:
    length = timedelta(minutes=minutes)
    assert duration(spelled(length)) == length


@pytest.mark.parametrize("text", ["30", 30, "", "min", "-5min", "1.5h", "30 min", "2w", None, "1h30min"])
def test_a_duration_has_a_whole_number_and_a_unit(text: object) -> None:
    with pytest.raises(ValueError, match="write a whole number and min, h or d"):
        duration(text)
