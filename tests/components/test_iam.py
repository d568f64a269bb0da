"""Policy documents: known, narrow, and safe from a confused deputy."""

import json

from components import iam
from tests.harness import context


def test_a_trust_policy_names_the_service_and_this_account_alone() -> None:
    trust = json.loads(iam.trust_document("lambda.amazonaws.com", conditions=iam.only_for(context())))
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert "Resource" not in statement


def test_a_stated_source_narrows_the_trust_further() -> None:
    conditions = iam.only_for(context(), "arn:aws:s3:::bucket")
    assert conditions["ArnLike"] == {"aws:SourceArn": "arn:aws:s3:::bucket"}


def test_a_key_is_used_through_its_alias_and_no_other() -> None:
    statement = iam.use_key(context(), "alias/syncup-test-data", "kms:Decrypt", region="us-east-2")
    assert statement.resources == ["arn:aws:kms:us-east-2:111122223333:key/*"]
    assert statement.conditions == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/syncup-test-data"}
    }


def test_a_secrets_arn_leaves_room_for_exactly_the_six_characters_that_aws_adds() -> None:
    arn = iam.secret_arn(context(), "syncup/test/cache")
    assert arn == "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/test/cache-??????"


def test_only_tls_denies_everybody_without_it() -> None:
    document = json.loads(iam.policy_document(iam.only_tls(["arn:aws:s3:::b"], "s3")))
    (statement,) = document["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
