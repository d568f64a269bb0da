"""The files of a release that never change under their name, brought to the edge's bucket.

Those of earlier releases stay: pages that are open in a browser still ask for them.
"""

import gzip
import posixpath
import shutil
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from mimetypes import MimeTypes
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from components import contract
from operate.errors import OperationError
from operate.stack import Stack

_FOLDER: Final = f"{contract.STATIC_PREFIX}/"
_CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""What the contract with the application says."""
_IN_MEMORY_BYTES: Final = 8 * 1024 * 1024
_UNKNOWN: Final = "application/octet-stream"
_TYPES: Final = MimeTypes()
"""Python's own table, the same on every machine, …"""
for _kind, _end in (
    ("application/json", ".map"),
    ("application/manifest+json", ".webmanifest"),
    ("application/wasm", ".wasm"),
    ("font/woff", ".woff"),
    ("font/woff2", ".woff2"),
    ("image/avif", ".avif"),
    ("image/webp", ".webp"),
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
):
    # … and what a browser wants beside it.
    _TYPES.add_type(_kind, _end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What has been brought to the bucket."""

    new: int
    """Files that were not there."""
    all: int
    """Files that the release has."""


def copy(stack: Stack, archive: IO[bytes], version: str, say: Callable[[str], None]) -> Copied:
    """Copies the static files of a release that the edge's bucket does not have.

    One after the other, none larger than eight megabytes in memory. What is there already stays.

    Args:
        stack: the stack.
        archive: the release's, from its beginning.
        version: the release's, for messages.
        say: is told what is copied.

    Raises:
        OperationError: the archive is not of the form that the contract with the application says.
    """
    there = _there(stack)
    programs = {contract.START, contract.MIGRATE}
    new = seen = 0
    try:
        # tarfile's own reader of gzip stops where a second compressed part begins.
        with gzip.open(archive) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            for member in tar:
                # Otherwise every entry stays in memory.
                tar.members.clear()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] (its stubs do not say)
                name = posixpath.normpath(member.name)
                if _can_run(member):
                    programs.discard(name)
                if not name.startswith(_FOLDER) or member.isdir():
                    continue
                content = tar.extractfile(member) if member.isfile() else None
                if content is None:
                    raise OperationError(f"the release {version} is not well made: {name} is no plain file")
                seen += 1
                if name not in there:
                    _put(stack, name, content)
                    new += 1
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise OperationError(f"the release {version} is no tar.gz that can be read: {error}") from error
    if programs:
        missing = " and ".join(sorted(programs))
        raise OperationError(f"the release {version} is not well made: it has no program {missing}")
    say(f"{new} of {seen} static files are new")
    return Copied(new=new, all=seen)


def _put(stack: Stack, name: str, content: IO[bytes]) -> None:
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        shutil.copyfileobj(content, file)
        file.seek(0)
        stack.client("s3").put_object(
            Bucket=stack.outputs["static-bucket"],
            Key=name,
            Body=file,
            ContentType=_type(name),
            CacheControl=_CACHE_CONTROL,
        )


def _can_run(member: tarfile.TarInfo) -> bool:
    return member.issym() or member.islnk() or (member.isfile() and bool(member.mode & 0o111))


def _there(stack: Stack) -> set[str]:
    """The static files that the edge's bucket has."""
    pages = (
        stack.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=stack.outputs["static-bucket"], Prefix=_FOLDER)
    )
    return {entry["Key"] for page in pages for entry in page.get("Contents", ())}


def _type(name: str) -> str:
    """What a browser is told that a file is. Something compressed is not what is in it."""
    kind, encoding = _TYPES.guess_type(name)
    return _UNKNOWN if encoding else kind or _UNKNOWN
