"""Physical names: well formed and within AWS' limits, or refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import physical_name
from tests.harness import context

WORD = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


def test_name_joins_project_environment_and_part() -> None:
    assert context().name("proxy") == "syncup-test-proxy"


def test_bucket_name_is_unique_by_account_and_region() -> None:
    assert context().bucket_name("dumps", "us-east-2") == "syncup-test-dumps-111122223333-us-east-2"


@given(st.lists(WORD, min_size=1, max_size=4))
def test_every_name_is_well_formed(parts: list[str]) -> None:
    name = physical_name("syncup", *parts, limit=63)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
    assert len(name) <= 63


@pytest.mark.parametrize("part", ["Upper", "under_score", "", "double--hyphen", "trailing-", "sp ace"])
def test_a_malformed_name_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters"):
        physical_name("syncup", part, limit=63)


def test_a_name_beyond_the_limit_is_refused_with_both_figures() -> None:
    with pytest.raises(ValueError, match="has 19 characters, AWS allows 10"):
        physical_name("syncup", "x" * 12, limit=10)
