"""The memory of each instance: how much is used, where it is going, and whether it looks like a leak."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import LinearRegression, StatisticsError, correlation, linear_regression
from typing import Final

from components.metric_sources import AGENT_NAMESPACE
from operate.application import group
from operate.stack import Stack

_METRIC: Final = "mem_used_percent"
_PERIOD_SECONDS: Final = 300
_ENOUGH: Final = 12
"""Values, an hour's: fewer say nothing of a direction."""
_GROWS_PERCENT: Final = 5
"""So much more at the end of the time than at its beginning is no fluctuation …"""
_STEADILY: Final = 0.9
"""… where it grows along a line, as a leak does and a cache that fills does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """One instance's memory."""

    instance: str
    now_percent: float | None
    """The latest value; None where the agent has reported nothing."""
    peak_percent: float | None
    percent_per_hour: float | None
    """Its direction; None where there are too few values to tell."""
    leaks: bool
    """Whether it looks like a leak."""


def look(stack: Stack, since: timedelta) -> list[Memory]:
    """The memory of every instance of the group, from one request.

    Args:
        stack: the stack.
        since: how far back.
    """
    found = group(stack)
    if not found.instances:
        return []
    now = stack.clock.now()
    queries = [
        {
            "Id": f"i{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": AGENT_NAMESPACE,
                    "MetricName": _METRIC,
                    "Dimensions": [
                        {"Name": "AutoScalingGroupName", "Value": found.name},
                        {"Name": "InstanceId", "Value": instance.id},
                    ],
                },
                "Period": _PERIOD_SECONDS,
                "Stat": "Average",
            },
        }
        for number, instance in enumerate(found.instances)
    ]
    pages = (
        stack.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(MetricDataQueries=queries, StartTime=now - since, EndTime=now, ScanBy="TimestampAscending")
    )
    values: dict[str, list[tuple[datetime, float]]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            pairs = zip(result["Timestamps"], result["Values"], strict=True)
            values.setdefault(result["Id"], []).extend(pairs)
    return [
        judge(instance.id, values.get(f"i{number}", [])) for number, instance in enumerate(found.instances)
    ]


def judge(instance: str, values: Sequence[tuple[datetime, float]]) -> Memory:
    """What an instance's values say, the oldest first."""
    used = [value for _, value in values]
    trend = _trend(values)
    hours = (values[-1][0] - values[0][0]) / timedelta(hours=1) if values else 0.0
    return Memory(
        instance=instance,
        now_percent=used[-1] if used else None,
        peak_percent=max(used, default=None),
        percent_per_hour=trend.slope if trend else None,
        leaks=trend is not None and trend.slope * hours >= _GROWS_PERCENT and _steady(values),
    )


def _trend(values: Sequence[tuple[datetime, float]]) -> LinearRegression | None:
    if len(values) < _ENOUGH:
        return None
    return linear_regression(_hours(values), [value for _, value in values])


def _steady(values: Sequence[tuple[datetime, float]]) -> bool:
    try:
        return correlation(_hours(values), [value for _, value in values]) >= _STEADILY
    except StatisticsError:
        return False


def _hours(values: Sequence[tuple[datetime, float]]) -> list[float]:
    return [(when - values[0][0]) / timedelta(hours=1) for when, _ in values]
