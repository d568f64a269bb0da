"""What the rules of buckets decide."""

from typing import Any

import pytest

from policies.evaluate import Verdict, judge
from policies.parameters import DEFAULTS
from policies.rule import Rule
from policies.rules import s3
from policies.stack import Stack
from policies.view import Resource
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, judged, policy, reference

_KEY = arn("kms", "key/1a2b3c4d")
_TOPIC = arn("sns", "topic")
_ROLE = arn("iam", "role/one")
_BUCKET = "aws:s3/bucket:Bucket"
_V2 = "aws:s3/bucketV2:BucketV2"
_ACL = "aws:s3/bucketAcl:BucketAcl"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
_COPIED = {"copies_to_other_region": True}
_KEPT = {"minimum_backup_retention_days": 30}


def _beside(name: str, **given: Any) -> Side:
    """A resource beside the bucket, `bucketVersioning`."""
    return Side(f"aws:s3/{name}:{name[0].upper()}{name[1:]}", **{"bucket": MAIN, **given})


def _flags(**changes: bool) -> dict[str, bool]:
    return {**dict.fromkeys(_FLAGS, True), **changes}


def _versioning(status: str, name: str = "bucketVersioning") -> Side:
    return _beside(name, versioningConfiguration={"status": status})


def _encryption(**default: str) -> Side:
    return _beside(
        "bucketServerSideEncryptionConfiguration", rules=[{"applyServerSideEncryptionByDefault": default}]
    )


def _lifecycle(status: str = "Enabled", **rule: Any) -> Side:
    return _beside("bucketLifecycleConfiguration", rules=[{"id": "all", "status": status, **rule}])


def _lock(**retention: Any) -> Side:
    return _beside("bucketObjectLockConfiguration", rule={"defaultRetention": retention})


def _replication(status: str = "Enabled", destination: str = "elsewhere", **rule: Any) -> Side:
    given = {"status": status, "destination": {"bucket": f"arn:aws:s3:::{destination}"}, **rule}
    return _beside("bucketReplicationConfig", role=_ROLE, rules=[given])


def _by_default(**default: str) -> dict[str, Any]:
    return {"applyServerSideEncryptionByDefault": default}


def _inline_encryption(algorithm: str) -> dict[str, Any]:
    return {"rule": _by_default(sseAlgorithm=algorithm)}


def _copying(**criteria: Any) -> dict[str, Any]:
    """A rule of replication."""
    copied = {"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::elsewhere"}}
    return {**copied, "sourceSelectionCriteria": criteria} if criteria else copied


def _ownership(ownership: str) -> Side:
    return _beside("bucketOwnershipControls", rule={"objectOwnership": ownership})


def _grants(uri: str, permission: str) -> dict[str, Any]:
    grant = {"grantee": {"type": "Group", "uri": uri}, "permission": permission}
    return {"owner": {"id": "owner"}, "grants": [grant]}


_ELSEWHERE = [
    Side(_BUCKET, bucket="elsewhere", region="us-east-2"),
    Side(_BUCKET, bucket="near", region="us-west-2"),
]


def _denial(**changes: Any) -> str:
    """The policy that turns plain HTTP away."""
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return policy({**statement, **changes})


_LOOPHOLES: tuple[dict[str, Any], ...] = (
    {"Effect": "Allow"},
    {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
    {"Action": "s3:GetObject"},
    {"Resource": "arn:aws:s3:::data"},
    {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {
        "Condition": {
            "Bool": {"aws:SecureTransport": "false"},
            "StringEquals": {"aws:PrincipalAccount": "111122223333"},
        }
    },
    {"Condition": {}},
)

PUBLIC = (
    *(
        Case(
            s3.account_blocks_public_access,
            base=_flags(),
            compliant={flag: True},
            violating={flag: False},
        )
        for flag in _FLAGS
    ),
    *(
        Case(
            s3.bucket_blocks_public_access,
            type=token,
            compliant_beside=[_beside("bucketPublicAccessBlock", **_flags())],
            violating_beside=[_beside("bucketPublicAccessBlock", **_flags(restrictPublicBuckets=False))],
        )
        for token in (_BUCKET, _V2)
    ),
    Case(
        s3.access_point_blocks_public_access,
        compliant={"publicAccessBlockConfiguration": _flags()},
        violating={"publicAccessBlockConfiguration": _flags(blockPublicPolicy=False)},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        s3.multi_region_access_point_blocks_public_access,
        base={"details": {"name": "point", "regions": [{"bucket": "data"}]}},
        compliant={"details": {"name": "point", "regions": [], "publicAccessBlock": _flags()}},
        violating={
            "details": {
                "name": "point",
                "regions": [],
                "publicAccessBlock": _flags(blockPublicAcls=False),
            }
        },
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            rule,
            type=token,
            compliant={"acl": "private"},
            violating={"acl": "public-read-write"},
            absent=Verdict.COMPLIANT,
        )
        for rule in (s3.acl_not_readable_by_everyone, s3.acl_not_writable_by_everyone, s3.acl_not_used)
        for token in (_BUCKET, _V2, _ACL)
    ),
    *(
        Case(
            s3.acl_not_readable_by_everyone,
            type=_OBJECT,
            compliant={"acl": "private"},
            violating={"acl": acl},
            absent=Verdict.COMPLIANT,
        )
        for acl in ("public-read", "authenticated-read")
    ),
    *(
        Case(
            rule,
            type=_ACL,
            compliant={"accessControlPolicy": _grants("somebody", right)},
            violating={"accessControlPolicy": _grants(_EVERYONE, right)},
            absent=Verdict.COMPLIANT,
            more_violating=[{"accessControlPolicy": _grants(_EVERYONE, "FULL_CONTROL")}],
        )
        for rule, right in (
            (s3.acl_not_readable_by_everyone, "READ"),
            (s3.acl_not_writable_by_everyone, "WRITE_ACP"),
        )
    ),
    Case(
        s3.acl_not_readable_by_everyone,
        compliant={"grants": [{"type": "Group", "uri": "somebody", "permissions": ["READ"]}]},
        violating={"grants": [{"type": "Group", "uri": _EVERYONE, "permissions": ["READ"]}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        s3.acl_not_used,
        violating={"grants": [{"type": "CanonicalUser", "id": "somebody", "permissions": ["READ"]}]},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        s3.bucket_acls_off,
        compliant_beside=[_ownership("BucketOwnerEnforced")],
        violating_beside=[_ownership("BucketOwnerPreferred")],
    ),
)

ENCRYPTION = (
    Case(s3.bucket_has_policy, compliant_beside=[_beside("bucketPolicy", policy="{}")]),
    Case(s3.bucket_has_policy, compliant={"policy": _denial()}, unknown=Verdict.COMPLIANT),
    *(
        Case(
            s3.bucket_policy_requires_tls,
            compliant={"policy": _denial()},
            violating={"policy": _denial(**changes)},
            absent=Verdict.OUT_OF_SCOPE,
            more_compliant=[
                {"policy": _denial(Principal={"AWS": ["*"]}, Action=["s3:*"])},
                {"policy": _denial(Action="*", Resource="*")},
            ],
        )
        for changes in _LOOPHOLES
    ),
    Case(
        s3.bucket_encrypted_with_kms,
        compliant_beside=[_encryption(sseAlgorithm="aws:kms")],
        violating_beside=[_encryption(sseAlgorithm="AES256")],
    ),
    Case(
        s3.bucket_encrypted_with_kms,
        compliant={"serverSideEncryptionConfiguration": _inline_encryption("aws:kms:dsse")},
        violating={"serverSideEncryptionConfiguration": _inline_encryption("AES256")},
    ),
    Case(
        s3.encryption_with_own_key,
        compliant={"rules": [_by_default(sseAlgorithm="aws:kms", kmsMasterKeyId=_KEY)]},
        violating={"rules": [_by_default(sseAlgorithm="aws:kms")]},
        absent=None,
        more_compliant=[{"rules": [_by_default(sseAlgorithm="AES256")]}],
        more_violating=[{"rules": [_by_default(sseAlgorithm="aws:kms", kmsMasterKeyId="alias/aws/s3")]}],
    ),
)

OBJECTS = (
    *(
        Case(
            s3.bucket_versioned,
            compliant_beside=[_versioning("Enabled", name)],
            violating_beside=[_versioning("Suspended", name)],
        )
        for name in ("bucketVersioning", "bucketVersioningV2")
    ),
    Case(
        s3.bucket_versioned,
        compliant={"versioning": {"enabled": True}},
        violating={"versioning": {"enabled": False}},
    ),
    Case(
        s3.bucket_versioned,
        type=_V2,
        compliant={"versionings": [{"enabled": True}]},
        violating={"versionings": [{"enabled": False}]},
    ),
    Case(
        s3.bucket_mfa_delete,
        compliant={"versioningConfiguration": {"status": "Enabled", "mfaDelete": "Enabled"}},
        violating={"versioningConfiguration": {"status": "Enabled", "mfaDelete": "Disabled"}},
    ),
    Case(
        s3.bucket_lifecycle,
        compliant_beside=[_lifecycle()],
        violating_beside=[_lifecycle("Disabled")],
    ),
    Case(
        s3.bucket_lifecycle,
        compliant={"lifecycleRules": [{"enabled": True}]},
        violating={"lifecycleRules": [{"enabled": False}]},
    ),
    Case(
        s3.directory_bucket_lifecycle,
        compliant_beside=[_lifecycle()],
        violating_beside=[_lifecycle("Disabled")],
    ),
    Case(
        s3.bucket_object_lock,
        compliant={"objectLockEnabled": True},
        violating={"objectLockEnabled": False},
    ),
    Case(s3.bucket_object_lock, compliant_beside=[_lock(mode="GOVERNANCE", days=30)]),
    Case(
        s3.bucket_object_lock_complete,
        base={"objectLockEnabled": True},
        compliant_beside=[_lock(mode="GOVERNANCE", days=30)],
    ),
    Case(
        s3.bucket_object_lock_complete,
        beside=[_lock(mode="GOVERNANCE", days=30)],
        compliant={"objectLockEnabled": True},
        violating={"objectLockEnabled": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        s3.object_lock_retention,
        compliant={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
        violating={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 29}}},
        settings=_KEPT,
        more_compliant=[{"rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}}],
    ),
    Case(
        s3.locked_bucket_expiry,
        base={"objectLockEnabled": True},
        compliant_beside=[_lifecycle(expiration={"days": 30})],
        violating_beside=[_lifecycle(expiration={"days": 7})],
        absent=Verdict.COMPLIANT,
        settings=_KEPT,
        out_of_scope=[{"objectLockEnabled": False}],
    ),
    *(
        Case(
            s3.bucket_not_deleted_with_objects,
            type=token,
            compliant={"forceDestroy": False},
            violating={"forceDestroy": True},
            absent=Verdict.COMPLIANT,
        )
        for token in s3.bucket_not_deleted_with_objects.types
    ),
)

COPIES = (
    *(
        Case(
            rule,
            base={"bucket": "data", "region": "us-west-2", "objectLockEnabled": True},
            beside=_ELSEWHERE,
            compliant_beside=[_replication()],
            violating_beside=[violating],
            unknown=None,
            settings=_COPIED,
        )
        for rule in (s3.bucket_replicated, s3.locked_bucket_replicated)
        for violating in (_replication("Disabled"), _replication(destination="near"))
    ),
    Case(
        s3.replication_enabled,
        compliant={"rules": [{"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::elsewhere"}}]},
        violating={"rules": [{"status": "Disabled", "destination": {"bucket": "arn:aws:s3:::elsewhere"}}]},
    ),
    Case(
        s3.replication_of_encrypted_objects,
        base={"bucket": SIDE},
        beside=[
            Side(_BUCKET),
            Side(
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                bucket=reference(1),
                rules=[_by_default(sseAlgorithm="aws:kms")],
            ),
        ],
        compliant={"rules": [_copying(sseKmsEncryptedObjects={"status": "Enabled"})]},
        violating={"rules": [_copying()]},
        absent=Verdict.COMPLIANT,
    ),
)

EVENTS = (
    Case(
        s3.bucket_logs_access,
        compliant_beside=[_beside("bucketLogging", targetBucket="logs", targetPrefix="")],
    ),
    Case(
        s3.bucket_logs_access,
        compliant={"logging": {"targetBucket": "logs"}},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        s3.bucket_event_notifications,
        compliant_beside=[_beside("bucketNotification", eventbridge=True)],
        violating_beside=[_beside("bucketNotification", eventbridge=False)],
    ),
    Case(
        s3.bucket_event_notifications,
        compliant_beside=[
            _beside("bucketNotification", topics=[{"topicArn": _TOPIC, "events": ["s3:ObjectCreated:*"]}])
        ],
        violating_beside=[_beside("bucketNotification", topics=[])],
        unknown=Verdict.COMPLIANT,
    ),
)

test_cases = judged((*PUBLIC, *ENCRYPTION, *OBJECTS, *COPIES, *EVENTS))


def _verdict(rule: Rule, *beside: Side, **bucket: Any) -> Verdict:
    """What a rule says of a bucket called `data`."""
    given = [Side(_BUCKET, bucket="data", **bucket), *beside]
    resources = [
        Resource(
            urn=f"urn:pulumi:test::example::{side.type}::{index}", type_token=side.type, inputs=side.inputs
        )
        for index, side in enumerate(given)
    ]
    return judge(rule, resources[0], {**DEFAULTS, **_COPIED}, Stack(resources)).verdict


_LOGS_OF_BUCKETS = Side(
    "aws:s3/bucketLogging:BucketLogging", bucket="another", targetBucket="data", targetPrefix=""
)
_LOGS_OF_BALANCERS = Side("aws:lb/loadBalancer:LoadBalancer", accessLogs={"bucket": "data", "enabled": True})
_TRAIL = Side("aws:cloudtrail/trail:Trail", s3BucketName="data")
_SOURCE = Side(
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    bucket="another",
    role=_ROLE,
    rules=[{"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::data"}}],
)


@pytest.mark.parametrize(
    ("rule", "beside"),
    [
        (s3.bucket_encrypted_with_kms, _LOGS_OF_BUCKETS),
        (s3.bucket_encrypted_with_kms, _LOGS_OF_BALANCERS),
        (s3.bucket_logs_access, _LOGS_OF_BUCKETS),
        (s3.bucket_object_lock, _LOGS_OF_BUCKETS),
        (s3.bucket_replicated, _LOGS_OF_BUCKETS),
        (s3.bucket_replicated, _TRAIL),
        (s3.bucket_replicated, _SOURCE),
    ],
    ids=lambda value: value.type if isinstance(value, Side) else str(value),
)
def test_of_logs_and_copies_is_not_asked_what_they_cannot_have(rule: Rule, beside: Side) -> None:
    assert _verdict(rule) is Verdict.VIOLATED
    assert _verdict(rule, beside) is Verdict.OUT_OF_SCOPE


def test_of_locked_buckets_only_the_source_of_a_copy_has_to_be_replicated() -> None:
    rule = s3.locked_bucket_replicated
    assert _verdict(rule) is Verdict.OUT_OF_SCOPE
    assert _verdict(rule, objectLockEnabled=True) is Verdict.VIOLATED
    assert _verdict(rule, _TRAIL, objectLockEnabled=True) is Verdict.OUT_OF_SCOPE
    assert _verdict(rule, _SOURCE, objectLockEnabled=True) is Verdict.OUT_OF_SCOPE
