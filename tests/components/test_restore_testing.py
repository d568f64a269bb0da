"""The monthly recovery test: restored where it can be reached, and never passed unseen."""

import json
from datetime import timedelta

import pytest

from components.alarms import AlarmRoute, AlarmTopics
from components.encryption import Encryption
from components.function import VpcPlacement
from components.restore_testing import RestoreTesting, RestoreTestingArgs
from preview.graph import Graph
from tests.harness import build, context

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
VAULT = "arn:aws:backup:us-west-2:111122223333:backup-vault:syncup-test-backups"
DATABASES = ("arn:aws:rds:us-west-2:111122223333:db:syncup-test-g1",)


@pytest.fixture(scope="module")
def graph() -> Graph:
    def program() -> None:
        here = context()
        RestoreTesting(
            "recovery-test",
            here,
            RestoreTestingArgs(
                vault_arn=VAULT,
                vault="syncup-test-backups",
                database_arns=DATABASES,
                database_name="syncup",
                promised=timedelta(hours=1),
                hour=6,
                subnet_group_name="syncup-test-database",
                database_group_id="sg-database",
                function_placement=VpcPlacement(subnet_ids=["subnet-1"], security_group_ids=["sg-functions"]),
                key=Encryption("encryption", here).logs,
                alarms=ROUTE,
            ),
        )

    return build(program, known=True)


def test_the_latest_point_is_restored_every_month(graph: Graph) -> None:
    plan = graph.one("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert plan["scheduleExpression"] == "cron(0 6 1 * ? *)"
    assert plan["recoveryPointSelection"] == {
        "algorithm": "LATEST_WITHIN_WINDOW",
        "includeVaults": [VAULT],
        "recoveryPointTypes": ["SNAPSHOT"],
        "selectionWindowDays": 2,
    }


def test_names_are_what_aws_takes(graph: Graph) -> None:
    plan = graph.one("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert plan["name"] == "syncup_test_recovery_test"


def test_the_restored_database_lands_in_our_own_subnets_out_of_public_reach(graph: Graph) -> None:
    selection = graph.one("aws:backup/restoreTestingSelection:RestoreTestingSelection")
    assert selection["protectedResourceArns"] == list(DATABASES)
    overrides = selection["restoreMetadataOverrides"]
    assert overrides["dbSubnetGroupName"] == "syncup-test-database"
    assert json.loads(overrides["vpcSecurityGroupIds"]) == ["sg-database"]
    assert overrides["publiclyAccessible"] == "false"
    assert overrides["enableIamDatabaseAuthentication"] == "true"


def test_every_end_of_a_test_reaches_the_function_a_failed_one_too(graph: Graph) -> None:
    rule = graph.one("aws:cloudwatch/eventRule:EventRule")
    pattern = json.loads(rule["eventPattern"])
    assert set(pattern["detail"]["status"]) == {"COMPLETED", "FAILED", "ABORTED"}
    (own,) = pattern["detail"]["restoreTestingPlanArn"]
    assert own["prefix"].endswith(":restore-testing-plan:syncup_test_recovery_test-")
    permission = graph.one("aws:lambda/permission:Permission")
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"].endswith(f":rule/{rule['name']}")


def test_the_function_logs_in_by_iam_and_touches_nothing_but_what_was_restored(graph: Graph) -> None:
    policy = graph.one("aws:iam/rolePolicy:RolePolicy", "recovery-test-validation-permissions")
    by_action = {
        action: statement
        for statement in json.loads(policy["policy"])["Statement"]
        for action in statement["Action"]
        if statement["Effect"] == "Allow"
    }
    assert by_action["rds-db:connect"]["Resource"] == [
        "arn:aws:rds-db:us-west-2:111122223333:dbuser:*/validator"
    ]
    assert by_action["rds:DescribeDBInstances"]["Resource"] == [
        "arn:aws:rds:us-west-2:111122223333:db:awsbackup-restore-test-*"
    ]
    assert not any(action.startswith("secretsmanager:") for action in by_action)


def test_the_function_knows_what_to_look_at_and_where_its_figures_go(graph: Graph) -> None:
    function = graph.one("aws:lambda/function:Function")
    assert function["environment"]["variables"] == {
        "DATABASE_NAME": "syncup",
        "METRIC_NAMESPACE": "SyncUp/Backups",
    }


def test_a_sound_database_that_comes_later_than_promised_rings(graph: Graph) -> None:
    alarm = graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", "recovery-test-duration")
    assert (alarm["metricName"], alarm["threshold"]) == ("RecoveryDuration", 3600)
    assert alarm["comparisonOperator"] == "GreaterThanThreshold"
    assert alarm["treatMissingData"] == "notBreaching"
