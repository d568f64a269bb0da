"""The catalogue of metrics: what a name in `operations.yaml` stands for.

An alert is then three lines of data: alarm, monitor, graph and runbook follow. No Pulumi here.
"""

import difflib
from collections.abc import Mapping
from typing import Final

from components.metric_forms import MetricDefinition
from components.metric_sources import (
    AGENT_NAMESPACE,
    APPLICATION_NAMESPACE,
    CONNECTION_POOL,
    CPU,
    DATABASE_DISK,
    DATABASE_DISK_USED,
    ERROR_RATE,
    INSTANCE_DISK,
    MEMORY,
    P99_QUERY_TIME,
    REPLICATION_LAG,
    SLOW_QUERIES,
    SLOW_QUERY_MILLISECONDS,
    THROUGHPUT,
    latency,
)
from components.threshold import Limit, Unit

__all__ = [
    "AGENT_NAMESPACE",
    "APPLICATION_NAMESPACE",
    "CATALOGUE",
    "DATABASE_DISK_USED",
    "SLOW_QUERY_MILLISECONDS",
    "admit",
]

CATALOGUE: Final[Mapping[str, MetricDefinition]] = {
    "cpu": MetricDefinition(title="CPU usage", unit=Unit.PERCENT, sources=(CPU,)),
    "memory": MetricDefinition(title="Memory", unit=Unit.PERCENT, sources=(MEMORY,)),
    "error_rate": MetricDefinition(
        title="Error rate", unit=Unit.PERCENT, sources=(ERROR_RATE,), felt_by_users=True
    ),
    "p50_latency": MetricDefinition(
        title="Request latency (p50)", unit=Unit.MILLISECONDS, sources=(latency("p50"),), felt_by_users=True
    ),
    "p99_latency": MetricDefinition(
        title="Request latency (p99)", unit=Unit.MILLISECONDS, sources=(latency("p99"),), felt_by_users=True
    ),
    "throughput": MetricDefinition(title="Throughput", unit=Unit.REQUESTS_PER_SECOND, sources=(THROUGHPUT,)),
    "connection_pool": MetricDefinition(
        title="Connection pool", unit=Unit.PERCENT, sources=(CONNECTION_POOL,)
    ),
    "p99_query_time": MetricDefinition(
        title="Query time (p99)", unit=Unit.MILLISECONDS, sources=(P99_QUERY_TIME,)
    ),
    "slow_queries": MetricDefinition(title="Slow queries", unit=Unit.PER_MINUTE, sources=(SLOW_QUERIES,)),
    "replication_lag": MetricDefinition(
        title="Replication lag", unit=Unit.SECONDS, sources=(REPLICATION_LAG,)
    ),
    "disk_free": MetricDefinition(
        title="Free disk space", unit=Unit.PERCENT, sources=(DATABASE_DISK, INSTANCE_DISK)
    ),
}
"""By the names that `operations.yaml` uses."""


def admit(metric: str, limit: Limit) -> None:
    """Checks that a metric exists and that a limit on it is in a unit that it can be measured in.

    Raises:
        ValueError: in one line, what is wrong and what would be right.
    """
    definition = CATALOGUE.get(metric)
    if definition is None:
        close = difflib.get_close_matches(metric, CATALOGUE, n=1)
        guess = f"did you mean {close[0]!r}?" if close else f"write one of {', '.join(CATALOGUE)}"
        raise ValueError(f"{metric!r} is no metric: {guess}")
    try:
        limit.in_unit(definition.unit)
    except ValueError:
        raise ValueError(
            f"'{limit}': {metric} is measured in {definition.unit}, not in {limit.unit}"
        ) from None
