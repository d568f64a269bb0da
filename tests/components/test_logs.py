"""Logs: counted, forwarded, and let into OpenSearch."""

import json
from typing import Any

import pytest

from components.access_logs import AccessLogs
from components.alarms import AlarmRoute, AlarmTopics
from components.base import Component
from components.encryption import Encryption
from components.function import VpcPlacement
from components.log_forwarding import LogForwarding, LogForwardingArgs, setup_role_arn
from components.logs import LogMetrics, LogMetricsArgs, LogSource
from components.metrics import CATALOGUE
from components.search import Search, SearchArgs
from preview.graph import Graph
from tests.harness import build, context, recovery_provider

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
APPLICATION = "/syncup/test/application"
DATABASE = "/aws/rds/instance/syncup-test-g1/postgresql"
DOMAIN = "arn:aws:es:us-west-2:111122223333:domain/syncup-test-search"


@pytest.fixture(scope="module")
def graph() -> Graph:
    def program() -> None:
        here = context()
        keys = Encryption("encryption", here)
        access_logs = AccessLogs("access-logs", here, recovery_provider())
        owner = Component("syncup:test:Owner", "owner", here)
        application = LogSource(name=APPLICATION, owner=owner)
        database = LogSource(name=DATABASE, owner=owner)
        LogMetrics("log-metrics", here, LogMetricsArgs(application=application, databases=[database]))
        search = Search(
            "search",
            here,
            SearchArgs(
                engine_version="OpenSearch_2.19",
                instance_type="r7g.large.search",
                data_nodes=3,
                master_type="m7g.large.search",
                master_nodes=3,
                volume_gib=100,
                subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
                security_group_id="sg-search",
                administrator_role_arn=setup_role_arn(here, "logs"),
                maintenance_window="sun:02:00-sun:04:00",
                key=keys.logs,
                log_retention_days=365,
                alarms=ROUTE,
            ),
        )
        LogForwarding(
            "logs",
            here,
            LogForwardingArgs(
                sources=[application, database],
                search=search,
                retention_days=30,
                placement=VpcPlacement(subnet_ids=["subnet-1"], security_group_ids=["sg-forwarder"]),
                key=keys.logs,
                access_logs=access_logs.home,
                alarms=ROUTE,
            ),
        )

    return build(program)


def _may(graph: Graph, function: str) -> dict[str, list[str]]:
    """What a function's role may do to the domain and to S3."""
    policy: dict[str, Any] = json.loads(
        graph.one("aws:iam/rolePolicy:RolePolicy", f"{function}-permissions")["policy"]
    )
    return {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
        if action.startswith(("es:", "s3:"))
    }


def test_slow_queries_feed_the_metric_that_the_catalogue_names(graph: Graph) -> None:
    filters = {
        found["logGroupName"]: found["metricTransformation"]
        for found in graph.all("aws:cloudwatch/logMetricFilter:LogMetricFilter")
        if found["metricTransformation"]["name"] == "SlowQueries"
    }
    (series,) = CATALOGUE["slow_queries"].sources[0].cloudwatch.series
    transformation = filters[DATABASE]
    assert (transformation["namespace"], transformation["name"]) == (series.namespace, series.name)
    assert transformation["value"] == "1"
    assert "dimensions" not in transformation


def test_errors_and_refusals_of_the_application_are_counted_with_zeros_between(graph: Graph) -> None:
    counted = {
        found["metricTransformation"]["name"]: found
        for found in graph.all("aws:cloudwatch/logMetricFilter:LogMetricFilter")
        if found["logGroupName"] == APPLICATION
    }
    assert set(counted) == {"ErrorLogs", "RateLimitedAnswers"}
    for found in counted.values():
        assert found["metricTransformation"]["defaultValue"] == "0"


def test_every_event_of_every_group_reaches_the_forwarder(graph: Graph) -> None:
    subscriptions = graph.all("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")
    assert {found["logGroup"] for found in subscriptions} == {APPLICATION, DATABASE}
    assert {found["filterPattern"] for found in subscriptions} == {""}


def test_only_these_groups_may_invoke_it(graph: Graph) -> None:
    permissions = graph.all("aws:lambda/permission:Permission")
    assert {(p["principal"], p["sourceArn"], p["sourceAccount"]) for p in permissions} == {
        ("logs.amazonaws.com", f"arn:aws:logs:us-west-2:111122223333:log-group:{group}:*", "111122223333")
        for group in (APPLICATION, DATABASE)
    }


def test_the_forwarder_adds_to_the_domain_and_keeps_what_failed(graph: Graph) -> None:
    assert _may(graph, "logs-forwarder") == {
        "es:ESHttpPost": [f"{DOMAIN}/_bulk"],
        "s3:PutObject": ["arn:aws:s3:::syncup-test-failed-logs-111122223333-us-west-2/*"],
    }


def test_the_setup_is_the_domains_administrator_and_lets_the_forwarder_in(graph: Graph) -> None:
    domain = graph.one("aws:opensearch/domain:Domain")
    role = graph.one("aws:iam/role:Role", "logs-setup-role")
    administrator = domain["advancedSecurityOptions"]["masterUserOptions"]["masterUserArn"]
    assert administrator == f"arn:aws:iam::111122223333:role/{role['name']}"
    forwarder = graph.one("aws:iam/role:Role", "logs-forwarder-role")
    policy = _may(graph, "logs-setup")
    assert set(policy) == {"es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"}
    assert all(resource.startswith(f"{DOMAIN}/_") for resources in policy.values() for resource in resources)
    assert forwarder["name"] == "syncup-test-logs-forwarder"


def test_the_setup_is_repeated_so_that_no_change_by_hand_lasts(graph: Graph) -> None:
    schedule = graph.one("aws:scheduler/schedule:Schedule")
    assert schedule["scheduleExpression"] == "rate(1 hour)"


def test_both_functions_run_inside_the_vpc(graph: Graph) -> None:
    for name in ("logs-forwarder-function", "logs-setup-function"):
        function = graph.one("aws:lambda/function:Function", name)
        assert function["vpcConfig"]["securityGroupIds"] == ["sg-forwarder"]
