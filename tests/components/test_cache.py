"""The cache: who gets in, what survives a zone, what rings."""

from functools import cache

import pytest

from components.cache import Cache, CacheArgs, Engine, parameter_family
from preview.graph import Graph
from preview.values import Secret
from tests.components.stage import ROUTE, alarm, key
from tests.harness import build, context

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
USER = "aws:elasticache/user:User"


@cache
def _graph(engine: Engine = Engine.VALKEY, *, known: bool = True) -> Graph:
    def program() -> None:
        args = CacheArgs(
            engine=engine,
            engine_version="8.1" if engine is Engine.VALKEY else "7.1",
            node_type="cache.m7g.large",
            replicas=2,
            snapshot_retention_days=30,
            snapshot_window="10:00-11:00",
            maintenance_window="sun:02:00-sun:04:00",
            subnet_ids=["subnet-1", "subnet-2"],
            security_group_id="sg-cache",
            key=key("data"),
            log_key=key("logs"),
            log_retention_days=365,
            alarms=ROUTE,
        )
        owned = {GROUP: ("engineVersion",), USER: ("authenticationMode",)}
        Cache("cache", context(not_managed=owned), args)

    return build(program, known=known)


def test_it_survives_the_loss_of_a_zone_without_help() -> None:
    group = _graph().one(GROUP)
    assert group["multiAzEnabled"]
    assert group["automaticFailoverEnabled"]
    assert group["numCacheClusters"] == 3


def test_it_is_encrypted_at_rest_and_on_the_way() -> None:
    group = _graph().one(GROUP)
    assert group["atRestEncryptionEnabled"]
    assert group["kmsKeyId"] == "arn:key:data"
    assert group["transitEncryptionEnabled"]
    assert group["transitEncryptionMode"] == "required"


def test_it_is_protected_and_leaves_snapshots() -> None:
    group = _graph().one(GROUP)
    assert group.options.protect
    assert group["snapshotRetentionLimit"] == 30
    assert group["snapshotWindow"] == "10:00-11:00"
    assert group["maintenanceWindow"] == "sun:02:00-sun:04:00"
    assert group["finalSnapshotIdentifier"] == "syncup-test-cache-final"


def test_it_lives_in_the_data_subnets_behind_its_own_group() -> None:
    graph = _graph()
    assert graph.one("aws:elasticache/subnetGroup:SubnetGroup")["subnetIds"] == ["subnet-1", "subnet-2"]
    assert graph.one(GROUP)["securityGroupIds"] == ["sg-cache"]


@pytest.mark.parametrize("engine", list(Engine))
def test_the_application_is_the_only_user_who_may_do_anything(engine: Engine) -> None:
    graph = _graph(engine)
    access = {user["userName"]: user["accessString"] for user in graph.all(USER)}
    assert access.keys() == {"application", "default"}
    assert access["application"].startswith("on ")
    # AWS's own user of that name may do everything without a password.
    assert access["default"] == "off ~* -@all"
    group = graph.one("aws:elasticache/userGroup:UserGroup")
    assert group["engine"] == engine
    assert len(group["userIds"]) == 2


def test_nobody_gets_in_without_a_password_and_passwords_are_secret() -> None:
    for user in _graph(known=False).all(USER):
        assert "noPasswordRequired" not in user.inputs
        mode = user["authenticationMode"]
        assert "Secret" in repr(mode)
        plain = mode.value if isinstance(mode, Secret) else mode
        assert plain["type"] == "password"


def test_the_application_cannot_harm_everybody_else() -> None:
    rules = _graph().one(USER, "cache-application")["accessString"].split()
    # Later rules win: nothing after this one but the question whether the server is ready.
    assert rules[rules.index("-@dangerous") + 1 :] == ["+info"]
    assert "+@all" not in rules
    assert "+@admin" not in rules


def test_passwords_and_versions_are_somebody_elses_after_creation() -> None:
    graph = _graph()
    assert graph.one(USER, "cache-application").options.ignore_changes == ("authenticationMode",)
    assert graph.one(GROUP).options.ignore_changes == ("engineVersion",)
    assert graph.one(GROUP)["autoMinorVersionUpgrade"]


def test_slow_and_engine_logs_reach_groups_with_key_and_retention() -> None:
    graph = _graph()
    groups = {group["name"]: group for group in graph.all("aws:cloudwatch/logGroup:LogGroup")}
    delivered = {entry["logType"]: entry for entry in graph.one(GROUP)["logDeliveryConfigurations"]}
    assert set(delivered) == {"slow-log", "engine-log"}
    for entry in delivered.values():
        assert entry["logFormat"] == "json"
        assert groups[entry["destination"]]["kmsKeyId"] == "arn:key:logs"


@pytest.mark.parametrize("suffix", ["memory", "evictions", "cpu", "replication-lag"])
def test_the_worst_node_rings_whichever_is_the_primary(suffix: str) -> None:
    ringing = alarm(_graph(), f"cache-{suffix}")
    *nodes, worst = ringing["metricQueries"]
    assert [node["metric"]["dimensions"]["CacheClusterId"] for node in nodes] == [
        "syncup-test-cache-001",
        "syncup-test-cache-002",
        "syncup-test-cache-003",
    ]
    assert worst["expression"] == "MAX([node1, node2, node3])"
    assert [node.get("returnData", False) for node in nodes] == [False] * 3
    assert ringing["alarmDescription"].endswith(f"/cache-{suffix}.md")


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        (Engine.VALKEY, "8.1", "valkey8"),
        (Engine.VALKEY, "7.2", "valkey7"),
        (Engine.REDIS, "7.1", "redis7"),
        (Engine.REDIS, "6.2", "redis6.x"),
    ],
)
def test_the_parameter_groups_family_follows_the_version(engine: Engine, version: str, family: str) -> None:
    assert parameter_family(engine, version) == family
