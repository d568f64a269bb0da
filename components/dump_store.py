"""Where dumps are kept: a bucket that cannot be emptied, and its replica in another region."""

from dataclasses import dataclass

import pulumi

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.bucket import BucketArgs, ObjectLock, PrivateBucket, Replica
from components.context import Context
from components.encryption import Key

_RULE = "everything"
"""The identifier of `PrivateBucket`'s replication rule."""
_PROMISED_SECONDS = 15 * 60
"""Replication time control: 99.99 % of the objects within 15 minutes.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DumpStoreArgs:
    """How long dumps are kept, how firmly, and with which keys."""

    retention_days: int
    """Guide, Backup Schedule: the rolling window."""
    compliance: bool
    """Whether even an administrator cannot delete a dump before its time."""
    key: Key
    recovery_key: Key
    access_logs: PrivateBucket
    recovery_access_logs: PrivateBucket
    recovery_provider: pulumi.ProviderResource
    """The provider of the recovery region."""
    alarms: AlarmRoute
    recovery_alarms: AlarmRoute
    """S3 publishes how late the replica is in the replica's region alone, and an alarm notifies topics
    of its own region."""


class DumpStore(Component):
    """An Object-Locked bucket and its locked replica, with the same rolling window on both sides.

    Guarantees that a dump lives for the whole window in two regions: S3 refuses to delete a version
    before, and lifecycle removes it right after. A deletion here never reaches the replica.
    """

    def __init__(
        self, name: str, context: Context, args: DumpStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:DumpStore", name, context, opts)
        replica = PrivateBucket(
            f"{name}-replica",
            context,
            self._bucket(args, args.recovery_key, args.recovery_access_logs, context.recovery_region),
            opts=self.child(provider=args.recovery_provider),
        )
        self.bucket = PrivateBucket(
            name,
            context,
            self._bucket(
                args,
                args.key,
                args.access_logs,
                context.region,
                Replica(bucket=replica, key=args.recovery_key, region=context.recovery_region),
            ),
            opts=self.child(),
        )
        self.bucket_name = self.bucket.bucket_name
        self.replica_name = replica.bucket_name
        self._watch(args)
        self.register_outputs({"bucket_name": self.bucket_name, "replica_name": self.replica_name})

    def _bucket(
        self,
        args: DumpStoreArgs,
        key: Key,
        access_logs: PrivateBucket,
        region: str,
        replica: Replica | None = None,
    ) -> BucketArgs:
        return BucketArgs(
            bucket_name=self.context.bucket_name("dumps", region),
            key=key,
            # Lifecycle puts a delete marker on a dump when its window is over, which is also when the
            # lock on its version ends, and removes the version a day later. It waits for locks.
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
            expire_after_days=args.retention_days,
            noncurrent_days=1,
            lock=ObjectLock(mode="COMPLIANCE" if args.compliance else "GOVERNANCE", days=args.retention_days),
            access_logs=access_logs,
            replica=replica,
        )

    def _watch(self, args: DumpStoreArgs) -> None:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html."""
        metric_alarm(
            self,
            "replication-failed",
            route=args.alarms,
            severity=Severity.HIGH,
            runbook="dump-replication",
            description="A dump could not be copied to the recovery region.",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=self._metric("OperationsFailedReplication", "Sum"),
        )
        metric_alarm(
            self,
            "replication-late",
            route=args.recovery_alarms,
            severity=Severity.HIGH,
            runbook="dump-replication",
            description="The copies of dumps in the recovery region are more than 15 minutes behind.",
            comparison="GreaterThanThreshold",
            threshold=_PROMISED_SECONDS,
            period_seconds=300,
            evaluation_periods=2,
            missing_data="notBreaching",
            metric=self._metric("ReplicationLatency", "Maximum"),
            region=self.context.recovery_region,
        )

    def _metric(self, name: str, statistic: str) -> Metric:
        return Metric(
            namespace="AWS/S3",
            name=name,
            statistic=statistic,
            dimensions={
                "SourceBucket": self.bucket_name,
                "DestinationBucket": self.replica_name,
                "RuleId": _RULE,
            },
        )
