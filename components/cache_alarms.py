"""What rings about the cache: the worst of its nodes, whichever is the primary just now."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_aws import cloudwatch

from components.alarms import AlarmRoute, Severity, metric_alarm
from components.base import Component

_PERIOD_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watch:
    """One measure of a node and how much of it is too much for how long."""

    suffix: str
    metric: str
    statistic: str
    threshold: float
    minutes: int
    severity: Severity
    description: str


_WATCHES = (
    _Watch(
        suffix="memory",
        metric="DatabaseMemoryUsagePercentage",
        statistic="Maximum",
        threshold=80,
        minutes=10,
        severity=Severity.HIGH,
        description="The cache's memory is nearly full.",
    ),
    _Watch(
        suffix="evictions",
        metric="Evictions",
        statistic="Sum",
        threshold=0,
        minutes=15,
        severity=Severity.MEDIUM,
        description="The cache gives up values before their time.",
    ),
    # One core does all the commands, so the engine's share counts, not the host's.
    _Watch(
        suffix="cpu",
        metric="EngineCPUUtilization",
        statistic="Maximum",
        threshold=90,
        minutes=10,
        severity=Severity.HIGH,
        description="The cache's engine is busy all the time.",
    ),
    _Watch(
        suffix="replication-lag",
        metric="ReplicationLag",
        statistic="Maximum",
        threshold=5,
        minutes=10,
        severity=Severity.MEDIUM,
        description="A replica of the cache is seconds behind: a failover would lose them.",
    ),
)
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html"""


def watch_nodes(parent: Component, route: AlarmRoute, node_ids: Sequence[str]) -> None:
    """An alarm for each measure, on the maximum over all nodes."""
    for watch in _WATCHES:
        metric_alarm(
            parent,
            watch.suffix,
            route=route,
            severity=watch.severity,
            runbook=f"cache-{watch.suffix}",
            description=watch.description,
            comparison="GreaterThanThreshold",
            threshold=watch.threshold,
            period_seconds=_PERIOD_SECONDS,
            evaluation_periods=watch.minutes,
            queries=_worst(watch, node_ids),
        )


def _worst(watch: _Watch, node_ids: Sequence[str]) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
    nodes = [
        cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"node{number}",
            metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace="AWS/ElastiCache",
                metric_name=watch.metric,
                stat=watch.statistic,
                period=_PERIOD_SECONDS,
                dimensions={"CacheClusterId": node},
            ),
            return_data=False,
        )
        for number, node in enumerate(node_ids, start=1)
    ]
    names = ", ".join(node.id for node in nodes if isinstance(node.id, str))
    worst = cloudwatch.MetricAlarmMetricQueryArgs(
        id="worst", expression=f"MAX([{names}])", label=watch.metric, return_data=True
    )
    return [*nodes, worst]
