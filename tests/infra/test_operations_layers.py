"""From the guide's lines to what rings, pages and is muted: no code in between."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from components.base import Component
from components.context import Context
from infra.environment import context
from infra.layers.foundations import foundations
from infra.layers.maintenance import maintenance
from infra.layers.monitoring import monitoring, status_page
from infra.layers.on_call import chat, on_call
from infra.reading import ROOT, Project, read_project, stack_configuration
from preview.graph import Graph
from tests.harness import build
from tests.infra.project import GUIDE_FILE, copy, edit
from tests.program.stacks import built

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
MONITOR = "datadog:index/monitor:Monitor"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
STACKS = ("staging", "production", "recovery")


class _Measured(Component):
    """What monitoring takes of the application and of the database."""

    def __init__(self, name: str, context: Context, *, replica: bool) -> None:
        super().__init__("syncup:test:Measured", name, context)
        self.load_balancer_suffix = "app/syncup/0123456789abcdef"
        self.group_name = context.name("application")
        self.proxy_name = context.name("proxy")
        self.active_identifier = context.name("g1")
        self.replica_identifier = context.name("g1", "replica") if replica else None


def _project(stack: str, root: Path = ROOT) -> Project:
    return read_project(stack, stack_configuration(stack, root).get, root=root)


@cache
def _built(stack: str) -> Graph:
    return _build(_project(stack))


def _build(project: Project) -> Graph:
    settings, guide = project.settings, project.guide

    def program() -> None:
        here = context(settings, project="syncup")
        base = foundations(here, settings)
        measured: Any = _Measured("measured", here, replica=settings.database.replica)
        called = on_call(here, settings, guide, foundations=base)
        chat(here, settings, foundations=base)
        watched = monitoring(
            here,
            settings,
            guide,
            foundations=base,
            application=measured,
            database=measured,
            on_call=called,
        )
        maintenance(
            here,
            guide,
            foundations=base,
            patch_tags={"Purpose": here.name("bastion")},
            muted_alarms=watched.alarms.alarm_names,
        )

    return build(program, known=True)


@pytest.mark.parametrize("stack", STACKS)
def test_every_alert_rings_in_every_stack_and_has_its_page(stack: str) -> None:
    project, graph = _project(stack), _built(stack)
    for alert in project.guide.alerts:
        limit = alert.threshold.limit
        ringing = [a for a in graph.all(ALARM) if f"{alert.name}: " in a["alarmDescription"]]
        assert ringing, alert.name
        for alarm in ringing:
            page = alarm["alarmDescription"].rpartition("/runbooks/")[2]
            assert (ROOT / "docs" / "runbooks" / page).is_file()
            assert alarm["comparisonOperator"] == limit.comparison.cloudwatch
            assert len(alarm["alarmActions"]) == 1


def test_an_alert_more_is_three_lines_more_in_the_guide(tmp_path: Path) -> None:
    root = copy(tmp_path)
    before = _built("production")
    edit(
        root / GUIDE_FILE,
        "  - name: HighLatency\n",
        "  - name: ManySlowQueries\n    threshold: slow_queries > 50/min\n    severity: Medium\n\n"
        "  - name: HighLatency\n",
    )
    after = _build(_project("production", root))
    new = {(r.type, r.name) for r in after.resources} - {(r.type, r.name) for r in before.resources}
    assert new == {
        (ALARM, "alerts-many-slow-queries"),
        (COMPOSITE, "alerts-medium"),
        (MONITOR, "monitors-many-slow-queries"),
    }
    alarm = after.one(ALARM, "alerts-many-slow-queries")
    assert alarm["threshold"] == 50
    assert alarm["alarmDescription"].endswith("/many-slow-queries.md")
    monitor = after.one(MONITOR, "monitors-many-slow-queries")
    assert monitor["monitorThresholds"] == {"critical": "50", "warning": "5"}
    muted = after.one("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")["muteTargets"]["alarmNames"]
    assert "syncup-production-alerts-many-slow-queries" in muted
    dashboard = after.one("aws:cloudwatch/dashboard:Dashboard")["dashboardBody"]
    assert "ManySlowQueries > 50/min" in dashboard


def test_each_alarm_reaches_the_pager_by_one_path_if_its_severity_pages() -> None:
    project, graph = _project("production"), _built("production")
    paged = [subscription["topic"] for subscription in graph.all(SUBSCRIPTION)]
    assert len(paged) == len(set(paged)) == len(project.guide.paging_severities) * 3
    for alarm in graph.all(ALARM):
        (topic,) = alarm["alarmActions"]
        severity = alarm["tags"]["Severity"]
        assert (topic in paged) == (severity in project.guide.paging_severities)


def test_only_one_stack_of_an_account_is_read_by_datadog() -> None:
    accounts = [
        project.settings.account_id
        for project in map(_project, STACKS)
        if project.settings.monitoring.datadog.integration
    ]
    assert len(accounts) == len(set(accounts))


def test_the_status_command_finds_the_page_and_its_components() -> None:
    outputs = status_page(_project("production").settings)
    assert outputs["status-page"] == "kctbh9vrtdwd"
    assert '"database": "b13yz5g2cw10"' in outputs["status-page-components"]


def test_users_see_alarms_on_key_metrics_and_the_check_from_outside() -> None:
    (function,) = [
        one
        for one in built("production").known.all("aws:lambda/function:Function")
        if "PAGE_ID" in one["environment"]["variables"]
    ]
    alarms = json.loads(function["environment"]["variables"]["ALARMS"])
    assert alarms["us-east-1"] == {
        "syncup-production-uptime-unreachable": {"severity": "Critical", "components": ["application"]}
    }
    (home,) = alarms.keys() - {"us-east-1"}
    about = {
        name.removeprefix("syncup-production-alerts-"): one["components"]
        for name, one in alarms[home].items()
    }
    assert about == {
        "high-error-rate": ["application", "api"],
        "high-latency": ["application", "api"],
        "slow-queries": ["database"],
        "database-connection": ["database"],
    }
