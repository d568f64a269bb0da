"""What components of the data layer are given in tests."""

import json
from typing import Any

import pulumi

from components.alarms import AlarmRoute, AlarmTopics
from components.database import DatabaseArgs, DatabaseKeys, DatabaseNetwork, DatabaseSize
from components.database_sources import Generation, Nothing
from components.encryption import Key
from preview.graph import Graph

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
POLICIES = ("assumeRolePolicy", "policy", "policyDocument")
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def key(purpose: str) -> Key:
    """A key that exists."""
    return Key(arn=pulumi.Output.from_input(f"arn:key:{purpose}"), alias=f"alias/syncup-test-{purpose}")


def documents(graph: Graph) -> dict[str, Any]:
    """Every policy document, by the logical name of its resource; fails where one is not known text."""
    found: dict[str, Any] = {}
    for resource in graph.resources:
        for name in POLICIES:
            if name in resource.inputs:
                assert isinstance(resource[name], str), f"{resource.urn}: {name} is unknown"
                found[f"{resource.name}:{name}"] = json.loads(resource[name])
    return found


def allowed(graph: Graph, name: str) -> dict[str, list[str]]:
    """Resources by action, of a role's policy."""
    found: dict[str, list[str]] = {}
    for statement in json.loads(graph.one(ROLE_POLICY, name)["policy"])["Statement"]:
        if statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                found.setdefault(action, []).extend(listed(statement["Resource"]))
    return found


def listed(value: str | list[str]) -> list[str]:
    """A policy's value as a list: IAM spells a single one without."""
    return [value] if isinstance(value, str) else value


def alarm(graph: Graph, name: str) -> Any:
    """An alarm by its logical name."""
    return graph.one("aws:cloudwatch/metricAlarm:MetricAlarm", name)


def database_args(*generations: Generation, active: str = "g1", replica: bool = True) -> DatabaseArgs:
    """What a production environment asks for."""
    return DatabaseArgs(
        generations=generations or (Generation("g1", Nothing()),),
        active=active,
        major_version="17",
        size=DatabaseSize(
            instance_class="db.m7g.large",
            storage_gib=200,
            max_storage_gib=1000,
            multi_az=True,
            replica=replica,
        ),
        network=DatabaseNetwork(
            subnet_ids=["subnet-1", "subnet-2"], database_group_id="sg-database", proxy_group_id="sg-proxy"
        ),
        keys=DatabaseKeys(
            data=key("data"), logs=key("logs"), secrets=key("secrets"), recovery=key("recovery")
        ),
        users={"syncup/test/database-app-a": "arn:a", "syncup/test/database-app-b": "arn:b"},
        retention_days=30,
        replicated_backup_limit_seconds=1500,
        backup_window="09:00-10:00",
        maintenance_window="sun:02:00-sun:04:00",
        slow_query_milliseconds=500,
        log_retention_days=365,
        alarms=ROUTE,
    )
