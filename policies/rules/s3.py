"""Buckets. What once was a bucket's property is a resource beside it since pulumi-aws 7.

Three spellings say the same: a property of `Bucket`, the plural of it in `BucketV2`, a resource beside.
"""

from collections.abc import Iterator
from typing import Final

from policies import iam
from policies.places import in_one_region
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.transport import denies_plain_http
from policies.view import Resource, View, all_hold, any_holds, one_holds

_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_DIRECTORY: Final = "aws:s3/directoryBucket:DirectoryBucket"
_VERSIONINGS: Final = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)
_ENCRYPTIONS: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_LIFECYCLES: Final = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
_LOGGINGS: Final = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
_LOCKS: Final = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)
_ACLS: Final = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
_OBJECTS: Final = (
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/objectCopy:ObjectCopy",
)
_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_OWNERSHIP: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_NOTIFICATION: Final = "aws:s3/bucketNotification:BucketNotification"
_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
_BALANCERS: Final = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)
_BLOCKED: Final = {
    "blockPublicAcls": "block_public_acls",
    "blockPublicPolicy": "block_public_policy",
    "ignorePublicAcls": "ignore_public_acls",
    "restrictPublicBuckets": "restrict_public_buckets",
}
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"


def _objects(resource: Resource, *paths: str) -> Iterator[View]:
    """The objects under the spellings of a property."""
    for path in paths:
        yield from resource.objects(path)


# Not public --------------------------------------------------------------------------------------------


@rule(
    name="s3-account-blocks-public-access",
    title="The account blocks public access to all its buckets",
    severity=Severity.MEDIUM,
    controls=("S3.1",),
    types=(_ACCOUNT_BLOCK,),
    why="It holds for every bucket, those included that somebody makes by hand tomorrow.",
    fix="""
        aws.s3.AccountPublicAccessBlock(
            "block",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
    """,
    link=f"{_FSBP}#s3-1",
)
def account_blocks_public_access(block: Resource) -> Problems:
    """Each of the four is off by default."""
    for name, written in _BLOCKED.items():
        if not block.flag(name, default=False):
            yield f"{written} is not on"


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
    name="s3-access-point-blocks-public-access",
    title="Access points block public access",
    severity=Severity.CRITICAL,
    controls=("S3.19",),
    types=("aws:s3/accessPoint:AccessPoint",),
    why="An access point is a second door to the bucket, with its own policy, and cannot be closed later.",
    fix="""
        aws.s3.AccessPoint(
            "point", bucket=bucket.id, public_access_block_configuration={"block_public_policy": True}
        )
    """,
    link=f"{_FSBP}#s3-19",
)
def access_point_blocks_public_access(point: Resource) -> Problems:
    """Each of the four is on by default."""
    for name, written in _BLOCKED.items():
        if not point.flag(f"publicAccessBlockConfiguration.{name}", default=True):
            yield f"public_access_block_configuration.{written} is off"


@rule(
    name="s3-multi-region-access-point-blocks-public-access",
    title="Multi-Region Access Points block public access",
    severity=Severity.HIGH,
    controls=("S3.24",),
    types=("aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",),
    why="An access point is a second door to the buckets, with its own policy, and cannot be closed later.",
    fix="""
        aws.s3control.MultiRegionAccessPoint(
            "point",
            details={"name": "point", "regions": [{"bucket": bucket.id}],
                     "public_access_block": {"block_public_policy": True}},
        )
    """,
    link=f"{_FSBP}#s3-24",
)
def multi_region_access_point_blocks_public_access(point: Resource) -> Problems:
    """Each of the four is on by default."""
    for name, written in _BLOCKED.items():
        if not point.flag(f"details.publicAccessBlock.{name}", default=True):
            yield f"details.public_access_block.{written} is off"


@rule(
    name="s3-acl-not-readable-by-everyone",
    title="No ACL lets everyone read",
    severity=Severity.CRITICAL,
    controls=("S3.2",),
    types=(*_BUCKETS, *_ACLS, *_OBJECTS),
    why="Whoever finds the address reads what is there, without leaving a name.",
    fix="""
        aws.s3.BucketOwnershipControls(
            "ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
        )
    """,
    link=f"{_FSBP}#s3-2",
)
def acl_not_readable_by_everyone(resource: Resource) -> Problems:
    """An ACL is private by default."""
    if resource.text("acl") in ("authenticated-read", "public-read", "public-read-write"):
        return "acl lets everyone read"
    if any_holds(lambda grant: _grants(grant, "READ"), _grants_of(resource)):
        return "a grant lets everyone read"
    return None


@rule(
    name="s3-acl-not-writable-by-everyone",
    title="No ACL lets everyone write",
    severity=Severity.CRITICAL,
    controls=("S3.3",),
    types=(*_BUCKETS, *_ACLS),
    why="Whoever finds the address replaces what is there, or stores there at one's expense.",
    fix="""
        aws.s3.BucketOwnershipControls(
            "ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
        )
    """,
    link=f"{_FSBP}#s3-3",
)
def acl_not_writable_by_everyone(resource: Resource) -> Problems:
    """An ACL is private by default."""
    if resource.text("acl") == "public-read-write":
        return "acl lets everyone write"
    if any_holds(lambda grant: _grants(grant, "WRITE"), _grants_of(resource)):
        return "a grant lets everyone write"
    return None


_EVERYONE: Final = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups"""


def _grants_of(resource: Resource) -> Iterator[View]:
    return _objects(resource, "grants", "accessControlPolicy.grants")


def _grants(grant: View, right: str) -> bool:
    """Whether a grant gives everyone a right, to the content or to the ACL itself."""
    if not any(grant.text(path) in _EVERYONE for path in ("uri", "grantee.uri")):
        return False
    rights = (right, f"{right}_ACP", "FULL_CONTROL")
    return any_holds(
        lambda path: any_holds(lambda given: given in rights, grant.texts(path)),
        ("permission", "permissions"),
    )


@rule(
    name="s3-bucket-acls-off",
    title="Buckets know no ACLs",
    severity=Severity.MEDIUM,
    controls=("S3.12",),
    types=_BUCKETS,
    why="With ACLs in force, each object may be open to others than the bucket's policy says.",
    fix="""
        aws.s3.BucketOwnershipControls(
            "ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}
        )
    """,
    link=f"{_FSBP}#s3-12",
)
def bucket_acls_off(bucket: Resource, stack: Stack) -> Problems:
    """Off for a new bucket, but on again where the resource that said so is dropped: it has to be said."""
    if any_holds(
        lambda side: side.text("rule.objectOwnership") == "BucketOwnerEnforced",
        stack.beside(bucket, _OWNERSHIP, by="bucket"),
    ):
        return None
    return "it has no BucketOwnershipControls with BucketOwnerEnforced"


@rule(
    name="s3-acl-not-used",
    title="Access to buckets is given by policies, not by ACLs",
    severity=Severity.MEDIUM,
    controls=("S3.12",),
    types=(*_BUCKETS, *_ACLS),
    why="An ACL is a second place that nobody looks into who wants to know who may read.",
    fix="""
        aws.s3.BucketPolicy("policy", bucket=bucket.id, policy=document)
    """,
    link=f"{_FSBP}#s3-12",
)
def acl_not_used(resource: Resource) -> Problems:
    """`private` gives nobody else anything."""
    if resource.text("acl", default="private") != "private":
        return "acl is not private"
    if resource.is_present("grants") or resource.is_present("accessControlPolicy"):
        return "it grants rights by an ACL"
    return None


# Encryption --------------------------------------------------------------------------------------------


@rule(
    name="s3-bucket-has-policy",
    title="Buckets have a policy, which turns plain HTTP away",
    severity=Severity.MEDIUM,
    controls=("S3.5", "CIS 2.1.1"),
    types=_BUCKETS,
    why="Without a policy, a bucket answers over plain HTTP, readable on the way.",
    fix="""
        aws.s3.BucketPolicy("policy", bucket=bucket.id, policy=bucket.arn.apply(lambda arn: json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }],
        })))
    """,
    link=f"{_FSBP}#s3-5",
)
def bucket_has_policy(bucket: Resource, stack: Stack) -> Problems:
    """There is none by default. What it says is another rule's matter."""
    if bucket.is_present("policy"):
        return None
    return None if any(stack.beside(bucket, _POLICY, by="bucket")) else "it has no BucketPolicy"


@rule(
    name="s3-bucket-policy-requires-tls",
    title="Policies of buckets turn plain HTTP away",
    severity=Severity.MEDIUM,
    controls=("S3.5", "CIS 2.1.1"),
    types=(_POLICY, *_BUCKETS),
    why="Over plain HTTP, what is read and written is readable on the way.",
    fix="""
        aws.s3.BucketPolicy("policy", bucket=bucket.id, policy=bucket.arn.apply(lambda arn: json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }],
        })))
    """,
    link=f"{_FSBP}#s3-5",
)
def bucket_policy_requires_tls(resource: Resource) -> Problems:
    """Plain HTTP is served unless a policy denies it."""
    if not resource.is_present("policy"):
        return OUT_OF_SCOPE
    statements = iam.parse(resource, "policy")
    about_objects = (s for s in statements if any(name.endswith("*") for name in s.resources))
    if denies_plain_http(about_objects, "s3:GetObject", "s3:PutObject"):
        return None
    return "no statement denies everyone what comes without TLS, the objects included"


@rule(
    name="s3-bucket-encrypted-with-kms",
    title="Buckets are encrypted with a KMS key",
    severity=Severity.MEDIUM,
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
    """By default S3 uses keys of its own. Its own logs and load balancers' can be delivered to no others.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    if any_holds(_uses_kms, _encryption_rules(bucket)):
        return None
    sides = stack.beside(bucket, _ENCRYPTIONS, by="bucket")
    if any_holds(lambda side: any_holds(_uses_kms, _encryption_rules(side)), sides):
        return None
    if _takes_access_logs(bucket, stack):
        return OUT_OF_SCOPE
    return "its encryption uses no KMS key"


@rule(
    name="s3-encryption-with-own-key",
    title="Buckets are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(*_ENCRYPTIONS, *_BUCKETS),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.s3.BucketServerSideEncryptionConfiguration(
            "encryption",
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms", "kms_master_key_id": key.arn,
            }}],
        )
    """,
    link=f"{_GUIDE}/UsingKMSEncryption.html",
)
def encryption_with_own_key(resource: Resource) -> Problems:
    """Where a rule uses KMS and names no key, AWS takes the account's `aws/s3`."""
    if any_holds(lambda rule: _uses_kms(rule) and not _names_key(rule), _encryption_rules(resource)):
        return "kms_master_key_id is missing, or AWS's own key"
    return None


_INLINE: Final = ("applyServerSideEncryptionByDefault", "applyServerSideEncryptionByDefaults")


def _encryption_rules(resource: Resource) -> Iterator[View]:
    return _objects(
        resource,
        "rules",
        "serverSideEncryptionConfiguration.rule",
        "serverSideEncryptionConfigurations.rules",
    )


def _uses_kms(rule: View) -> bool:
    return any(rule.text(f"{inner}.sseAlgorithm").startswith("aws:kms") for inner in _INLINE)


def _names_key(rule: View) -> bool:
    for inner in _INLINE:
        if rule.is_present(f"{inner}.kmsMasterKeyId"):
            key = rule.raw(f"{inner}.kmsMasterKeyId")
            return not (isinstance(key, str) and key.endswith("alias/aws/s3"))
    return False


# Versions, locks, lifecycles ---------------------------------------------------------------------------


@rule(
    name="s3-bucket-versioned",
    title="Buckets keep the versions of their objects",
    severity=Severity.LOW,
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
    if any(bucket.flag(f"{inline}.enabled", default=False) for inline in ("versioning", "versionings")):
        return None
    if any_holds(_is_versioning, stack.beside(bucket, _VERSIONINGS, by="bucket")):
        return None
    return "it has no BucketVersioning with status Enabled"


def _is_versioning(side: Resource) -> bool:
    return side.text("versioningConfiguration.status").lower() == "enabled"


@rule(
    name="s3-bucket-mfa-delete",
    title="Versions can be deleted only with a second factor",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("S3.20", "CIS 2.1.2"),
    types=_VERSIONINGS,
    why="Whoever has stolen credentials deletes the old versions first.",
    fix="""
        aws.s3.BucketVersioning(
            "versioning",
            bucket=bucket.id,
            mfa="arn:aws:iam::111122223333:mfa/root-account-mfa-device 123456",
            versioning_configuration={"status": "Enabled", "mfa_delete": "Enabled"},
        )
    """,
    link=f"{_FSBP}#s3-20",
)
def bucket_mfa_delete(versioning: Resource) -> Problems:
    """Off by default; only the account's root user can turn it on."""
    if versioning.text("versioningConfiguration.mfaDelete").lower() == "enabled":
        return None
    return "versioning_configuration.mfa_delete is not Enabled"


@rule(
    name="s3-bucket-lifecycle",
    title="Buckets have a lifecycle",
    severity=Severity.MEDIUM,
    controls=("S3.10", "S3.13"),
    types=_BUCKETS,
    why="Without one, old versions and unfinished uploads stay for ever, with whatever should be forgotten.",
    fix="""
        aws.s3.BucketLifecycleConfiguration(
            "lifecycle",
            bucket=bucket.id,
            rules=[{
                "id": "old-versions",
                "status": "Enabled",
                "noncurrent_version_expiration": {"noncurrent_days": 30},
            }],
        )
    """,
    link=f"{_FSBP}#s3-10",
)
def bucket_lifecycle(bucket: Resource, stack: Stack) -> Problems:
    """There is none by default."""
    if any_holds(lambda rule: rule.flag("enabled", default=False), bucket.objects("lifecycleRules")):
        return None
    if any_holds(_has_enabled_rule, stack.beside(bucket, _LIFECYCLES, by="bucket")):
        return None
    return "it has no BucketLifecycleConfiguration with an enabled rule"


@rule(
    name="s3-directory-bucket-lifecycle",
    title="Directory buckets have a lifecycle",
    severity=Severity.LOW,
    controls=("S3.25",),
    types=(_DIRECTORY,),
    why="Without one, unfinished uploads and what nobody needs stay for ever.",
    fix="""
        aws.s3.BucketLifecycleConfiguration(
            "lifecycle",
            bucket=bucket.bucket,
            rules=[{"id": "expiry", "status": "Enabled", "expiration": {"days": 30}}],
        )
    """,
    link=f"{_FSBP}#s3-25",
)
def directory_bucket_lifecycle(bucket: Resource, stack: Stack) -> Problems:
    """There is none by default."""
    if any_holds(_has_enabled_rule, stack.beside(bucket, _LIFECYCLES, by="bucket")):
        return None
    return "it has no BucketLifecycleConfiguration with an enabled rule"


def _has_enabled_rule(side: Resource) -> bool:
    return any_holds(_is_enabled, side.objects("rules"))


def _is_enabled(rule: View) -> bool:
    return rule.text("status").lower() == "enabled"


@rule(
    name="s3-bucket-object-lock",
    title="Buckets lock their objects",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("S3.15",),
    types=_BUCKETS,
    why="What is locked cannot be deleted before its time, by nobody who has ordinary rights.",
    fix="""
        bucket = aws.s3.Bucket("dumps", object_lock_enabled=True)
        aws.s3.BucketObjectLockConfiguration(
            "lock",
            bucket=bucket.id,
            rule={"default_retention": {"mode": "GOVERNANCE", "days": 30}},
        )
    """,
    link=f"{_FSBP}#s3-15",
)
def bucket_object_lock(bucket: Resource, stack: Stack) -> Problems:
    """Off by default; S3 delivers its access logs to no bucket with a lock."""
    if _is_locked(bucket, stack):
        return None
    return OUT_OF_SCOPE if _takes_bucket_logs(bucket, stack) else "object_lock_enabled is not on"


@rule(
    name="s3-bucket-object-lock-complete",
    title="Buckets with object lock have a retention by default",
    severity=Severity.MEDIUM,
    types=_BUCKETS,
    why="Turned on alone, object lock locks nothing that its writer does not lock.",
    fix="""
        bucket = aws.s3.Bucket("dumps", object_lock_enabled=True)
        aws.s3.BucketObjectLockConfiguration(
            "lock",
            bucket=bucket.id,
            rule={"default_retention": {"mode": "GOVERNANCE", "days": 30}},
        )
    """,
    link=f"{_GUIDE}/object-lock.html",
)
def bucket_object_lock_complete(bucket: Resource, stack: Stack) -> Problems:
    """What the retention is, is another rule's matter. Replacing a bucket without its lock loses it."""
    if bucket.flag("objectLockEnabled", default=False):
        if bucket.is_present("objectLockConfiguration"):
            return None
        has_lock = any(stack.beside(bucket, _LOCKS, by="bucket"))
        return None if has_lock else "it has no BucketObjectLockConfiguration"
    if bucket.is_present("objectLockEnabled") and any(stack.beside(bucket, _LOCKS, by="bucket")):
        return "object_lock_enabled is off, beside a BucketObjectLockConfiguration"
    return None


@rule(
    name="s3-object-lock-retention",
    title="Object lock keeps objects as long as backups",
    severity=Severity.MEDIUM,
    types=_LOCKS,
    why="A lock shorter than the backups' time lets the last of them be deleted too early.",
    fix="""
        aws.s3.BucketObjectLockConfiguration(
            "lock",
            bucket=bucket.id,
            rule={"default_retention": {"mode": "GOVERNANCE", "days": 30}},
        )
    """,
    link=f"{_GUIDE}/object-lock.html",
)
def object_lock_retention(lock: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """Without a rule nothing is retained by default."""
    retention = lock.object("rule.defaultRetention")
    days = retention.number("days", default=0) + _A_YEAR * retention.number("years", default=0)
    if days < minimum_backup_retention_days:
        return f"rule.default_retention is below {minimum_backup_retention_days} days"
    return None


_A_YEAR: Final = 365


@rule(
    name="s3-locked-bucket-expiry",
    title="Objects under a lock are kept as long as backups",
    severity=Severity.MEDIUM,
    types=_BUCKETS,
    why="A lifecycle that expires backups hides them from whoever needs one, lock or not.",
    fix="""
        aws.s3.BucketLifecycleConfiguration(
            "lifecycle",
            bucket=bucket.id,
            rules=[{"id": "expiry", "status": "Enabled", "expiration": {"days": 30}}],
        )
    """,
    link=f"{_GUIDE}/object-lock-managing.html",
)
def locked_bucket_expiry(bucket: Resource, stack: Stack, *, minimum_backup_retention_days: int) -> Problems:
    """Nothing expires by default."""
    if not _is_locked(bucket, stack):
        return OUT_OF_SCOPE
    if any_holds(
        lambda rule: _expires_before(rule, minimum_backup_retention_days),
        (rule for side in stack.beside(bucket, _LIFECYCLES, by="bucket") for rule in side.objects("rules")),
    ):
        return f"its lifecycle expires objects before {minimum_backup_retention_days} days"
    return None


def _expires_before(rule: View, days: int) -> bool:
    return _is_enabled(rule) and 0 < rule.number("expiration.days", default=0) < days


def _is_locked(bucket: Resource, stack: Stack) -> bool:
    return one_holds(
        lambda: bucket.flag("objectLockEnabled", default=False),
        lambda: bucket.text("objectLockConfiguration.objectLockEnabled") == "Enabled",
        lambda: any(stack.beside(bucket, _LOCKS, by="bucket")),
    )


@rule(
    name="s3-bucket-not-deleted-with-objects",
    title="Buckets are not deleted with what is in them",
    severity=Severity.MEDIUM,
    types=(*_BUCKETS, _DIRECTORY),
    why="Whoever destroys the stack, or replaces the bucket, deletes every object and every version.",
    fix="""
        aws.s3.Bucket("data", force_destroy=False)
    """,
    link=f"{_GUIDE}/delete-bucket.html",
)
def bucket_not_deleted_with_objects(bucket: Resource) -> Problems:
    """Off by default: AWS deletes only what is empty."""
    return "force_destroy is on" if bucket.flag("forceDestroy", default=False) else None


# Copies in another region ------------------------------------------------------------------------------


@rule(
    name="s3-bucket-replicated",
    title="Buckets are replicated to another region",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("S3.7",),
    types=_BUCKETS,
    why="With a region, the only copy of what is in the bucket is out of reach.",
    fix="""
        aws.s3.BucketReplicationConfig(
            "replication",
            bucket=bucket.id,
            role=role.arn,
            rules=[{"status": "Enabled", "destination": {"bucket": bucket_elsewhere.arn}}],
        )
    """,
    link=f"{_FSBP}#s3-7",
)
def bucket_replicated(bucket: Resource, stack: Stack) -> Problems:
    """Nothing is replicated by default. A copy need not be copied, nor logs of AWS's services."""
    if _is_replicated(bucket, stack):
        return None
    if _is_copy(bucket, stack) or _takes_logs(bucket, stack):
        return OUT_OF_SCOPE
    return "it has no BucketReplicationConfig that copies to another region"


@rule(
    name="s3-locked-bucket-replicated",
    title="Buckets under a lock are replicated to another region",
    severity=Severity.MEDIUM,
    types=_BUCKETS,
    why="What nobody may delete must not be lost with a region either: backups above all.",
    fix="""
        aws.s3.BucketReplicationConfig(
            "replication",
            bucket=bucket.id,
            role=role.arn,
            rules=[{"status": "Enabled", "destination": {"bucket": bucket_elsewhere.arn}}],
        )
    """,
    link=f"{_GUIDE}/object-lock-managing.html#object-lock-managing-replication",
)
def locked_bucket_replicated(bucket: Resource, stack: Stack, *, copies_to_other_region: bool) -> Problems:
    """Nothing is replicated by default. A copy need not be copied, nor logs of AWS's services."""
    if not copies_to_other_region or not _is_locked(bucket, stack):
        return OUT_OF_SCOPE
    if _is_replicated(bucket, stack):
        return None
    if _is_copy(bucket, stack) or _takes_logs(bucket, stack):
        return OUT_OF_SCOPE
    return "it has no BucketReplicationConfig that copies to another region"


@rule(
    name="s3-replication-enabled",
    title="Replication is not only declared",
    severity=Severity.MEDIUM,
    types=(_REPLICATION,),
    why="A replication whose rules are all disabled looks like one and copies nothing.",
    fix="""
        aws.s3.BucketReplicationConfig(
            "replication",
            bucket=bucket.id,
            role=role.arn,
            rules=[{"status": "Enabled", "destination": {"bucket": bucket_elsewhere.arn}}],
        )
    """,
    link=f"{_GUIDE}/replication-add-config.html",
)
def replication_enabled(replication: Resource) -> Problems:
    """Every rule says whether it is enabled."""
    return None if any_holds(_is_enabled, replication.objects("rules")) else "no rule is enabled"


@rule(
    name="s3-replication-of-encrypted-objects",
    title="Replication copies what a KMS key encrypts",
    severity=Severity.MEDIUM,
    types=(_REPLICATION,),
    why="Without being told, S3 leaves out every object that a KMS key encrypts, and says nothing.",
    fix="""
        aws.s3.BucketReplicationConfig(
            "replication",
            bucket=bucket.id,
            role=role.arn,
            rules=[{
                "status": "Enabled",
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": bucket_elsewhere.arn,
                    "encryption_configuration": {"replica_kms_key_id": key_elsewhere.arn},
                },
            }],
        )
    """,
    link=f"{_GUIDE}/replication-config-for-kms-objects.html",
)
def replication_of_encrypted_objects(replication: Resource, stack: Stack) -> Problems:
    """They are left out by default. A bucket without a KMS key has none."""
    if not any_holds(
        lambda bucket: any_holds(
            lambda side: any_holds(_uses_kms, _encryption_rules(side)),
            stack.beside(bucket, _ENCRYPTIONS, by="bucket"),
        ),
        stack.behind(replication, "bucket", _BUCKETS),
    ):
        return OUT_OF_SCOPE
    if any_holds(
        lambda rule: _is_enabled(rule) and not _copies_encrypted(rule), replication.objects("rules")
    ):
        return "a rule leaves source_selection_criteria.sse_kms_encrypted_objects off"
    return None


def _copies_encrypted(rule: View) -> bool:
    return rule.text("sourceSelectionCriteria.sseKmsEncryptedObjects.status").lower() == "enabled"


def _is_replicated(bucket: Resource, stack: Stack) -> bool:
    """Whether an enabled rule copies the bucket's objects, and not certainly into its own region."""
    return any_holds(
        lambda rule: _is_enabled(rule) and not _stays_in_region(rule, bucket, stack),
        _replication_rules(bucket, stack),
    )


def _replication_rules(bucket: Resource, stack: Stack) -> Iterator[View]:
    yield from _objects(bucket, "replicationConfiguration.rules", "replicationConfigurations.rules")
    for side in stack.beside(bucket, _REPLICATION, by="bucket"):
        yield from side.objects("rules")


def _destination(rule: View) -> str:
    """The name of the bucket that a rule copies to; empty where it is not known."""
    for path in ("destination.bucket", "destinations.bucket"):
        arn = rule.raw(path)
        if isinstance(arn, str):
            return arn.rpartition(":")[2]
    return ""


def _stays_in_region(rule: View, bucket: Resource, stack: Stack) -> bool:
    name = _destination(rule)
    return any(
        in_one_region(other, bucket)
        for other in stack.all(*_BUCKETS)
        if name in (other.raw("bucket"), other.id)
    )


def _is_copy(bucket: Resource, stack: Stack) -> bool:
    """Whether another bucket is replicated into this one."""
    names = {name for name in (bucket.raw("bucket"), bucket.id) if isinstance(name, str)}
    return any_holds(
        lambda side: (
            any(_destination(rule) in names for rule in side.objects("rules"))
            or stack.refers(side, "rules.destination.bucket", bucket) is True
        ),
        stack.all(_REPLICATION),
    )


# What happens in a bucket ------------------------------------------------------------------------------


@rule(
    name="s3-bucket-logs-access",
    title="Buckets log who reads and writes",
    severity=Severity.MEDIUM,
    controls=("S3.9",),
    types=_BUCKETS,
    why="After a leak, the access log says who read what.",
    fix="""
        aws.s3.BucketLogging(
            "logging", bucket=bucket.id, target_bucket=logs.id, target_prefix=bucket.id.apply("s3/{}/".format)
        )
    """,
    link=f"{_FSBP}#s3-9",
)
def bucket_logs_access(bucket: Resource, stack: Stack) -> Problems:
    """Off by default. A bucket of such logs would only log its own logging."""
    if any(bucket.is_present(inline) for inline in ("logging", "loggings")):
        return None
    if any(stack.beside(bucket, _LOGGINGS, by="bucket")):
        return None
    return OUT_OF_SCOPE if _takes_bucket_logs(bucket, stack) else "it has no BucketLogging"


@rule(
    name="s3-bucket-event-notifications",
    title="Buckets tell of events",
    severity=Severity.MEDIUM,
    controls=("S3.11",),
    types=_BUCKETS,
    why="An alarm about what is deleted, or a check of what arrives, needs somebody who tells of it.",
    fix="""
        aws.s3.BucketNotification("events", bucket=bucket.id, eventbridge=True)
    """,
    link=f"{_FSBP}#s3-11",
)
def bucket_event_notifications(bucket: Resource, stack: Stack) -> Problems:
    """Nobody is told by default."""
    if any_holds(_tells_somebody, stack.beside(bucket, _NOTIFICATION, by="bucket")):
        return None
    return "it has no BucketNotification that tells somebody"


def _tells_somebody(notification: Resource) -> bool:
    targets = ("lambdaFunctions", "queues", "topics")
    return any(notification.is_present(target) for target in targets) or notification.flag(
        "eventbridge", default=False
    )


def _takes_bucket_logs(bucket: Resource, stack: Stack) -> bool:
    return one_holds(
        lambda: any(stack.beside(bucket, _LOGGINGS, by="targetBucket")),
        lambda: any(stack.beside(bucket, _BUCKETS, by=["logging.targetBucket", "loggings.targetBucket"])),
    )


def _takes_access_logs(bucket: Resource, stack: Stack) -> bool:
    return one_holds(
        lambda: _takes_bucket_logs(bucket, stack),
        lambda: any(stack.beside(bucket, _BALANCERS, by=["accessLogs.bucket", "connectionLogs.bucket"])),
    )


def _takes_logs(bucket: Resource, stack: Stack) -> bool:
    """Whether services of AWS write their logs there."""
    return one_holds(
        lambda: _takes_access_logs(bucket, stack),
        *(lambda token=token, by=by: any(stack.beside(bucket, token, by=by)) for token, by in _LOG_WRITERS),
    )


_LOG_WRITERS: Final = (
    ("aws:cfg/deliveryChannel:DeliveryChannel", "s3BucketName"),
    ("aws:cloudtrail/trail:Trail", "s3BucketName"),
    (
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "deliveryDestinationConfiguration.destinationResourceArn",
    ),
    ("aws:ec2/flowLog:FlowLog", "logDestination"),
)
