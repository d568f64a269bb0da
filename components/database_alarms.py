"""What rings about the active instance, beside the guide's own alerts, and what RDS itself tells."""

import json

from pulumi_aws import cloudwatch, rds

from components.alarms import AlarmRoute, Metric, Severity, alarm_name, metric_alarm
from components.base import Component
from components.encryption import Key
from components.iam import Statement, policy_document
from components.log_group import log_group

_FREE_STORAGE_SHARE = 0.05
"""Storage autoscaling acts at 10 % (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html):
half of that is left only where it cannot."""
_USED_TRANSACTION_IDS = 1_000_000_000
"""Half of what there are. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Autovacuum.html"""
_FAILOVER = "failover"
_NOTICES = {
    "instance": (
        "db-instance",
        (
            "availability",
            "configuration change",
            "deletion",
            "failover",
            "failure",
            "low storage",
            "maintenance",
            "read replica",
            "recovery",
        ),
    ),
    "parameter-group": ("db-parameter-group", ("configuration change",)),
    "security-group": ("db-security-group", ("configuration change", "failure")),
}
"""Source type and categories by what is told of.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html"""


def tell_events(parent: Component, route: AlarmRoute) -> None:
    """RDS' own notices, of every instance there is or will be, to the topic that disturbs nobody."""
    for suffix, (source_type, categories) in _NOTICES.items():
        rds.EventSubscription(
            f"{parent.pulumi_resource_name}-{suffix}-events",
            sns_topic=route.topics.topic(Severity.LOW),
            source_type=source_type,
            event_categories=list(categories),
            opts=parent.child(),
        )


def watch_storage(parent: Component, route: AlarmRoute, *, identifier: str, storage_gib: int) -> None:
    """Rings when storage runs out although it should grow: a full instance stops."""
    metric_alarm(
        parent,
        "free-storage",
        route=route,
        severity=Severity.HIGH,
        runbook="database-free-storage",
        description=f"The storage of {identifier} runs out and has not grown.",
        comparison="LessThanThreshold",
        threshold=storage_gib * 1024**3 * _FREE_STORAGE_SHARE,
        period_seconds=300,
        evaluation_periods=3,
        metric=_of_instance("FreeStorageSpace", "Minimum", identifier),
    )


def watch_transaction_ids(parent: Component, route: AlarmRoute, *, identifier: str) -> None:
    """Rings long before PostgreSQL refuses to write, which it does when its transaction ids run out."""
    metric_alarm(
        parent,
        "transaction-ids",
        route=route,
        severity=Severity.HIGH,
        runbook="database-transaction-ids",
        description=f"Vacuum does not keep up on {identifier}: its transaction ids run out.",
        comparison="GreaterThanThreshold",
        threshold=_USED_TRANSACTION_IDS,
        period_seconds=300,
        evaluation_periods=3,
        metric=_of_instance("MaximumUsedTransactionIDs", "Maximum", identifier),
    )


def watch_failover(parent: Component, route: AlarmRoute, *, identifier: str, key: Key, days: int) -> str:
    """Rings when the instance fails over or reports a failure, and returns the alarm's name.

    RDS has no such metric: EventBridge counts the events, and keeps them for whoever asks later.
    """
    name, context = parent.pulumi_resource_name, parent.context
    rule_name = context.name(name, _FAILOVER, limit=64)
    group_name = f"/aws/events/{rule_name}"
    logs = log_group(parent, f"{_FAILOVER}-log", name=group_name, key=key, retention_days=days)
    cloudwatch.LogResourcePolicy(
        f"{name}-{_FAILOVER}-log-policy",
        policy_name=rule_name,
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        policy_document=policy_document(
            Statement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[context.arn("logs", f"log-group:{group_name}:*")],
                principals={"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
                conditions={"ArnEquals": {"aws:SourceArn": context.arn("events", f"rule/{rule_name}")}},
            )
        ),
        opts=parent.child(),
    )
    rule = cloudwatch.EventRule(
        f"{name}-{_FAILOVER}-rule",
        name=rule_name,
        description=f"{identifier} fails over or reports a failure.",
        event_pattern=json.dumps(
            {
                "source": ["aws.rds"],
                "detail-type": ["RDS DB Instance Event"],
                "detail": {"SourceIdentifier": [identifier], "EventCategories": ["failover", "failure"]},
            }
        ),
        opts=parent.child(),
    )
    cloudwatch.EventTarget(f"{name}-{_FAILOVER}-target", rule=rule.name, arn=logs.arn, opts=parent.child())
    metric_alarm(
        parent,
        _FAILOVER,
        route=route,
        severity=Severity.HIGH,
        runbook="database-failover",
        description=f"{identifier} has failed over or reports a failure.",
        comparison="GreaterThanThreshold",
        threshold=0,
        period_seconds=60,
        evaluation_periods=1,
        missing_data="notBreaching",
        metric=Metric(
            namespace="AWS/Events",
            name="TriggeredRules",
            statistic="Sum",
            dimensions={"RuleName": rule_name},
        ),
    )
    return alarm_name(parent, _FAILOVER)


def _of_instance(metric: str, statistic: str, identifier: str) -> Metric:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html."""
    return Metric(
        namespace="AWS/RDS",
        name=metric,
        statistic=statistic,
        dimensions={"DBInstanceIdentifier": identifier},
    )
