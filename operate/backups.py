"""The backups there are, of every kind, and what each can restore."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.aws import is_missing
from operate.errors import OperationError, UsageError
from operate.stack import Stack

NAME: Final = re.compile(r"backup_\d{4}_\d\d_\d\d_\d{6}\.sql\.gz")
"""As the guide names a dump: `backup_2024_01_15_143022.sql.gz`."""


class Kind(StrEnum):
    """The kinds of backup."""

    DUMP = "dump"
    SNAPSHOT = "snapshot"
    POINT = "recovery point"
    TIME = "point in time"


RESTORES: Final[Mapping[Kind, str]] = {
    Kind.DUMP: "the database, into a new one on the same server",
    Kind.SNAPSHOT: "an instance, as a new generation",
    Kind.POINT: "an instance, as a new generation",
    Kind.TIME: "an instance as of any second until then, as a new generation",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """One backup."""

    kind: Kind
    name: str
    made: datetime
    """For a point in time: the latest that can be gone back to."""
    size_bytes: int | None
    state: str
    good: bool
    """Whether it is complete. A half-made backup is not."""


WHOLE: Final = ("manifest", "size", "object")
"""The checks without which a dump cannot be restored. Without a lock or a replica it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at in a dump."""

    name: str
    fine: bool
    says: str


def found(stack: Stack) -> list[Backup]:
    """All backups of the active database, the newest first."""
    kinds = (dumps(stack), _snapshots(stack), _points(stack), _time(stack))
    return sorted((one for kind in kinds for one in kind), key=lambda one: one.made, reverse=True)


def dumps(stack: Stack) -> list[Backup]:
    """The dumps, the newest first. One without its manifest, which is written last, is incomplete."""
    pages = (
        stack.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=stack.outputs["dump-bucket"], Prefix="backup_")
    )
    objects = {entry["Key"]: entry for page in pages for entry in page.get("Contents", ())}
    made = [
        Backup(
            kind=Kind.DUMP,
            name=key,
            made=entry["LastModified"],
            size_bytes=entry["Size"],
            state="complete" if manifest_key(key) in objects else "incomplete",
            good=manifest_key(key) in objects,
        )
        for key, entry in objects.items()
        if NAME.fullmatch(key)
    ]
    return sorted(made, key=lambda one: one.name, reverse=True)


def manifest_key(name: str) -> str:
    """Where a dump's manifest is."""
    return f"{name.removesuffix('.sql.gz')}.manifest.json"


def _snapshots(stack: Stack) -> Iterator[Backup]:
    pages = (
        stack.client("rds")
        .get_paginator("describe_db_snapshots")
        .paginate(DBInstanceIdentifier=stack.outputs["database-identifier"])
    )
    for page in pages:
        for snapshot in page["DBSnapshots"]:
            # AWS Backup's own snapshots are recovery points, below.
            if snapshot.get("SnapshotType") == "awsbackup" or "SnapshotCreateTime" not in snapshot:
                continue
            yield Backup(
                kind=Kind.SNAPSHOT,
                name=snapshot["DBSnapshotIdentifier"],
                made=snapshot["SnapshotCreateTime"],
                size_bytes=snapshot.get("AllocatedStorage", 0) * 1024**3,
                state=snapshot["Status"],
                good=snapshot["Status"] == "available",
            )


def _points(stack: Stack) -> Iterator[Backup]:
    pages = (
        stack.client("backup")
        .get_paginator("list_recovery_points_by_backup_vault")
        .paginate(BackupVaultName=stack.outputs["backup-vault"], ByResourceType="RDS")
    )
    for page in pages:
        for point in page["RecoveryPoints"]:
            yield Backup(
                kind=Kind.POINT,
                name=point["RecoveryPointArn"].rpartition(":")[2],
                made=point["CreationDate"],
                size_bytes=point.get("BackupSizeInBytes") or None,
                state=point["Status"].lower(),
                good=point["Status"] == "COMPLETED",
            )


def _time(stack: Stack) -> Iterator[Backup]:
    answer = stack.client("rds").describe_db_instance_automated_backups(
        DBInstanceIdentifier=stack.outputs["database-identifier"]
    )
    for kept in answer["DBInstanceAutomatedBackups"]:
        window: Mapping[str, datetime] = kept.get("RestoreWindow", {})
        if "LatestTime" in window:
            yield Backup(
                kind=Kind.TIME,
                name=f"since {window['EarliestTime']:%Y-%m-%d %H:%M:%S}",
                made=window["LatestTime"],
                size_bytes=None,
                state=kept["Status"],
                good=kept["Status"] in {"active", "retained"},
            )


def verify(stack: Stack, name: str | None) -> tuple[str, Sequence[Check]]:
    """Holds a dump against its manifest, its lock and its replica, without reading what is in it.

    That would bring the data here. A restore beside the database proves it (`operate.recovery_test`).

    Args:
        stack: the stack.
        name: the dump's name; the newest one where it is None.

    Returns:
        The dump's name, and what was looked at.

    Raises:
        UsageError: that is no name of a dump.
        OperationError: there is no such dump.
    """
    if name is not None and NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} is no dump: write a name such as backup_2024_01_15_143022.sql.gz")
    if name is None:
        name = next((one.name for one in dumps(stack)), None)
        if name is None:
            raise OperationError(f"{stack.name} has no dump yet: `syncup backup create {stack.name}`")
    s3, bucket = stack.client("s3"), stack.outputs["dump-bucket"]
    try:
        head = s3.head_object(Bucket=bucket, Key=name)
    except ClientError as error:
        if is_missing(error):
            raise OperationError(
                f"there is no dump {name}: `syncup backup list {stack.name}` shows what there is"
            ) from error
        raise
    return name, list(_checks(stack, head, _manifest(s3, bucket, name)))


def _manifest(s3: Any, bucket: str, name: str) -> Mapping[str, Any] | None:
    """The manifest, or None where there is none or it cannot be read."""
    try:
        body = s3.get_object(Bucket=bucket, Key=manifest_key(name))["Body"].read()
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    try:
        read: Any = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) and {"size_bytes", "sha256"} <= set(read) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _checks(stack: Stack, head: Mapping[str, Any], manifest: Mapping[str, Any] | None) -> Iterator[Check]:
    if manifest is None:
        yield Check(name="manifest", fine=False, says="missing or unreadable: the dump was not finished")
    else:
        tables: Mapping[str, int] = manifest.get("tables", {})
        said = f"PostgreSQL {manifest.get('server_version', '?')}, {len(tables)} tables"
        yield Check(name="manifest", fine=True, says=said)
        size = head["ContentLength"]
        yield Check(
            name="size",
            fine=size == manifest["size_bytes"],
            says=f"{size} bytes, the manifest says {manifest['size_bytes']}",
        )
        if "etag" in manifest:  # manifests have it since the job knows it
            # S3 checks its own bytes, and each part's checksum as it comes: what is left is another object.
            same = head["ETag"] == manifest["etag"]
            says = f"{'the one' if same else 'not the one'} that was written"
            yield Check(name="object", fine=same, says=says)
    until = head.get("ObjectLockRetainUntilDate")
    locked = until is not None and until > stack.clock.now()
    yield Check(name="lock", fine=locked, says=f"until {until:%Y-%m-%d}" if until else "none")
    replica = head.get("ReplicationStatus", "none")
    yield Check(name="replica", fine=replica == "COMPLETED", says=replica.lower())
