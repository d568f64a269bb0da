"""One database instance: the same in everything but where its data come from."""

from dataclasses import dataclass

import pulumi
import pulumi_random as random
from pulumi_aws import rds

from components import ports
from components.base import Component
from components.context import Context
from components.database_sources import (
    DATABASE_NAME,
    LOG_EXPORTS,
    MASTER_USER,
    Nothing,
    PointInTime,
    ReplicatedBackup,
    Snapshot,
    Source,
    restore_time,
)
from components.encryption import Key
from components.log_group import log_group

_MONITORING_INTERVAL_SECONDS = 60
_INSIGHTS_DAYS = 7
"""What Database Insights' standard mode keeps.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html"""
_PASSWORD_LENGTH = 48
_TIMEOUTS = pulumi.CustomTimeouts(create="4h", update="4h", delete="2h")
"""The provider's 40 minutes end while a large restore is still under way."""


@dataclass(frozen=True, slots=True)
class ReplicaOf:
    """The changes of another instance of this region, as they happen."""

    instance: pulumi.Input[str]
    """Its identifier."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceSettings:
    """What all instances of an environment have in common."""

    major_version: str
    """AWS chooses and upgrades the minor version: who names one here would fight it."""
    instance_class: str
    storage_gib: int
    """At first: storage grows by itself, and the provider ignores growth."""
    max_storage_gib: int
    multi_az: bool
    retention_days: int
    backup_window: str
    maintenance_window: str
    subnet_group_name: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    parameter_group_name: pulumi.Input[str]
    monitoring_role_arn: pulumi.Input[str]
    key: Key
    log_key: Key
    log_retention_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceArgs:
    """Which instance it is and what it is made from."""

    identifier: str
    source: Source | ReplicaOf
    settings: InstanceSettings
    after: "DatabaseInstance | None" = None
    """The instance it is restored from, where that one is declared here too."""


class DatabaseInstance(Component):
    """An RDS instance for PostgreSQL with its log groups.

    Guarantees: encrypted, reachable from inside the VPC alone, logins by IAM possible, its logs in
    groups that exist beforehand with a key and a retention. Unless it only replicates another: backed
    up for the guide's window, protected from deletion where the environment protects, and a last
    snapshot if it is deleted after all.
    """

    def __init__(
        self, name: str, context: Context, args: InstanceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:data:DatabaseInstance", name, context, opts)
        self.identifier = args.identifier
        self.known_arn = context.arn("rds", f"db:{args.identifier}")
        self.log_group_names = tuple(f"/aws/rds/instance/{args.identifier}/{log}" for log in LOG_EXPORTS)
        self.instance = self._declare(args)
        self.register_outputs({"identifier": self.identifier})

    def _declare(self, args: InstanceArgs) -> rds.Instance:
        name, settings, source = self.pulumi_resource_name, args.settings, args.source
        logs = [
            log_group(
                self,
                f"{kind}-log",
                name=group,
                key=settings.log_key,
                retention_days=settings.log_retention_days,
            )
            for kind, group in zip(LOG_EXPORTS, self.log_group_names, strict=True)
        ]
        fresh = isinstance(source, Nothing)
        replica = isinstance(source, ReplicaOf)
        return rds.Instance(
            f"{name}-instance",
            identifier=args.identifier,
            # What a restored or a replicating instance is and has comes from its source. Who states it
            # all the same gets an error, a shrunken disk, a downgrade or, where the source has another
            # key, a replacement.
            engine=None if replica else "postgres",
            engine_version=settings.major_version if fresh else None,
            allocated_storage=settings.storage_gib if fresh else None,
            kms_key_id=settings.key.arn if fresh else None,
            db_name=DATABASE_NAME if fresh else None,
            username=MASTER_USER if fresh else None,
            password_wo=self._first_password() if fresh else None,
            password_wo_version=1 if fresh else None,
            snapshot_identifier=source.identifier if isinstance(source, Snapshot) else None,
            restore_to_point_in_time=self._moment(source),
            replicate_source_db=source.instance if isinstance(source, ReplicaOf) else None,
            instance_class=settings.instance_class,
            storage_type="gp3",
            storage_encrypted=True,
            max_allocated_storage=settings.max_storage_gib,
            multi_az=settings.multi_az and not replica,
            # RDS takes the source's where a replica names none.
            db_subnet_group_name=None if replica else settings.subnet_group_name,
            vpc_security_group_ids=[settings.security_group_id],
            publicly_accessible=False,
            port=ports.POSTGRESQL,
            parameter_group_name=settings.parameter_group_name,
            iam_database_authentication_enabled=True,
            auto_minor_version_upgrade=True,
            maintenance_window=settings.maintenance_window,
            backup_retention_period=0 if replica else settings.retention_days,
            backup_window=None if replica else settings.backup_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=replica,
            skip_final_snapshot=replica,
            final_snapshot_identifier=None if replica else f"{args.identifier}-final",
            deletion_protection=self.context.protect and not replica,
            monitoring_interval=_MONITORING_INTERVAL_SECONDS,
            monitoring_role_arn=settings.monitoring_role_arn,
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=settings.key.arn,
            performance_insights_retention_period=_INSIGHTS_DAYS,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            opts=self.child(
                # RDS would make a missing group itself: without a key, kept for ever, owned by nobody.
                depends_on=[*logs, *([args.after.instance] if args.after else [])],
                # A replica goes when another generation becomes active: it holds nothing of its own.
                protect=False if replica else None,
                custom_timeouts=_TIMEOUTS,
            ),
        )

    def _first_password(self) -> pulumi.Output[str]:
        """Good until the first rotation, which sets the next one by RDS' own API and needs no earlier one."""
        password = random.RandomPassword(
            f"{self.pulumi_resource_name}-password",
            length=_PASSWORD_LENGTH,
            special=False,
            opts=self.child(),
        )
        return password.result

    def _moment(self, source: Source | ReplicaOf) -> rds.InstanceRestoreToPointInTimeArgs | None:
        match source:
            case PointInTime():
                instance, backup = source.instance, None
            case ReplicatedBackup():
                # RDS writes the identifier in lower case, people often do not.
                instance, backup = None, self.context.arn("rds", f"auto-backup:{source.identifier.lower()}")
            case _:
                return None
        return rds.InstanceRestoreToPointInTimeArgs(
            source_db_instance_identifier=instance,
            source_db_instance_automated_backups_arn=backup,
            restore_time=restore_time(source.at) if source.at else None,
            use_latest_restorable_time=None if source.at else True,
        )
