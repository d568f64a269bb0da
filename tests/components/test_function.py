"""A function: bounded, watched, and able to do what it says and no more."""

import json

from components.alarms import AlarmRoute, AlarmTopics
from components.encryption import Encryption
from components.function import Function, FunctionArgs, VpcPlacement
from components.iam import Statement
from preview.graph import Graph
from tests.harness import build, context

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")


def _graph() -> Graph:
    def program() -> None:
        here = context()
        function = Function(
            "notice",
            here,
            FunctionArgs(
                source="maintenance_notice",
                description="Tells of maintenance.",
                timeout_seconds=30,
                key=Encryption("encryption", here).logs,
                alarms=ROUTE,
                runbook="maintenance-notice",
                environment={"TOPIC": "arn:topic"},
                statements=[Statement(actions=["sns:Publish"], resources=["arn:topic"])],
                vpc=VpcPlacement(subnet_ids=["subnet-1"], security_group_ids=["sg-1"]),
            ),
        )
        function.on_schedule("weekly", "cron(0 2 ? * FRI *)", "Europe/Berlin")
        function.allow("logs", "logs.amazonaws.com", "arn:aws:logs:us-west-2:111122223333:log-group:x:*")

    return build(program)


def test_it_is_bounded_encrypted_traced_and_keeps_what_it_gave_up_on() -> None:
    function = _graph().one("aws:lambda/function:Function")
    assert function["reservedConcurrentExecutions"] == 1
    assert function["timeout"] == 30
    assert function["tracingConfig"] == {"mode": "Active"}
    assert "kmsKeyArn" in function.inputs
    assert "targetArn" in function["deadLetterConfig"]
    assert function["loggingConfig"]["logFormat"] == "JSON"


def test_its_role_is_for_lambda_of_this_account() -> None:
    trust = json.loads(_graph().one("aws:iam/role:Role", "notice-role")["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_no_permission_is_a_wildcard_where_aws_allows_less() -> None:
    policy = json.loads(_graph().one("aws:iam/rolePolicy:RolePolicy", "notice-permissions")["policy"])
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    assert all("*" not in statement["Action"] for statement in allowed)
    everywhere = {action for s in allowed if s["Resource"] == ["*"] for action in s["Action"]}
    assert everywhere == {
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
    }


def test_errors_and_dead_letters_raise_alarms_that_link_the_runbook() -> None:
    alarms = _graph().all("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {alarm.name for alarm in alarms} == {"notice-errors", "notice-dead-letters-waiting"}
    for alarm in alarms:
        assert alarm["alarmActions"] == ["arn:high"]
        assert alarm["alarmDescription"].endswith("https://example.com/runbooks/maintenance-notice.md")


def test_a_schedule_runs_in_its_own_time_zone_with_a_role_for_this_function_alone() -> None:
    graph = _graph()
    schedule = graph.one("aws:scheduler/schedule:Schedule")
    assert schedule["scheduleExpressionTimezone"] == "Europe/Berlin"
    policy = json.loads(graph.one("aws:iam/rolePolicy:RolePolicy", "notice-weekly-permissions")["policy"])
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws:lambda:us-west-2:111122223333:function:syncup-test-notice"
    ]


def test_a_service_invokes_it_for_one_source_of_this_account() -> None:
    permission = _graph().one("aws:lambda/permission:Permission")
    assert permission["sourceAccount"] == "111122223333"
    assert permission["sourceArn"].startswith("arn:aws:logs:")
