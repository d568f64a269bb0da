"""The secrets: declared without a value, copied, and closed to whoever has no business with them."""

import json
from functools import cache
from typing import Any

import pytest

from components.database_job import job_role_arn
from components.database_proxy import proxy_role_arn
from components.rotation import readers
from components.secrets import MACHINE_GROUPS, Secrets, SecretsArgs
from components.tool_secrets import VARIABLES
from preview.graph import Graph
from tests.components.stage import documents, key, listed
from tests.harness import build, context

GROUPS = ("database", "authentication", "third-party", "monitoring")
TYPE = "aws:secretsmanager/secret:Secret"
ROLE = "arn:aws:iam::111122223333:role/syncup-test"


@cache
def _graph(*, known: bool = True) -> Graph:
    def program() -> None:
        here = context()
        args = SecretsArgs(
            groups=GROUPS,
            readers=readers(
                "rotation", here, proxy_role=proxy_role_arn(here), restore_role=job_role_arn("restore", here)
            ),
            key=key("secrets"),
            recovery_key=key("recovery-secrets"),
        )
        secrets = Secrets("secrets", here, args)
        assert secrets.name("third-party") == "syncup/test/third-party"

    return build(program, known=known)


def _statements(group: str) -> dict[str, Any]:
    policy = documents(_graph())[f"secrets-{group}-policy:policy"]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_there_is_one_for_each_group_of_the_guide_for_each_use_of_a_machine_and_for_tools() -> None:
    names = {secret["name"] for secret in _graph().all(TYPE)}
    assert names == {f"syncup/test/{group}" for group in (*GROUPS, *MACHINE_GROUPS, *VARIABLES)}


def test_no_value_passes_through_the_program() -> None:
    assert not _graph().all("aws:secretsmanager/secretVersion:SecretVersion")


def test_each_is_protected_encrypted_replicated_and_recoverable_for_a_month() -> None:
    for secret in _graph().all(TYPE):
        assert secret.options.protect
        assert secret["kmsKeyId"] == "arn:key:secrets"
        assert secret["replicas"] == [{"region": "us-east-2", "kmsKeyId": "arn:key:recovery-secrets"}]
        assert secret["recoveryWindowInDays"] == 30


@pytest.mark.parametrize("group", [*GROUPS, *MACHINE_GROUPS, *VARIABLES])
def test_nobody_comes_from_another_account_or_without_tls(group: str) -> None:
    statements = _statements(group)
    assert statements["OnlyOverTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    outsiders = statements["OnlyThisAccount"]
    assert outsiders["Effect"] == "Deny"
    assert outsiders["Condition"] == {
        "StringNotEquals": {"aws:PrincipalAccount": "111122223333"},
        "Bool": {"aws:PrincipalIsAWSService": "false"},
    }


def test_policies_speak_of_the_secret_itself_so_that_they_hold_for_the_replica() -> None:
    for document in documents(_graph(known=False)).values():
        assert all(listed(statement["Resource"]) == ["*"] for statement in document["Statement"])


def test_database_passwords_are_read_by_their_functions_the_proxy_and_the_restore_alone() -> None:
    functions = [f"{ROLE}-rotation-database", f"{ROLE}-rotation-database-setup"]
    master = _statements("database-master")["OnlyReaders"]
    assert master["Effect"] == "Deny"
    assert master["Condition"] == {
        "ArnNotEquals": {
            "aws:PrincipalArn": [f"{ROLE}-rotation-database-master", *functions, f"{ROLE}-restore"]
        }
    }
    for user in ("database-app-a", "database-app-b"):
        condition = _statements(user)["OnlyReaders"]["Condition"]
        assert condition == {"ArnNotEquals": {"aws:PrincipalArn": [*functions, f"{ROLE}-database-proxy"]}}


def test_what_people_and_the_application_read_is_left_to_iam() -> None:
    for group in (*GROUPS, *VARIABLES, "cache"):
        assert "OnlyReaders" not in _statements(group)


def test_a_public_policy_would_be_refused_by_aws_too() -> None:
    policies = _graph().all("aws:secretsmanager/secretPolicy:SecretPolicy")
    assert len(policies) == len(_graph().all(TYPE))
    assert all(policy["blockPublicPolicy"] for policy in policies)
    assert json.loads(policies[0]["policy"])["Version"] == "2012-10-17"
