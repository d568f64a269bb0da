"""A stack whose S3 and STS are moto's: for what lives from how S3 answers conditions."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

import pytest
from moto import mock_aws

from operate.aws import Clients
from operate.outputs import Outputs
from operate.stack import Stack
from tests.operate.double import Time
from tests.operate.healthy import OUTPUTS


@cache
def _clients() -> Clients:
    """To read AWS' models takes long; each process reads them once."""
    return Clients("staging", OUTPUTS["region"])


@contextmanager
def moto_stack(monkeypatch: pytest.MonkeyPatch, time: Time, name: str = "staging") -> Generator[Stack]:
    """The stack, with its bucket of records, until the block ends."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "test")
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    with mock_aws():
        clients = _clients()
        bucket = OUTPUTS["records-bucket"]
        s3 = clients.client("s3")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": OUTPUTS["region"]})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield Stack(name=name, outputs=Outputs(name, OUTPUTS), clients=clients, clock=time.clock)
