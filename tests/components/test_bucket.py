"""A private bucket with all its side resources."""

import json
from typing import Any

import pulumi

from components.access_logs import AccessLogs
from components.bucket import BucketArgs, ObjectLock, PrivateBucket, Replica
from components.encryption import Encryption
from preview.graph import Graph
from tests.harness import build, context, recovery_provider


def _graph(*, locked: bool = False) -> Graph:
    def program() -> None:
        here = context()
        keys = Encryption("encryption", here)
        provider = recovery_provider()
        lock = ObjectLock(mode="GOVERNANCE", days=30) if locked else None
        copy = PrivateBucket(
            "copy",
            here,
            BucketArgs(
                bucket_name=here.bucket_name("copy", "us-east-2"),
                key=keys.recovery_backups,
                lock=lock,
            ),
            pulumi.ResourceOptions(provider=provider),
        )
        PrivateBucket(
            "dumps",
            here,
            BucketArgs(
                bucket_name=here.bucket_name("dumps"),
                key=keys.backups,
                expire_after_days=30,
                lock=lock,
                access_logs=AccessLogs("access-logs", here, provider).home,
                replica=Replica(bucket=copy, key=keys.recovery_backups, region="us-east-2"),
            ),
        )

    return build(program)


def _side(graph: Graph, kind: str, name: str) -> Any:
    return graph.one(f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", name).inputs


def test_no_public_access_in_any_form() -> None:
    block = _side(_graph(), "BucketPublicAccessBlock", "dumps-public-access")
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(block[switch] is True for switch in switches)


def test_every_bucket_is_versioned_and_refuses_plain_http() -> None:
    graph = _graph()
    for bucket in graph.all("aws:s3/bucket:Bucket"):
        versioning = _side(graph, "BucketVersioning", f"{bucket.name}-versioning")
        assert versioning["versioningConfiguration"] == {"status": "Enabled"}
        policy = json.loads(_side(graph, "BucketPolicy", f"{bucket.name}-policy")["policy"])
        deny = policy["Statement"][0]
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert deny["Resource"] == [f"arn:aws:s3:::{bucket['bucket']}", f"arn:aws:s3:::{bucket['bucket']}/*"]


def test_content_is_encrypted_with_the_given_key_and_access_logs_with_s3s_own() -> None:
    graph = _graph()
    own = _side(graph, "BucketServerSideEncryptionConfiguration", "dumps-encryption")["rules"][0]
    logs = _side(graph, "BucketServerSideEncryptionConfiguration", "access-logs-encryption")["rules"][0]
    assert own["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert own["bucketKeyEnabled"] is True
    assert logs["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "AES256"


def test_a_locked_bucket_is_made_with_lock_and_keeps_versions() -> None:
    graph = _graph(locked=True)
    assert graph.one("aws:s3/bucket:Bucket", "dumps")["objectLockEnabled"] is True
    lock = _side(graph, "BucketObjectLockConfiguration", "dumps-lock")
    assert lock["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 30}


def test_objects_reach_the_other_region_within_fifteen_minutes_but_deletions_do_not() -> None:
    graph = _graph()
    (rule,) = _side(graph, "BucketReplicationConfig", "dumps-replication")["rules"]
    assert rule["destination"]["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
    assert rule["destination"]["metrics"]["status"] == "Enabled"
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    copy = graph.one("aws:s3/bucket:Bucket", "copy")
    assert rule["destination"]["bucket"] == f"arn:aws:s3:::{copy['bucket']}"
    assert "::recovery::" in copy.options.provider


def test_every_side_resource_lives_in_its_buckets_region() -> None:
    graph = _graph(locked=True)
    children = graph.children(graph.one("syncup:storage:PrivateBucket", "copy"))
    provider = graph.one("pulumi:providers:aws", "recovery")
    assert {child.options.provider.rpartition("::")[0] for child in children} == {provider.urn}


def test_replication_may_read_here_and_write_there_and_nothing_else() -> None:
    policy = json.loads(_graph().one("aws:iam/rolePolicy:RolePolicy", "dumps-replication")["policy"])
    resources = {resource for statement in policy["Statement"] for resource in statement["Resource"]}
    assert resources == {
        "arn:aws:s3:::syncup-test-dumps-111122223333-us-west-2",
        "arn:aws:s3:::syncup-test-dumps-111122223333-us-west-2/*",
        "arn:aws:s3:::syncup-test-copy-111122223333-us-east-2/*",
        "arn:aws:kms:us-east-2:111122223333:key/*",
        "arn:aws:kms:us-west-2:111122223333:key/*",
    }


def test_the_log_service_may_write_access_logs_for_this_account_alone() -> None:
    policy = json.loads(_side(_graph(), "BucketPolicy", "access-logs-policy")["policy"])
    writer = policy["Statement"][1]
    assert writer["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert writer["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
