"""How alerts are written, and which alarms and monitors are theirs."""

from typing import Any

import pytest

from policies.alerts import Alert, of, parsed
from policies.view import UNKNOWN, Resource

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def _alarm(logical: str, name: Any = None) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::example::{_ALARM}::{logical}", type_token=_ALARM, inputs={"name": name}
    )


def test_an_alert_is_a_name_or_a_name_with_a_threshold() -> None:
    assert parsed(["HighErrorRate: error_rate > 5%", "LowDiskSpace : disk_free < 10%", "Silence"]) == [
        Alert("HighErrorRate", ">", 5, "%"),
        Alert("LowDiskSpace", "<", 10, "%"),
        parsed(["Silence"])[0],
    ]
    (silence,) = parsed(["Silence"])
    assert (silence.name, silence.operator) == ("Silence", "")


@pytest.mark.parametrize("written", ["HighErrorRate:", "HighErrorRate: soon", "HighErrorRate: x > 1.2.3"])
def test_a_threshold_that_cannot_be_read_holds_nothing(written: str) -> None:
    (alert,) = parsed([written])
    assert (alert.name, alert.operator) == ("HighErrorRate", "")
    assert alert.is_limit(7)
    assert alert.compares_as("<")


@pytest.mark.parametrize(
    ("written", "same", "other"),
    [
        ("A: x > 5%", [5, 0.05], [50, 0.5]),
        ("A: x > 1000ms", [1000, 1, 1_000_000], [10_000, 10, 100]),
        ("A: x > 1s", [1, 1000, 1_000_000], [60]),
        ("A: x > 5/min", [5], [300]),
    ],
)
def test_a_limit_is_one_in_every_unit_in_which_a_system_counts(
    written: str, same: list[float], other: list[float]
) -> None:
    (alert,) = parsed([written])
    assert all(map(alert.is_limit, same))
    assert not any(map(alert.is_limit, other))
    assert not alert.is_limit(float("nan"))


@pytest.mark.parametrize(
    ("written", "operator", "same"),
    [
        ("A: x > 5%", "GreaterThanThreshold", True),
        ("A: x > 5%", ">=", True),
        ("A: x > 5%", "LessThanOrEqualToThreshold", False),
        ("A: x < 5%", "<", True),
        ("A: x < 5%", ">", False),
        ("A: x < 5%", "", False),
    ],
)
def test_a_comparison_is_one_in_every_spelling(written: str, operator: str, *, same: bool) -> None:
    (alert,) = parsed([written])
    assert alert.compares_as(operator) is same


def test_an_alarm_is_an_alerts_by_its_logical_or_its_physical_name() -> None:
    disk, errors = parsed(["LowDiskSpace", "HighErrorRate"])
    assert disk.place(_alarm("alerts-low-disk-space-database")) == "database"
    assert disk.place(_alarm("disk", "[production] LowDiskSpace (instances)")) == "instances"
    assert disk.place(_alarm("disk", UNKNOWN)) is None
    assert of(_alarm("alerts-high-error-rate"), [disk, errors]) is errors
    assert of(_alarm("cpu"), [disk, errors]) is None
