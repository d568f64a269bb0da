"""The files of a release that never change, in a bucket that only the edge reads."""

import pulumi
from pulumi_aws import cloudfront

from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Statement


class StaticContent(Component):
    """A private bucket and CloudFront's signed access to it."""

    def __init__(
        self,
        name: str,
        context: Context,
        *,
        key: Key,
        access_logs: PrivateBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:edge:StaticContent", name, context, opts)
        self.bucket_name = context.bucket_name("static")
        reader = Statement(
            sid="EdgeReads",
            actions=["s3:GetObject"],
            resources=[f"{context.bucket_arn(self.bucket_name)}/*"],
            principals={"Service": ["cloudfront.amazonaws.com"]},
            # The distribution's identifier exists only after the bucket that it reads. The account's
            # distributions are this program's own.
            conditions={
                "StringEquals": {"aws:SourceAccount": context.account_id},
                "ArnLike": {"aws:SourceArn": context.global_arn("cloudfront", "distribution/*")},
            },
        )
        bucket = PrivateBucket(
            f"{name}-bucket",
            context,
            BucketArgs(bucket_name=self.bucket_name, key=key, access_logs=access_logs, statements=[reader]),
            opts=self.child(),
        )
        access = cloudfront.OriginAccessControl(
            f"{name}-access",
            description=f"Reads {self.bucket_name}",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self.child(),
        )
        self.domain_name = bucket.regional_domain_name
        self.access_control_id = access.id
        self.register_outputs({"bucket_name": self.bucket_name})
