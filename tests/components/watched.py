"""The guide's alerts and targets, and an environment in which they are measured."""

from components.alarms import AlarmRoute, AlarmTopics, Severity
from components.alerts import Alert, Target
from components.metric_forms import Role
from components.threshold import Limit, Threshold

RUNBOOKS_URL = "https://example.com/runbooks"


def topics(region: str) -> AlarmTopics:
    """Topics whose ARNs end in the severity."""
    prefix = f"arn:aws:sns:{region}:111122223333:alerts"
    return AlarmTopics(
        critical=f"{prefix}-critical", high=f"{prefix}-high", medium=f"{prefix}-medium", low=f"{prefix}-low"
    )


ROUTE = AlarmRoute(topics=topics("us-west-2"), runbooks_url=RUNBOOKS_URL)


def alert(name: str, threshold: str, severity: Severity = Severity.CRITICAL) -> Alert:
    """One alert in the guide's words."""
    return Alert(name=name, threshold=Threshold.parse(threshold), severity=severity)


def target(metric: str, limit: str, section: str = "API performance") -> Target:
    """One target in the guide's words."""
    return Target(section=section, title=metric, metric=metric, limit=Limit.parse(limit))


ALERTS = (
    alert("HighErrorRate", "error_rate > 5%"),
    alert("SlowQueries", "p99_query_time > 1000ms", Severity.HIGH),
    alert("DatabaseConnection", "connection_pool > 90%"),
    alert("HighLatency", "p99_latency > 3000ms", Severity.HIGH),
    alert("LowDiskSpace", "disk_free < 10%"),
)
TARGETS = (
    target("cpu", "< 70%", "Application health"),
    target("memory", "< 80%", "Application health"),
    target("error_rate", "< 1%", "Application health"),
    target("p99_latency", "< 2000ms", "Application health"),
    target("connection_pool", "< 80%", "Database health"),
    target("p99_query_time", "< 500ms", "Database health"),
    target("slow_queries", "< 5/min", "Database health"),
    target("replication_lag", "< 1s", "Database health"),
    target("p50_latency", "< 200ms"),
    target("p99_latency", "< 2000ms"),
    target("throughput", "> 100 req/s"),
    target("error_rate", "< 1%"),
)
NAMES = {
    Role.ENVIRONMENT: "test",
    Role.LOAD_BALANCER: "app/syncup-test/0123456789abcdef",
    Role.PROXY: "syncup-test-proxy",
    Role.DATABASE: "syncup-test-g1",
    Role.REPLICA: "syncup-test-g1-replica",
    Role.GROUP: "syncup-test-application",
}
WITHOUT_REPLICA = {role: name for role, name in NAMES.items() if role is not Role.REPLICA}
