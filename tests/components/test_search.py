"""The OpenSearch domain: closed, encrypted, spread, and watched without waking anybody."""

import json

import pytest

from components.alarms import AlarmRoute, AlarmTopics
from components.encryption import Encryption
from components.search import Search, SearchArgs
from preview.graph import Graph, Resource
from tests.harness import build, context

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
ADMINISTRATOR = "arn:aws:iam::111122223333:role/syncup-test-logs-setup"


def _graph(*, data_nodes: int = 3, zones: int = 3) -> Graph:
    def program() -> None:
        here = context()
        Search(
            "search",
            here,
            SearchArgs(
                engine_version="OpenSearch_2.19",
                instance_type="r7g.large.search",
                data_nodes=data_nodes,
                master_type="m7g.large.search",
                master_nodes=3,
                volume_gib=100,
                subnet_ids=[f"subnet-{zone}" for zone in range(zones)],
                security_group_id="sg-search",
                administrator_role_arn=ADMINISTRATOR,
                maintenance_window="sun:02:30-sun:04:00",
                key=Encryption("encryption", here).logs,
                log_retention_days=365,
                alarms=ROUTE,
            ),
        )

    return build(program, known=True)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return _graph()


@pytest.fixture(scope="module")
def domain(graph: Graph) -> Resource:
    return graph.one("aws:opensearch/domain:Domain")


def test_it_is_encrypted_at_rest_and_on_the_way(domain: Resource) -> None:
    assert domain["encryptAtRest"]["enabled"] is True
    assert domain["encryptAtRest"]["kmsKeyId"]
    assert domain["nodeToNodeEncryption"] == {"enabled": True}
    assert domain["domainEndpointOptions"] == {
        "enforceHttps": True,
        "tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
    }
    assert domain.options.protect


def test_only_signed_requests_of_this_accounts_roles_get_in(domain: Resource) -> None:
    (statement,) = json.loads(domain["accessPolicies"])["Statement"]
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::111122223333:root"]}
    assert domain["advancedSecurityOptions"] == {
        "enabled": True,
        "internalUserDatabaseEnabled": False,
        "masterUserOptions": {"masterUserArn": ADMINISTRATOR},
    }
    assert domain["vpcOptions"]["securityGroupIds"] == ["sg-search"]


@pytest.mark.parametrize(("data_nodes", "zones"), [(3, 3), (5, 3), (4, 2)])
def test_nodes_are_spread_over_all_zones_with_masters_of_their_own(data_nodes: int, zones: int) -> None:
    cluster = _graph(data_nodes=data_nodes, zones=zones).one("aws:opensearch/domain:Domain")["clusterConfig"]
    assert cluster["zoneAwarenessEnabled"] is True
    assert cluster["zoneAwarenessConfig"] == {"availabilityZoneCount": zones}
    assert (cluster["dedicatedMasterEnabled"], cluster["dedicatedMasterCount"]) == (True, 3)


@pytest.mark.parametrize(("data_nodes", "zones"), [(3, 2), (2, 3)])
def test_nodes_that_cannot_be_spread_are_a_mistake(data_nodes: int, zones: int) -> None:
    with pytest.raises(ValueError, match=f"{data_nodes} data nodes cannot be spread over {zones} zones"):
        _graph(data_nodes=data_nodes, zones=zones)


def test_it_keeps_audit_error_and_slow_logs_and_only_it_may_write_them(
    graph: Graph, domain: Resource
) -> None:
    assert {option["logType"] for option in domain["logPublishingOptions"]} == {
        "AUDIT_LOGS",
        "ES_APPLICATION_LOGS",
        "SEARCH_SLOW_LOGS",
        "INDEX_SLOW_LOGS",
    }
    policy = graph.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    (statement,) = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:es:us-west-2:111122223333:domain/syncup-test-search"},
    }


def test_updates_begin_at_the_time_of_the_maintenance_window(domain: Resource) -> None:
    window = domain["offPeakWindowOptions"]
    assert window["offPeakWindow"]["windowStartTime"] == {"hours": 2, "minutes": 30}
    assert domain["autoTuneOptions"]["useOffPeakWindow"] is True


def test_its_problems_are_told_and_wake_nobody(graph: Graph) -> None:
    alarms = graph.all("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {alarm["metricName"] for alarm in alarms} >= {
        "ClusterStatus.red",
        "ClusterIndexWritesBlocked",
        "FreeStorageSpace",
        "AutomatedSnapshotFailure",
    }
    for alarm in alarms:
        assert alarm["alarmActions"] == ["arn:medium"]
        assert alarm["dimensions"] == {"DomainName": "syncup-test-search", "ClientId": "111122223333"}


def test_storage_rings_before_the_domain_stops_writing(graph: Graph) -> None:
    alarm = graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", "search-free-storage")
    assert (alarm["comparisonOperator"], alarm["statistic"]) == ("LessThanThreshold", "Minimum")
    assert alarm["threshold"] == 25 * 1024
