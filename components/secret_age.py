"""How old a secret is that only a person can renew: a function measures it, an alarm reminds."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs
from components.iam import Statement, secret_arn

NAMESPACE = "SyncUp/Secrets"
METRIC = "AgeDays"
_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretAgeArgs:
    """Which secrets are watched, and how old they may become."""

    groups: Sequence[str]
    """Guide, Secrets Management: those whose rotation is a person's."""
    limit_days: int
    key: Key
    alarms: AlarmRoute


class SecretAge(Component):
    """Publishes each secret's age four times a day and rings where it is above the guide's.

    The age is that of the value as a whole: of several keys in one secret the one renewed last. A secret
    without a value has no age, which rings too.
    """

    def __init__(
        self, name: str, context: Context, args: SecretAgeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:security:SecretAge", name, context, opts)
        secrets = {group: context.secret_name(group) for group in args.groups}
        function = Function(
            f"{name}-function",
            context,
            FunctionArgs(
                source="secret_age",
                description="Publishes the age of secrets that people renew.",
                timeout_seconds=60,
                key=args.key,
                alarms=args.alarms,
                runbook="secret-age",
                # The age alarms themselves ring when values are missing.
                severity=Severity.LOW,
                environment={
                    "SECRETS": ",".join(secrets.values()),
                    "METRIC_NAMESPACE": NAMESPACE,
                    "METRIC_NAME": METRIC,
                },
                statements=[
                    # The dates of its versions, never a value.
                    Statement(
                        actions=["secretsmanager:ListSecretVersionIds"],
                        resources=[secret_arn(context, secret) for secret in secrets.values()],
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
            opts=self.child(),
        )
        function.on_schedule("schedule", "rate(6 hours)")
        for group, secret in secrets.items():
            metric_alarm(
                self,
                group,
                route=args.alarms,
                severity=Severity.MEDIUM,
                runbook="secret-age",
                description=f"{secret} is older than {args.limit_days} days, or has no value.",
                comparison="GreaterThanThreshold",
                threshold=args.limit_days,
                period_seconds=_DAY_SECONDS,
                evaluation_periods=1,
                missing_data="breaching",
                metric=Metric(
                    namespace=NAMESPACE,
                    name=METRIC,
                    statistic="Maximum",
                    dimensions={"SecretName": secret},
                ),
            )
        self.register_outputs({})
