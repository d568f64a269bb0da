"""AWS Config: what every resource of the account looked like, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cfg, iam

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Conditions, Statement, only_for

_KEPT_DAYS = 2 * 365


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationHistoryArgs:
    """Which regions are recorded, and where to."""

    regions: Sequence[str]
    key: Key
    access_logs: PrivateBucket


class ConfigurationHistory(Component):
    """A recorder of everything in each region, global resources at home, delivered to one bucket."""

    def __init__(
        self,
        name: str,
        context: Context,
        args: ConfigurationHistoryArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:audit:ConfigurationHistory", name, context, opts)
        bucket = self._bucket(args)
        # Security Hub's Config.1 wants this very role. An account has one: where Config ran before,
        # `pulumi import` it.
        role = iam.ServiceLinkedRole(
            f"{name}-role", aws_service_name="config.amazonaws.com", opts=self.child()
        )
        for region in args.regions:
            self._record(region, role, bucket, args.key)
        self.register_outputs({"bucket_name": bucket.bucket_name})

    def _record(self, region: str, role: iam.ServiceLinkedRole, bucket: PrivateBucket, key: Key) -> None:
        name = f"{self.pulumi_resource_name}-{region}"
        recorder = cfg.Recorder(
            name,
            name="default",
            role_arn=role.arn,
            recording_group=cfg.RecorderRecordingGroupArgs(
                all_supported=True, include_global_resource_types=region == self.context.region
            ),
            region=region,
            opts=self.child(),
        )
        channel = cfg.DeliveryChannel(
            name,
            name="default",
            s3_bucket_name=bucket.bucket,
            s3_kms_key_arn=key.arn,
            snapshot_delivery_properties=cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            region=region,
            opts=self.child(depends_on=[recorder, bucket.policy]),
        )
        cfg.RecorderStatus(
            name,
            name=recorder.name,
            is_enabled=True,
            region=region,
            # A recorder without a channel cannot be started.
            opts=self.child(depends_on=[channel]),
        )

    def _bucket(self, args: ConfigurationHistoryArgs) -> PrivateBucket:
        """https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html.

        Without Object Lock: Config cannot deliver to a bucket that has a default retention.
        """
        context = self.context
        bucket_name = context.bucket_name("config")
        arn = context.bucket_arn(bucket_name)
        service = {"Service": ["config.amazonaws.com"]}
        own: Conditions = only_for(context)
        check = Statement(
            sid="ConfigChecks",
            actions=["s3:GetBucketAcl", "s3:ListBucket"],
            resources=[arn],
            principals=service,
            conditions=own,
        )
        write = Statement(
            sid="ConfigWrites",
            actions=["s3:PutObject"],
            resources=[f"{arn}/AWSLogs/{context.account_id}/Config/*"],
            principals=service,
            conditions={"StringEquals": {**own["StringEquals"], "s3:x-amz-acl": "bucket-owner-full-control"}},
        )
        return PrivateBucket(
            f"{self.pulumi_resource_name}-bucket",
            context,
            BucketArgs(
                bucket_name=bucket_name,
                key=args.key,
                expire_after_days=_KEPT_DAYS,
                access_logs=args.access_logs,
                statements=[check, write],
            ),
            opts=self.child(),
        )
