"""Where the record of what happened is kept: incidents, their timelines and their post-mortems."""

import pulumi

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key


class Records(Component):
    """The bucket of records. Nothing in it ends by itself: an incident's number is never given twice."""

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        key: Key,
        access_logs: PrivateBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:Records", name, context, opts)
        self.bucket_name = context.bucket_name("records")
        PrivateBucket(
            name,
            context,
            BucketArgs(bucket_name=self.bucket_name, key=key, access_logs=access_logs),
            opts=self.child(),
        )
        self.register_outputs({"bucket_name": self.bucket_name})
