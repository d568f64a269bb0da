"""What rings about the database beside the guide's alerts."""

import json
from functools import cache

import pytest

from components.database import Database
from preview.graph import Graph
from tests.components.stage import ROUTE, alarm, allowed, database_args, listed
from tests.harness import build, context

SUBSCRIPTION = "aws:rds/eventSubscription:EventSubscription"
MUTED: list[tuple[str, ...]] = []


@cache
def _graph() -> Graph:
    def program() -> None:
        database = Database("database", context(), database_args())
        MUTED.append(database.window_muted_alarms)

    return build(program, known=True)


@pytest.mark.parametrize("suffix", ["free-storage", "transaction-ids", "failover", "backup-age"])
def test_every_alarm_tells_its_severity_and_its_runbook(suffix: str) -> None:
    ringing = alarm(_graph(), f"database-{suffix}")
    assert ringing["alarmActions"] == [ROUTE.topics.high]
    assert ringing["alarmDescription"].endswith(f"https://example.com/runbooks/database-{suffix}.md")


def test_storage_rings_when_it_should_long_have_grown() -> None:
    ringing = alarm(_graph(), "database-free-storage")
    assert ringing["threshold"] == 10 * 1024**3
    assert ringing["comparisonOperator"] == "LessThanThreshold"


def test_an_unknown_age_of_the_copy_rings_like_an_old_one() -> None:
    ringing = alarm(_graph(), "database-backup-age")
    assert ringing["treatMissingData"] == "breaching"
    assert ringing["threshold"] == 25 * 60
    assert ringing["dimensions"] == {"DBInstanceIdentifier": "syncup-test-g1"}


def test_the_alarm_reads_what_the_function_publishes() -> None:
    graph = _graph()
    function = graph.one("aws:lambda/function:Function")
    told, ringing = function["environment"]["variables"], alarm(graph, "database-backup-age")
    assert (told["METRIC_NAMESPACE"], told["METRIC_NAME"]) == (ringing["namespace"], ringing["metricName"])
    assert told["DATABASE_INSTANCE"] == ringing["dimensions"]["DBInstanceIdentifier"]
    assert graph.one("aws:scheduler/schedule:Schedule")["scheduleExpression"] == "rate(5 minutes)"
    assert ringing["period"] == 300


def test_the_function_looks_in_the_other_region_and_publishes_in_its_namespace_alone() -> None:
    graph = _graph()
    permissions = allowed(graph, "database-backup-age-permissions")
    assert permissions["rds:DescribeDBInstanceAutomatedBackups"] == [
        "arn:aws:rds:us-east-2:111122223333:auto-backup:*",
        "arn:aws:rds:us-east-2:111122223333:db:*",
    ]
    policy = graph.one("aws:iam/rolePolicy:RolePolicy", "database-backup-age-permissions")["policy"]
    (publishing,) = [
        s for s in json.loads(policy)["Statement"] if s["Action"] == ["cloudwatch:PutMetricData"]
    ]
    assert publishing["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SyncUp/Backups"}}


def test_maintenance_mutes_what_it_would_ring_itself() -> None:
    _graph()
    assert MUTED == [("syncup-test-database-failover", "syncup-test-database-backup-age")]


def test_a_failover_of_the_active_instance_is_counted_and_kept() -> None:
    graph = _graph()
    rule = graph.one("aws:cloudwatch/eventRule:EventRule")
    assert json.loads(rule["eventPattern"])["detail"] == {
        "SourceIdentifier": ["syncup-test-g1"],
        "EventCategories": ["failover", "failure"],
    }
    assert alarm(graph, "database-failover")["dimensions"] == {"RuleName": rule["name"]}
    policy = json.loads(graph.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")["policyDocument"])
    (statement,) = policy["Statement"]
    group = graph.one("aws:cloudwatch/logGroup:LogGroup", "database-failover-log")
    assert listed(statement["Resource"]) == [
        f"arn:aws:logs:us-west-2:111122223333:log-group:{group['name']}:*"
    ]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(f":rule/{rule['name']}")


def test_rds_own_notices_cover_what_the_controls_ask_for_and_wake_nobody() -> None:
    # RDS.20 to RDS.22 of AWS' Foundational Security Best Practices.
    told = {s["sourceType"]: set(s["eventCategories"]) for s in _graph().all(SUBSCRIPTION)}
    assert told["db-instance"] >= {"maintenance", "configuration change", "failure"}
    assert told["db-parameter-group"] == {"configuration change"}
    assert told["db-security-group"] == {"configuration change", "failure"}
    for subscription in _graph().all(SUBSCRIPTION):
        assert subscription["snsTopic"] == ROUTE.topics.low
        assert "sourceIds" not in subscription.inputs
