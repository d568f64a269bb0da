"""Deployed state is judged like a program: by its inputs, and by what the resources are called."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from policies.from_state import read_state
from policies.view import UNKNOWN

_BUCKET = "urn:pulumi:test::example::aws:s3/bucket:Bucket::data"
_VERSIONING = "urn:pulumi:test::example::aws:s3/bucketVersioning:BucketVersioning::data"
_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:a:b"}


def _state(folder: Path, *resources: dict[str, Any]) -> Path:
    file = folder / "state.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}), encoding="utf-8")
    return file


def test_what_is_beside_a_resource_is_found_by_its_identifier(tmp_path: Path) -> None:
    bucket = {
        "urn": _BUCKET,
        "type": "aws:s3/bucket:Bucket",
        "id": "data-1",
        "inputs": {"forceDestroy": False, "__defaults": ["forceDestroy"]},
        "outputs": {"arn": "arn:aws:s3:::data-1"},
        "protect": True,
    }
    versioning = {
        "urn": _VERSIONING,
        "type": "aws:s3/bucketVersioning:BucketVersioning",
        "inputs": {"bucket": "data-1", "versioningConfiguration": {"status": "Enabled"}},
        "propertyDependencies": {"bucket": [_BUCKET], "versioningConfiguration": None},
    }
    stack = read_state(_state(tmp_path, bucket, versioning))
    found = stack.by_urn[_BUCKET]
    assert found.options.protect
    assert found.names() == ("forceDestroy",)
    beside = stack.beside(found, "aws:s3/bucketVersioning:BucketVersioning", by="bucket")
    assert [side.urn for side in beside] == [_VERSIONING]


def test_a_secret_is_unknown_and_known_as_one(tmp_path: Path) -> None:
    state = _state(tmp_path, {"urn": _BUCKET, "type": "x:y:Z", "inputs": {"a": _SECRET}})
    (resource,) = read_state(state).resources
    assert resource.raw("a") is UNKNOWN
    assert resource.is_secret("a")


def test_what_is_about_to_be_deleted_is_left_out(tmp_path: Path) -> None:
    assert read_state(_state(tmp_path, {"urn": _BUCKET, "type": "x:y:Z", "delete": True})).resources == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": 1}', '{"deployment": {"resources": [1]}}'])
def test_what_is_no_state_is_a_mistake(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"state\.json: it is no exported state"):
        read_state(file)


def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"state\.json: it cannot be read: No such file"):
        read_state(tmp_path / "state.json")
