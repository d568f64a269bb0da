"""Which backups there are, and which of them are good."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody

from operate import backups
from operate.backups import Kind
from operate.errors import OperationError, UsageError
from operate.stack import Stack
from tests.operate.double import NOW, Answer, Aws, Parameters, error

NAME = "backup_2026_11_24_053000.sql.gz"
OLDER = "backup_2026_11_23_053000.sql.gz"
HALF = "backup_2026_11_24_080000.sql.gz"
TAG = '"0123456789abcdef-2"'
MANIFEST = {
    "size_bytes": 1234,
    "sha256": "ab" * 32,
    "etag": TAG,
    "server_version": "17.6",
    "tables": {"public.users": 7},
}
HEAD: dict[str, Any] = {
    "ContentLength": 1234,
    "ETag": TAG,
    "ObjectLockRetainUntilDate": NOW + timedelta(days=30),
    "ReplicationStatus": "COMPLETED",
}


def entry(key: str, age: timedelta, size: int = 1234) -> dict[str, Any]:
    """One object of the bucket."""
    return {"Key": key, "Size": size, "LastModified": NOW - age}


def listing(*entries: dict[str, Any]) -> Answer:
    """The bucket's objects, in two pages."""

    def pages(asked: Parameters) -> Any:
        if "ContinuationToken" in asked:
            return {"Contents": list(entries[1:])}
        return {
            "Contents": list(entries[:1]),
            "IsTruncated": len(entries) > 1,
            **({"NextContinuationToken": "more"} if len(entries) > 1 else {}),
        }

    return pages


def manifest(text: str) -> Answer:
    """The manifest, whichever is asked for."""
    body = text.encode()
    return lambda _: {"Body": StreamingBody(io.BytesIO(body), len(body))}


KEPT: dict[str, Answer] = {
    "s3.ListObjectsV2": listing(
        entry(NAME, timedelta(hours=6)),
        entry(backups.manifest_key(NAME), timedelta(hours=6), 300),
        entry(OLDER, timedelta(hours=30)),
        entry(backups.manifest_key(OLDER), timedelta(hours=30), 300),
        entry(HALF, timedelta(hours=4)),
        entry("backup_readme.txt", timedelta(hours=1)),
    ),
    "s3.HeadObject": HEAD,
    "s3.GetObject": manifest(json.dumps(MANIFEST)),
    "rds.DescribeDBSnapshots": {
        "DBSnapshots": [
            {
                "DBSnapshotIdentifier": "by-hand",
                "SnapshotType": "manual",
                "SnapshotCreateTime": NOW - timedelta(days=2),
                "AllocatedStorage": 50,
                "Status": "available",
            },
            {"DBSnapshotIdentifier": "not-there-yet", "SnapshotType": "manual", "Status": "creating"},
            {
                "DBSnapshotIdentifier": "awsbackup:job-1",
                "SnapshotType": "awsbackup",
                "SnapshotCreateTime": NOW,
                "Status": "available",
            },
        ]
    },
    "backup.ListRecoveryPointsByBackupVault": {
        "RecoveryPoints": [
            {
                "RecoveryPointArn": "arn:aws:rds:us-west-2:444455556666:snapshot:awsbackup:job-1",
                "CreationDate": NOW - timedelta(hours=1),
                "Status": "COMPLETED",
            },
            {
                "RecoveryPointArn": "arn:aws:rds:us-west-2:444455556666:snapshot:awsbackup:job-2",
                "CreationDate": NOW - timedelta(minutes=5),
                "Status": "PARTIAL",
            },
        ]
    },
    "rds.DescribeDBInstanceAutomatedBackups": {
        "DBInstanceAutomatedBackups": [
            {
                "Status": "active",
                "RestoreWindow": {"EarliestTime": NOW - timedelta(days=30), "LatestTime": NOW},
            },
            {"Status": "creating", "RestoreWindow": {}},
        ]
    },
}


@pytest.fixture(autouse=True)
def _kept(aws: Aws) -> None:
    aws.answers.update(KEPT)


def test_every_kind_is_listed_once_the_newest_first(stack: Stack, aws: Aws) -> None:
    seen = backups.found(stack)
    assert [(one.kind, one.good) for one in seen] == [
        (Kind.TIME, True),
        (Kind.POINT, False),
        (Kind.POINT, True),
        (Kind.DUMP, False),
        (Kind.DUMP, True),
        (Kind.DUMP, True),
        (Kind.SNAPSHOT, True),
    ]
    assert set(backups.RESTORES) == set(Kind)
    assert aws.changes == []


def test_a_dump_without_its_manifest_is_never_good(stack: Stack) -> None:
    assert {one.name: one.good for one in backups.dumps(stack)} == {HALF: False, NAME: True, OLDER: True}


def test_a_dump_that_is_as_it_was_made_is_fine(stack: Stack, aws: Aws) -> None:
    name, checks = backups.verify(stack, NAME)
    assert name == NAME
    assert [check.name for check in checks if check.fine] == ["manifest", "size", "object", "lock", "replica"]
    assert aws.changes == []


def test_a_dump_of_earlier_days_is_not_suspected(stack: Stack, aws: Aws) -> None:
    """Manifests did not always name the object."""
    aws.answers["s3.GetObject"] = manifest(json.dumps({k: v for k, v in MANIFEST.items() if k != "etag"}))
    assert all(check.fine for check in backups.verify(stack, NAME)[1])


def test_without_a_name_the_newest_is_looked_at(stack: Stack) -> None:
    assert backups.verify(stack, None)[0] == HALF


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"s3.HeadObject": {**HEAD, "ContentLength": 1233}}, "size"),
        ({"s3.HeadObject": {**HEAD, "ObjectLockRetainUntilDate": NOW - timedelta(1)}}, "lock"),
        ({"s3.HeadObject": {"ContentLength": 1234, "ETag": TAG, "ReplicationStatus": "COMPLETED"}}, "lock"),
        ({"s3.HeadObject": {**HEAD, "ETag": '"another"'}}, "object"),
        ({"s3.HeadObject": {**HEAD, "ReplicationStatus": "FAILED"}}, "replica"),
        ({"s3.HeadObject": {**HEAD, "ReplicationStatus": "PENDING"}}, "replica"),
        ({"s3.GetObject": error("NoSuchKey")}, "manifest"),
        ({"s3.GetObject": manifest("{")}, "manifest"),
        ({"s3.GetObject": manifest("[]")}, "manifest"),
        ({"s3.GetObject": manifest('{"size_bytes": 1234}')}, "manifest"),
    ],
)
def test_what_is_wrong_with_a_dump_is_named(
    stack: Stack, aws: Aws, answers: dict[str, Answer], wrong: str
) -> None:
    aws.answers.update(answers)
    _, checks = backups.verify(stack, NAME)
    assert [check.name for check in checks if not check.fine] == [wrong]


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "backup.sql.gz", "backup_2026_11_24_053000.sql", f"{NAME}.manifest.json"]
)
def test_what_is_no_name_is_refused_before_aws_is_asked(stack: Stack, aws: Aws, name: str) -> None:
    with pytest.raises(UsageError, match="write a name such as"):
        backups.verify(stack, name)
    assert aws.calls == []


def test_a_dump_that_is_not_there_says_where_to_look(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.HeadObject"] = error("404")
    with pytest.raises(OperationError, match=f"there is no dump {NAME}: `syncup backup list staging`"):
        backups.verify(stack, NAME)
    aws.answers["s3.ListObjectsV2"] = listing()
    with pytest.raises(OperationError, match="has no dump yet"):
        backups.verify(stack, None)
