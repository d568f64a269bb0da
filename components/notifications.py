"""The topics that alarms are sent to: one a severity, in each region that has alarms."""

import pulumi
from pulumi_aws import iam, sns

from components.alarms import AlarmTopics, Severity
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, only_tls, policy_document, trust_document

_PUBLISHERS = (
    "backup.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "events.amazonaws.com",
    "events.rds.amazonaws.com",
)


class Notifications(Component):
    """SNS topics by severity, encrypted, with their deliveries logged.

    Guarantees that only AWS services acting for this account, and the account's own roles, publish.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        key: Key,
        recovery_key: Key,
        global_key: Key,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:Notifications", name, context, opts)
        self._delivery = self._delivery_role()
        self.topics = self._topics("", context.region, key)
        # An alarm lives where its metric does and notifies topics of its own region: S3 tells in the
        # replica's region how late replication is, CloudFront tells everything in one region.
        self.recovery_topics = self._topics("recovery-", context.recovery_region, recovery_key)
        self.global_topics = self._topics("global-", context.global_region, global_key)
        self.register_outputs({})

    def _topics(self, prefix: str, region: str, key: Key) -> AlarmTopics:
        critical, high, medium, low = (self._topic(prefix, severity, region, key) for severity in Severity)
        return AlarmTopics(critical=critical, high=high, medium=medium, low=low)

    def _topic(self, prefix: str, severity: Severity, region: str, key: Key) -> pulumi.Output[str]:
        context = self.context
        part = f"{prefix}{severity.lower()}"
        topic_name = context.name("alerts", part)
        arn = context.arn("sns", topic_name, region=region)
        topic = sns.Topic(
            f"{self.pulumi_resource_name}-{part}",
            name=topic_name,
            display_name=f"SyncUp {context.environment} {severity}",
            kms_master_key_id=key.arn,
            policy=policy_document(
                Statement(
                    actions=["sns:Publish"],
                    resources=[arn],
                    principals={"Service": list(_PUBLISHERS)},
                    conditions=only_for(context),
                ),
                Statement(
                    sid="OnlyOverTls",
                    effect="Deny",
                    actions=["sns:Publish"],
                    resources=[arn],
                    principals={"AWS": ["*"]},
                    conditions=only_tls([arn], "sns").conditions,
                ),
            ),
            http_success_feedback_role_arn=self._delivery.arn,
            http_failure_feedback_role_arn=self._delivery.arn,
            lambda_success_feedback_role_arn=self._delivery.arn,
            lambda_failure_feedback_role_arn=self._delivery.arn,
            region=region,
            opts=self.child(),
        )
        return topic.arn

    def _delivery_role(self) -> iam.Role:
        """Lets SNS log whether a notice arrived.

        https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
        """
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-delivery",
            name=context.name("alerts", "delivery", limit=64),
            assume_role_policy=trust_document("sns.amazonaws.com", conditions=only_for(context)),
            opts=self.child(),
        )
        groups = [
            context.arn("logs", f"log-group:sns/{region}/{context.account_id}/*", region=region)
            for region in sorted({context.region, context.recovery_region, context.global_region})
        ]
        iam.RolePolicy(
            f"{name}-delivery",
            role=role.name,
            policy=policy_document(
                Statement(
                    actions=[
                        "logs:CreateLogGroup",
                        "logs:CreateLogStream",
                        "logs:PutLogEvents",
                        "logs:PutRetentionPolicy",
                    ],
                    resources=groups,
                )
            ),
            opts=self.child(),
        )
        return role
