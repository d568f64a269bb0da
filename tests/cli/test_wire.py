"""The commands on moto, where requests and answers are as on the wire; and what is not there is said."""

import hashlib
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.exit_codes import ExitCode
from cli.main import run
from operate.backups import manifest_key
from tests.operate.healthy import OUTPUTS
from tests.operate.test_secrets import GOOD

DUMP = "backup_2026_11_24_053000.sql.gz"
BODY = b"not really a dump"


@pytest.fixture(scope="module", autouse=True)
def _moto() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(variable, "test")
        for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(variable, raising=False)
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        with mock_aws():
            _seed()
            yield


def _seed() -> None:
    """The stack's outputs, its secrets, one dump, its log."""
    session: Any = boto3.Session(region_name="us-west-2")
    client = cache(session.client)
    for name, value in OUTPUTS.items():
        client("ssm").put_parameter(Name=f"/syncup/staging/outputs/{name}", Value=value, Type="String")
    manager = client("secretsmanager")
    manager.create_secret(Name="syncup/staging/third-party", SecretString=json.dumps({"SENTRY": "x"}))
    manager.create_secret(Name="syncup/staging/monitoring")
    s3, bucket = client("s3"), OUTPUTS["dump-bucket"]
    where = {"LocationConstraint": "us-west-2"}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    made = s3.put_object(Bucket=bucket, Key=DUMP, Body=BODY)
    manifest: dict[str, Any] = {
        "etag": made["ETag"],
        "size_bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "tables": {},
    }
    s3.put_object(Bucket=bucket, Key=manifest_key(DUMP), Body=json.dumps(manifest).encode())
    client("logs").create_log_group(logGroupName=OUTPUTS["application-log-group"])


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    status = run([*words, "--json"])
    captured = capsys.readouterr()
    assert status is ExitCode.FINE, captured.err
    return json.loads(captured.out)


def test_a_dump_is_held_against_its_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backup", "verify", "staging", "--json"]) is ExitCode.FAILED
    seen = json.loads(capsys.readouterr().out)
    assert seen["backup"] == DUMP
    # Nothing is replicated here, and the bucket has no default retention.
    assert {check["name"]: check["fine"] for check in seen["checks"]} == {
        "manifest": True,
        "size": True,
        "object": True,
        "lock": False,
        "replica": False,
    }


def test_a_secret_is_given_a_first_value_and_then_another(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (GOOD["DATADOG_API_KEY"], "0" * 32):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{value}\n"))
        assert _json(capsys, "secrets", "update", "staging", "--key", "DATADOG_API_KEY")["done"] is True
    seen = {secret["name"]: secret for secret in _json(capsys, "secrets", "view", "staging")["secrets"]}
    variables = {one["name"]: one["is_set"] for one in seen["syncup/staging/monitoring"]["variables"]}
    assert variables == {"SENTRY_DSN": False, "DATADOG_API_KEY": True}


def test_logs_are_searched_over_the_wire(capsys: pytest.CaptureFixture[str]) -> None:
    assert _json(capsys, "logs", "error", "staging") == {"lines": []}


def test_a_server_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert run(["status", "local"]) is ExitCode.REMOTE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "could not be reached" in captured.err
