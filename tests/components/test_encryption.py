"""The keys and who may use them."""

import json

from components.encryption import Encryption
from preview.graph import Graph
from tests.harness import build, context


def _graph() -> Graph:
    return build(lambda: Encryption("encryption", context()))


def test_every_key_rotates_is_protected_and_can_be_saved_for_thirty_days() -> None:
    keys = _graph().all("aws:kms/key:Key")
    assert len(keys) == 9
    for key in keys:
        assert key["enableKeyRotation"] is True
        assert key["deletionWindowInDays"] == 30
        assert key.options.protect


def test_every_key_has_an_alias_in_its_own_region() -> None:
    graph = _graph()
    for key in graph.all("aws:kms/key:Key"):
        alias = graph.one("aws:kms/alias:Alias", f"{key.name}-alias")
        assert alias["region"] == key["region"]
        assert alias["name"] == f"alias/syncup-test-{key.name.removeprefix('encryption-')}"


def test_nobody_outside_the_account_and_no_service_without_a_condition_uses_a_key() -> None:
    for key in _graph().all("aws:kms/key:Key"):
        for statement in json.loads(key["policy"])["Statement"]:
            if statement["Principal"] == {"AWS": ["arn:aws:iam::111122223333:root"]}:
                continue
            assert statement["Condition"], statement["Sid"]
            assert statement["Action"] != ["kms:*"]


def test_a_log_key_serves_the_log_groups_of_its_own_region() -> None:
    key = _graph().one("aws:kms/key:Key", "encryption-global-logs")
    statement = next(s for s in json.loads(key["policy"])["Statement"] if s.get("Sid") == "LogGroups")
    assert statement["Principal"] == {"Service": ["logs.us-east-1.amazonaws.com"]}
    assert statement["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111122223333:log-group:*"}
    }
