"""The guide's monthly recovery test: AWS Backup restores the latest point, a function judges it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
from pulumi_aws import backup, iam

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.backup_age import NAMESPACE
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs, VpcPlacement
from components.iam import Statement, only_for, trust_document

DURATION = "RecoveryDuration"
"""From the restore's begin to its proof, as `functions/recovery_validation` publishes it."""
_VALIDATION_WINDOW_HOURS = 24
"""What was restored is deleted after so long, or as soon as the verdict is in: long enough for a person
to look at a database that failed the test."""
_SELECTION_WINDOW_DAYS = 2
"""The test is about the latest point. If there is none from these days, it must fail."""
_POLICY = "policy/service-role/AWSBackupServiceRolePolicyForRestores"
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreTestingArgs:
    """What is restored, where to, and what looks at it."""

    vault_arn: str
    vault: pulumi.Input[str]
    """The same vault's name, which carries the dependency."""
    database_arns: Sequence[str]
    database_name: str
    promised: timedelta
    """Within which a recovery has to be done."""
    hour: int
    """Of the first day of the month, UTC."""
    subnet_group_name: pulumi.Input[str]
    """The database's own subnets: AWS Backup would look for a default VPC."""
    database_group_id: pulumi.Input[str]
    """The security group that the restored database gets: the database's own."""
    function_placement: VpcPlacement
    key: Key
    """Encrypts what the function logs and could not process."""
    alarms: AlarmRoute


class RestoreTesting(Component):
    """A monthly restore of every database into the VPC, and the function that says whether it is sound.

    Guarantees that every end of a test reaches the function, a failed restore as well: the function
    fails, and thereby rings, unless the restored database has proven itself.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        args: RestoreTestingArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:backup:RestoreTesting", name, context, opts)
        # AWS takes letters, digits and underscores here, and no more than 50.
        self.plan_name = context.name(name, limit=50).replace("-", "_")
        plan = backup.RestoreTestingPlan(
            f"{name}-plan",
            name=self.plan_name,
            schedule_expression=f"cron(0 {args.hour} 1 * ? *)",
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=1,
            recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[pulumi.Output.from_input(args.vault).apply(lambda _: args.vault_arn)],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=_SELECTION_WINDOW_DAYS,
            ),
            opts=self.child(),
        )
        self._select(plan, args)
        self.validation = self._validate(args)
        self._watch(args)
        self.register_outputs({"plan_name": self.plan_name})

    def _select(self, plan: backup.RestoreTestingPlan, args: RestoreTestingArgs) -> None:
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="AWS Backup restores databases for the monthly test.",
            assume_role_policy=trust_document("backup.amazonaws.com", conditions=only_for(context)),
            opts=self.child(),
        )
        permissions = iam.RolePolicyAttachment(
            f"{name}-permissions",
            role=role.name,
            policy_arn=f"arn:{context.partition}:iam::aws:{_POLICY}",
            opts=self.child(),
        )
        backup.RestoreTestingSelection(
            f"{name}-databases",
            name="databases",
            restore_testing_plan_name=plan.name,
            protected_resource_type="RDS",
            protected_resource_arns=list(args.database_arns),
            iam_role_arn=role.arn,
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
            restore_metadata_overrides={
                "dbSubnetGroupName": args.subnet_group_name,
                "vpcSecurityGroupIds": pulumi.Output.json_dumps([args.database_group_id]),
                "publiclyAccessible": "false",
                "multiAz": "false",
                # A restore leaves it off, and by IAM is how the function logs in.
                "enableIamDatabaseAuthentication": "true",
            },
            validation_window_hours=_VALIDATION_WINDOW_HOURS,
            opts=self.child(depends_on=[permissions]),
        )

    def _validate(self, args: RestoreTestingArgs) -> Function:
        name, context = self.pulumi_resource_name, self.context
        function = Function(
            f"{name}-validation",
            context,
            FunctionArgs(
                source="recovery_validation",
                description="Judges the database that the monthly recovery test has restored.",
                timeout_seconds=15 * 60,
                key=args.key,
                alarms=args.alarms,
                runbook="recovery-test-failed",
                severity=Severity.HIGH,
                environment={"DATABASE_NAME": args.database_name, "METRIC_NAMESPACE": NAMESPACE},
                statements=self._may(),
                vpc=args.function_placement,
            ),
            opts=self.child(),
        )
        function.on_event(
            self,
            "ended",
            permission="on-ended",
            description="A restore of the monthly recovery test has ended, well or badly.",
            pattern=self._ended(),
        )
        return function

    def _watch(self, args: RestoreTestingArgs) -> None:
        """Rings when a sound database came too late: the promise has to change, or the way."""
        metric_alarm(
            self,
            "duration",
            route=args.alarms,
            severity=Severity.HIGH,
            runbook="recovery-test-failed",
            description="The monthly recovery test took longer than the recovery time that is promised.",
            comparison="GreaterThanThreshold",
            threshold=args.promised.total_seconds(),
            period_seconds=3600,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=Metric(namespace=NAMESPACE, name=DURATION, statistic="Maximum", dimensions={}),
        )

    def _ended(self) -> dict[str, object]:
        """Only this plan's restores: those of `syncup restore` are none of the function's business.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
        """
        # AWS appends an identifier of its own to the plan's name.
        plan_arn = self.context.arn("backup", f"restore-testing-plan:{self.plan_name}-")
        return {
            "source": ["aws.backup"],
            "detail-type": ["Restore Job State Change"],
            "detail": {
                "resourceType": ["RDS"],
                "status": ["COMPLETED", "FAILED", "ABORTED"],
                "restoreTestingPlanArn": [{"prefix": plan_arn}],
            },
        }

    def _may(self) -> list[Statement]:
        context = self.context
        # The restored instance and the identifier in its login are new every month; the user is not.
        restored = context.arn("rds", "db:awsbackup-restore-test-*")
        return [
            Statement(actions=["rds-db:connect"], resources=[context.arn("rds-db", "dbuser:*/validator")]),
            Statement(actions=["rds:DescribeDBInstances"], resources=[restored]),
            # Restore jobs have no ARN that IAM could name:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
            Statement(
                actions=["backup:DescribeRestoreJob", "backup:PutRestoreValidationResult"], resources=["*"]
            ),
            Statement(
                actions=["cloudwatch:PutMetricData"],
                # The action knows no resources, but the namespace:
                # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
            ),
        ]
