"""The edge's access log: one line a request, without what a viewer keeps secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import cloudwatch

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Statement

FIELDS: Final[Sequence[str]] = (
    "date",
    "time",
    "x-edge-location",
    "x-edge-request-id",
    "c-ip",
    "c-port",
    "c-country",
    "cs-method",
    "x-host-header",
    "cs-uri-stem",
    "cs-protocol",
    "cs-protocol-version",
    "cs(User-Agent)",
    "cs-bytes",
    "sc-status",
    "sc-bytes",
    "sc-content-type",
    "ssl-protocol",
    "ssl-cipher",
    "time-taken",
    "time-to-first-byte",
    "origin-fbl",
    "origin-lbl",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
)
"""Neither cookies nor query strings nor referrers: they carry sessions and the codes of a sign-in.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class EdgeLogsArgs:
    """Whose requests are logged, and how the log is kept."""

    distribution_arn: pulumi.Input[str]
    key: Key
    access_logs: PrivateBucket
    log_retention_days: int


class EdgeLogs(Component):
    """CloudFront's standard logging, version 2, into a private bucket.

    The older version writes by ACL, which a private bucket refuses; this one is delivered by
    CloudWatch Logs from the global region, into a bucket of any.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    """

    def __init__(
        self, name: str, context: Context, args: EdgeLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:edge:EdgeLogs", name, context, opts)
        region = context.global_region
        source_name = context.name(name, limit=60)
        bucket = self._bucket(args, source_name)
        self.bucket_name = bucket.bucket_name
        source = cloudwatch.LogDeliverySource(
            f"{name}-source",
            name=source_name,
            log_type="ACCESS_LOGS",
            resource_arn=args.distribution_arn,
            region=region,
            opts=self.child(),
        )
        destination = cloudwatch.LogDeliveryDestination(
            f"{name}-destination",
            name=source_name,
            output_format="json",
            delivery_destination_configuration=(
                cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
                    destination_resource_arn=bucket.bucket_arn
                )
            ),
            region=region,
            # Where the policy does not let it in yet, log delivery would write one of its own.
            opts=self.child(depends_on=[bucket.policy]),
        )
        cloudwatch.LogDelivery(
            f"{name}-delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            record_fields=list(FIELDS),
            s3_delivery_configurations=[
                cloudwatch.LogDeliveryS3DeliveryConfigurationArgs(
                    suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", enable_hive_compatible_path=False
                )
            ],
            region=region,
            opts=self.child(),
        )
        self.register_outputs({"bucket_name": self.bucket_name})

    def _bucket(self, args: EdgeLogsArgs, source_name: str) -> PrivateBucket:
        """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html."""
        context = self.context
        bucket_name = context.bucket_name("edge-logs")
        source_arn = context.arn("logs", f"delivery-source:{source_name}", region=context.global_region)
        writer = Statement(
            sid="LogDeliveryWrites",
            actions=["s3:PutObject"],
            resources=[f"{context.bucket_arn(bucket_name)}/AWSLogs/{context.account_id}/*"],
            principals={"Service": ["delivery.logs.amazonaws.com"]},
            conditions={
                "StringEquals": {
                    "aws:SourceAccount": context.account_id,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": {"aws:SourceArn": source_arn},
            },
        )
        return PrivateBucket(
            f"{self.pulumi_resource_name}-bucket",
            context,
            BucketArgs(
                bucket_name=bucket_name,
                key=args.key,
                expire_after_days=args.log_retention_days,
                access_logs=args.access_logs,
                statements=[writer],
            ),
            opts=self.child(),
        )
