"""How a restore is spelled, and what PostgreSQL is told."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.database_sources import parameters, restore_time

_MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1))


def test_the_guides_point_in_time_is_utc() -> None:
    assert restore_time("2024-01-15 14:30:00") == "2024-01-15T14:30:00Z"


@given(_MOMENTS)
def test_every_second_survives_the_spelling(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    spelled = restore_time(f"{moment:%Y-%m-%d %H:%M:%S}")
    assert datetime.strptime(spelled, "%Y-%m-%dT%H:%M:%SZ") == moment


@pytest.mark.parametrize("text", ["", "2024-01-15", "2024-01-15T14:30:00Z", "2024-02-30 14:30:00"])
def test_anything_else_is_no_point_in_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no point in time, write it in UTC as 2024-01-15 14:30:00"):
        restore_time(text)


def test_connections_are_encrypted_and_slow_queries_logged_without_their_values() -> None:
    told = {parameter.name: parameter.value for parameter in parameters(500)}
    assert told["rds.force_ssl"] == "1"
    assert told["log_min_duration_statement"] == "500"
    assert told["log_parameter_max_length"] == "0"


def test_only_what_needs_a_restart_waits_for_one() -> None:
    static = {parameter.name for parameter in parameters(500) if parameter.static}
    assert static == {"shared_preload_libraries"}
