"""The rotation: what each function may do, when it is called, who hears of a failure."""

import re
from functools import cache

import pytest

from components.function import VpcPlacement
from components.rotation import ROTATORS, Rotation, RotationArgs, Rotator
from preview.graph import Graph
from tests.components.stage import ROUTE, alarm, allowed, documents, key
from tests.functions.folder import ROOT
from tests.harness import build, context

ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
FUNCTION = "aws:lambda/function:Function"
SECRETS = "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/test"
NAMES = [rotator.group for rotator in ROTATORS]


@cache
def _graph(*, known: bool = True) -> Graph:
    def program() -> None:
        args = RotationArgs(
            arns={rotator.group: f"arn:secret:{rotator.group}" for rotator in ROTATORS},
            every_days=90,
            database_identifier="syncup-test-g1",
            database_address="g1.internal",
            database_name="syncup",
            proxy_endpoint="proxy.internal",
            cache_user="syncup-test-cache-application",
            cache_endpoint="cache.internal",
            application_group="syncup-test-application",
            signing_secrets=["NEXTAUTH_SECRET", "JWT_SECRET"],
            placement=VpcPlacement(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-functions"]),
            key=key("logs"),
            secrets_key=key("secrets"),
            alarms=ROUTE,
        )
        Rotation("rotation", context(), args)

    return build(program, known=known)


def _permissions(group: str) -> dict[str, list[str]]:
    return allowed(_graph(), f"rotation-{group}-permissions")


def _secrets(*groups: str) -> list[str]:
    return [f"{SECRETS}/{group}-??????" for group in groups]


@pytest.mark.parametrize("group", NAMES)
def test_each_rotates_in_the_guides_time_and_never_because_of_an_up(group: str) -> None:
    rotation = _graph().one(ROTATION, f"rotation-{group}")
    assert rotation["secretId"] == f"arn:secret:{group}"
    assert rotation["rotationRules"]["automaticallyAfterDays"] == 90
    assert rotation["rotateImmediately"] is False


@pytest.mark.parametrize("group", NAMES)
def test_only_secrets_manager_on_behalf_of_this_account_calls_a_function(group: str) -> None:
    graph = _graph()
    permission = graph.one("aws:lambda/permission:Permission", f"rotation-{group}-permission")
    assert permission["principal"] == "secretsmanager.amazonaws.com"
    assert permission["sourceAccount"] == "111122223333"
    assert permission.urn in graph.one(ROTATION, f"rotation-{group}").dependencies


def test_each_writes_its_own_secrets_alone() -> None:
    expected = {
        "database-master": _secrets("database-master"),
        "database": _secrets("database", "database-app-a", "database-app-b"),
        "cache": _secrets("cache"),
        "authentication": _secrets("authentication"),
    }
    for group, arns in expected.items():
        assert _permissions(group)["secretsmanager:PutSecretValue"] == arns


def test_only_the_function_for_the_users_also_reads_the_master_password() -> None:
    for group in NAMES:
        readable = _permissions(group)["secretsmanager:GetSecretValue"]
        assert (_secrets("database-master")[0] in readable) == (group in ("database-master", "database"))


def test_the_master_password_is_set_on_the_active_instance_alone() -> None:
    instance = ["arn:aws:rds:us-west-2:111122223333:db:syncup-test-g1"]
    assert _permissions("database-master")["rds:ModifyDBInstance"] == instance
    for group in ("database", "cache", "authentication"):
        assert "rds:ModifyDBInstance" not in _permissions(group)


def test_the_set_up_sets_it_on_the_generations_of_this_database() -> None:
    generations = ["arn:aws:rds:us-west-2:111122223333:db:syncup-test-g*"]
    assert _permissions("database-setup")["rds:ModifyDBInstance"] == generations


def test_the_cache_users_password_is_set_on_that_user_alone() -> None:
    user = ["arn:aws:elasticache:us-west-2:111122223333:user:syncup-test-cache-application"]
    assert _permissions("cache")["elasticache:ModifyUser"] == user
    for group in ("database", "database-master", "authentication", "database-setup"):
        assert "elasticache:ModifyUser" not in _permissions(group)


def test_the_set_up_reads_what_it_needs_and_writes_no_secret() -> None:
    permissions = _permissions("database-setup")
    assert permissions["secretsmanager:GetSecretValue"] == _secrets(
        "database-master", "database-app-a", "database-app-b"
    )
    assert "secretsmanager:PutSecretValue" not in permissions


def test_all_of_them_run_in_the_vpc_and_know_names_but_no_secret() -> None:
    functions = _graph().all(FUNCTION)
    assert len(functions) == len(ROTATORS) + 1
    for function in functions:
        assert function["vpcConfig"]["securityGroupIds"] == ["sg-functions"]
        assert function["environment"]["variables"]["SECRETS_PREFIX"] == "syncup/test"


@pytest.mark.parametrize("group", NAMES)
def test_a_failed_rotation_rings(group: str) -> None:
    ringing = alarm(_graph(), f"rotation-{group}-errors")
    assert ringing["alarmActions"] == [ROUTE.topics.high]
    assert ringing["alarmDescription"].endswith("/secret-rotation.md")


def test_those_whose_secrets_the_instances_read_replace_them_and_no_others() -> None:
    group = "arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:*:autoScalingGroupName/"
    for rotator in ROTATORS:
        permissions = _permissions(rotator.group)
        assert ("autoscaling:StartInstanceRefresh" in permissions) == (rotator.group != "database-master")
        for arn in permissions.get("autoscaling:StartInstanceRefresh", []):
            assert arn == f"{group}syncup-test-application"


@pytest.mark.parametrize("rotator", ROTATORS, ids=NAMES)
def test_every_function_is_told_what_its_code_asks_for(rotator: Rotator) -> None:
    code = (ROOT / rotator.source / "handler.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"environ(?:ment)?\[['\"](\w+)['\"]\]", code))
    told = _graph().one(FUNCTION, f"rotation-{rotator.group}-function")["environment"]["variables"]
    assert asked
    assert asked <= set(told)


def test_places_are_hosts_with_ports() -> None:
    told = _graph().one(FUNCTION, "rotation-database-function")["environment"]["variables"]
    assert told["DATABASE_ENDPOINT"] == "g1.internal:5432"
    assert told["PROXY_ENDPOINT"] == "proxy.internal:5432"
    assert told["CACHE_ENDPOINT"] == "cache.internal:6379"


def test_every_policy_is_known_before_anything_exists() -> None:
    assert len(documents(_graph(known=False))) >= 10
