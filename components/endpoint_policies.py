"""What may pass through the VPC's endpoints: the account's own business, and AWS's packages.

An endpoint policy grants nothing. It is the outer limit of what IAM may grant to whoever sits behind
the endpoint, so that stolen data cannot leave through it with somebody else's credentials or into
somebody else's bucket.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from components.context import Context
from components.iam import Statement, policy_document

_EVERYONE = {"AWS": ["*"]}

_OBJECTS = (
    "s3:AbortMultipartUpload",
    "s3:GetBucketLocation",
    "s3:GetEncryptionConfiguration",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
"""Reading and writing. Nothing in the VPC has to delete objects or change buckets."""


def s3_policy(context: Context) -> str:
    """The environment's own buckets to the account's roles, and AWS's public ones for reading alone."""
    own_buckets = context.bucket_arn(f"{context.project}-{context.environment}-*")
    return policy_document(
        Statement(
            sid="OwnBuckets",
            actions=_OBJECTS,
            # The pattern covers the objects in the buckets too.
            resources=[own_buckets],
            principals=_EVERYONE,
            conditions={
                "StringEquals": {
                    "aws:PrincipalAccount": context.account_id,
                    "aws:ResourceAccount": context.account_id,
                }
            },
        ),
        Statement(
            sid="PackagesOfAws",
            actions=["s3:GetObject"],
            resources=[f"{context.bucket_arn(bucket)}/*" for bucket in _aws_buckets(context.region)],
            # The package manager asks without credentials.
            principals=_EVERYONE,
        ),
    )


def _aws_buckets(region: str) -> list[str]:
    """Buckets that AWS owns and the instances read.

    Amazon Linux 2023's repositories: https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html
    The layers of images in ECR: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    Systems Manager's agent, documents, packages and patch baselines:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-minimum-s3-permissions.html
    """
    return [
        f"al2023-repos-{region}-de612dc2",
        f"prod-{region}-starport-layer-bucket",
        f"amazon-ssm-{region}",
        f"amazon-ssm-packages-{region}",
        f"aws-ssm-{region}",
        f"aws-ssm-distributor-file-{region}",
        f"aws-ssm-document-attachments-{region}",
        f"patch-baseline-snapshot-{region}",
        f"{region}-birdwatcher-prod",
    ]


def dynamodb_policy(context: Context) -> str:
    """The environment's own tables to the account's roles."""
    return policy_document(
        Statement(
            sid="OwnTables",
            actions=["dynamodb:*"],
            resources=[context.arn("dynamodb", f"table/{context.project}-{context.environment}-*")],
            principals=_EVERYONE,
            conditions={"StringEquals": {"aws:PrincipalAccount": context.account_id}},
        )
    )


def service_policy(context: Context, action_prefix: str) -> str:
    """One service's whole API, to the account's roles.

    Args:
        context: the environment.
        action_prefix: the service's name in IAM actions: `ssm`.
    """
    return policy_document(
        Statement(
            sid="OwnRoles",
            # What a role may do of it is said by its own policy, the same with and without endpoint.
            actions=[f"{action_prefix}:*"],
            principals=_EVERYONE,
            conditions={"StringEquals": {"aws:PrincipalAccount": context.account_id}},
        )
    )
