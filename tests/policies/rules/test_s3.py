"""What the rules of buckets decide."""

from policies.rules import s3
from tests.policies.kit import MAIN, Case, Side, judged

_BLOCK = {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True}


def _versioning(status: str) -> Side:
    return Side(
        "aws:s3/bucketVersioning:BucketVersioning", bucket=MAIN, versioningConfiguration={"status": status}
    )


def _block(*, restrict: bool) -> Side:
    return Side(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        bucket=MAIN,
        restrictPublicBuckets=restrict,
        **_BLOCK,
    )


def _encryption(algorithm: str) -> Side:
    return Side(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        bucket=MAIN,
        rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}],
    )


CASES = (
    Case(
        s3.bucket_versioned,
        compliant_beside=[_versioning("Enabled")],
        violating_beside=[_versioning("Suspended")],
    ),
    Case(
        s3.bucket_versioned,
        compliant={"versioning": {"enabled": True}},
        violating={"versioning": {"enabled": False}},
    ),
    Case(
        s3.bucket_blocks_public_access,
        compliant_beside=[_block(restrict=True)],
        violating_beside=[_block(restrict=False)],
    ),
    Case(
        s3.bucket_encrypted_with_kms,
        compliant_beside=[_encryption("aws:kms")],
        violating_beside=[_encryption("AES256")],
    ),
)

test_cases = judged(CASES)
