"""Buckets. What once was a bucket's property is a resource beside it since pulumi-aws 7."""

from policies.rule import Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, all_hold, any_holds

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_VERSIONINGS = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")
_ENCRYPTIONS = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_BLOCKED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_FSBP = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html"


@rule(
    name="s3-bucket-versioned",
    title="Buckets keep the versions of their objects",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("S3.14",),
    types=_BUCKETS,
    why="Without versions, what is overwritten or deleted by mistake or by an attacker is gone.",
    fix="""
        aws.s3.BucketVersioning(
            "versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
        )
    """,
    link=f"{_FSBP}#s3-14",
)
def bucket_versioned(bucket: Resource, stack: Stack) -> Problems:
    """Neither the bucket nor a resource beside it turns it on by default."""
    if bucket.flag("versioning.enabled", default=False):
        return None
    if any_holds(_is_versioning, stack.beside(bucket, _VERSIONINGS, by="bucket")):
        return None
    return "it has no BucketVersioning with status Enabled"


def _is_versioning(side: Resource) -> bool:
    return side.text("versioningConfiguration.status").lower() == "enabled"


@rule(
    name="s3-bucket-blocks-public-access",
    title="Buckets block public access themselves",
    severity=Severity.HIGH,
    controls=("S3.8", "CIS 2.1.4"),
    types=_BUCKETS,
    why="One careless ACL or policy would open the bucket to the world.",
    fix="""
        aws.s3.BucketPublicAccessBlock(
            "block",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
    """,
    link=f"{_FSBP}#s3-8",
)
def bucket_blocks_public_access(bucket: Resource, stack: Stack) -> Problems:
    """Each of the four is off by default where the resource is declared."""
    if any_holds(_blocks_all, stack.beside(bucket, _BLOCK, by="bucket")):
        return None
    return "it has no BucketPublicAccessBlock with all four settings on"


def _blocks_all(side: Resource) -> bool:
    return all_hold(lambda name: side.flag(name, default=False), _BLOCKED)


@rule(
    name="s3-bucket-encrypted-with-kms",
    title="Buckets are encrypted with a KMS key",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("S3.17",),
    types=_BUCKETS,
    why="With a KMS key, reading takes a right on the key as well, and each use of it is logged.",
    fix="""
        aws.s3.BucketServerSideEncryptionConfiguration(
            "encryption",
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms", "kms_master_key_id": key.arn,
            }}],
        )
    """,
    link=f"{_FSBP}#s3-17",
)
def bucket_encrypted_with_kms(bucket: Resource, stack: Stack) -> Problems:
    """Without a resource beside it, a bucket uses AWS's own AES256 keys."""
    if _uses_kms(bucket, "serverSideEncryptionConfiguration.rule"):
        return None
    sides = stack.beside(bucket, _ENCRYPTIONS, by="bucket")
    if any_holds(lambda side: _uses_kms(side, "rules"), sides):
        return None
    return "its encryption uses no KMS key"


def _uses_kms(resource: Resource, rules: str) -> bool:
    algorithm = "applyServerSideEncryptionByDefault.sseAlgorithm"
    return any_holds(lambda rule: rule.text(algorithm).startswith("aws:kms"), resource.objects(rules))
