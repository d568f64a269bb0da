"""A release as it was uploaded: one archive in the release bucket, and its digest beside it."""

import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, Final

from botocore.exceptions import ClientError

from components import contract
from operate.aws import is_missing
from operate.errors import OperationError, UsageError
from operate.stack import Stack

_DIGEST: Final = re.compile(r"([0-9a-f]{64})( .*)?", re.DOTALL)
"""As `sha256sum` writes it, with the file's name behind."""
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """One release's archive."""

    version: str
    sha256: str
    size_bytes: int


def newest(stack: Stack) -> str:
    """The release that was uploaded last, with its digest.

    Raises:
        OperationError: there is none.
    """
    bucket = stack.outputs["release-bucket"]
    pages = (
        stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=contract.RELEASES)
    )
    found = {entry["Key"]: entry["LastModified"] for page in pages for entry in page.get("Contents", ())}
    versions = {
        version: made
        for key, made in found.items()
        if (version := key.split("/")[1])
        and key == contract.artifact_key(version)
        and contract.digest_key(version) in found
    }
    if not versions:
        raise OperationError(f"{stack.name} has no release yet: s3://{bucket}/{contract.RELEASES} has none")
    return max(versions, key=lambda version: (versions[version], version))


def find(stack: Stack, version: str) -> Artifact:
    """Looks for a release, and reads nothing of it but its digest.

    Raises:
        UsageError: that is no version.
        OperationError: there is no such release, or it has no digest: no instance would start it.
    """
    try:
        contract.release(version)
    except ValueError as error:
        raise UsageError(str(error)) from None
    s3, bucket = stack.client("s3"), stack.outputs["release-bucket"]
    try:
        head = s3.head_object(Bucket=bucket, Key=contract.artifact_key(version))
        text = s3.get_object(Bucket=bucket, Key=contract.digest_key(version))["Body"].read(_CHUNK_BYTES)
    except ClientError as error:
        if is_missing(error):
            missing = f"s3://{bucket}/{contract.artifact_key(version)} or its .sha256 is not there"
            raise OperationError(
                f"there is no release {version} to deploy to {stack.name}: {missing}"
            ) from error
        raise
    digest = _DIGEST.fullmatch(text.decode("utf-8", "replace").strip())
    if digest is None:
        raise OperationError(
            f"the release {version} has no digest: s3://{bucket}/{contract.digest_key(version)} is not what "
            "sha256sum writes"
        )
    return Artifact(version=version, sha256=digest[1], size_bytes=head["ContentLength"])


@contextmanager
def fetched(stack: Stack, artifact: Artifact) -> Generator[IO[bytes]]:
    """The archive in a file of this machine that is gone afterwards, after its digest has been checked.

    It is never in memory as a whole.

    Raises:
        OperationError: it is not what its digest says, or there is no room for it here.
    """
    bucket, key = stack.outputs["release-bucket"], contract.artifact_key(artifact.version)
    body: Any = stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    digest = hashlib.sha256()
    with TemporaryFile() as file:
        while chunk := body.read(_CHUNK_BYTES):
            digest.update(chunk)
            try:
                file.write(chunk)
            except OSError as error:
                raise OperationError(
                    f"the release {artifact.version} does not fit on this machine: {error}"
                ) from error
        if digest.hexdigest() != artifact.sha256:
            raise OperationError(
                f"the release {artifact.version} is not what its digest says: upload it again, under a new "
                "version"
            )
        file.seek(0)
        yield file
