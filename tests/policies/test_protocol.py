"""The whole pack, driven over the SDK's real analyzer protocol as the engine does it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import proto

from policies.catalogue import RULES
from policies.from_graph import stack_of
from policies.pack import read_pack
from preview import graph
from preview.values import UNKNOWN, Secret
from tests.policies.protocol import PACK, analyze, analyze_stack, configure, running
from tests.program.stacks import built


def _database(**inputs: Any) -> graph.Resource:
    token = "aws:rds/instance:Instance"  # noqa: S105 (a type)
    return graph.Resource(
        urn=f"urn:pulumi:test::syncup::{token}::database",
        type=token,
        name="database",
        parent="",
        custom=True,
        inputs={"storageEncrypted": True, "backupRetentionPeriod": 30, **inputs},
    )


def _of_rule(diagnostics: Iterable[Any], rule: str) -> list[Any]:
    return [found for found in diagnostics if found.policyName == rule]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One process for all: it takes a second to start."""
    with running(stack="test", preview=True, folder=tmp_path_factory.mktemp("engine")) as client:
        yield client


@pytest.fixture
def client(pack: Any) -> Any:
    configure(pack)
    return pack


def test_it_says_of_every_rule_what_it_is(client: Any) -> None:
    info = configure(client)
    assert [policy.name for policy in info.policies] == [rule.name for rule in RULES]
    for policy, rule in zip(info.policies, RULES, strict=True):
        assert policy.policy_type == (1 if rule.scope == "resource" else 2)
        assert policy.remediation_steps == rule.fix
        assert set(policy.configSchema.properties) == set(rule.parameters)


def test_it_finds_in_the_projects_own_stack_what_a_preview_without_an_engine_finds(tmp_path: Path) -> None:
    resources = built("production").known.resources
    pack = read_pack("production")
    expected = pack.report(pack.judge(stack_of(resources)))
    with running(stack="production", preview=True, folder=tmp_path) as client:
        configure(client)
        # The engine asks in the order in which resources are registered; any order will do.
        diagnostics = [d for resource in resources for d in analyze(client, resource)]
        diagnostics += analyze_stack(client, resources)
    assert {(d.policyName, d.urn) for d in diagnostics if d.urn} == {
        (finding.rule.name, finding.urn) for finding in expected.findings
    }
    assert {(d.policyName, d.urn) for d in diagnostics if d.enforcementLevel == proto.MANDATORY} == {
        (finding.rule.name, finding.urn) for finding in expected.findings if finding.blocks
    }


def test_a_violation_names_the_rule_and_the_fix_and_no_value(client: Any) -> None:
    (found,) = _of_rule(
        analyze(client, _database(storageEncrypted=False, password=Secret("hunter-two"))),
        "rds-instance-storage-encrypted",
    )
    assert found.enforcementLevel == proto.MANDATORY
    assert found.severity == proto.POLICY_SEVERITY_MEDIUM
    assert found.urn == _database().urn
    assert found.message.splitlines() == [
        "RDS instances are encrypted at rest",
        "storage_encrypted is not on",
        "to fix it: syncup policy explain rds-instance-storage-encrypted",
    ]


def test_what_a_preview_cannot_decide_is_said_and_decided_in_the_update(tmp_path: Path) -> None:
    resource = _database(storageEncrypted=UNKNOWN)
    for preview, level in ((True, proto.ADVISORY), (False, proto.MANDATORY)):
        with running(stack="test", preview=preview, folder=tmp_path) as client:
            configure(client)
            (found,) = _of_rule(analyze(client, resource), "rds-instance-storage-encrypted")
        assert found.enforcementLevel == level
        assert "cannot be decided: storageEncrypted is not known yet" in found.message


def test_the_users_configuration_wins(client: Any) -> None:
    configure(client, **{"rds-instance-storage-encrypted": {"enforcementLevel": proto.ADVISORY}})
    (found,) = _of_rule(analyze(client, _database(storageEncrypted=False)), "rds-instance-storage-encrypted")
    assert found.enforcementLevel == proto.ADVISORY
    configure(client, **{"rds-instance-storage-encrypted": {"enforcementLevel": proto.DISABLED}})
    assert not _of_rule(analyze(client, _database(storageEncrypted=False)), "rds-instance-storage-encrypted")
    configure(client, **{"rds-instance-backup-retention": {"minimum_backup_retention_days": 31}})
    assert _of_rule(analyze(client, _database()), "rds-instance-backup-retention")


def test_a_stack_rule_sees_inputs_although_the_engine_gives_outputs(client: Any) -> None:
    token = "aws:s3/bucket:Bucket"  # noqa: S105 (a type)
    urn = f"urn:pulumi:test::syncup::{token}::data"
    bucket = graph.Resource(
        urn=urn,
        type=token,
        name="data",
        parent="",
        custom=True,
        inputs={},
        outputs={"versioning": UNKNOWN, "arn": UNKNOWN, "bucket": UNKNOWN},
    )
    analyze(client, bucket)
    (found,) = _of_rule(analyze_stack(client, [bucket]), "s3-bucket-versioned")
    assert "BucketVersioning" in found.message
    assert found.enforcementLevel == proto.MANDATORY


def test_a_provider_says_which_account_is_no_stranger(client: Any) -> None:
    statement = '{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt"}'
    key = graph.Resource(
        urn="urn:pulumi:test::syncup::aws:kms/key:Key::key",
        type="aws:kms/key:Key",
        name="key",
        parent="",
        custom=True,
        inputs={"policy": f'{{"Statement": [{statement}]}}'},
    )
    rule = "iam-resource-policy-no-strangers"
    assert not _of_rule(analyze(client, key, allowedAccountIds='["111122223333"]'), rule)
    assert _of_rule(analyze(client, key, allowedAccountIds='["444455556666"]'), rule)
    # Where it may work in any account, nothing tells.
    assert not _of_rule(analyze(client, key), rule)


def test_no_request_ends_in_an_error(client: Any) -> None:
    """Resources of every type that a rule reads, with everything missing, unknown or of a wrong type."""
    for token in sorted({token for rule in RULES for token in rule.types}):
        resources = [
            graph.Resource(
                urn=f"urn:pulumi:test::syncup::{token}::{index}",
                type=token,
                name=str(index),
                parent="",
                custom=True,
                inputs={"policy": value, "rules": value, "tags": value, "engine": value},
            )
            for index, value in enumerate((UNKNOWN, None, "x", float("nan"), [UNKNOWN], {"a": UNKNOWN}))
        ]
        found = [d for r in resources for d in analyze(client, r)] + analyze_stack(client, resources)
        assert not [d.message for d in found if "could not judge" in d.message]


def test_it_starts_in_its_own_folder_and_prints_nothing_but_its_port() -> None:
    with running(stack="test", preview=True, folder=PACK) as client:
        assert configure(client).name == "aws-security"


def test_no_module_of_the_pack_hides_one_of_the_standard_library() -> None:
    modules = {file.stem for file in PACK.glob("*.py")} | {"rules"}
    assert not modules & sys.stdlib_module_names
