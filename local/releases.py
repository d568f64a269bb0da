"""Releases of the application's stand-in, in the form that the contract with the application has."""

import hashlib
import io
import tarfile
from typing import Any, Final

from components import contract

_PROGRAM: Final = b"#!/bin/sh\n# A stand-in: on this machine no instance starts anything.\n"


def upload(s3: Any, bucket: str, version: str) -> None:
    """Uploads a release and its digest, as whoever builds the application does.

    Args:
        s3: boto3's.
        bucket: of releases.
        version: the release's.
    """
    data = _archive(version)
    digest = hashlib.sha256(data).hexdigest()
    s3.put_object(Bucket=bucket, Key=contract.artifact_key(version), Body=data)
    s3.put_object(Bucket=bucket, Key=contract.digest_key(version), Body=f"{digest}  app.tar.gz\n".encode())


def _archive(version: str) -> bytes:
    style = f"/* {version} */\n".encode()
    name = f"{contract.STATIC_PREFIX}/app.{hashlib.sha256(style).hexdigest()[:8]}.css"
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for path, data, mode in (
            (contract.START, _PROGRAM, 0o755),
            (contract.MIGRATE, _PROGRAM, 0o755),
            (name, style, 0o644),
        ):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()
