"""What maintenance does by itself in the window: the function, its rights, and when it is called."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi

from components import ports, secrets
from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs, VpcPlacement
from components.iam import Statement, secret_arn, use_key
from components.window import MaintenanceWindow

NAMESPACE = "SyncUp/Maintenance"
_USER = "maintenance"
_MOST = timedelta(minutes=15)
"""As long as Lambda lets a function run. Every so often it is called, while the window is open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MaintenanceTasksArgs:
    """When it may work, and on what."""

    window: MaintenanceWindow
    paging: Sequence[str]
    """Levels of severity that wake people up: beside such an incident it waits."""
    database_address: pulumi.Input[str]
    database_name: str
    cache_endpoint: pulumi.Input[str]
    records_bucket: str
    log_retention_days: int
    placement: VpcPlacement
    key: Key
    """Encrypts what the function logs and could not process."""
    records_key: Key
    secrets_key: Key
    route: AlarmRoute


class MaintenanceTasks(Component):
    """The function that vacuums, rebuilds indexes, walks through the cache and bounds log groups.

    Guarantees that it works inside the window alone, and logs in to the database by IAM.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        args: MaintenanceTasksArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:MaintenanceTasks", name, context, opts)
        function = Function(
            f"{name}-function",
            context,
            FunctionArgs(
                source="maintenance",
                description="Does what is due in the maintenance window.",
                timeout_seconds=int(_MOST.total_seconds()),
                key=args.key,
                alarms=args.route,
                runbook="maintenance-tasks",
                severity=Severity.MEDIUM,
                environment={
                    "STACK": context.environment,
                    "WINDOW": json.dumps(args.window.as_text()),
                    "PAGING": ",".join(args.paging),
                    "DATABASE_ENDPOINT": pulumi.Output.concat(args.database_address, f":{ports.POSTGRESQL}"),
                    "DATABASE_NAME": args.database_name,
                    "CACHE_ENDPOINT": pulumi.Output.concat(args.cache_endpoint, f":{ports.CACHE}"),
                    "CACHE_SECRET": context.secret_name(secrets.CACHE),
                    "RECORDS_BUCKET": args.records_bucket,
                    "LOG_RETENTION_DAYS": str(args.log_retention_days),
                    "METRIC_NAMESPACE": NAMESPACE,
                },
                statements=_may(context, args),
                vpc=args.placement,
            ),
            opts=self.child(),
        )
        schedule = args.window.during(_MOST)
        function.on_schedule("schedule", schedule.expression, schedule.time_zone)
        self.register_outputs({})


def _may(context: Context, args: MaintenanceTasksArgs) -> list[Statement]:
    bucket, cache = context.bucket_arn(args.records_bucket), context.secret_name(secrets.CACHE)
    lock = f"parameter/{context.project}/{context.environment}/operations/lock"
    return [
        Statement(actions=["rds-db:connect"], resources=[context.arn("rds-db", f"dbuser:*/{_USER}")]),
        Statement(actions=["secretsmanager:GetSecretValue"], resources=[secret_arn(context, cache)]),
        use_key(context, args.secrets_key.alias, "kms:Decrypt"),
        # Whether somebody holds the stack, and whether an incident is open.
        Statement(actions=["ssm:GetParameter"], resources=[context.arn("ssm", lock)]),
        Statement(actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[bucket]),
        Statement(actions=["s3:GetObject"], resources=[f"{bucket}/incidents/*"]),
        use_key(context, args.records_key.alias, "kms:Decrypt"),
        Statement(actions=["logs:DescribeLogGroups"], resources=[context.arn("logs", "log-group:*")]),
        Statement(
            actions=["logs:PutRetentionPolicy"],
            resources=[context.arn("logs", f"log-group:{beginning}*") for beginning in _own_logs(context)],
        ),
        Statement(
            actions=["cloudwatch:PutMetricData"],
            # The action knows no resources, but the namespace:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        ),
    ]


def _own_logs(context: Context) -> list[str]:
    """How the names of the environment's log groups begin, those that AWS makes by itself among them."""
    services = ("lambda", "rds/instance", "rds/proxy", "codebuild")
    return [
        f"/{context.project}/{context.environment}/",
        *(f"/aws/{service}/{context.project}-{context.environment}" for service in services),
    ]
