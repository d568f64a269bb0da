"""Every alert of the guide rings in CloudWatch, once for every source, with its runbook."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.alarms import Severity
from components.alert_alarms import AlertAlarms, AlertAlarmsArgs
from components.alerts import Alert
from components.metric_forms import Role
from preview.graph import Graph, Resource
from tests.components.watched import ALERTS, NAMES, ROUTE, RUNBOOKS_URL, WITHOUT_REPLICA, alert
from tests.harness import build, context

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def _build(alerts: Sequence[Alert] = ALERTS, names: Mapping[Role, str] = NAMES) -> Graph:
    args = AlertAlarmsArgs(alerts=alerts, names=names, route=ROUTE)
    return build(lambda: AlertAlarms("alerts", context(), args))


def _metrics(alarm: Resource) -> dict[str, Any]:
    return {query["id"]: query["metric"] for query in alarm["metricQueries"] if "metric" in query}


def test_each_alert_rings_at_the_guides_threshold_in_the_metrics_own_unit() -> None:
    graph = _build()
    found = {
        alarm["name"].removeprefix("syncup-test-alerts-"): (
            alarm["comparisonOperator"],
            alarm["threshold"],
        )
        for alarm in graph.all(ALARM)
    }
    assert found == {
        "high-error-rate": ("GreaterThanThreshold", 5),
        "slow-queries": ("GreaterThanThreshold", 1000),
        "database-connection": ("GreaterThanThreshold", 90),
        "high-latency": ("GreaterThanThreshold", 3),  # 3000 ms; the load balancer counts in seconds
        "low-disk-space-database": ("LessThanThreshold", 10),
        "low-disk-space-instances": ("LessThanThreshold", 10),
    }


def test_each_alarm_is_routed_by_severity_and_names_its_runbook() -> None:
    graph = _build()
    for alert_ in ALERTS:
        alarms = [a for a in graph.all(ALARM) if f"-{alert_.slug}" in a["name"]]
        assert alarms
        for alarm in alarms:
            topic = ROUTE.topics.topic(alert_.severity)
            assert alarm["alarmActions"] == alarm["okActions"] == [topic]
            assert f"Runbook: {RUNBOOKS_URL}/{alert_.slug}.md" in alarm["alarmDescription"]


def test_exactly_one_query_of_an_alarm_is_watched() -> None:
    for alarm in _build().all(ALARM):
        watched = [query for query in alarm["metricQueries"] if query["returnData"]]
        assert len(watched) == 1
        assert len({metric["period"] for metric in _metrics(alarm).values()}) == 1


def test_dimensions_carry_the_environments_names() -> None:
    graph = _build()
    latency = graph.one(ALARM, "alerts-high-latency")
    assert _metrics(latency)["latency"]["dimensions"] == {"LoadBalancer": NAMES[Role.LOAD_BALANCER]}
    assert _metrics(latency)["latency"]["stat"] == "p99"
    pool = graph.one(ALARM, "alerts-database-connection")
    assert {m["dimensions"]["ProxyName"] for m in _metrics(pool).values()} == {NAMES[Role.PROXY]}
    disk = graph.one(ALARM, "alerts-low-disk-space-database")
    assert _metrics(disk)["used"]["dimensions"] == {"DBInstanceIdentifier": NAMES[Role.DATABASE]}


def test_silence_of_requests_is_no_alert() -> None:
    graph = _build()
    for name in ("high-error-rate", "high-latency", "slow-queries", "database-connection"):
        assert graph.one(ALARM, f"alerts-{name}")["treatMissingData"] == "notBreaching"


def test_the_composite_alarm_of_a_severity_covers_its_alarms_and_tells_nobody() -> None:
    graph = _build()
    composites = {c["alarmName"]: c for c in graph.all(COMPOSITE)}
    assert set(composites) == {"syncup-test-alerts-critical", "syncup-test-alerts-high"}
    critical = composites["syncup-test-alerts-critical"]
    assert critical["alarmRule"] == " OR ".join(
        f'ALARM("syncup-test-alerts-{name}")'
        for name in (
            "high-error-rate",
            "database-connection",
            "low-disk-space-database",
            "low-disk-space-instances",
        )
    )
    assert not critical.inputs.get("alarmActions")
    rung = {alarm.urn for alarm in graph.all(ALARM)}
    assert rung <= set(critical.dependencies)


def test_an_alert_more_is_one_entry_more_and_no_code() -> None:
    more = alert("HighMemory", "memory > 90%", Severity.MEDIUM)
    graph = _build([*ALERTS, more])
    alarm = graph.one(ALARM, "alerts-high-memory")
    assert alarm["alarmActions"] == [ROUTE.topics.medium]
    assert f"{RUNBOOKS_URL}/high-memory.md" in alarm["alarmDescription"]
    assert graph.one(COMPOSITE, "alerts-medium")["alarmRule"] == 'ALARM("syncup-test-alerts-high-memory")'


def test_an_alert_on_the_replica_rings_only_where_there_is_one() -> None:
    lag = [alert("ReplicaBehind", "replication_lag > 30s")]
    assert len(_build(lag).all(ALARM)) == 1
    assert not _build(lag, WITHOUT_REPLICA).all(ALARM)
    assert not _build(lag, WITHOUT_REPLICA).all(COMPOSITE)


def test_the_names_for_the_maintenance_window_are_the_alarms_names() -> None:
    found: list[str] = []

    def program() -> None:
        args = AlertAlarmsArgs(alerts=ALERTS, names=NAMES, route=ROUTE)
        found.extend(AlertAlarms("alerts", context(), args).alarm_names)

    graph = build(program)
    assert sorted(found) == sorted(alarm["name"] for alarm in graph.all(ALARM))
