"""The maintenance tasks' function: called all through the window, with the rights that its work takes."""

import json
from functools import cache
from typing import Any

from components.encryption import Encryption
from components.function import VpcPlacement
from components.maintenance_tasks import MaintenanceTasks, MaintenanceTasksArgs
from components.window import MaintenanceWindow
from preview.graph import Graph
from tests.components.watched import ROUTE
from tests.harness import build, context

WINDOW = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone="UTC")


@cache
def _graph() -> Graph:
    def program() -> None:
        keys = Encryption("encryption", context())
        args = MaintenanceTasksArgs(
            window=WINDOW,
            paging=["P1", "P2"],
            database_address="db.example.com",
            database_name="syncup",
            cache_endpoint="cache.example.com",
            records_bucket="syncup-test-records",
            log_retention_days=365,
            placement=VpcPlacement(subnet_ids=["subnet-1"], security_group_ids=["sg-functions"]),
            key=keys.logs,
            records_key=keys.data,
            secrets_key=keys.secrets,
            route=ROUTE,
        )
        MaintenanceTasks("maintenance-tasks", context(), args)

    return build(program, known=True)


def _may() -> dict[str, Any]:
    name = "maintenance-tasks-function-permissions"
    policy = json.loads(_graph().one("aws:iam/rolePolicy:RolePolicy", name)["policy"])
    return {
        action: one["Resource"]
        for one in policy["Statement"]
        if one["Effect"] == "Allow"
        for action in one["Action"]
    }


def test_it_is_called_again_and_again_while_the_window_is_open() -> None:
    schedule = _graph().one("aws:scheduler/schedule:Schedule")
    assert schedule["scheduleExpression"] == "cron(0/15 2,3 ? * SUN *)"
    function = _graph().one("aws:lambda/function:Function")
    assert (function["timeout"], function["reservedConcurrentExecutions"]) == (900, 1)


def test_it_works_in_the_vpc_and_knows_where_everything_is() -> None:
    function = _graph().one("aws:lambda/function:Function")
    assert function["vpcConfig"]["securityGroupIds"] == ["sg-functions"]
    variables = function["environment"]["variables"]
    assert variables["DATABASE_ENDPOINT"] == "db.example.com:5432"
    assert variables["CACHE_ENDPOINT"] == "cache.example.com:6379"
    assert MaintenanceWindow.parse(**json.loads(variables["WINDOW"])) == WINDOW
    assert variables["PAGING"] == "P1,P2"


def test_it_logs_in_to_the_database_by_iam_and_reads_the_caches_secret_alone() -> None:
    may = _may()
    assert may["rds-db:connect"] == ["arn:aws:rds-db:us-west-2:111122223333:dbuser:*/maintenance"]
    assert may["secretsmanager:GetSecretValue"] == [
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/test/cache-??????"
    ]


def test_it_bounds_the_environments_own_log_groups_and_reads_incidents_without_changing_them() -> None:
    may = _may()
    assert may["logs:PutRetentionPolicy"] == [
        f"arn:aws:logs:us-west-2:111122223333:log-group:{name}*"
        for name in (
            "/syncup/test/",
            "/aws/lambda/syncup-test",
            "/aws/rds/instance/syncup-test",
            "/aws/rds/proxy/syncup-test",
            "/aws/codebuild/syncup-test",
        )
    ]
    assert may["s3:GetObject"] == ["arn:aws:s3:::syncup-test-records/incidents/*"]
    assert not any(action.startswith(("s3:Put", "s3:Delete", "ssm:Put")) for action in may)
