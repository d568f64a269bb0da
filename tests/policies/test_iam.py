"""Policy documents judged by what they allow, however they are written."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import iam
from policies.iam import Kind, Statement
from policies.view import UNKNOWN, MalformedError, Resource, UndecidedError, View
from preview import sdk_types


def _statement(**keys: Any) -> Statement:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **keys}]}
    return iam.parse(View({"policy": json.dumps(document)}), "policy")[0]


def _resource(token: str, **inputs: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:t::p::{token}::x", type_token=token, inputs=inputs)


def test_text_and_object_and_a_single_statement_mean_the_same() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    for document in (
        json.dumps({"Statement": [statement]}),
        json.dumps({"Statement": statement}),
        {"Statement": [statement]},
        {"statement": [{key.lower(): value for key, value in statement.items()}]},
    ):
        (found,) = iam.parse(View({"policy": document}), "policy")
        assert found.allows
        assert found.covers_action("s3:getobject")


@pytest.mark.parametrize("document", ["{", "[]", '"text"', "3", '{"Statement": "x"}', "{}"])
def test_what_is_no_policy_is_malformed(document: str) -> None:
    with pytest.raises(MalformedError, match="policy"):
        iam.parse(View({"policy": document}), "policy")


def test_deeply_nested_text_is_malformed_and_not_a_crash() -> None:
    with pytest.raises(MalformedError):
        iam.parse(View({"policy": "[" * 100_000}), "policy")


def test_an_unknown_document_is_undecided_and_an_absent_one_has_no_statements() -> None:
    with pytest.raises(UndecidedError):
        iam.parse(View({"policy": UNKNOWN}), "policy")
    assert iam.parse(View({}), "policy") == ()


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("*", "iam:PassRole", True),
        ("iam:*", "iam:PassRole", True),
        ("IAM:pass*", "iam:PassRole", True),
        ("iam:Pass?ole", "iam:PassRole", True),
        ("iam:Pass", "iam:PassRole", False),
        ("iam.*", "iamx", False),
        ("s3:Get*", "s3:PutObject", False),
    ],
)
def test_wildcards_are_those_of_iam(pattern: str, value: str, fits: bool) -> None:
    assert iam.matches(pattern, value) is fits


def test_not_action_covers_all_others() -> None:
    statement = _statement(NotAction=["s3:*"], Resource="*")
    assert statement.covers_action("iam:PassRole")
    assert not statement.covers_action("s3:GetObject")
    assert statement.has_not_action


@pytest.mark.parametrize("actions", ["*", "*:*", ["s3:GetObject", "*"]])
def test_every_action_is_seen_in_every_spelling(actions: Any) -> None:
    assert _statement(Action=actions, Resource="*").covers_everything


def test_a_whole_service_is_not_every_action() -> None:
    statement = _statement(Action="s3:*", Resource="*")
    assert statement.covers_whole_services
    assert not statement.covers_everything
    assert not _statement(Action="s3:Get*", Resource="*").covers_whole_services


@pytest.mark.parametrize(
    ("resource", "broad"),
    [
        ("*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:iam::*:role/*", True),
        ("arn:aws:logs:*:*:*", True),
        ("arn:aws:s3:::data/*", False),
        ("arn:aws:iam::111122223333:role/syncup-*", False),
    ],
)
def test_resources_that_nobody_named(resource: str, broad: bool) -> None:
    assert _statement(Action="*", Resource=resource).covers_all_resources is broad


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}])
def test_everyone_is_seen_in_every_spelling(principal: Any) -> None:
    assert _statement(Principal=principal, Action="s3:GetObject").is_public


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::data"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/*"}},
        {"StringEquals": {"AWS:SourceAccount": "111122223333"}},
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}},
        {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:syncup/app:*"}},
    ],
)
def test_a_condition_that_names_who_narrows(condition: Mapping[str, Any]) -> None:
    statement = _statement(Principal="*", Action="sns:Publish", Condition=condition)
    assert statement.narrows
    assert not statement.is_public


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringNotEquals": {"aws:SourceAccount": "111122223333"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringLike": {"aws:SourceArn": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"StringLike": {"token.actions.githubusercontent.com:sub": "*"}},
    ],
)
def test_a_condition_that_everybody_fulfils_does_not_narrow(condition: Mapping[str, Any]) -> None:
    assert _statement(Principal="*", Action="sns:Publish", Condition=condition).is_public


def test_a_denial_is_not_public() -> None:
    assert not _statement(Effect="Deny", Principal="*", Action="*").is_public


def test_the_accounts_of_principals() -> None:
    principals = ["arn:aws:iam::111122223333:root", "444455556666", "AIDAEXAMPLE"]
    statement = _statement(Principal={"AWS": principals, "Service": "s3.amazonaws.com"})
    assert [p.account for p in statement.principals] == ["111122223333", "444455556666", "", ""]


def test_an_unknown_principal_does_not_hide_everyone() -> None:
    document: dict[str, Any] = {
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": [UNKNOWN, "*"]}, "Action": "x:Y"}]
    }
    assert iam.parse(View({"policy": document}), "policy")[0].is_public
    document["Statement"][0]["Principal"] = {"AWS": [UNKNOWN]}
    with pytest.raises(UndecidedError):
        assert iam.parse(View({"policy": document}), "policy")[0].is_public


def test_what_is_allowed_and_denied_everywhere_is_not_allowed() -> None:
    allow = _statement(Action="iam:*", Resource="*")
    deny = _statement(Effect="Deny", Action="iam:PassRole", Resource="*")
    assert iam.allowed([allow], "iam:PassRole")
    assert not iam.allowed([allow, deny], "iam:PassRole")
    assert iam.allowed([allow, deny], "iam:CreateUser")


def test_escalations_take_all_their_actions_on_resources_that_nobody_named() -> None:
    pass_role = _statement(Action="iam:PassRole", Resource="*")
    create = _statement(Action=["lambda:CreateFunction", "lambda:InvokeFunction"], Resource="*")
    found = ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")
    assert found in iam.escalations([pass_role, create])
    named = _statement(Action="iam:PassRole", Resource="arn:aws:iam::111122223333:role/runner")
    assert iam.escalations([named, create]) == []


def test_a_role_holds_its_trust_and_its_inline_policies() -> None:
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
    inline = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = _resource(
        "aws:iam/role:Role",
        assumeRolePolicy=json.dumps(trust),
        inlinePolicies=[{"name": "a", "policy": UNKNOWN}, {"name": "b", "policy": json.dumps(inline)}],
    )
    assert [s.place for s in iam.statements(role, Kind.TRUST)] == ["assumeRolePolicy"]
    found = iam.statements(role, Kind.IDENTITY)
    assert next(found).place == "inlinePolicies[1].policy"
    with pytest.raises(UndecidedError):
        next(found)


def test_a_functions_permission_is_a_statement() -> None:
    token = "aws:lambda/permission:Permission"  # noqa: S105 (a type)
    public = _resource(token, action="lambda:InvokeFunction", function="f", principal="*")
    (statement,) = iam.statements(public)
    assert statement.is_public
    service = _resource(token, action="lambda:InvokeFunction", function="f", principal="s3.amazonaws.com")
    (statement,) = iam.statements(service)
    assert not statement.is_for_everyone
    assert not statement.limits("aws:SourceArn")
    narrowed = _resource(
        token,
        action="lambda:InvokeFunction",
        function="f",
        principal="s3.amazonaws.com",
        sourceArn=UNKNOWN,
        sourceAccount="111122223333",
    )
    (statement,) = iam.statements(narrowed)
    assert statement.limits("aws:SourceAccount")
    assert statement.limits("aws:SourceArn")


@pytest.mark.parametrize("token", sorted(iam.DOCUMENTS))
def test_the_documents_are_properties_of_their_types(token: str) -> None:
    for _, place in iam.DOCUMENTS[token]:
        assert place.partition("[]")[0] in {"", *sdk_types.inputs(token)}


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(UNKNOWN) | st.just("*"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Effect",
                    "Action",
                    "NotAction",
                    "Resource",
                    "Principal",
                    "AWS",
                    "Condition",
                    "StringLike",
                    "a:sub",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


_READINGS: tuple[Callable[[Statement], object], ...] = (
    lambda s: s.is_public,
    lambda s: s.covers_everything or s.covers_whole_services or s.covers_all_resources,
    lambda s: s.covers_action("iam:PassRole") and s.covers_resource("arn:aws:s3:::x"),
    lambda s: s.conditions,
    lambda s: [p.account for p in s.principals],
    lambda s: iam.escalations([s]),
)


@given(_JSON)
def test_no_document_makes_a_reader_crash(statement: Any) -> None:
    try:
        found = iam.parse(View({"policy": {"Statement": statement}}), "policy")
    except (MalformedError, UndecidedError):
        return
    for each in found:
        for read in _READINGS:
            try:
                read(each)
            except UndecidedError:
                assert "UNKNOWN" in repr(statement)
