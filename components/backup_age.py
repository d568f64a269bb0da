"""How old the database is in the other region: AWS publishes no such metric, so a function does.

Replication of automated backups stops without a word when a key is disabled in either region. Its
age tells, its existence does not.
"""

from components.alarms import AlarmRoute, Metric, Severity, alarm_name, metric_alarm
from components.base import Component
from components.encryption import Key
from components.function import Function, FunctionArgs
from components.iam import Statement

NAMESPACE = "SyncUp/Backups"
METRIC = "ReplicatedBackupAge"
_PERIOD_SECONDS = 300
_SUFFIX = "backup-age"


def watch_replicated_backup(
    parent: Component, route: AlarmRoute, *, identifier: str, key: Key, limit_seconds: int
) -> str:
    """Rings when the recovery region falls behind, or when nobody knows; returns the alarm's name.

    RDS copies logs every five minutes, as soon as they are there.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html
    """
    context = parent.context
    function = Function(
        f"{parent.pulumi_resource_name}-{_SUFFIX}",
        context,
        FunctionArgs(
            source="backup_age",
            description="Publishes the age of the database's replicated backup.",
            timeout_seconds=60,
            key=key,
            alarms=route,
            runbook="database-backup-age",
            # The age alarm itself rings when values are missing.
            severity=Severity.LOW,
            environment={
                "DATABASE_INSTANCE": identifier,
                "SOURCE_REGION": context.region,
                "RECOVERY_REGION": context.recovery_region,
                "METRIC_NAMESPACE": NAMESPACE,
                "METRIC_NAME": METRIC,
            },
            statements=[
                Statement(
                    actions=["rds:DescribeDBInstanceAutomatedBackups"],
                    # RDS asks about the instance and about its backups, whose names only RDS knows.
                    resources=[
                        context.arn("rds", "auto-backup:*", region=context.recovery_region),
                        context.arn("rds", "db:*", region=context.recovery_region),
                    ],
                ),
                Statement(
                    actions=["cloudwatch:PutMetricData"],
                    # The action knows no resources, but the namespace:
                    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
                    resources=["*"],
                    conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                ),
            ],
        ),
        opts=parent.child(),
    )
    function.on_schedule("schedule", "rate(5 minutes)")
    metric_alarm(
        parent,
        _SUFFIX,
        route=route,
        severity=Severity.HIGH,
        runbook="database-backup-age",
        description=f"The copy of {identifier} in {context.recovery_region} is old, or its age unknown.",
        comparison="GreaterThanThreshold",
        threshold=limit_seconds,
        period_seconds=_PERIOD_SECONDS,
        evaluation_periods=3,
        missing_data="breaching",
        metric=Metric(
            namespace=NAMESPACE,
            name=METRIC,
            statistic="Maximum",
            dimensions={"DBInstanceIdentifier": identifier},
        ),
    )
    return alarm_name(parent, _SUFFIX)
