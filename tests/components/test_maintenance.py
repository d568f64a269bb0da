"""One window, in every form of it, and a notice in good time."""

import json
from datetime import timedelta
from typing import Any

import pytest

from components.encryption import Encryption
from components.maintenance import Maintenance, MaintenanceArgs
from components.window import MaintenanceWindow
from preview.graph import Graph
from tests.components.watched import ROUTE
from tests.harness import build, context

WINDOW = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone="UTC")


def _build(**changes: Any) -> Graph:
    def program() -> None:
        values: dict[str, Any] = {
            "window": WINDOW,
            "notice": timedelta(hours=48),
            "team": ["On-call engineer", "Backup"],
            "patch_tags": {"Purpose": "syncup-test-bastion", "Environment": "test"},
            "muted_alarms": ["syncup-test-alerts-high-latency", "syncup-test-database-failover"],
            "notice_topic": "arn:aws:sns:us-west-2:111122223333:syncup-test-alerts-low",
            "notice_topic_name": "syncup-test-alerts-low",
            "key": Encryption("encryption", context()).logs,
            "route": ROUTE,
        }
        Maintenance("maintenance", context(), MaintenanceArgs(**{**values, **changes}))

    return build(program)


def test_patches_alarms_and_monitors_follow_the_same_window() -> None:
    graph = _build()
    window = graph.one("aws:ssm/maintenanceWindow:MaintenanceWindow")
    assert (window["schedule"], window["scheduleTimezone"]) == ("cron(0 2 ? * SUN *)", "UTC")
    assert (window["duration"], window["cutoff"]) == (2, 1)
    rule = graph.one("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")["rule"]["schedule"]
    assert rule == {"expression": "cron(0 2 * * SUN)", "duration": "PT2H", "timezone": "UTC"}
    downtime = graph.one("datadog:index/downtimeSchedule:DowntimeSchedule")["recurringSchedule"]
    assert downtime["timezone"] == "UTC"
    (recurrence,) = downtime["recurrences"]
    assert recurrence == {
        "rrule": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
        "start": "2026-01-04T02:00:00",
        "duration": "120m",
    }


def test_only_this_environments_alert_monitors_are_muted() -> None:
    downtime = _build().one("datadog:index/downtimeSchedule:DowntimeSchedule")
    assert downtime["monitorIdentifier"]["monitorTags"] == [
        "project:syncup",
        "environment:test",
        "kind:alert",
    ]


def test_the_stated_alarms_are_muted_and_no_others() -> None:
    muted = _build().one("aws:cloudwatch/alarmMuteRule:AlarmMuteRule")["muteTargets"]["alarmNames"]
    assert muted == ["syncup-test-alerts-high-latency", "syncup-test-database-failover"]


def test_more_alarms_than_one_rule_mutes_are_refused() -> None:
    with pytest.raises(ValueError, match="101 alarms are to be muted"):
        _build(muted_alarms=[f"alarm-{number}" for number in range(101)])


def test_only_instances_with_all_the_tags_are_patched_one_at_a_time() -> None:
    graph = _build()
    target = graph.one("aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget")
    assert {t["key"]: t["values"] for t in target["targets"]} == {
        "tag:Purpose": ["syncup-test-bastion"],
        "tag:Environment": ["test"],
    }
    task = graph.one("aws:ssm/maintenanceWindowTask:MaintenanceWindowTask")
    assert task["taskArn"] == "AWS-RunPatchBaseline"
    assert (task["maxConcurrency"], task["maxErrors"]) == ("1", "0")
    parameters = task["taskInvocationParameters"]["runCommandParameters"]["parameters"]
    assert {p["name"]: p["values"] for p in parameters} == {
        "Operation": ["Install"],
        "RebootOption": ["RebootIfNeeded"],
    }


def test_the_notice_goes_out_48_hours_before_with_all_it_says() -> None:
    schedule = _build().one("aws:scheduler/schedule:Schedule")
    assert schedule["scheduleExpression"] == "cron(0 2 ? * FRI *)"
    assert schedule["scheduleExpressionTimezone"] == "UTC"
    event = json.loads(schedule["target"]["input"])
    assert event == {
        "scheduled": "<aws.scheduler.scheduled-time>",
        "environment": "test",
        "day": "sunday",
        "start": "02:00",
        "end": "04:00",
        "time_zone": "UTC",
        "notice_hours": 48,
        "team": ["On-call engineer", "Backup"],
    }


def test_the_notice_may_publish_to_its_topic_and_nothing_else() -> None:
    policies = [json.loads(p["policy"]) for p in _build().all("aws:iam/rolePolicy:RolePolicy")]
    publishing = [s for p in policies for s in p["Statement"] if "sns:Publish" in s["Action"]]
    assert [s["Resource"] for s in publishing] == [
        ["arn:aws:sns:us-west-2:111122223333:syncup-test-alerts-low"]
    ]
