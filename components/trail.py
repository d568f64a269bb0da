"""The audit trail: who did what in the account, in every region, where nobody can change it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudtrail, cloudwatch, iam

from components.account_events import ACCOUNT_EVENTS, AccountEvent
from components.alarms import AlarmRoute, Metric, metric_alarm
from components.base import Component
from components.bucket import BucketArgs, ObjectLock, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Statement, policy_document, trust_document
from components.log_group import log_group

_LOCKED_DAYS = 365
_KEPT_DAYS = 2 * 365


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailArgs:
    """Where the trail is kept and who hears of it."""

    key: Key
    access_logs: PrivateBucket
    """Where S3 writes who read the trail."""
    log_retention_days: int
    alarms: AlarmRoute


class Trail(Component):
    """CloudTrail in every region, and an alarm for each event that the CIS benchmark lists.

    Guarantees: the files are encrypted, validated by digests, locked for a year and kept for two; reads
    and writes of objects in S3 are recorded too (CIS 3.1, 3.2, 3.4, 3.5, 3.8, 3.9 and 4.1 to 4.15).
    """

    def __init__(
        self, name: str, context: Context, args: TrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:audit:Trail", name, context, opts)
        trail_name = context.name("trail", limit=128)
        self.arn = context.arn("cloudtrail", f"trail/{trail_name}")
        bucket = self._bucket(args)
        group_name = f"/{context.project}/{context.environment}/trail"
        logs = log_group(self, "logs", name=group_name, key=args.key, retention_days=args.log_retention_days)
        role = iam.Role(
            f"{name}-logs",
            name=context.name("trail-logs", limit=64),
            # CloudTrail tells neither source account nor ARN here:
            # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
            assume_role_policy=trust_document("cloudtrail.amazonaws.com"),
            opts=self.child(),
        )
        streams = f"log-group:{group_name}:log-stream:{context.account_id}_CloudTrail_{context.region}*"
        permissions = iam.RolePolicy(
            f"{name}-logs",
            role=role.name,
            policy=policy_document(
                Statement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[context.arn("logs", streams)],
                )
            ),
            opts=self.child(),
        )
        cloudtrail.Trail(
            f"{name}-trail",
            name=trail_name,
            s3_bucket_name=bucket.bucket,
            kms_key_id=args.key.arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            cloud_watch_logs_group_arn=logs.arn.apply(lambda arn: f"{arn}:*"),
            cloud_watch_logs_role_arn=role.arn,
            event_selectors=[
                cloudtrail.TrailEventSelectorArgs(
                    read_write_type="All",
                    include_management_events=True,
                    data_resources=[
                        # The prefix of every bucket's objects: CIS 3.8 and 3.9 leave none out.
                        cloudtrail.TrailEventSelectorDataResourceArgs(
                            type="AWS::S3::Object", values=[f"arn:{context.partition}:s3"]
                        )
                    ],
                )
            ],
            opts=self.child(depends_on=[permissions, bucket.policy]),
        )
        for event in ACCOUNT_EVENTS:
            self._watch(event, logs, args.alarms)
        self.register_outputs({"arn": self.arn})

    def _bucket(self, args: TrailArgs) -> PrivateBucket:
        """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html."""
        context = self.context
        bucket_name = context.bucket_name("trail")
        arn = context.bucket_arn(bucket_name)
        service = {"Service": ["cloudtrail.amazonaws.com"]}
        check = Statement(
            sid="TrailChecks",
            actions=["s3:GetBucketAcl"],
            resources=[arn],
            principals=service,
            conditions={"StringEquals": {"aws:SourceArn": self.arn}},
        )
        write = Statement(
            sid="TrailWrites",
            actions=["s3:PutObject"],
            resources=[f"{arn}/AWSLogs/{context.account_id}/*"],
            principals=service,
            conditions={
                "StringEquals": {"aws:SourceArn": self.arn, "s3:x-amz-acl": "bucket-owner-full-control"}
            },
        )
        return PrivateBucket(
            f"{self.pulumi_resource_name}-bucket",
            context,
            BucketArgs(
                bucket_name=bucket_name,
                key=args.key,
                expire_after_days=_KEPT_DAYS,
                # Governance: whoever has the permission to bypass it can, and is in the trail for it.
                lock=ObjectLock(mode="GOVERNANCE", days=_LOCKED_DAYS),
                access_logs=args.access_logs,
                statements=[check, write],
            ),
            opts=self.child(),
        )

    def _watch(self, event: AccountEvent, logs: cloudwatch.LogGroup, alarms: AlarmRoute) -> None:
        context = self.context
        namespace = f"{context.project}/{context.environment}/account"
        cloudwatch.LogMetricFilter(
            f"{self.pulumi_resource_name}-{event.name}",
            name=event.name,
            log_group_name=logs.name,
            pattern=event.pattern,
            metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=namespace, name=event.name, value="1"
            ),
            opts=self.child(),
        )
        metric_alarm(
            self,
            event.name,
            route=alarms,
            severity=event.severity,
            runbook="account-activity",
            description=f"{event.meaning} (CIS {event.control})",
            comparison="GreaterThanOrEqualToThreshold",
            threshold=event.per_five_minutes,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=Metric(namespace=namespace, name=event.name, statistic="Sum", dimensions={}),
        )
