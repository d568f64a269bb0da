"""The cache: Valkey or Redis in a replication group of ElastiCache."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_random as random
from pulumi_aws import elasticache

from components import ports
from components.alarms import AlarmRoute
from components.base import Component
from components.cache_alarms import watch_nodes
from components.context import Context
from components.encryption import Key
from components.log_group import log_group

_NAME_LIMIT = 40
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"""
_LOGS = ("slow-log", "engine-log")
_ACCESS = "on ~* &* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@dangerous +info"
"""What an application does with a cache, without what harms everybody else: `FLUSHALL`, `KEYS`, `CONFIG`.
`INFO` belongs to these too, but clients ask it whether the server is ready."""
_NO_ACCESS = "off ~* -@all"
_PASSWORD_LENGTH = 48


class Engine(StrEnum):
    """What runs in the nodes."""

    VALKEY = "valkey"
    REDIS = "redis"


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheArgs:
    """Which engine, how large, and where."""

    engine: Engine
    engine_version: str
    """At creation: minor versions are AWS's then. To go further up, upgrade by the API and say it here
    afterwards, where it chooses the parameter group's family."""
    node_type: str
    replicas: int
    """Beside the primary, in other zones."""
    snapshot_retention_days: int
    snapshot_window: str
    maintenance_window: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    key: Key
    log_key: Key
    log_retention_days: int
    alarms: AlarmRoute


class Cache(Component):
    """A replication group with one user.

    Guarantees: a failover to another zone without anybody's help, encryption at rest and on the way,
    nobody in without a password, a snapshot a day and a last one.
    """

    def __init__(
        self, name: str, context: Context, args: CacheArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:data:Cache", name, context, opts)
        self._args = args
        self.port = ports.CACHE
        self.replication_group_id = self._id()
        self.user_id = self._id("application")
        self.user_name = "application"
        group = self._group()
        self.primary_endpoint = group.primary_endpoint_address
        self.reader_endpoint = group.reader_endpoint_address
        self.node_ids = tuple(f"{self.replication_group_id}-{n:03}" for n in range(1, args.replicas + 2))
        watch_nodes(self, args.alarms, self.node_ids)
        self.register_outputs({"primary_endpoint": self.primary_endpoint, "user_id": self.user_id})

    def _group(self) -> elasticache.ReplicationGroup:
        name, args = self.pulumi_resource_name, self._args
        subnets = elasticache.SubnetGroup(
            f"{name}-subnets", subnet_ids=list(args.subnet_ids), opts=self.child()
        )
        parameters = elasticache.ParameterGroup(
            f"{name}-parameters",
            family=parameter_family(args.engine, args.engine_version),
            description=f"{self.context.environment}: the cache",
            parameters=[
                # Full memory costs what was to expire anyway, never what was to stay.
                elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="volatile-lru"),
            ],
            opts=self.child(),
        )
        logs = {kind: self._log(kind) for kind in _LOGS}
        return elasticache.ReplicationGroup(
            f"{name}-group",
            replication_group_id=self.replication_group_id,
            description=f"{self.context.environment}: the cache",
            engine=args.engine,
            engine_version=args.engine_version,
            auto_minor_version_upgrade=True,
            node_type=args.node_type,
            num_cache_clusters=args.replicas + 1,
            multi_az_enabled=True,
            automatic_failover_enabled=True,
            port=self.port,
            subnet_group_name=subnets.name,
            security_group_ids=[args.security_group_id],
            parameter_group_name=parameters.name,
            user_group_ids=self._users(),
            at_rest_encryption_enabled=True,
            kms_key_id=args.key.arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            snapshot_retention_limit=args.snapshot_retention_days,
            snapshot_window=args.snapshot_window,
            final_snapshot_identifier=f"{self.replication_group_id}-final",
            maintenance_window=args.maintenance_window,
            log_delivery_configurations=[
                elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=group, destination_type="cloudwatch-logs", log_format="json", log_type=kind
                )
                for kind, group in logs.items()
            ],
            # No notification topic: ElastiCache publishes to unencrypted topics only, and ours are not.
            # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
            opts=self.child(),
        )

    def _log(self, kind: str) -> pulumi.Output[str]:
        group = log_group(
            self,
            kind,
            # Under this prefix log delivery's resource policy covers all groups and cannot outgrow its limit:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
            name=f"/aws/vendedlogs/elasticache/{self.replication_group_id}/{kind}",
            key=self._args.log_key,
            retention_days=self._args.log_retention_days,
        )
        return group.name

    def _users(self) -> list[pulumi.Output[str]]:
        """The user group: who may log in.

        Without a user called `default` of our own the group would have AWS's, who may do everything
        without a password. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
        """
        application = self._user("application", self.user_id, self.user_name, _ACCESS)
        nobody = self._user("default", self._id("default"), "default", _NO_ACCESS)
        group = elasticache.UserGroup(
            f"{self.pulumi_resource_name}-users",
            user_group_id=self.replication_group_id,
            engine=self._args.engine,
            user_ids=[application, nobody],
            opts=self.child(),
        )
        return [group.user_group_id]

    def _user(self, suffix: str, user_id: str, user_name: str, access: str) -> pulumi.Output[str]:
        name = f"{self.pulumi_resource_name}-{suffix}"
        password = random.RandomPassword(
            f"{name}-password", length=_PASSWORD_LENGTH, special=False, opts=self.child()
        )
        user = elasticache.User(
            name,
            user_id=user_id,
            user_name=user_name,
            engine=self._args.engine,
            access_string=access,
            # Good until the first rotation. From then on there are two, and both are the rotation's.
            authentication_mode=elasticache.UserAuthenticationModeArgs(
                type="password", passwords=[password.result]
            ),
            opts=self.child(),
        )
        return user.user_id

    def _id(self, *parts: str) -> str:
        """A physical name that fits ElastiCache."""
        return self.context.name(self.pulumi_resource_name, *parts, limit=_NAME_LIMIT)


def parameter_family(engine: Engine, version: str) -> str:
    """The family of parameter groups: `valkey8` for 8.1, `redis7` for 7.1, `redis6.x` for 6.2.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    """
    major = version.partition(".")[0]
    return f"{engine}{major}.x" if (engine, major) == (Engine.REDIS, "6") else f"{engine}{major}"
