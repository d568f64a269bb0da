"""Silence rings: each system watches the other."""

from components.silence import Silence, SilenceArgs
from preview.graph import Graph
from tests.components.watched import ROUTE, RUNBOOKS_URL
from tests.harness import build, context

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
MONITOR = "datadog:index/monitor:Monitor"


def _build() -> Graph:
    args = SilenceArgs(route=ROUTE, pager="@pagerduty-syncup-test-silence")
    return build(lambda: Silence("silence", context(), args))


def test_datadogs_silence_is_told_to_slack_and_wakes_nobody() -> None:
    alarm = _build().one(ALARM)
    assert alarm["treatMissingData"] == "breaching"
    assert alarm["alarmActions"] == [ROUTE.topics.medium]
    assert alarm["dimensions"]["Resource"] == "ListMetrics"


def test_cloudwatchs_silence_pages_through_datadog() -> None:
    monitors = _build().all(MONITOR)
    assert len(monitors) == 2
    for monitor in monitors:
        assert monitor["message"].endswith("@pagerduty-syncup-test-silence")
        assert f"{RUNBOOKS_URL}/cloudwatch-silent.md" in monitor["message"]
        assert monitor["onMissingData"] == "show_and_notify_no_data"


def test_only_missing_data_sets_them_off_and_maintenance_does_not_mute_them() -> None:
    for monitor in _build().all(MONITOR):
        assert monitor["query"].endswith(" < 0")
        assert "kind:alert" not in monitor["tags"]
