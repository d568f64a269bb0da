"""What forces a replacement, and which lists are sets."""

import json
from pathlib import Path
from typing import Any

import pytest

from facts import replacements, sets
from facts.generate import models, sdk
from facts.holding_data import HOLDING_DATA
from facts.replacements import forces_replacement
from facts.sets import is_set


def _table(name: str) -> Any:
    return json.loads(Path(replacements.__file__).with_name(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("type_token", "path"),
    [
        ("aws:rds/instance:Instance", "storage_encrypted"),
        ("aws:rds/instance:Instance", "kms_key_id"),
        ("aws:rds/instance:Instance", "db_name"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "at_rest_encryption_enabled"),
        ("aws:opensearch/domain:Domain", "encrypt_at_rest.enabled"),
        ("aws:s3/bucket:Bucket", "object_lock_enabled"),
        ("aws:dynamodb/table:Table", "hash_key"),
        ("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "name"),  # newer than the recorded provider
        ("aws:sns/topic:Topic", "region"),
        ("random:index/randomPassword:RandomPassword", "length"),
    ],
)
def test_what_the_provider_cannot_change_forces_a_replacement(type_token: str, path: str) -> None:
    assert forces_replacement(type_token, tuple(path.split(".")))


@pytest.mark.parametrize(
    ("type_token", "path"),
    [
        ("aws:rds/instance:Instance", "instance_class"),
        ("aws:rds/instance:Instance", "identifier"),  # RDS renames an instance in place
        ("aws:rds/instance:Instance", "tags"),
        ("aws:kms/key:Key", "description"),
        ("aws:ec2/securityGroup:SecurityGroup", "ingress"),
        ("aws:lambda/function:Function", "runtime"),
        ("aws:no/such:Type", "name"),
        ("shop:data:Database", "region"),
    ],
)
def test_what_the_provider_changes_in_place_does_not(type_token: str, path: str) -> None:
    assert not forces_replacement(type_token, tuple(path.split(".")))


def test_every_type_that_holds_data_says_what_replaces_it() -> None:
    assert sorted(HOLDING_DATA.keys() - _table("replacements.json").keys()) == []


def test_the_order_of_a_set_means_nothing_and_that_of_a_list_does() -> None:
    assert is_set("aws:ec2/securityGroup:SecurityGroup", ("ingress",))
    assert is_set("aws:rds/instance:Instance", ("vpc_security_group_ids",))
    assert not is_set("aws:cloudfront/distribution:Distribution", ("ordered_cache_behaviors",))
    assert not is_set("aws:no/such:Type", ("names",))


def test_both_tables_name_properties_of_the_sdk() -> None:
    known = {
        (token, ".".join(found.path))
        for module in models.SERVICES
        for token, properties in sdk.resource_types(module).items()
        for found in properties
    }
    replacing = {
        (t, p) for t, sources in _table("replacements.json").items() for ps in sources.values() for p in ps
    }
    ordered = {
        (t, p)
        for t, paths in _table(Path(sets.__file__).with_suffix(".json").name)["sets"].items()
        for p in paths
    }
    assert replacing - known == set()
    assert ordered - known == set()
