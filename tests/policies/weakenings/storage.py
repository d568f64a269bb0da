"""S3: buckets and everything that AWS keeps beside them."""

from collections.abc import Sequence
from dataclasses import replace

from preview.graph import Graph, Resource
from tests.policies.weakenings.databases import GUIDE_BACKUPS
from tests.policies.weakenings.documents import document, resource_policy
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    change,
    delete,
    drop,
    has,
)
from tests.policies.weakenings.literals import PASSWORD
from tests.policies.weakenings.model import Kind, Weakening

_BUCKET = "aws:s3/bucket:Bucket"
_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_RETENTION = "guide: Backup Schedule; S3.15"

bucket = Target("S3", _BUCKET)
public_access = Target("S3", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
account_public_access = Target("S3", "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")
versioning = Target("S3", "aws:s3/bucketVersioning:BucketVersioning")
encryption = Target(
    "S3", "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
policy = Target("S3", "aws:s3/bucketPolicy:BucketPolicy")
logging = Target("S3", "aws:s3/bucketLogging:BucketLogging")
lifecycle = Target("S3", "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
ownership = Target("S3", "aws:s3/bucketOwnershipControls:BucketOwnershipControls")
notification = Target("S3", "aws:s3/bucketNotification:BucketNotification")
lock = Target("S3", _LOCK)
replication = Target("S3", "aws:s3/bucketReplicationConfig:BucketReplicationConfig")
content = Target("S3", "aws:s3/bucketObjectv2:BucketObjectv2")

_by_key = has("rules.*.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms")


def _of_locked_bucket(resource: Resource, graph: Graph) -> bool:
    return any(lock.inputs["bucket"] == resource.inputs["bucket"] for lock in graph.all(_LOCK))


def _region(bucket: Resource) -> tuple[str | None, str]:
    """What says where a bucket is: its own region, or its provider."""
    return bucket.inputs.get("region"), bucket.options.provider


def _to_the_same_region(resource: Resource, graph: Graph) -> Sequence[Resource]:
    """Replicates to another bucket of the region that the source is in."""
    (source,) = (b for b in graph.all(_BUCKET) if b.inputs["bucket"] == resource.inputs["bucket"])
    near = next(b for b in graph.all(_BUCKET) if b is not source and _region(b) == _region(source))
    changed = change("rules.*.destination.bucket", f"arn:aws:s3:::{near.inputs['bucket']}")
    (moved,) = changed(resource, graph)
    links = {**moved.property_dependencies}
    links["rules"] = tuple(dict.fromkeys([*links.get("rules", ()), near.urn]))
    return (replace(moved, property_dependencies=links, dependencies=(*moved.dependencies, near.urn)),)


def _public_policy(resource: Resource, graph: Graph) -> Sequence[Resource]:
    objects = f"arn:aws:s3:::{resource.inputs['bucket']}/*"
    public = document(Action="s3:GetObject", Principal="*", Resource=objects)
    return add("policy", public)(resource, graph)


def _public_access(target: Target, breaks: str) -> tuple[Weakening, ...]:
    flags = (target.off(Kind.PUBLIC, f"{flag} off", breaks, flag, False) for flag in _FLAGS)
    return (target.deleted(breaks), *(weakening for pair in flags for weakening in pair))


WEAKENINGS: tuple[Weakening, ...] = (
    bucket(
        Kind.PROTECTION, "deleted with its objects", "guide: Backup & Recovery", add("forceDestroy", True)
    ),
    bucket.unprotected(),
    bucket.tagged(PASSWORD),
    bucket(
        Kind.PROTECTION,
        "no object lock",
        _RETENTION,
        change("objectLockEnabled", False),
        where=has("objectLockEnabled", True),
    ),
    bucket(Kind.PUBLIC, "readable by everybody, by its inline ACL", "S3.2, S3.12", add("acl", "public-read")),
    bucket(
        Kind.PUBLIC,
        "readable by everybody, by an ACL beside it",
        "S3.2, S3.12",
        beside("aws:s3/bucketAcl:BucketAcl", {"bucket": Output("id"), "acl": "public-read"}),
    ),
    bucket(
        Kind.PUBLIC,
        "writable by everybody, by an ACL beside it",
        "S3.3, S3.12",
        beside("aws:s3/bucketAcl:BucketAcl", {"bucket": Output("id"), "acl": "public-read-write"}),
    ),
    bucket(
        Kind.PUBLIC,
        "readable by everybody, by its inline policy",
        "S3.2",
        _public_policy,
    ),
    bucket(
        Kind.PUBLIC,
        "an access point without its public access block",
        "S3.19",
        beside(
            "aws:s3/accessPoint:AccessPoint",
            {
                "bucket": Output("id"),
                "publicAccessBlockConfiguration": dict.fromkeys(_FLAGS, False),
            },
        ),
    ),
    *_public_access(public_access, "S3.8, CIS 2.1.4"),
    *_public_access(account_public_access, "S3.1"),
    versioning.deleted("S3.14"),
    versioning(
        Kind.PROTECTION,
        "suspended",
        "S3.14",
        change("versioningConfiguration.status", "Suspended"),
    ),
    # Without a configuration AWS encrypts with AES256, as two of the log buckets do by choice.
    encryption(Kind.SIDE_RESOURCE, "deleted", "S3.17", delete, where=_by_key),
    encryption(
        Kind.KEY,
        "S3's key instead of our own",
        "S3.17",
        change("rules.*.applyServerSideEncryptionByDefault", {"sseAlgorithm": "AES256"}),
        where=_by_key,
    ),
    encryption(
        Kind.KEY,
        "AWS's KMS key instead of our own",
        "guide: encryption",
        drop("rules.*.applyServerSideEncryptionByDefault.kmsMasterKeyId"),
        where=_by_key,
    ),
    policy.deleted("S3.5, CIS 2.1.1"),
    *resource_policy(policy, "policy", reads="s3:GetObject", public="S3.2", strangers="S3.6", tls=True),
    logging.deleted("S3.9, CloudTrail.7, CIS 3.4"),
    lifecycle.deleted("S3.10, S3.13"),
    lifecycle(Kind.RETENTION, "every rule disabled", "S3.10, S3.13", change("rules.*.status", "Disabled")),
    lifecycle(
        Kind.RETENTION,
        "backups expire after a week",
        GUIDE_BACKUPS,
        change("rules.*.expiration.days", 7),
        where=_of_locked_bucket,
    ),
    ownership.deleted("S3.12"),
    ownership(Kind.PUBLIC, "ACLs in force", "S3.12", change("rule.objectOwnership", "ObjectWriter")),
    ownership(
        Kind.PUBLIC,
        "ACLs in force for others' objects",
        "S3.12",
        change("rule.objectOwnership", "BucketOwnerPreferred"),
    ),
    notification.deleted("S3.11"),
    notification(Kind.DETECTION, "no events", "S3.11", change("eventbridge", False)),
    lock.deleted(_RETENTION),
    lock(Kind.RETENTION, "no retention by default", _RETENTION, drop("rule")),
    lock(Kind.RETENTION, "retention of a day", GUIDE_BACKUPS, change("rule.defaultRetention.days", 1)),
    replication.deleted("S3.7; guide: Backup Schedule, replicated across regions"),
    replication(
        Kind.REPLICATION,
        "every rule disabled",
        "S3.7; guide: Backup Schedule, replicated across regions",
        change("rules.*.status", "Disabled"),
    ),
    replication(
        Kind.REPLICATION,
        "encrypted objects left out",
        "guide: Backup Schedule, replicated across regions",
        drop("rules.*.sourceSelectionCriteria"),
    ),
    replication(Kind.REPLICATION, "to the region that they are in", "S3.7", _to_the_same_region),
    content(Kind.PUBLIC, "readable by everybody", "S3.2, S3.12", add("acl", "public-read")),
)
