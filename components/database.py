"""The database: generations of one instance, of which one is active, behind one proxy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, rds

from components import database_alarms as alarms
from components import ports
from components.alarms import AlarmRoute
from components.backup_age import watch_replicated_backup
from components.base import Component
from components.context import Context
from components.database_instance import DatabaseInstance, InstanceArgs, InstanceSettings, ReplicaOf
from components.database_proxy import DatabaseProxy, ProxyArgs
from components.database_sources import (
    DATABASE_NAME,
    Generation,
    PointInTime,
    is_generation,
    parameters,
)
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, trust_document
from components.log_group import log_group

MONITORING_LOG_GROUP = "RDSOSMetrics"
"""RDS writes enhanced monitoring to this group, whatever the instance.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.CloudWatchLogs.html"""
_MONITORING_LOG_DAYS = 30
"""AWS' own choice for this group, which grows by a record a minute and instance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseSize:
    """How large each instance is."""

    instance_class: str
    storage_gib: int
    max_storage_gib: int
    multi_az: bool
    replica: bool
    """Whether the active instance has a read replica."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseNetwork:
    """Where instances and proxy are."""

    subnet_ids: Sequence[pulumi.Input[str]]
    database_group_id: pulumi.Input[str]
    proxy_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseKeys:
    """What encrypts what."""

    data: Key
    logs: Key
    secrets: Key
    recovery: Key
    """In the recovery region, for the replicated backups."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseArgs:
    """The generations there are, which one is active, and what they have in common."""

    generations: Sequence[Generation]
    """The oldest first."""
    active: str
    major_version: str
    """AWS upgrades the minor one in the maintenance window."""
    size: DatabaseSize
    network: DatabaseNetwork
    keys: DatabaseKeys
    users: Mapping[str, pulumi.Input[str]]
    """ARNs of the secrets of the application's two users, by the secrets' known names."""
    retention_days: int
    """Guide, Backup Schedule: the window of point-in-time recovery, here and in the recovery region."""
    replicated_backup_limit_seconds: int
    """From this age on the copy in the recovery region rings."""
    backup_window: str
    maintenance_window: str
    slow_query_milliseconds: int
    log_retention_days: int
    alarms: AlarmRoute

    def __post_init__(self) -> None:
        names = [generation.name for generation in self.generations]
        if self.active not in names:
            raise ValueError(f"the active generation {self.active!r} is none of {', '.join(names)}")


class Database(Component):
    """RDS for PostgreSQL.

    A restore is a change of the input: it adds a generation, and later makes it active. Guarantees that
    adding one touches nothing that exists, and that making it active turns the proxy, the alarms and the
    replica to it, and leaves the former one as it is.
    """

    def __init__(
        self, name: str, context: Context, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:data:Database", name, context, opts)
        self._args = args
        self.database_name = DATABASE_NAME
        self.port = ports.POSTGRESQL
        self.subnet_group_name = context.name(name)
        settings = self._settings()
        self.generations: dict[str, DatabaseInstance] = {}
        for generation in args.generations:
            self.generations[generation.name] = self._generation(generation, settings)
        active = self.generations[args.active]
        self.identifiers = tuple(instance.identifier for instance in self.generations.values())
        self.active_identifier = active.identifier
        self.active_arn = active.known_arn
        self.address = active.instance.address
        self.replica = self._replica(active, settings) if args.size.replica else None
        self.replica_identifier = self.replica.identifier if self.replica else None
        self.proxy = self._proxy(active)
        self.proxy_name = self.proxy.proxy_name
        self.proxy_endpoint = self.proxy.endpoint
        self.log_group_names = tuple(
            group
            for instance in (*self.generations.values(), *([self.replica] if self.replica else []))
            for group in instance.log_group_names
        )
        for generation, instance in self.generations.items():
            self._replicate_backups(generation, instance)
        self.window_muted_alarms = self._watch(active)
        self.register_outputs(
            {"active_identifier": self.active_identifier, "proxy_endpoint": self.proxy_endpoint}
        )

    def _settings(self) -> InstanceSettings:
        name, args = self.pulumi_resource_name, self._args
        subnets = rds.SubnetGroup(
            f"{name}-subnets",
            name=self.subnet_group_name,
            subnet_ids=list(args.network.subnet_ids),
            opts=self.child(),
        )
        group = rds.ParameterGroup(
            f"{name}-parameters",
            family=f"postgres{args.major_version}",
            parameters=[
                rds.ParameterGroupParameterArgs(
                    name=parameter.name,
                    value=parameter.value,
                    apply_method="pending-reboot" if parameter.static else "immediate",
                )
                for parameter in parameters(args.slow_query_milliseconds)
            ],
            opts=self.child(),
        )
        return InstanceSettings(
            major_version=args.major_version,
            instance_class=args.size.instance_class,
            storage_gib=args.size.storage_gib,
            max_storage_gib=args.size.max_storage_gib,
            multi_az=args.size.multi_az,
            retention_days=args.retention_days,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            subnet_group_name=subnets.name,
            security_group_id=args.network.database_group_id,
            parameter_group_name=group.name,
            monitoring_role_arn=self._monitoring_role(),
            key=args.keys.data,
            log_key=args.keys.logs,
            log_retention_days=args.log_retention_days,
        )

    def _monitoring_role(self) -> pulumi.Output[str]:
        """What RDS writes enhanced monitoring with, into a group that exists beforehand.

        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
        """
        name, context = self.pulumi_resource_name, self.context
        group = log_group(
            self,
            "monitoring-log",
            name=MONITORING_LOG_GROUP,
            key=self._args.keys.logs,
            retention_days=_MONITORING_LOG_DAYS,
        )
        instances = context.arn("rds", f"db:{context.project}-{context.environment}-*")
        role = iam.Role(
            f"{name}-monitoring-role",
            name=context.name(name, "monitoring", limit=64),
            description="RDS publishes enhanced monitoring.",
            assume_role_policy=trust_document(
                "monitoring.rds.amazonaws.com", conditions=only_for(context, instances)
            ),
            opts=self.child(),
        )
        group_arn = context.arn("logs", f"log-group:{MONITORING_LOG_GROUP}")
        permissions = iam.RolePolicy(
            f"{name}-monitoring-permissions",
            role=role.name,
            policy=policy_document(
                # RDS sees to the group and its retention before it writes, though both are there.
                Statement(actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources=[group_arn]),
                Statement(
                    actions=[
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:GetLogEvents",
                        "logs:PutLogEvents",
                    ],
                    resources=[f"{group_arn}:log-stream:*"],
                ),
            ),
            opts=self.child(depends_on=[group]),
        )
        # An instance whose role cannot write yet is refused.
        return pulumi.Output.all(role.arn, permissions.id).apply(lambda pair: str(pair[0]))

    def _generation(self, generation: Generation, settings: InstanceSettings) -> DatabaseInstance:
        source, after = generation.source, None
        if isinstance(source, PointInTime) and is_generation(source.instance):
            # What a generation came from stays what it was, whether that is listed still or not.
            after = self.generations.get(source.instance)
            source = PointInTime(self.context.name(source.instance), source.at)
        return DatabaseInstance(
            f"{self.pulumi_resource_name}-{generation.name}",
            self.context,
            InstanceArgs(
                identifier=self.context.name(generation.name), source=source, settings=settings, after=after
            ),
            opts=self.child(),
        )

    def _replica(self, active: DatabaseInstance, settings: InstanceSettings) -> DatabaseInstance:
        return DatabaseInstance(
            f"{self.pulumi_resource_name}-{self._args.active}-replica",
            self.context,
            InstanceArgs(
                identifier=f"{active.identifier}-replica",
                source=ReplicaOf(active.instance.identifier),
                settings=settings,
            ),
            opts=self.child(),
        )

    def _proxy(self, active: DatabaseInstance) -> DatabaseProxy:
        args = self._args
        return DatabaseProxy(
            f"{self.pulumi_resource_name}-proxy",
            self.context,
            ProxyArgs(
                target=active.instance.identifier,
                users=args.users,
                secrets_key=args.keys.secrets,
                subnet_ids=args.network.subnet_ids,
                security_group_id=args.network.proxy_group_id,
                log_key=args.keys.logs,
                log_retention_days=args.log_retention_days,
            ),
            opts=self.child(),
        )

    def _replicate_backups(self, generation: str, instance: DatabaseInstance) -> None:
        """A generation's backups go to the recovery region as they come: the next one's before it is needed.

        What has been replicated of one that is removed stays there until it expires.
        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatedBackups.StopReplicating.html
        """
        rds.InstanceAutomatedBackupsReplication(
            f"{self.pulumi_resource_name}-{generation}-backups",
            source_db_instance_arn=instance.instance.arn,
            kms_key_id=self._args.keys.recovery.arn,
            retention_period=self._args.retention_days,
            region=self.context.recovery_region,
            opts=self.child(),
        )

    def _watch(self, active: DatabaseInstance) -> tuple[str, ...]:
        """The alarms; returns the names of those that maintenance itself would ring."""
        args, route, identifier = self._args, self._args.alarms, active.identifier
        alarms.tell_events(self, route)
        alarms.watch_storage(self, route, identifier=identifier, storage_gib=args.size.storage_gib)
        alarms.watch_transaction_ids(self, route, identifier=identifier)
        failover = alarms.watch_failover(
            self, route, identifier=identifier, key=args.keys.logs, days=args.log_retention_days
        )
        age = watch_replicated_backup(
            self,
            route,
            identifier=identifier,
            key=args.keys.logs,
            limit_seconds=args.replicated_backup_limit_seconds,
        )
        return failover, age
