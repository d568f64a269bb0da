"""From the guide's words to what warns and what is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.alerts import describe, marks, measured, warning
from components.metric_forms import Role
from components.threshold import Unit
from tests.components.watched import ALERTS, NAMES, TARGETS, WITHOUT_REPLICA, alert, target


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("HighErrorRate", "high-error-rate"),
        ("SlowQueries", "slow-queries"),
        ("DatabaseConnection", "database-connection"),
        ("HighLatency", "high-latency"),
        ("LowDiskSpace", "low-disk-space"),
    ],
)
def test_the_slug_is_the_name_in_small_letters(name: str, slug: str) -> None:
    assert alert(name, "error_rate > 5%").slug == slug


@pytest.mark.parametrize(
    ("threshold", "unit", "expected"),
    [
        ("error_rate > 5%", Unit.PERCENT, 1),
        ("p99_latency > 3000ms", Unit.SECONDS, 2),
        ("p99_query_time > 1000ms", Unit.MILLISECONDS, 500),
        ("connection_pool > 90%", Unit.PERCENT, 80),
        ("disk_free < 10%", Unit.PERCENT, None),
        ("throughput < 10 req/s", Unit.REQUESTS_PER_SECOND, 100),
        ("throughput > 900 req/s", Unit.REQUESTS_PER_SECOND, None),
        ("error_rate > 1%", Unit.PERCENT, None),
        ("error_rate > 0.5%", Unit.PERCENT, None),
    ],
)
def test_people_are_warned_between_the_target_and_the_threshold(
    threshold: str, unit: Unit, expected: float | None
) -> None:
    assert warning(alert("Alert", threshold), TARGETS, unit) == expected


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_warning_always_comes_before_the_alert(critical: int, limit: int) -> None:
    above = warning(alert("A", f"cpu > {critical}%"), [target("cpu", f"< {limit}%")], Unit.PERCENT)
    below = warning(alert("A", f"cpu < {critical}%"), [target("cpu", f"> {limit}%")], Unit.PERCENT)
    assert above is None or above < critical
    assert below is None or below > critical


def test_a_replica_that_does_not_exist_is_not_measured() -> None:
    assert measured("replication_lag", frozenset(NAMES))
    assert not measured("replication_lag", frozenset(WITHOUT_REPLICA))


def test_disk_space_is_measured_on_the_database_and_on_the_instances() -> None:
    assert [source.key for source in measured("disk_free", frozenset(NAMES))] == ["database", "instances"]
    assert [s.key for s in measured("disk_free", frozenset({Role.GROUP}))] == ["instances"]


def test_a_graph_has_its_target_and_its_threshold_in_its_own_unit_and_once() -> None:
    assert marks("p99_latency", Unit.SECONDS, ALERTS, TARGETS) == [
        ("target < 2000ms", 2.0),
        ("HighLatency > 3000ms", 3.0),
    ]


def test_the_description_is_a_sentence() -> None:
    assert describe(alert("HighLatency", "p99_latency > 3000ms")) == (
        "HighLatency: Request latency (p99) is above 3000 ms."
    )
    assert describe(alert("LowDiskSpace", "disk_free < 10%")) == (
        "LowDiskSpace: Free disk space is below 10%."
    )
