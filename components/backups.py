"""AWS Backup: hourly and daily points of the database, copied to a locked vault in another region.

The database's own automated backups carry point-in-time recovery. There is no continuous rule here:
it would fight the instance's retention period
(https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import backup, iam

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.backup_schedule import START_WINDOW_MINUTES, BackupCalendar, Every
from components.backup_vaults import BackupVault, BackupVaultArgs, VaultLock
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import only_for, trust_document

_COMPLETION_WINDOW_MINUTES = 8 * 60
_POLICY = "policy/service-role/AWSBackupServiceRolePolicyForBackup"
"""AWS keeps it in step with what its own service calls.
https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupsArgs:
    """What is backed up, how often, and for how long it is kept."""

    database_arns: Sequence[str]
    every: Sequence[Every]
    """Guide, Backup Schedule."""
    retention_days: int
    calendar: BackupCalendar
    lock: VaultLock
    key: Key
    recovery_key: Key
    alarms: AlarmRoute

    def __post_init__(self) -> None:
        if not self.lock.min_days <= self.retention_days <= self.lock.max_days:
            raise ValueError(
                f"recovery points are kept for {self.retention_days} days, but the vault's lock admits "
                f"only {self.lock.min_days} to {self.lock.max_days}"
            )


class Backups(Component):
    """Two locked vaults and the plan that fills them.

    Guarantees that every point is copied to the recovery region, that no job is due when RDS would
    refuse it, and that a failure rings as well as silence.
    """

    def __init__(
        self, name: str, context: Context, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:Backups", name, context, opts)
        self._args = args
        self.vault = self._vault(name, context.region, args.key)
        self.recovery_vault = self._vault(f"{name}-recovery", context.recovery_region, args.recovery_key)
        self.vault_name = self.vault.vault_name
        backup.VaultNotifications(
            f"{name}-notifications",
            backup_vault_name=self.vault.vault,
            # The only failure that a vault itself tells of; the alarms below cover the others.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html
            backup_vault_events=["COPY_JOB_FAILED"],
            sns_topic_arn=args.alarms.topics.topic(Severity.MEDIUM),
            opts=self.child(),
        )
        self._select(self._plan())
        self._watch()
        self.register_outputs({"vault_name": self.vault_name})

    def _vault(self, name: str, region: str, key: Key) -> BackupVault:
        args = BackupVaultArgs(key=key, lock=self._args.lock, region=region)
        return BackupVault(name, self.context, args, opts=self.child())

    def _plan(self) -> backup.Plan:
        args = self._args
        return backup.Plan(
            f"{self.pulumi_resource_name}-plan",
            rules=[
                backup.PlanRuleArgs(
                    rule_name=rule,
                    target_vault_name=self.vault.vault,
                    schedule=schedule,
                    schedule_expression_timezone="Etc/UTC",
                    start_window=START_WINDOW_MINUTES,
                    completion_window=_COMPLETION_WINDOW_MINUTES,
                    lifecycle=backup.PlanRuleLifecycleArgs(delete_after=args.retention_days),
                    copy_actions=[
                        backup.PlanRuleCopyActionArgs(
                            destination_vault_arn=self.recovery_vault.vault_arn,
                            lifecycle=backup.PlanRuleCopyActionLifecycleArgs(
                                delete_after=args.retention_days
                            ),
                        )
                    ],
                )
                for rule, schedule in args.calendar.rules(args.every).items()
            ],
            # The plan names the recovery vault by its known ARN, which carries no dependency.
            opts=self.child(depends_on=[self.recovery_vault]),
        )

    def _select(self, plan: backup.Plan) -> None:
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="AWS Backup takes and copies recovery points.",
            assume_role_policy=trust_document("backup.amazonaws.com", conditions=only_for(context)),
            opts=self.child(),
        )
        permissions = iam.RolePolicyAttachment(
            f"{name}-permissions",
            role=role.name,
            policy_arn=f"arn:{context.partition}:iam::aws:{_POLICY}",
            opts=self.child(),
        )
        backup.Selection(
            f"{name}-databases",
            name="databases",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=list(self._args.database_arns),
            opts=self.child(depends_on=[permissions]),
        )

    def _watch(self) -> None:
        """Failures as they happen, and silence once it lasts longer than the schedule explains."""
        gap_hours = self._args.calendar.longest_gap_hours(self._args.every)
        self._failure("failed", "NumberOfBackupJobsFailed", "A backup of the database failed.")
        self._failure("expired", "NumberOfBackupJobsExpired", "A backup did not begin in time.")
        self._failure("copy-failed", "NumberOfCopyJobsFailed", "A backup did not reach the recovery region.")
        self._silence("missing", "NumberOfBackupJobsCompleted", "No backup has completed.", gap_hours + 1)
        # A copy begins when its point is there, and may itself take an hour.
        self._silence("copy-missing", "NumberOfCopyJobsCompleted", "No backup was copied.", gap_hours + 2)

    def _failure(self, suffix: str, metric: str, description: str) -> None:
        metric_alarm(
            self,
            suffix,
            route=self._args.alarms,
            severity=Severity.HIGH,
            runbook="backup-failed",
            description=description,
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=_metric(metric),
        )

    def _silence(self, suffix: str, metric: str, description: str, hours: int) -> None:
        metric_alarm(
            self,
            suffix,
            route=self._args.alarms,
            severity=Severity.HIGH,
            runbook="backup-missing",
            description=description,
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=3600,
            evaluation_periods=hours,
            missing_data="breaching",
            metric=_metric(metric),
        )


def _metric(name: str) -> Metric:
    """A count of AWS Backup's jobs for databases, in the region that they start from.

    By vault a copy would count at one of its two ends, and AWS does not say which.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
    """
    return Metric(namespace="AWS/Backup", name=name, statistic="Sum", dimensions={"ResourceType": "RDS"})
