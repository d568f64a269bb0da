"""Streams bytes of unknown length into one object of S3, in little memory, whole or not at all."""

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self

PART_BYTES: Final = 16 * 1024 * 1024
"""S3 takes 10,000 parts: 160 GB of compressed text.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""
_ON_THE_WAY: Final = 3
"""Parts that are sent while the next one fills: these, and no more, are in memory."""


class Upload:
    """A multipart upload that exists for readers only when it is complete.

    Used as a context: an exception inside aborts it, so that no part of it stays, and so does leaving
    without `complete`.
    """

    def __init__(self, s3: Any, bucket: str, key: str, part_bytes: int = PART_BYTES) -> None:
        """Takes boto3's S3 and where the object goes."""
        self._s3 = s3
        self._where = {"Bucket": bucket, "Key": key}
        self._part_bytes = part_bytes
        self._buffer = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._sending: deque[Future[dict[str, Any]]] = deque()
        self._senders = ThreadPoolExecutor(_ON_THE_WAY)
        self._sent = 0
        self._hash = hashlib.sha256()
        self._done = False
        self._identifier = ""
        self.size_bytes = 0
        self.tag = ""
        """S3's of the object, once it is complete: no other object of this name has it."""

    @property
    def sha256(self) -> str:
        """Of everything that was written."""
        return self._hash.hexdigest()

    def __enter__(self) -> Self:
        self._identifier = self._s3.create_multipart_upload(**self._where)["UploadId"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._senders.shutdown(wait=True, cancel_futures=True)
        if not self._done:
            self._s3.abort_multipart_upload(**self._where, UploadId=self._identifier)

    def write(self, data: bytes) -> None:
        """Takes the next bytes; waits where S3 is slower than they come.

        Raises:
            botocore.exceptions.ClientError: S3 refused a part.
        """
        self._hash.update(data)
        self.size_bytes += len(data)
        self._buffer += data
        while len(self._buffer) >= self._part_bytes:
            self._send(bytes(self._buffer[: self._part_bytes]))
            del self._buffer[: self._part_bytes]

    def complete(self) -> None:
        """Makes the object, unless there is one of this name."""
        if self._buffer or not self._sent:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        while self._sending:
            self._parts.append(self._sending.popleft().result())
        made = self._s3.complete_multipart_upload(
            **self._where, UploadId=self._identifier, MultipartUpload={"Parts": self._parts}, IfNoneMatch="*"
        )
        self._done, self.tag = True, made["ETag"]

    def _send(self, part: bytes) -> None:
        if len(self._sending) == _ON_THE_WAY:
            self._parts.append(self._sending.popleft().result())
        self._sent += 1
        self._sending.append(self._senders.submit(self._put, self._sent, part))

    def _put(self, number: int, part: bytes) -> dict[str, Any]:
        sent = self._s3.upload_part(**self._where, UploadId=self._identifier, PartNumber=number, Body=part)
        # What S3 returns beside the tag is a checksum, which it wants to see again.
        checksums = {name: value for name, value in sent.items() if name.startswith("Checksum")}
        checksums.pop("ChecksumType", None)
        return {"PartNumber": number, "ETag": sent["ETag"], **checksums}
