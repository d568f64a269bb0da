"""What the rules of identities and their policies decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from policies import iam as documents
from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import iam
from tests.policies.kit import Case, Side, judged, policy

_OWN = "arn:aws:iam::111122223333:root"
_STRANGER = "arn:aws:iam::999988887777:root"
_MANAGED = "arn:aws:iam::aws:policy/"
_GITHUB = "token.actions.githubusercontent.com"
_OBJECTS = "arn:aws:s3:::reports/*"
_KEY = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

_INLINE = "aws:iam/role:Role"
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"


def _allows(action: Any = "s3:GetObject", resource: Any = _OBJECTS, **more: Any) -> dict[str, Any]:
    """A statement of an identity's policy."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _granting(
    rule: Rule,
    good: Sequence[Mapping[str, Any]],
    bad: Sequence[Mapping[str, Any]],
    more_good: Sequence[Sequence[Mapping[str, Any]]] = (),
) -> list[Case]:
    """A rule about what identities may do, in a managed policy, an inline one, and one inside a role.

    Args:
        rule: the rule.
        good: the statements of a policy that complies.
        bad: statements each of which is wrong by itself.
        more_good: the statements of further policies that comply.
    """
    compliant, violating = policy(*good), policy(*good, bad[0])
    return [
        Case(
            rule,
            type=token,
            compliant={"policy": compliant},
            violating={"policy": violating},
            absent=None,
            more_compliant=[{"policy": policy(*statements)} for statements in more_good],
            more_violating=[{"policy": policy(*good, statement)} for statement in bad],
        )
        for token in ("aws:iam/policy:Policy", _ROLE_POLICY)
    ] + [
        Case(
            rule,
            type=_INLINE,
            compliant={"inlinePolicies": [{"name": "own", "policy": compliant}]},
            violating={"inlinePolicies": [{"name": "own", "policy": violating}]},
            absent=Verdict.COMPLIANT,
        )
    ]


def _denies(**statement: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **statement}


_GRANTS = [
    *_granting(
        iam.policy_no_full_administration,
        good=[_allows()],
        bad=[
            _allows("*", "*"),
            _allows(["*"], ["*"]),
            _allows("*:*", "*"),
            _allows(["s3:GetObject", "*"], ["*"]),
            _allows("*", "arn:aws:s3:::*"),
            _allows("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            {"Effect": "Allow", "Action": "*", "NotResource": _OBJECTS},
        ],
        more_good=[[_denies(Action="*", Resource="*")], [_allows("*", _OBJECTS)]],
    ),
    *_granting(
        iam.policy_no_whole_services,
        good=[_allows()],
        bad=[_allows("s3:*"), _allows(["ec2:DescribeInstances", "iam:*"], "*"), _allows("*")],
        more_good=[[_denies(Action="s3:*", Resource="*")], [_allows("s3:Get*")]],
    ),
    *_granting(
        iam.policy_no_not_action,
        good=[_allows()],
        bad=[{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}],
        more_good=[[_denies(NotAction=["s3:GetObject"], Resource="*")]],
    ),
    *_granting(
        iam.policy_no_not_resource,
        good=[_allows()],
        bad=[{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": _OBJECTS}],
        more_good=[[_denies(Action="s3:GetObject", NotResource=_OBJECTS)]],
    ),
    *_granting(
        iam.policy_names_passed_roles,
        good=[_allows("iam:PassRole", "arn:aws:iam::111122223333:role/application")],
        bad=[
            _allows("iam:PassRole", "*"),
            _allows("iam:Pass*", "arn:aws:iam::111122223333:role/*"),
            _allows(
                "iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
            ),
            {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        ],
        more_good=[[_denies(Action="iam:PassRole", Resource="*")]],
    ),
    *_granting(
        iam.policy_no_privilege_escalation,
        good=[_allows()],
        bad=[
            _allows(["iam:CreatePolicyVersion"], "*"),
            _allows("iam:Attach*", "*"),
            _allows(["iam:PassRole", "ec2:RunInstances"], "*"),
            _allows("*", "*"),
        ],
        more_good=[
            [_allows("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/application")],
            [_allows("ec2:RunInstances", "*"), _allows("iam:PassRole", "arn:aws:iam::111122223333:role/a")],
            [_allows("iam:*", "*"), _denies(Action="iam:*", Resource="*")],
        ],
    ),
    *_granting(
        iam.policy_no_decryption_with_any_key,
        good=[_allows("kms:Decrypt", _KEY)],
        bad=[
            _allows("kms:Decrypt", "*"),
            _allows("kms:ReEncrypt*", "arn:aws:kms:*:999988887777:key/*"),
            _allows("kms:*", "arn:aws:kms:us-west-2:111122223333:key/*"),
            _allows("kms:Decrypt", "*", Condition={"StringLike": {"aws:ResourceTag/Project": "*"}}),
            _allows("kms:Decrypt", "*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "data"}}),
        ],
        more_good=[
            [
                _allows(
                    "kms:Decrypt",
                    "arn:aws:kms:us-west-2:111122223333:key/*",
                    Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/data"}},
                )
            ],
            [_allows("kms:Decrypt", "*", Condition={"StringEquals": {"aws:ResourceTag/Project": "syncup"}})],
            [_allows("kms:Encrypt", "*")],
        ],
    ),
    *_granting(
        iam.policy_names_resources,
        good=[_allows()],
        bad=[
            _allows("s3:GetObject", "*"),
            _allows("s3:Get*", ["arn:aws:s3:::*"]),
            _allows("secretsmanager:GetSecretValue", "*"),
            _allows(["ec2:DescribeInstances", "dynamodb:GetItem"], "*"),
            _allows("logs:PutLogEvents", "arn:aws:logs:us-west-2:111122223333:log-group:*"),
        ],
        more_good=[
            [_allows(["ec2:DescribeInstances", "xray:PutTraceSegments", "cloudwatch:PutMetricData"], "*")],
            [
                _allows(
                    "ssm:StartSession",
                    "*",
                    Condition={"StringEquals": {"ssm:resourceTag/Environment": "production"}},
                )
            ],
            [_denies(Action="s3:GetObject", Resource="*")],
        ],
    ),
]


def _attaching(rule: Rule, bad: Sequence[str]) -> list[Case]:
    good = f"{_MANAGED}SecurityAudit"
    wrong = [f"{_MANAGED}{name}" for name in bad]
    return [
        Case(
            rule,
            type=token,
            compliant={"policyArn": good},
            violating={"policyArn": wrong[0]},
            absent=None,
            unknown=Verdict.COMPLIANT,
            more_violating=[{"policyArn": arn} for arn in wrong],
            more_compliant=[{"policyArn": f"arn:aws:iam::111122223333:policy/{bad[0].rpartition('/')[2]}"}],
        )
        for token in (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:iam/policyAttachment:PolicyAttachment",
        )
    ] + [
        Case(
            rule,
            type=_EXCLUSIVE,
            compliant={"policyArns": [good]},
            violating={"policyArns": [good, wrong[0]]},
            absent=None,
        ),
        Case(
            rule,
            type=_INLINE,
            compliant={"managedPolicyArns": [good]},
            violating={"managedPolicyArns": [wrong[0], good]},
            absent=Verdict.COMPLIANT,
        ),
    ]


_ATTACHMENTS = [
    *_attaching(iam.attachment_no_administrator, ["AdministratorAccess"]),
    *_attaching(
        iam.attachment_no_power, ["PowerUserAccess", "IAMFullAccess", "job-function/SystemAdministrator"]
    ),
    *_attaching(iam.attachment_no_cloud_shell, ["AWSCloudShellFullAccess"]),
]

_USERS = [
    Case(
        iam.user_no_own_policies,
        type="aws:iam/policyAttachment:PolicyAttachment",
        compliant={"users": []},
        violating={"users": ["somebody"]},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        iam.user_no_own_policies,
        type="aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
        compliant={"policyArns": []},
        violating={"policyArns": [f"{_MANAGED}ReadOnlyAccess"]},
        absent=None,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        iam.user_no_own_policies,
        type="aws:iam/userPoliciesExclusive:UserPoliciesExclusive",
        compliant={"policyNames": []},
        violating={"policyNames": ["reader"]},
        absent=None,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        iam.user_no_own_policies,
        type="aws:iam/userPolicyAttachment:UserPolicyAttachment",
        compliant={"policyArn": ""},
        violating={"policyArn": f"{_MANAGED}ReadOnlyAccess"},
        absent=None,
        unknown=Verdict.VIOLATED,
        valid=False,
    ),
    Case(
        iam.user_no_own_policies,
        type="aws:iam/userPolicy:UserPolicy",
        compliant={"policy": ""},
        violating={"policy": policy(_allows())},
        absent=None,
        unknown=Verdict.VIOLATED,
        valid=False,
    ),
    Case(
        iam.user_no_access_keys,
        compliant={"status": "Inactive"},
        violating={"status": "Active"},
    ),
    Case(
        iam.instance_has_role,
        compliant={"iamInstanceProfile": "profile"},
        violating={"iamInstanceProfile": ""},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"launchTemplate": {"name": "template"}}],
    ),
    Case(
        iam.instance_has_role,
        type="aws:ec2/launchTemplate:LaunchTemplate",
        compliant={"iamInstanceProfile": {"name": "profile"}},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        iam.instance_has_role,
        type="aws:ec2/launchConfiguration:LaunchConfiguration",
        compliant={"iamInstanceProfile": "profile"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
]

_PASSWORDS = [
    Case(
        iam.password_policy_length,
        compliant={"minimumPasswordLength": 14},
        violating={"minimumPasswordLength": 13},
    ),
    Case(
        iam.password_policy_no_reuse,
        compliant={"passwordReusePrevention": 24},
        violating={"passwordReusePrevention": 23},
    ),
    *(
        Case(
            iam.password_policy_strong,
            base={other: True for other in iam.REQUIRED if other != name},
            compliant={name: True},
            violating={name: False},
        )
        for name in iam.REQUIRED
    ),
    Case(
        iam.password_policy_expires,
        compliant={"maxPasswordAge": 90},
        violating={"maxPasswordAge": 91},
        more_violating=[{"maxPasswordAge": 0}],
    ),
]

_SETTINGS = (
    Side("aws:guardduty/detector:Detector"),
    Side("aws:accessanalyzer/analyzer:Analyzer", analyzerName="outside"),
)


def _attached(arn: str) -> Side:
    return Side("aws:iam/rolePolicyAttachment:RolePolicyAttachment", role="support", policyArn=arn)


_ACCOUNT = [
    Case(
        iam.account_has_password_policy,
        beside=_SETTINGS,
        compliant_beside=[Side("aws:iam/accountPasswordPolicy:AccountPasswordPolicy")],
    ),
    Case(
        iam.account_has_support_role,
        beside=_SETTINGS,
        compliant_beside=[_attached(f"{_MANAGED}AWSSupportAccess")],
        violating_beside=[_attached(f"{_MANAGED}ReadOnlyAccess")],
        unknown=None,
    ),
    Case(
        iam.account_has_support_role,
        beside=_SETTINGS,
        compliant_beside=[Side(_INLINE, managedPolicyArns=[f"{_MANAGED}AWSSupportAccess"])],
        violating_beside=[Side(_INLINE, managedPolicyArns=[])],
    ),
]


def _trusting(
    rule: Rule, good: Mapping[str, Any], bad: Mapping[str, Any], *more_bad: Mapping[str, Any], **settings: Any
) -> Case:
    def document(statement: Mapping[str, Any]) -> dict[str, Any]:
        return {"assumeRolePolicy": policy({"Effect": "Allow", "Action": "sts:AssumeRole", **statement})}

    return Case(
        rule,
        compliant=document(good),
        violating=document(bad),
        more_violating=[document(statement) for statement in more_bad],
        absent=None,
        settings=settings,
    )


def _web(*, aud: str = "", sub: Any = "", operator: str = "StringEquals") -> dict[str, Any]:
    conditions = {f"{_GITHUB}:aud": aud, f"{_GITHUB}:sub": sub}
    return {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{_GITHUB}"},
        "Condition": {operator: {key: value for key, value in conditions.items() if value}},
    }


_AUDIENCE = "sts.amazonaws.com"

_TRUSTS = [
    _trusting(
        iam.role_trust_not_public,
        {"Principal": {"AWS": _OWN}},
        {"Principal": {"AWS": "*"}},
        {"Principal": "*"},
        {"Principal": {"AWS": [_OWN, "*"]}},
        {"Principal": {"Federated": "*"}},
        {"NotPrincipal": {"AWS": _STRANGER}},
        {"Principal": "*", "Condition": {"StringEquals": {"sts:ExternalId": "known-to-many"}}},
        {"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}},
    ),
    _trusting(
        iam.role_trust_not_public,
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
    ),
    _trusting(
        iam.role_trust_external_id,
        {"Principal": {"AWS": _STRANGER}, "Condition": {"StringEquals": {"sts:ExternalId": "5f2d8c1e"}}},
        {"Principal": {"AWS": _STRANGER}},
        {"Principal": {"AWS": [_OWN, "999988887777"]}},
        {"Principal": {"AWS": _STRANGER}, "Condition": {"StringLike": {"sts:ExternalId": "*"}}},
    ),
    _trusting(
        iam.role_trust_external_id,
        {"Principal": {"AWS": _STRANGER}},
        {"Principal": {"AWS": "arn:aws:iam::444455556666:role/deployer"}},
        trusted_accounts=["999988887777"],
    ),
    _trusting(iam.role_trust_external_id, {"Principal": {"AWS": _OWN}}, {"Principal": {"AWS": _STRANGER}}),
    _trusting(
        iam.role_trust_service_source,
        {
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        },
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Principal": {"Service": ["ec2.amazonaws.com", "backup.amazonaws.com"]}},
        {
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Condition": {"ArnLike": {"aws:SourceArn": "*"}},
        },
    ),
    _trusting(
        iam.role_trust_service_source,
        {"Principal": {"Service": "ec2.amazonaws.com"}},
        {"Principal": {"Service": "s3.amazonaws.com"}},
    ),
    _trusting(
        iam.role_trust_web_identity,
        _web(aud=_AUDIENCE, sub="repo:example/app:environment:production"),
        _web(aud=_AUDIENCE),
        _web(sub="repo:example/app:environment:production"),
        _web(),
        _web(aud=_AUDIENCE, sub="repo:*", operator="StringLike"),
        _web(aud=_AUDIENCE, sub="repo:exam*", operator="StringLike"),
        _web(aud=_AUDIENCE, sub=["repo:example/app:*", "*"], operator="StringLike"),
        _web(aud=_AUDIENCE, sub="system:serviceaccount:*", operator="StringLike"),
        _web(aud=_AUDIENCE, sub="repo:example/app:ref", operator="StringEqualsIfExists"),
    ),
    _trusting(
        iam.role_trust_web_identity,
        _web(aud=_AUDIENCE, sub=["repo:example/*", "organization:example:*"], operator="StringLike"),
        _web(aud=_AUDIENCE, sub="*", operator="StringLike"),
    ),
    _trusting(iam.role_trust_web_identity, {"Principal": {"AWS": _OWN}}, _web()),
]


def _held(token: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of a type with a document of resources, the statements wherever the type wants them."""
    ((_, place), *_) = [found for found in documents.DOCUMENTS[token] if found[0] is documents.Kind.RESOURCE]
    return {place: policy(*({"Effect": "Allow", "Resource": "*", **statement} for statement in statements))}


_PERMISSION = "aws:lambda/permission:Permission"


def _in_resources(rule: Rule, good: Mapping[str, Any], *bad: Mapping[str, Any]) -> list[Case]:
    """One case for each type that the rule is about; a function's permission is no document."""
    return [
        Case(
            rule,
            type=token,
            compliant=_held(token, good),
            violating=_held(token, good, bad[0]),
            more_violating=[_held(token, statement) for statement in bad],
            absent=None,
        )
        for token in rule.types
        if token != _PERMISSION
    ]


_READS = {"Action": "*"}
_PUBLIC = [
    case
    for rule in (
        iam.bucket_policy_not_public,
        iam.key_policy_not_public,
        iam.function_policy_not_public,
        iam.topic_policy_not_public,
        iam.queue_policy_not_public,
        iam.resource_policy_not_public,
    )
    for case in _in_resources(
        rule,
        {**_READS, "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}},
        {**_READS, "Principal": "*"},
        {**_READS, "Principal": {"AWS": ["*"]}},
        {**_READS, "Principal": {"AWS": "*"}, "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}},
        {**_READS, "Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {**_READS, "NotPrincipal": {"AWS": _STRANGER}},
    )
]

_INVOKES = {"action": "lambda:InvokeFunction", "function": "function"}
_SERVICE = {"Action": "*", "Principal": {"Service": "events.amazonaws.com"}}

_RESOURCES = [
    *_PUBLIC,
    Case(
        iam.function_policy_not_public,
        type=_PERMISSION,
        base=_INVOKES,
        compliant={"principal": "events.amazonaws.com"},
        violating={"principal": "*"},
        absent=None,
        more_compliant=[{"principal": "*", "principalOrgId": "o-a1b2c3d4e5"}],
    ),
    *_in_resources(
        iam.resource_policy_no_strangers,
        {**_READS, "Principal": {"AWS": _OWN}},
        {**_READS, "Principal": {"AWS": _STRANGER}},
        {**_READS, "Principal": {"AWS": [_OWN, "999988887777"]}},
    ),
    Case(
        iam.resource_policy_no_strangers,
        type=_PERMISSION,
        base=_INVOKES,
        compliant={"principal": "111122223333"},
        violating={"principal": "999988887777"},
        absent=None,
    ),
    Case(
        iam.resource_policy_no_strangers,
        type="aws:kms/key:Key",
        compliant=_held("aws:kms/key:Key", {**_READS, "Principal": {"AWS": _STRANGER}}),
        violating=_held("aws:kms/key:Key", {**_READS, "Principal": {"AWS": "444455556666"}}),
        settings={"trusted_accounts": ["999988887777"]},
        absent=Verdict.COMPLIANT,
    ),
    *_in_resources(
        iam.resource_policy_service_source,
        {**_SERVICE, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
        _SERVICE,
        {**_SERVICE, "Condition": {"ArnLike": {"aws:SourceArn": "*"}}},
        {**_SERVICE, "Principal": {"AWS": _OWN, "Service": ["sns.amazonaws.com"]}},
    ),
    Case(
        iam.resource_policy_service_source,
        type=_PERMISSION,
        base={**_INVOKES, "principal": "events.amazonaws.com"},
        compliant={"sourceArn": "arn:aws:events:us-west-2:111122223333:rule/nightly"},
        violating={},
        unknown=Verdict.COMPLIANT,
        more_compliant=[{"sourceAccount": "111122223333"}],
    ),
    Case(
        iam.resource_policy_service_source,
        type="aws:kms/key:Key",
        compliant=_held(
            "aws:kms/key:Key",
            {
                **_SERVICE,
                "Condition": {
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-west-2:111122223333:*"}
                },
            },
        ),
        violating=_held(
            "aws:kms/key:Key",
            {**_SERVICE, "Condition": {"StringLike": {"kms:EncryptionContext:aws:logs:arn": "*"}}},
        ),
        absent=Verdict.COMPLIANT,
    ),
]

CASES = (*_GRANTS, *_ATTACHMENTS, *_USERS, *_PASSWORDS, *_ACCOUNT, *_TRUSTS, *_RESOURCES)

test_cases = judged(CASES)


def test_limitable_actions_are_no_escalations_and_named_once() -> None:
    alone = {actions[0] for actions in documents.ESCALATIONS if len(actions) == 1}
    assert list(documents.LIMITABLE) == sorted(set(documents.LIMITABLE), key=str.lower)
    assert alone.isdisjoint(documents.LIMITABLE)
