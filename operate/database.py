"""The database and the cache as RDS and ElastiCache see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operate.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """The active database instance, and its replica where there is one."""

    identifier: str
    status: str
    engine_version: str
    restorable_until: datetime | None
    """The latest moment that point-in-time recovery reaches."""
    pending: str
    """Changes that wait for the maintenance window."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """The cache's group of nodes."""

    group: str
    status: str
    nodes: int


def instances(stack: Stack) -> list[Instance]:
    """The active instance first."""
    names = [stack.outputs["database-identifier"]]
    if "replica-identifier" in stack.outputs:
        names.append(stack.outputs["replica-identifier"])
    rds = stack.client("rds")
    return [_instance(rds, name) for name in names]


def _instance(rds: Any, identifier: str) -> Instance:
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return Instance(
        identifier=identifier,
        status=found["DBInstanceStatus"],
        engine_version=found.get("EngineVersion", ""),
        restorable_until=found.get("LatestRestorableTime"),
        pending=", ".join(sorted(found.get("PendingModifiedValues", {}))),
    )


def cache(stack: Stack) -> Cache:
    """The cache's group."""
    name = stack.outputs["cache-group"]
    answer = stack.client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    (found,) = answer["ReplicationGroups"]
    return Cache(group=name, status=found["Status"], nodes=len(found.get("MemberClusters", ())))
