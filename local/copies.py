"""S3: what is written to a locked bucket is locked, and what replicates has its copy at once.

Moto keeps both settings and acts on the one for small objects only.
"""

from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from local.endpoint import After
from local.here import Here
from local.wire import Call

_backends: Any = s3_backends
_MARK: Final = "x-amz-replication-status"


class Copies:
    """Acts when moto has written."""

    def __init__(self, here: Here) -> None:
        self._here = here

    def after(self) -> dict[str, After]:
        """What is done after moto's answer, and what the answer is told more."""
        written = ("s3.PutObject", "s3.CompleteMultipartUpload")
        return {**dict.fromkeys(written, self._written), "s3.HeadObject": self._looked_at}

    def _written(self, call: Call) -> Mapping[str, str]:
        bucket, key = self._bucket(call), call.parameters["Key"]
        if bucket.has_default_lock:
            found = bucket.keys[key]
            found.lock_mode, found.lock_until = bucket.default_lock_mode, bucket.default_retention()
        copy = self._copy_of(bucket)
        if copy:
            body = self._here.client("s3").get_object(Bucket=bucket.name, Key=key)["Body"].read()
            self._here.client("s3").put_object(Bucket=copy, Key=key, Body=body)
        return {}

    def _looked_at(self, call: Call) -> Mapping[str, str]:
        copy = self._copy_of(self._bucket(call))
        if not copy:
            return {}
        try:
            self._here.client("s3").head_object(Bucket=copy, Key=call.parameters["Key"])
        except ClientError:
            return {_MARK: "PENDING"}
        return {_MARK: "COMPLETED"}

    def _bucket(self, call: Call) -> Any:
        return _backends[self._here.account]["aws"].get_bucket(call.parameters["Bucket"])

    def _copy_of(self, bucket: Any) -> str:
        """The bucket that this one is replicated to; empty where it is not."""
        found: Any = getattr(bucket, "replication", None)
        rules: Any = found["Rule"] if found else []
        return str(rules[0]["Destination"]["Bucket"]).rpartition(":")[2] if rules else ""
