"""A release's archive is what its digest says, or is not used."""

import hashlib
import tracemalloc
from typing import Any, Self

import pytest
from botocore.exceptions import IncompleteReadError

from operate import artifact
from operate.aws import in_one_line
from operate.errors import OperationError
from operate.stack import Stack
from tests.operate.double import Aws, Parameters, error
from tests.operate.releasing import NEW, World, archive

_MIB = 1024 * 1024


class _Zeros:
    """An answer's body that nobody has in memory."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, amount: int) -> bytes:
        given = min(amount, self.left)
        self.left -= given
        return bytes(given)


@pytest.mark.parametrize(
    "line", ["{}  app.tar.gz\n", "{}\n", "{}", "{} *app.tar.gz\n", "{}  ./dist/app.tar.gz"]
)
def test_the_digest_is_read_as_sha256sum_writes_it(stack: Stack, world: World, line: str) -> None:
    digest = hashlib.sha256(archive()).hexdigest()
    world.digests[NEW] = line.format(digest)
    found = artifact.find(stack, NEW)
    assert (found.sha256, found.size_bytes) == (digest, len(archive()))
    with artifact.fetched(stack, found) as file:
        assert file.read() == archive()


@pytest.mark.parametrize("call", ["s3.HeadObject", "s3.GetObject"])
def test_what_is_not_there_is_named(stack: Stack, world: World, aws: Aws, call: str) -> None:
    aws.answers[call] = error("NoSuchKey", status=404)
    with pytest.raises(OperationError, match=rf"s3://.*/releases/{NEW}/app\.tar\.gz or its \.sha256"):
        artifact.find(stack, NEW)
    assert world.lock is None


def test_an_archive_of_any_size_is_not_in_memory(stack: Stack, world: World, aws: Aws) -> None:
    size = 64 * _MIB
    found = artifact.Artifact(version=NEW, sha256=hashlib.sha256(bytes(size)).hexdigest(), size_bytes=size)
    aws.answers["s3.GetObject"] = lambda _: {"Body": _Zeros(size)}
    tracemalloc.start()
    try:
        with artifact.fetched(stack, found):
            _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * _MIB
    assert world.lock is None


@pytest.mark.usefixtures("world")
def test_s3_that_fails_in_the_middle_is_a_line(stack: Stack, aws: Aws) -> None:
    class Cut(_Zeros):
        def read(self, amount: int) -> bytes:
            if not self.left:
                raise IncompleteReadError(actual_bytes=5, expected_bytes=10)
            return super().read(amount)

    found = artifact.find(stack, NEW)
    aws.answers["s3.GetObject"] = lambda _: {"Body": Cut(5)}
    with pytest.raises(OperationError, match="5 read"), in_one_line(), artifact.fetched(stack, found):
        pass


@pytest.mark.usefixtures("world")
def test_a_full_disk_is_a_line(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("operate.artifact.TemporaryFile", Full)
    found = artifact.find(stack, NEW)
    with (
        pytest.raises(OperationError, match=r"does not fit on this machine: .* No space left"),
        artifact.fetched(stack, found),
    ):
        pass


def test_the_one_that_was_uploaded_last_is_found_among_many_pages(
    stack: Stack, world: World, aws: Aws
) -> None:
    whole: Any = aws.answers["s3.ListObjectsV2"]

    def paged(asked: Parameters) -> Any:
        entries = whole(asked)["Contents"]
        at = int(asked.get("ContinuationToken", 0))
        more = at + 1 < len(entries)
        return {
            "Contents": entries[at : at + 1],
            "IsTruncated": more,
            **({"NextContinuationToken": str(at + 1)} if more else {}),
        }

    aws.answers["s3.ListObjectsV2"] = paged
    assert artifact.newest(stack) == NEW
    assert world.lock is None
