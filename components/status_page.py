"""What users see: the public status page, which follows alarms and the maintenance window."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
from pulumi_aws import sns

from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs
from components.iam import Statement, secret_arn, use_key
from components.tool_secrets import STATUS_PAGE
from components.window import MaintenanceWindow


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAlarm:
    """An alarm that users notice."""

    name: str
    severity: Severity
    components: Sequence[str]
    """The names of the page's components that it is about."""
    region: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusPageArgs:
    """The page, and what it follows."""

    page_id: str
    components: Mapping[str, str]
    """StatusPage's identifiers by name."""
    alarms: Sequence[ShownAlarm]
    window: MaintenanceWindow
    notice: timedelta
    """How long before the window maintenance is announced."""
    distant_topics: Mapping[str, pulumi.Input[str]]
    """ARNs, by name, of the topics by which the alarms of the global region tell: events stay in a region."""
    key: Key
    """Encrypts what the function logs and could not process."""
    secrets_key: Key
    route: AlarmRoute


class StatusPage(Component):
    """The function that keeps the page in step, and what wakes it.

    Guarantees that whatever event gets lost, the page is right again minutes later, and that the key is in
    the function's memory alone.
    """

    def __init__(
        self, name: str, context: Context, args: StatusPageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:StatusPage", name, context, opts)
        function = self._function(args)
        self._on_change(function, [alarm.name for alarm in args.alarms if alarm.region == context.region])
        for topic, arn in args.distant_topics.items():
            self._on_topic(function, topic, arn)
        function.on_schedule("schedule", "rate(5 minutes)")
        self.register_outputs({})

    def _function(self, args: StatusPageArgs) -> Function:
        context, secret = self.context, self.context.secret_name(STATUS_PAGE)
        return Function(
            f"{self.pulumi_resource_name}-function",
            context,
            FunctionArgs(
                source="status_page",
                description="Keeps the public status page in step with alarms and maintenance.",
                timeout_seconds=120,
                key=args.key,
                alarms=args.route,
                runbook="status-page",
                severity=Severity.MEDIUM,
                environment={
                    "STACK": context.environment,
                    "PAGE_ID": args.page_id,
                    "COMPONENTS": json.dumps(dict(args.components), sort_keys=True),
                    "ALARMS": json.dumps(_by_region(args.alarms), sort_keys=True),
                    "WINDOW": json.dumps(args.window.as_text()),
                    "NOTICE_HOURS": str(args.notice // timedelta(hours=1)),
                    "SECRET": secret,
                },
                statements=[
                    Statement(
                        actions=["cloudwatch:DescribeAlarms"],
                        resources=[
                            context.arn("cloudwatch", f"alarm:{alarm.name}", region=alarm.region)
                            for alarm in args.alarms
                        ],
                    ),
                    Statement(
                        actions=["secretsmanager:GetSecretValue"], resources=[secret_arn(context, secret)]
                    ),
                    use_key(context, args.secrets_key.alias, "kms:Decrypt"),
                ],
            ),
            opts=self.child(),
        )

    def _on_change(self, function: Function, alarms: Sequence[str]) -> None:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html."""
        pattern = {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {"alarmName": list(alarms)},
        }
        function.on_event(
            self,
            "alarms",
            permission="on-alarm",
            description="An alarm that users notice begins or ends.",
            pattern=pattern,
        )

    def _on_topic(self, function: Function, topic: str, arn: pulumi.Input[str]) -> None:
        """SNS invokes functions of other regions, which EventBridge does not.

        https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
        """
        context = self.context
        known = context.arn("sns", context.name("alerts", topic), region=context.global_region)
        allowed = function.allow(f"on-{topic}", "sns.amazonaws.com", known)
        sns.TopicSubscription(
            f"{self.pulumi_resource_name}-{topic}",
            topic=arn,
            protocol="lambda",
            endpoint=function.arn,
            region=context.global_region,
            opts=self.child(depends_on=[allowed]),
        )


def _by_region(alarms: Sequence[ShownAlarm]) -> dict[str, dict[str, object]]:
    return {
        region: {
            alarm.name: {"severity": alarm.severity.value, "components": list(alarm.components)}
            for alarm in alarms
            if alarm.region == region
        }
        for region in sorted({alarm.region for alarm in alarms})
    }
