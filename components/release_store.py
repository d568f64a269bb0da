"""Where releases wait for the instances that start them."""

import pulumi

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Statement, use_key


class ReleaseStore(Component):
    """The bucket of releases. A release is never removed by itself: a rollback needs it."""

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        key: Key,
        access_logs: PrivateBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:compute:ReleaseStore", name, context, opts)
        self._key = key
        self.bucket_name = context.bucket_name("releases")
        self._bucket = PrivateBucket(
            name,
            context,
            BucketArgs(bucket_name=self.bucket_name, key=key, access_logs=access_logs),
            opts=self.child(),
        )
        self.register_outputs({"bucket_name": self.bucket_name})

    def reading(self) -> list[Statement]:
        """What an instance needs to fetch a release."""
        return [
            Statement(
                sid="FetchRelease",
                actions=["s3:GetObject"],
                resources=[f"{self._bucket.bucket_arn}/releases/*"],
            ),
            use_key(self.context, self._key.alias, "kms:Decrypt"),
        ]
