"""Where S3 writes who read what: one bucket a region, since the target must live beside its source."""

import pulumi

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.iam import Statement, only_for


class AccessLogs(Component):
    """The buckets that receive S3 server access logs, at home and in the recovery region.

    They are encrypted with S3's own key, because the log service takes no other:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    They do not log themselves, which would never end.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        recovery: pulumi.ProviderResource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declares both.

        Args:
            name: the logical name.
            context: the environment.
            recovery: the provider of the recovery region.
            opts: as for any resource.
        """
        super().__init__("syncup:storage:AccessLogs", name, context, opts)
        self.home = self._bucket(name, context.region, self.child())
        self.recovery = self._bucket(
            f"{name}-recovery", context.recovery_region, self.child(provider=recovery)
        )
        self.register_outputs({})

    def _bucket(self, name: str, region: str, opts: pulumi.ResourceOptions) -> PrivateBucket:
        context = self.context
        bucket_name = context.bucket_name("access-logs", region)
        writers = Statement(
            sid="S3WritesAccessLogs",
            actions=["s3:PutObject"],
            # Single values, not lists of one: so AWS' own example has it, and so checkers look for it.
            resources=f"{context.bucket_arn(bucket_name)}/*",
            principals={"Service": "logging.s3.amazonaws.com"},
            conditions=only_for(context),
        )
        args = BucketArgs(
            bucket_name=bucket_name,
            key=None,
            expire_after_days=365,
            statements=[writers],
        )
        return PrivateBucket(name, context, args, opts=opts)
