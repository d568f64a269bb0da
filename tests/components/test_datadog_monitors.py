"""Datadog's monitors, objectives and dashboard say what CloudWatch says, and do not page."""

import re
from collections.abc import Sequence

from components.alerts import Alert, Target
from components.datadog_dashboard import DatadogDashboard, DatadogDashboardArgs
from components.datadog_monitors import DatadogMonitors, DatadogMonitorsArgs
from components.metric_forms import Role
from preview.graph import Graph
from tests.components.watched import ALERTS, NAMES, RUNBOOKS_URL, TARGETS, alert
from tests.harness import build, context

MONITOR = "datadog:index/monitor:Monitor"
OBJECTIVE = "datadog:index/serviceLevelObjective:ServiceLevelObjective"
DASHBOARD = "datadog:index/dashboard:Dashboard"
KNOWN = {role: name for role, name in NAMES.items() if role is not Role.LOAD_BALANCER}


def _monitors(alerts: Sequence[Alert] = ALERTS, targets: Sequence[Target] = TARGETS) -> Graph:
    args = DatadogMonitorsArgs(
        alerts=alerts,
        targets=targets,
        roles=frozenset(NAMES),
        names=KNOWN,
        runbooks_url=RUNBOOKS_URL,
        notice="@slack-syncup-tech",
    )
    return build(lambda: DatadogMonitors("monitors", context(), args))


def test_the_querys_number_is_the_critical_threshold() -> None:
    for monitor in _monitors().all(MONITOR):
        number = re.search(r" [<>]=? (\S+)$", monitor["query"])
        assert number is not None
        assert number[1] == monitor["monitorThresholds"]["critical"]


def test_each_monitor_warns_at_the_target_in_the_metrics_own_unit() -> None:
    graph = _monitors()
    found = {m.name: m["monitorThresholds"] for m in graph.all(MONITOR)}
    assert found == {
        "monitors-high-error-rate": {"critical": "5", "warning": "1"},
        "monitors-slow-queries": {"critical": "1000", "warning": "500"},
        "monitors-database-connection": {"critical": "90", "warning": "80"},
        "monitors-high-latency": {"critical": "3", "warning": "2"},
        "monitors-low-disk-space-database": {"critical": "10"},
        "monitors-low-disk-space-instances": {"critical": "10"},
    }


def test_no_monitor_of_an_alert_pages() -> None:
    for monitor in _monitors().all(MONITOR):
        assert "@pagerduty" not in monitor["message"]
        assert re.findall(r"@\S+", monitor["message"]) == ["@slack-syncup-tech{{/is_warning}}"]


def test_each_monitor_names_its_runbook_and_what_it_belongs_to() -> None:
    graph = _monitors()
    monitor = graph.one(MONITOR, "monitors-high-error-rate")
    assert f"{RUNBOOKS_URL}/high-error-rate.md" in monitor["message"]
    assert {"project:syncup", "environment:test", "kind:alert", "severity:critical"} <= set(monitor["tags"])
    assert monitor["priority"] == "1"


def test_what_comes_from_cloudwatch_is_judged_when_it_has_arrived() -> None:
    delays = {monitor.name: monitor["evaluationDelay"] for monitor in _monitors().all(MONITOR)}
    assert delays["monitors-high-latency"] == 900
    assert delays["monitors-slow-queries"] == 0


def test_a_ratio_of_counts_is_divided_after_the_window_is_summed_up() -> None:
    query = _monitors().one(MONITOR, "monitors-high-error-rate")["query"]
    assert query.startswith("sum(last_5m):100 * (default_zero(sum:aws.applicationelb.httpcode_target_5xx{")


def test_what_users_feel_has_an_objective() -> None:
    objectives = {o.name.removeprefix("monitors-"): o for o in _monitors().all(OBJECTIVE)}
    assert set(objectives) == {"error-rate-objective", "p99-latency-objective", "p50-latency-objective"}
    errors = objectives["error-rate-objective"]
    assert errors["type"] == "metric"
    assert errors["thresholds"] == [{"timeframe": "30d", "target": 99}]
    assert "refused" not in errors["query"]["numerator"]
    latency = objectives["p99-latency-objective"]["sliSpecification"]["timeSlice"]
    assert (latency["comparator"], latency["threshold"]) == ("<", 2)
    assert [query["metricQuery"]["name"] for query in latency["query"]["queries"]] == ["latency"]


def test_an_alert_more_is_one_entry_more_and_no_code() -> None:
    graph = _monitors([*ALERTS, alert("HighMemory", "memory > 90%")])
    monitor = graph.one(MONITOR, "monitors-high-memory")
    assert monitor["monitorThresholds"] == {"critical": "90", "warning": "80"}
    assert monitor["query"] == "avg(last_5m):100 * (1 - min:system.mem.pct_usable{env:test}) > 90"


def test_the_dashboard_draws_every_key_metric_with_its_lines() -> None:
    args = DatadogDashboardArgs(alerts=ALERTS, targets=TARGETS, roles=frozenset(NAMES), names=KNOWN)
    dashboard = build(lambda: DatadogDashboard("dashboard", context(), args)).one(DASHBOARD)
    groups = {w["groupDefinition"]["title"]: w["groupDefinition"]["widgets"] for w in dashboard["widgets"]}
    assert [len(widgets) for widgets in groups.values()] == [4, 4, 4, 2]
    latency = groups["Application health"][3]["timeseriesDefinition"]
    assert latency["markers"] == [
        {"value": "y = 2", "displayType": "ok dashed", "label": "target < 2000ms"},
        {"value": "y = 3", "displayType": "error dashed", "label": "HighLatency > 3000ms"},
    ]
    for widgets in groups.values():
        for widget in widgets:
            (request,) = widget["timeseriesDefinition"]["requests"]
            assert all("$" not in query["metricQuery"]["query"] for query in request["queries"])
