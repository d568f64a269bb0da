"""Where the guide's metrics are measured, in CloudWatch and in Datadog.

Each form says where it is documented that the metric exists in its unit and statistic. No Pulumi here.
"""

from typing import Final

from components.metric_forms import CloudWatchForm, DatadogForm, Role, Series, Source
from components.threshold import Unit

APPLICATION_NAMESPACE: Final = "SyncUp"
"""Of what the application publishes and of what is filtered out of logs (docs/application-contract.md)."""
AGENT_NAMESPACE: Final = "CWAgent"
DATABASE_DISK_USED: Final = "DatabaseDiskUsed"
"""Percent of the data volume, by `DBInstanceIdentifier`: filtered out of RDS' enhanced monitoring."""
SLOW_QUERY_MILLISECONDS: Final = 500
"""From how long on a query is slow, and logged: the guide's target for the p99 query time."""

_LOAD_BALANCER: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"
_PROXY: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html"
_RDS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html"
_OS: Final = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring-Available-OS-Metrics.html"
)
_AGENT: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html"
_PERCENTILES: Final = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"
)
_LOG_FILTERS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html"
_DATADOG_LOAD_BALANCER: Final = "https://docs.datadoghq.com/integrations/amazon_elb/"
_DATADOG_PROXY: Final = "https://docs.datadoghq.com/integrations/amazon_rds_proxy/"
_DATADOG_RDS: Final = "https://docs.datadoghq.com/integrations/amazon_rds/"
_DATADOG_SYSTEM: Final = "https://docs.datadoghq.com/integrations/system/"
_DATADOG_DISTRIBUTIONS: Final = "https://docs.datadoghq.com/metrics/distributions/"

_INTEGRATION_DELAY_SECONDS: Final = 900
"""Datadog fetches CloudWatch's metrics every ten minutes.
https://docs.datadoghq.com/integrations/guide/cloud-metric-delay/"""
_ENOUGH_REQUESTS: Final = 20
"""A minute with fewer requests says nothing about a rate: one failure at night would be 100 %."""
_RESOURCES: Final = "{project:syncup,environment:$environment}"
"""What comes through Datadog's AWS integration carries the resources' tags."""
_HOSTS: Final = "{env:$environment}"
"""What Datadog's agent and the application send carries the agent's environment."""


def _from_load_balancer(identifier: str, name: str, statistic: str) -> Series:
    return Series(
        id=identifier,
        namespace="AWS/ApplicationELB",
        name=name,
        statistic=statistic,
        dimensions={"LoadBalancer": Role.LOAD_BALANCER},
    )


def _from_agent(identifier: str, name: str, statistic: str) -> Series:
    """The CloudWatch agent adds up over the group, by its `aggregation_dimensions`."""
    return Series(
        id=identifier,
        namespace=AGENT_NAMESPACE,
        name=name,
        statistic=statistic,
        dimensions={"AutoScalingGroupName": Role.GROUP},
    )


def _from_proxy(identifier: str, name: str) -> Series:
    """Each host behind a proxy reports its part once a minute: the sum of a minute is the proxy's."""
    return Series(
        id=identifier,
        namespace="AWS/RDS",
        name=name,
        statistic="Sum",
        dimensions={"ProxyName": Role.PROXY},
    )


def latency(percentile: str) -> Source:
    """The time until a target answers. Both systems have it in seconds."""
    return Source(
        cloudwatch=CloudWatchForm(
            series=(_from_load_balancer("latency", "TargetResponseTime", percentile),),
            unit=Unit.SECONDS,
            missing_data="notBreaching",
            source=_LOAD_BALANCER,
        ),
        datadog=DatadogForm(
            queries={"latency": f"max:aws.applicationelb.target_response_time.{percentile}{_RESOURCES}"},
            formula="latency",
            unit=Unit.SECONDS,
            delay_seconds=_INTEGRATION_DELAY_SECONDS,
            source=_DATADOG_LOAD_BALANCER,
        ),
    )


# Requests for which no target could be chosen are counted among the load balancer's 5XX alone, and not
# among its requests: in the worst outage there would be no requests and so no error rate. `SUM` takes
# what there is; `+` has no value wherever one of its terms has none.
_ANSWERS: Final = "SUM([requests, refused])"
_FAILURES: Final = "SUM([failed, refused])"


def _counted(name: str) -> str:
    return f"sum:aws.applicationelb.{name}{_RESOURCES}.as_count()"


_COUNTED_ANSWERS: Final = "default_zero(requests) + default_zero(refused)"


ERROR_RATE: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(
            _from_load_balancer("requests", "RequestCount", "Sum"),
            _from_load_balancer("failed", "HTTPCode_Target_5XX_Count", "Sum"),
            _from_load_balancer("refused", "HTTPCode_ELB_5XX_Count", "Sum"),
        ),
        expression=f"IF({_ANSWERS} >= {_ENOUGH_REQUESTS}, 100 * {_FAILURES} / {_ANSWERS}, 0)",
        unit=Unit.PERCENT,
        missing_data="notBreaching",
        source=_LOAD_BALANCER,
    ),
    datadog=DatadogForm(
        queries={
            "requests": _counted("request_count"),
            "failed": _counted("httpcode_target_5xx"),
            "refused": _counted("httpcode_elb_5xx"),
        },
        formula=f"100 * (default_zero(failed) + default_zero(refused)) / ({_COUNTED_ANSWERS})",
        unit=Unit.PERCENT,
        aggregator="sum",
        delay_seconds=_INTEGRATION_DELAY_SECONDS,
        source=_DATADOG_LOAD_BALANCER,
        good="default_zero(requests) - default_zero(failed)",
        total=_COUNTED_ANSWERS,
    ),
)

THROUGHPUT: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(_from_load_balancer("requests", "RequestCount", "Sum"),),
        expression="requests / PERIOD(requests)",
        unit=Unit.REQUESTS_PER_SECOND,
        source=_LOAD_BALANCER,
    ),
    datadog=DatadogForm(
        queries={"requests": f"sum:aws.applicationelb.request_count{_RESOURCES}.as_rate()"},
        formula="requests",
        unit=Unit.REQUESTS_PER_SECOND,
        delay_seconds=_INTEGRATION_DELAY_SECONDS,
        source=_DATADOG_LOAD_BALANCER,
    ),
)

CONNECTION_POOL: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(
            _from_proxy("borrowed", "DatabaseConnectionsCurrentlyBorrowed"),
            _from_proxy("allowed", "MaxDatabaseConnectionsAllowed"),
        ),
        expression="100 * borrowed / allowed",
        unit=Unit.PERCENT,
        missing_data="notBreaching",  # before the first connection there are no series
        source=_PROXY,
    ),
    datadog=DatadogForm(
        queries={
            "borrowed": "sum:aws.rds.proxy.database_connections_currently_borrowed{proxyname:$proxy}",
            "allowed": "sum:aws.rds.proxy.max_database_connections_allowed{proxyname:$proxy}",
        },
        formula="100 * borrowed / allowed",
        unit=Unit.PERCENT,
        delay_seconds=_INTEGRATION_DELAY_SECONDS,
        source=_DATADOG_PROXY,
    ),
)

# The proxy knows averages only, so the application publishes each query's time: to CloudWatch in the
# embedded metric format, to Datadog's agent as a distribution.
P99_QUERY_TIME: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(
            Series(
                id="queries",
                namespace=APPLICATION_NAMESPACE,
                name="QueryTime",
                statistic="p99",
                dimensions={"Environment": Role.ENVIRONMENT},
            ),
        ),
        unit=Unit.MILLISECONDS,
        missing_data="notBreaching",
        source=_PERCENTILES,
    ),
    datadog=DatadogForm(
        queries={"queries": f"p99:syncup.query_time{_HOSTS}"},
        formula="queries",
        unit=Unit.MILLISECONDS,
        source=_DATADOG_DISTRIBUTIONS,
    ),
)

# Datadog gets only averages of custom CloudWatch metrics, which say nothing of a count: there the slow
# ones are counted in the distribution.
SLOW_QUERIES: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(
            Series(
                id="slow",
                namespace=APPLICATION_NAMESPACE,
                name="SlowQueries",
                statistic="Sum",
                dimensions={},
            ),
        ),
        unit=Unit.PER_MINUTE,
        missing_data="notBreaching",
        source=_LOG_FILTERS,
    ),
    datadog=DatadogForm(
        queries={"slow": f"count(v: v>={SLOW_QUERY_MILLISECONDS}):syncup.query_time{_HOSTS}.as_rate()"},
        formula="60 * slow",
        unit=Unit.PER_MINUTE,
        source=_DATADOG_DISTRIBUTIONS,
    ),
)

# PostgreSQL's lag is the age of the last transaction that was replayed: it grows to minutes while
# nothing is written. An alert needs a heartbeat, a row that is written more often than the limit
# (docs/application-contract.md).
REPLICATION_LAG: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(
            Series(
                id="lag",
                namespace="AWS/RDS",
                name="ReplicaLag",
                statistic="Maximum",
                dimensions={"DBInstanceIdentifier": Role.REPLICA},
            ),
        ),
        unit=Unit.SECONDS,
        source=_RDS,
    ),
    datadog=DatadogForm(
        queries={"lag": "max:aws.rds.replica_lag{dbinstanceidentifier:$replica}"},
        formula="lag",
        unit=Unit.SECONDS,
        delay_seconds=_INTEGRATION_DELAY_SECONDS,
        source=_DATADOG_RDS,
    ),
)

# The volume grows by itself, so free bytes over the size in the settings would be wrong: the operating
# system knows its own percentage.
DATABASE_DISK: Final = Source(
    key="database",
    cloudwatch=CloudWatchForm(
        series=(
            Series(
                id="used",
                namespace=APPLICATION_NAMESPACE,
                name=DATABASE_DISK_USED,
                statistic="Maximum",
                dimensions={"DBInstanceIdentifier": Role.DATABASE},
            ),
        ),
        expression="100 - used",
        unit=Unit.PERCENT,
        source=_OS,
    ),
    datadog=DatadogForm(
        queries={
            "free": "min:aws.rds.free_storage_space{dbinstanceidentifier:$database}",
            "total": "max:aws.rds.total_storage_space{dbinstanceidentifier:$database}",
        },
        formula="100 * free / total",
        unit=Unit.PERCENT,
        delay_seconds=_INTEGRATION_DELAY_SECONDS,
        source=_DATADOG_RDS,
    ),
)

INSTANCE_DISK: Final = Source(
    key="instances",
    cloudwatch=CloudWatchForm(
        series=(_from_agent("used", "disk_used_percent", "Maximum"),),  # the fullest instance
        expression="100 - used",
        unit=Unit.PERCENT,
        source=_AGENT,
    ),
    datadog=DatadogForm(
        queries={"used": f"max:system.disk.in_use{_HOSTS}"},
        formula="100 * (1 - used)",
        unit=Unit.PERCENT,
        source=_DATADOG_SYSTEM,
    ),
)

CPU: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(_from_agent("cpu", "cpu_usage_active", "Average"),), unit=Unit.PERCENT, source=_AGENT
    ),
    datadog=DatadogForm(
        queries={"idle": f"avg:system.cpu.idle{_HOSTS}"},
        formula="100 - idle",
        unit=Unit.PERCENT,
        source=_DATADOG_SYSTEM,
    ),
)

MEMORY: Final = Source(
    cloudwatch=CloudWatchForm(
        series=(_from_agent("memory", "mem_used_percent", "Maximum"),),  # a leak shows on one instance first
        unit=Unit.PERCENT,
        source=_AGENT,
    ),
    datadog=DatadogForm(
        queries={"usable": f"min:system.mem.pct_usable{_HOSTS}"},
        formula="100 * (1 - usable)",
        unit=Unit.PERCENT,
        source=_DATADOG_SYSTEM,
    ),
)
