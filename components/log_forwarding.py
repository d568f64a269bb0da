"""From log groups into OpenSearch: the function that forwards, and the one that lets it in.

Firehose cannot do it: it does not take CloudWatch Logs as a source for OpenSearch, since one record
holds many events (https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs.html).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.function import Function, FunctionArgs, VpcPlacement, role_arn
from components.iam import Statement
from components.logs import LogSource
from components.search import Search

_CONCURRENCY = 5
"""More at once would only be refused by the domain's write queue."""
_FAILED_DAYS = 30
"""How long a batch that did not arrive can still be brought in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogForwardingArgs:
    """What is forwarded, where to, and for how long it can be searched there."""

    sources: Sequence[LogSource]
    search: Search
    retention_days: int
    placement: VpcPlacement
    key: Key
    access_logs: PrivateBucket
    alarms: AlarmRoute


class LogForwarding(Component):
    """Subscriptions of log groups, the forwarder and the set-up of the domain's inside.

    Guarantees that a log event which OpenSearch did not take is kept in S3, and rings.
    """

    def __init__(
        self, name: str, context: Context, args: LogForwardingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:LogForwarding", name, context, opts)
        self._args = args
        failed = PrivateBucket(
            f"{name}-failed",
            context,
            BucketArgs(
                bucket_name=context.bucket_name("failed-logs"),
                key=args.key,
                expire_after_days=_FAILED_DAYS,
                access_logs=args.access_logs,
            ),
            opts=self.child(),
        )
        self.failed_bucket = failed.bucket_name
        self.forwarder = self._forwarder(failed)
        self.setup = self._setup()
        for source in args.sources:
            self._subscribe(source)
        self.register_outputs({"failed_bucket": self.failed_bucket})

    def _forwarder(self, failed: PrivateBucket) -> Function:
        args = self._args
        return Function(
            f"{self.pulumi_resource_name}-forwarder",
            self.context,
            FunctionArgs(
                source="log_forwarder",
                description="Forwards log events to OpenSearch.",
                timeout_seconds=120,
                key=args.key,
                alarms=args.alarms,
                runbook="log-forwarding",
                severity=Severity.MEDIUM,
                environment={"SEARCH_ENDPOINT": args.search.endpoint, "FAILED_BUCKET": failed.bucket},
                statements=[
                    Statement(actions=["es:ESHttpPost"], resources=[f"{args.search.domain_arn}/_bulk"]),
                    Statement(actions=["s3:PutObject"], resources=[f"{failed.bucket_arn}/*"]),
                ],
                vpc=args.placement,
                reserved_concurrency=_CONCURRENCY,
            ),
            opts=self.child(),
        )

    def _setup(self) -> Function:
        """Every hour, so that a new domain takes logs soon and a change by hand does not last."""
        args = self._args
        function = Function(
            f"{self.pulumi_resource_name}-setup",
            self.context,
            FunctionArgs(
                source="search_setup",
                description="Sets up roles, indices and retention inside OpenSearch.",
                timeout_seconds=120,
                key=args.key,
                alarms=args.alarms,
                runbook="log-forwarding",
                severity=Severity.MEDIUM,
                environment={
                    "SEARCH_ENDPOINT": args.search.endpoint,
                    "WRITER_ROLE_ARN": self.forwarder.role_arn,
                    "RETENTION_DAYS": str(args.retention_days),
                },
                statements=[
                    Statement(
                        actions=["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"],
                        resources=[
                            f"{args.search.domain_arn}/_index_template/*",
                            f"{args.search.domain_arn}/_plugins/*",
                        ],
                    )
                ],
                vpc=args.placement,
            ),
            opts=self.child(),
        )
        function.on_schedule("hourly", "rate(1 hour)")
        return function

    def _subscribe(self, source: LogSource) -> None:
        allowed = self.forwarder.allow(
            source.suffix, "logs.amazonaws.com", self.context.arn("logs", f"log-group:{source.name}:*")
        )
        cloudwatch.LogSubscriptionFilter(
            f"{self.pulumi_resource_name}-{source.suffix}",
            log_group=source.name,
            filter_pattern="",
            destination_arn=self.forwarder.arn,
            opts=self.child(depends_on=[allowed, source.owner]),
        )


def setup_role_arn(context: Context, name: str) -> str:
    """The role that sets up the domain's inside, by the component's logical name.

    The domain must know it when it is made, and the function needs the domain.
    """
    return role_arn(context, f"{name}-setup")
