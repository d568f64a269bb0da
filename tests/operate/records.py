"""The bucket of records as the double of AWS answers for it."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from tests.operate.double import NOW, Answer, Parameters, error


class Records:
    """What is in the bucket. Conditions are moto's to test."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def answers(self) -> Mapping[str, Answer]:
        """By call."""
        return {
            "s3.ListObjectVersions": self._list,
            "s3.GetObject": self._get,
            "s3.PutObject": self._put,
            "sts.GetCallerIdentity": {"Arn": "arn:aws:sts::444455556666:assumed-role/engineer/ada"},
        }

    def _list(self, _: Parameters) -> Any:
        return {"Versions": [{"Key": key, "LastModified": NOW} for key in self.objects]}

    def _get(self, asked: Parameters) -> Any:
        if asked["Key"] not in self.objects:
            return error("NoSuchKey", status=404)
        return {"Body": BytesIO(self.objects[asked["Key"]]), "ETag": '"1"'}

    def _put(self, asked: Parameters) -> Any:
        self.objects[asked["Key"]] = asked["Body"]
        return {"ETag": '"1"'}
