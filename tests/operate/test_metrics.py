"""The guide's metrics as CloudWatch measures them, in the guide's units."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from infra.reading import read_guide
from operate.metrics import Verdict, crossed, read
from operate.monitor import watch
from operate.stack import Stack
from tests.operate import healthy
from tests.operate.double import NOW, Aws, Parameters, Time

GUIDE = read_guide()
GOOD: Mapping[str, Sequence[float]] = {
    "cpu": [40],
    "memory": [50],
    "error_rate": [0, 0, 0.1],
    "p50_latency": [0.1],
    "p99_latency": [0.9, 9.0, 0.8],
    "throughput": [150],
    "connection_pool": [20],
    "p99_query_time": [100],
    "slow_queries": [0],
    "disk_free": [60],
}
_KNOWN_BY = {
    "cpu_usage_active": "cpu",
    "mem_used_percent": "memory",
    "QueryTime": "p99_query_time",
    "SlowQueries": "slow_queries",
    "DatabaseConnectionsCurrentlyBorrowed": "connection_pool",
    "disk_used_percent": "disk_free",
    "DatabaseDiskUsed": "disk_free",
    "ReplicaLag": "replication_lag",
}


def measuring(values: Mapping[str, Sequence[float]]) -> Any:
    """CloudWatch, in which the metrics have these values, in CloudWatch's units."""

    def metric(query: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> str:
        prefix = query["Id"].partition("_")[0]
        of_source = [one for one in asked if one["Id"].startswith(f"{prefix}_") and "MetricStat" in one]
        statistic = of_source[0]["MetricStat"]
        name = statistic["Metric"]["MetricName"]
        if name == "TargetResponseTime":
            return f"{statistic['Stat']}_latency"
        if name == "RequestCount":
            return "throughput" if len(of_source) == 1 else "error_rate"
        return _KNOWN_BY[name]

    def answer(parameters: Parameters) -> Any:
        asked = parameters["MetricDataQueries"]
        shown = [query for query in asked if query["ReturnData"]]
        return {
            "MetricDataResults": [
                {"Id": query["Id"], "Values": list(values.get(metric(query, asked), []))} for query in shown
            ]
        }

    return answer


def test_the_guides_twelve_are_held_against_their_targets(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring(GOOD)
    readings = read(stack, GUIDE)
    assert len(readings) == 12
    assert {reading.verdict for reading in readings if reading.metric != "replication_lag"} == {Verdict.MET}
    assert [reading.group for reading in readings[:4]] == ["application_health"] * 4


def test_a_value_is_the_median_in_the_guides_unit(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring(GOOD)
    (latency,) = [one for one in read(stack, GUIDE) if one.name == "Response time (p99)"]
    assert (latency.value, latency.unit) == (900, "ms")


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("cpu", 70),
        ("memory", 80),
        ("error_rate", 1),
        ("p50_latency", 0.2),
        ("p99_latency", 2.0),
        ("throughput", 100),
        ("connection_pool", 80),
        ("p99_query_time", 500),
        ("slow_queries", 5),
    ],
)
def test_the_target_itself_is_missed(stack: Stack, aws: Aws, metric: str, value: float) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, metric: [value]})
    missed = {one.metric for one in read(stack, GUIDE) if one.verdict is Verdict.MISSED}
    assert missed == {metric}


def test_silence_and_absence_are_no_values(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring({})
    verdicts = {one.metric: (one.verdict, one.value) for one in read(stack, GUIDE)}
    assert verdicts.pop("replication_lag") == (Verdict.NOT_HERE, None)
    assert set(verdicts.values()) == {(Verdict.NO_DATA, None)}


def test_a_replica_is_measured_where_there_is_one(aws: Aws, stack: Stack) -> None:
    from operate.stack import connect  # noqa: PLC0415

    outputs = {**healthy.OUTPUTS, "replica-identifier": "syncup-staging-g1-replica"}
    aws.answers["ssm.GetParametersByPath"] = healthy.outputs(outputs)
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, "replication_lag": [3.0]})
    readings = read(connect("staging", "us-west-2", stack.clock), GUIDE)
    (lag,) = [one for one in readings if one.metric == "replication_lag"]
    assert (lag.value, lag.verdict) == (3.0, Verdict.MISSED)


def test_one_request_asks_for_five_whole_minutes_under_names_of_its_own(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring(GOOD)
    read(stack, GUIDE)
    (asked,) = aws.named("cloudwatch.GetMetricData")
    assert asked["EndTime"] - asked["StartTime"] == timedelta(minutes=5)
    assert asked["EndTime"] == NOW
    ids = [query["Id"] for query in asked["MetricDataQueries"]]
    assert len(ids) == len(set(ids))
    for query in asked["MetricDataQueries"]:
        words = re.findall(r"\bm\d+_\w+", query.get("Expression", ""))
        assert set(words) <= set(ids)
        assert not re.findall(
            r"\b(?:requests|failed|refused|borrowed|allowed|used)\b", query.get("Expression", "")
        )


def test_an_alert_is_crossed_from_its_threshold_on(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, "error_rate": [5], "disk_free": [10]})
    assert crossed(stack, GUIDE) == []
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, "error_rate": [6], "disk_free": [9]})
    assert crossed(stack, GUIDE) == ["HighErrorRate: error_rate > 5%", "LowDiskSpace: disk_free < 10%"]


@pytest.mark.parametrize(("minutes", "looks"), [(0.5, 1), (1, 2), (5, 6)])
def test_monitoring_looks_once_a_minute_until_its_time_is_over(
    stack: Stack, aws: Aws, time: Time, minutes: float, looks: int
) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring(GOOD)
    seen = list(watch(stack, GUIDE, timedelta(minutes=minutes)))
    assert len(seen) == looks
    assert all(look.fine for look in seen)
    assert time.slept == [60] * (looks - 1)


def test_a_missed_target_rings_nobody_but_an_alert_does(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, "error_rate": [2]})
    (look,) = watch(stack, GUIDE, timedelta(seconds=1))
    assert look.fine
    assert {reading.metric for reading in look.missed} == {"error_rate"}
    aws.answers["cloudwatch.GetMetricData"] = measuring({**GOOD, "error_rate": [50]})
    (look,) = watch(stack, GUIDE, timedelta(seconds=1))
    assert not look.fine
