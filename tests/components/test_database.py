"""The database: what every instance is, and what a restore changes."""

import dataclasses
from functools import cache
from typing import Any

import pytest

from components.database import Database
from components.database_sources import Generation, Nothing, PointInTime, ReplicatedBackup, Snapshot
from preview.graph import Graph, Resource
from preview.values import Secret
from tests.components.stage import allowed, database_args, documents
from tests.harness import build, context

INSTANCE = "aws:rds/instance:Instance"
TARGET = "aws:rds/proxyTarget:ProxyTarget"
REPLICATION = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
G1 = Generation("g1", Nothing())
G2 = Generation("g2", PointInTime("g1", "2024-01-15 14:30:00"))


@cache
def _graph(
    *generations: Generation,
    active: str = "g1",
    replica: bool = True,
    known: bool = True,
    protect: bool = True,
) -> Graph:
    def program() -> None:
        Database(
            "database", context(protect=protect), database_args(*generations, active=active, replica=replica)
        )

    return build(program, known=known)


def _instance(graph: Graph, generation: str = "g1") -> Resource:
    return graph.one(INSTANCE, f"database-{generation}-instance")


def _declared(graph: Graph) -> dict[str, Resource]:
    """Everything, without what the evaluation itself answers."""
    return {r.urn: dataclasses.replace(r, outputs={}) for r in graph.resources}


def test_every_instance_is_encrypted_private_and_in_the_data_subnets() -> None:
    graph = _graph(G1, G2)
    for instance in graph.all(INSTANCE):
        assert instance["storageEncrypted"]
        assert not instance["publiclyAccessible"]
        assert instance["vpcSecurityGroupIds"] == ["sg-database"]
        assert instance["iamDatabaseAuthenticationEnabled"]
        assert instance["performanceInsightsKmsKeyId"] == "arn:key:data"
    assert _instance(graph)["kmsKeyId"] == "arn:key:data"
    assert graph.one("aws:rds/subnetGroup:SubnetGroup")["subnetIds"] == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_every_generation_is_protected_and_backed_up_for_the_guides_window(generation: str) -> None:
    instance = _instance(_graph(G1, G2), generation)
    assert instance.options.protect
    assert instance["deletionProtection"]
    assert instance["backupRetentionPeriod"] == 30
    assert instance["backupWindow"] == "09:00-10:00"
    assert instance["maintenanceWindow"] == "sun:02:00-sun:04:00"
    assert not instance["deleteAutomatedBackups"]
    assert not instance["skipFinalSnapshot"]
    assert instance["finalSnapshotIdentifier"] == f"syncup-test-{generation}-final"
    assert instance["multiAz"]
    assert instance["copyTagsToSnapshot"]


def test_a_replica_is_no_hindrance_to_a_switch() -> None:
    graph = _graph()
    replica = graph.one(INSTANCE, "database-g1-replica-instance")
    assert replica["identifier"] == "syncup-test-g1-replica"
    assert replica["replicateSourceDb"] == "syncup-test-g1"
    assert not replica.options.protect
    assert not replica["deletionProtection"]
    assert replica["skipFinalSnapshot"]
    assert not {"engine", "engineVersion", "username", "allocatedStorage"} & set(replica.inputs)


def test_there_is_no_replica_where_none_is_wanted() -> None:
    assert [r.name for r in _graph(replica=False).all(INSTANCE)] == ["database-g1-instance"]


def test_the_first_password_is_secret_and_never_sent_again() -> None:
    graph = _graph(known=False)
    instance = _instance(graph)
    assert "password" not in instance.inputs
    assert isinstance(instance["passwordWo"], Secret)
    assert instance["passwordWoVersion"] == 1
    assert "manageMasterUserPassword" not in instance.inputs
    assert instance["username"] not in ("postgres", "admin")


def test_aws_chooses_the_minor_version() -> None:
    graph = _graph()
    assert _instance(graph)["engineVersion"] == "17"
    assert _instance(graph)["autoMinorVersionUpgrade"]
    assert graph.one("aws:rds/parameterGroup:ParameterGroup")["family"] == "postgres17"


def test_static_parameters_wait_for_a_restart_and_the_others_do_not() -> None:
    listed = _graph().one("aws:rds/parameterGroup:ParameterGroup")["parameters"]
    methods = {parameter["name"]: parameter["applyMethod"] for parameter in listed}
    assert methods["shared_preload_libraries"] == "pending-reboot"
    assert methods["rds.force_ssl"] == "immediate"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Snapshot("before-upgrade"), {"snapshotIdentifier": "before-upgrade"}),
        (
            PointInTime("g1", "2024-01-15 14:30:00"),
            {
                "restoreToPointInTime": {
                    "sourceDbInstanceIdentifier": "syncup-test-g1",
                    "restoreTime": "2024-01-15T14:30:00Z",
                }
            },
        ),
        (
            PointInTime("elsewhere"),
            {
                "restoreToPointInTime": {
                    "sourceDbInstanceIdentifier": "elsewhere",
                    "useLatestRestorableTime": True,
                }
            },
        ),
        (
            ReplicatedBackup("ab-XYZ"),
            {
                "restoreToPointInTime": {
                    "sourceDbInstanceAutomatedBackupsArn": (
                        "arn:aws:rds:us-west-2:111122223333:auto-backup:ab-xyz"
                    ),
                    "useLatestRestorableTime": True,
                }
            },
        ),
    ],
)
def test_a_restore_takes_over_what_its_source_has(source: Any, expected: dict[str, Any]) -> None:
    restored = _instance(_graph(G1, Generation("g2", source)), "g2")
    for name, value in expected.items():
        assert restored[name] == value
    # Stated all the same, these would fail, shrink, downgrade or replace what was just restored.
    stated = {"allocatedStorage", "engineVersion", "kmsKeyId", "dbName", "username", "passwordWo"}
    assert not stated & set(restored.inputs)


def test_the_loss_of_a_region_starts_from_the_replicated_backup_alone() -> None:
    for known in (True, False):
        graph = _graph(Generation("g1", ReplicatedBackup("ab-xyz")), replica=False, known=known)
        assert not graph.all("random:index/randomPassword:RandomPassword")
        assert "restoreToPointInTime" in _instance(graph).inputs


def test_a_new_generation_adds_and_touches_nothing() -> None:
    before, after = _declared(_graph(G1)), _declared(_graph(G1, G2))
    assert {urn: after[urn] for urn in before} == before
    added = {after[urn].name for urn in set(after) - set(before)}
    assert added == {
        "database-g2",
        "database-g2-instance",
        "database-g2-postgresql-log",
        "database-g2-upgrade-log",
        "database-g2-backups",
    }


def test_a_restored_generation_waits_for_the_one_it_comes_from() -> None:
    graph = _graph(G1, G2)
    assert _instance(graph).urn in _instance(graph, "g2").dependencies


def test_the_generation_before_goes_and_leaves_what_came_from_it_as_it_is() -> None:
    both, alone = _graph(G1, G2, active="g2"), _graph(G2, active="g2")
    assert _instance(alone, "g2").inputs == _instance(both, "g2").inputs


def test_making_a_generation_active_turns_everything_to_it_and_leaves_both_as_they_are() -> None:
    before, after = _graph(G1, G2), _graph(G1, G2, active="g2")
    for generation in ("g1", "g2"):
        was, now = _instance(before, generation), _instance(after, generation)
        assert (now.inputs, now.options) == (was.inputs, was.options)
    assert after.one(TARGET)["dbInstanceIdentifier"] == "syncup-test-g2"
    assert after.one(INSTANCE, "database-g2-replica-instance")["replicateSourceDb"] == "syncup-test-g2"
    watched = {
        dimensions["DBInstanceIdentifier"]
        for alarm in after.all("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "DBInstanceIdentifier" in (dimensions := alarm["dimensions"])
    }
    assert watched == {"syncup-test-g2"}


def test_the_proxy_gives_up_the_former_target_before_it_takes_the_new_one() -> None:
    assert _graph().one(TARGET).options.delete_before_replace


def test_an_unknown_active_generation_is_refused() -> None:
    with pytest.raises(ValueError, match="the active generation 'g3' is none of g1, g2"):
        _graph(G1, G2, active="g3")


def test_the_proxy_takes_tls_alone_and_knows_both_users() -> None:
    proxy = _graph().one("aws:rds/proxy:Proxy")
    assert proxy["requireTls"]
    assert not proxy["debugLogging"]
    assert proxy["name"] == "syncup-test-database-proxy"
    assert [entry["secretArn"] for entry in proxy["auths"]] == ["arn:a", "arn:b"]
    assert {entry["clientPasswordAuthType"] for entry in proxy["auths"]} == {"POSTGRES_SCRAM_SHA_256"}


def test_the_proxy_reads_its_users_and_no_other_secret() -> None:
    permissions = allowed(_graph(), "database-proxy-permissions")
    prefix = "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/test"
    assert permissions["secretsmanager:GetSecretValue"] == [
        f"{prefix}/database-app-a-??????",
        f"{prefix}/database-app-b-??????",
    ]


def test_the_pool_leaves_connections_for_people() -> None:
    group = _graph().one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup")
    assert group["connectionPoolConfig"]["maxConnectionsPercent"] < 100


def test_backups_are_replicated_for_the_same_window_under_the_other_regions_key() -> None:
    graph = _graph(G1, G2)
    for generation in ("g1", "g2"):
        replication = graph.one(REPLICATION, f"database-{generation}-backups")
        assert _instance(graph, generation).urn in replication.property_dependencies["sourceDbInstanceArn"]
        assert replication["region"] == "us-east-2"
        assert replication["retentionPeriod"] == 30
        assert replication["kmsKeyId"] == "arn:key:recovery"


def test_every_log_group_exists_beforehand_with_key_and_retention() -> None:
    graph = _graph(G1, G2)
    groups = {group["name"]: group for group in graph.all("aws:cloudwatch/logGroup:LogGroup")}
    for instance in graph.all(INSTANCE):
        for log in instance["enabledCloudwatchLogsExports"]:
            group = groups[f"/aws/rds/instance/{instance['identifier']}/{log}"]
            assert group.urn in instance.dependencies
    assert {"RDSOSMetrics", "/aws/rds/proxy/syncup-test-database-proxy"} <= set(groups)
    for group in groups.values():
        assert group["kmsKeyId"] == "arn:key:logs"
        assert group["retentionInDays"] >= 30


def test_every_policy_is_known_before_anything_exists() -> None:
    assert len(documents(_graph(G1, G2, known=False))) >= 7


def test_no_service_can_be_talked_into_using_a_role_for_somebody_else() -> None:
    for name, document in documents(_graph()).items():
        if name.endswith("assumeRolePolicy"):
            for statement in document["Statement"]:
                assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


def test_enhanced_monitoring_writes_to_its_own_group_alone() -> None:
    group = "arn:aws:logs:us-west-2:111122223333:log-group:RDSOSMetrics"
    for resources in allowed(_graph(), "database-monitoring-permissions").values():
        assert all(resource.startswith(group) for resource in resources)


def test_without_protection_the_database_can_be_deleted_and_leaves_a_snapshot() -> None:
    """By Pulumi and by RDS alike: what one allows and the other refuses stops half-way."""
    instance = _instance(_graph(protect=False))
    assert not instance.options.protect
    assert not instance["deletionProtection"]
    assert not instance["skipFinalSnapshot"]
    assert instance["finalSnapshotIdentifier"] == "syncup-test-g1-final"


def test_outputs_say_what_is_active() -> None:
    outputs = _graph(G1, G2, active="g2").one("syncup:data:Database").outputs
    assert outputs["active_identifier"] == "syncup-test-g2"
