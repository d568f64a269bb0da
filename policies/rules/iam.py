"""Identities and their policies: what principals may do, who may use what, how people sign in."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, cast

from policies import iam
from policies.account import is_accounts
from policies.iam import Kind, Statement
from policies.ownership import is_strange
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, any_holds, each

_IDENTITY: Final = iam.types_with(Kind.IDENTITY)
_RESOURCE: Final = iam.types_with(Kind.RESOURCE)
_ROLE: Final = "aws:iam/role:Role"
_PASSWORDS: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"


def _of(*prefixes: str) -> tuple[str, ...]:
    """The types of some services that hold policies of resources."""
    return tuple(token for token in _RESOURCE if token.startswith(prefixes))


_REMAINING: Final = tuple(
    token
    for token in _RESOURCE
    if not token.startswith(("aws:s3/", "aws:s3control/", "aws:kms/", "aws:lambda/", "aws:sns/", "aws:sqs/"))
)

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"


# What identities may do --------------------------------------------------------------------------------


@rule(
    name="iam-policy-no-full-administration",
    title="Policies of identities do not allow everything",
    severity=Severity.HIGH,
    controls=("IAM.1", "CIS 1.16"),
    types=_IDENTITY,
    why="Whoever takes over such an identity, or errs as it, has the whole account.",
    fix="""
        aws.iam.Policy("reader", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::reports/*"],
            }],
        }))
    """,
    link=f"{_FSBP}#iam-1",
)
def policy_no_full_administration(resource: Resource) -> Problems:
    """Conditions do not count, as in AWS's control: they say when, and not what."""
    yield from _wrong(
        resource,
        "allows every action on every resource",
        lambda s: s.allows and s.covers_everything and s.covers_all_resources,
    )


@rule(
    name="iam-policy-no-whole-services",
    title="Policies of identities do not allow every action of a service",
    severity=Severity.LOW,
    controls=("IAM.21",),
    types=_IDENTITY,
    why="Every action includes those that delete, share and change permissions, today's and tomorrow's.",
    fix="""
        aws.iam.Policy("reader", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
            }],
        }))
    """,
    link=f"{_FSBP}#iam-21",
)
def policy_no_whole_services(resource: Resource) -> Problems:
    """Which resources it is about does not matter to AWS's control."""
    yield from _wrong(
        resource, "allows every action of a service", lambda s: s.allows and s.covers_whole_services
    )


@rule(
    name="iam-policy-no-not-action",
    title="Policies of identities say what they allow, not what they leave out",
    severity=Severity.HIGH,
    types=_IDENTITY,
    why="Allow with NotAction grants every other action of every service, also those that AWS adds later.",
    fix="""
        aws.iam.Policy("operator", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["ec2:DescribeInstances", "ec2:RebootInstances"],
                "Resource": ["arn:aws:ec2:us-west-2:111122223333:instance/*"],
            }],
        }))
    """,
    link=f"{_GUIDE}/reference_policies_elements_notaction.html",
)
def policy_no_not_action(resource: Resource) -> Problems:
    """With Deny, NotAction restricts."""
    yield from _wrong(resource, "allows by NotAction", lambda s: s.allows and s.has_not_action)


@rule(
    name="iam-policy-no-not-resource",
    title="Policies of identities say which resources they are about",
    severity=Severity.MEDIUM,
    types=_IDENTITY,
    why="Allow with NotResource grants the actions on every other resource, also on those made later.",
    fix="""
        aws.iam.Policy("reader", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::reports/*"],
            }],
        }))
    """,
    link=f"{_GUIDE}/reference_policies_elements_notresource.html",
)
def policy_no_not_resource(resource: Resource) -> Problems:
    """With Deny, NotResource restricts."""
    yield from _wrong(resource, "allows by NotResource", lambda s: s.allows and s.has_not_resource)


@rule(
    name="iam-policy-names-passed-roles",
    title="Policies name the roles that may be passed to a service",
    severity=Severity.HIGH,
    types=_IDENTITY,
    why="Whoever may pass any role lets a service act with the strongest one that there is.",
    fix="""
        aws.iam.Policy("deployer", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": ["arn:aws:iam::111122223333:role/application"],
                "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            }],
        }))
    """,
    link=f"{_GUIDE}/id_roles_use_passrole.html",
)
def policy_names_passed_roles(resource: Resource) -> Problems:
    """`iam:PassedToService` says to whom, and leaves open which role."""
    yield from _wrong(
        resource,
        "allows iam:PassRole on any role",
        lambda s: s.allows and s.covers_action("iam:PassRole") and s.covers_all_resources,
    )


@rule(
    name="iam-policy-no-privilege-escalation",
    title="Policies do not let an identity give itself more rights",
    severity=Severity.HIGH,
    types=_IDENTITY,
    why="Some actions together are as good as full administration: a new policy version, a new role's code.",
    fix="""
        aws.iam.Policy("deployer", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["lambda:UpdateFunctionCode"],
                "Resource": ["arn:aws:lambda:us-west-2:111122223333:function:application"],
            }],
        }))
    """,
    link=f"{_GUIDE}/best-practices.html",
)
def policy_no_privilege_escalation(resource: Resource) -> Problems:
    """A statement about named resources, or under a condition, is taken to be meant; a denial counts."""
    found = iam.escalations(iam.statements(resource, Kind.IDENTITY))
    if not found:
        return None
    others = f", and {len(found) - 1} other ways" if len(found) > 1 else ""
    return f"it lets an identity take more rights: {' with '.join(found[0])} on any resource{others}"


@rule(
    name="iam-policy-no-decryption-with-any-key",
    title="Policies of identities name the keys that they decrypt with",
    severity=Severity.MEDIUM,
    controls=("KMS.1", "KMS.2"),
    types=_IDENTITY,
    why="With every key, one identity reads whatever any key protects.",
    fix="""
        aws.iam.Policy("reader", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": ["arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-1",
)
def policy_no_decryption_with_any_key(resource: Resource) -> Problems:
    """A condition on the key's aliases or tags names keys too."""
    yield from _wrong(
        resource,
        "allows decryption with any key",
        lambda s: (
            s.allows
            and any_holds(s.covers_action, ("kms:Decrypt", "kms:ReEncryptFrom"))
            and s.covers_all_resources
            and not _names_resources(s)
        ),
    )


@rule(
    name="iam-policy-names-resources",
    title="Policies name the resources whose data they open",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=_IDENTITY,
    why="With any resource, a mistake or an intruder in one place reaches the data of every other.",
    fix="""
        aws.iam.Policy("reader", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["secretsmanager:GetSecretValue"],
                "Resource": ["arn:aws:secretsmanager:us-west-2:111122223333:secret:application-??????"],
            }],
        }))
    """,
    link=f"{_GUIDE}/best-practices.html#grant-least-privilege",
)
def policy_names_resources(resource: Resource) -> Problems:
    """Only for actions that AWS lets a policy limit. Whole services are another rule's."""

    def problem(statement: Statement) -> str | None:
        if not statement.allows or statement.has_not_action or statement.covers_whole_services:
            return None
        if not statement.covers_all_resources or _names_resources(statement):
            return None
        action = next(filter(None, map(_limitable, statement.actions)), None)
        return f"{statement.place} allows {action} on any resource" if action else None

    yield from each(problem, iam.statements(resource, Kind.IDENTITY))


@cache
def _limitable(pattern: str) -> str | None:
    """The first action that a pattern covers and AWS lets a policy limit."""
    return next((action for action in iam.LIMITABLE if iam.matches(pattern, action)), None)


def _names_resources(statement: Statement) -> bool:
    """Whether a condition limits a statement to resources by their tags or, for a key, its aliases."""
    return any(
        condition.names_values and ("resourcetag/" in condition.key or condition.key == "kms:resourcealiases")
        for condition in statement.conditions
    )


def _wrong(resource: Resource, what: str, is_wrong: Callable[[Statement], bool]) -> Iterator[str]:
    """What a policy's statements do that they should not."""
    yield from each(
        lambda statement: f"{statement.place} {what}" if is_wrong(statement) else None,
        iam.statements(resource, Kind.IDENTITY),
    )


# Policies of AWS that are attached ---------------------------------------------------------------------

_ATTACHED: Final = {
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/role:Role": "managedPolicyArns",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
}
"""Where each form of attachment names the policies."""


def _attaches(resource: Resource, *names: str) -> bool:
    """Whether one of AWS's own policies is attached, by its name.

    An ARN that nobody knows yet is of a policy that is still to be made, and so none of AWS's.
    """
    path = _ATTACHED[resource.type]
    if resource.raw(path) is UNKNOWN and path == "policyArn":
        return False
    attached = resource.get(path)
    return any(
        isinstance(arn, str) and ":aws:policy/" in arn and arn.rpartition("/")[2] in names
        for arn in (cast("list[Any]", attached) if isinstance(attached, list) else [attached])
    )


@rule(
    name="iam-attachment-no-administrator",
    title="AdministratorAccess is attached to nobody",
    severity=Severity.HIGH,
    controls=("IAM.1", "CIS 1.16"),
    types=tuple(_ATTACHED),
    why="Whoever takes over such an identity, or errs as it, has the whole account.",
    fix="""
        aws.iam.RolePolicyAttachment(
            "auditor", role=role.name, policy_arn="arn:aws:iam::aws:policy/SecurityAudit"
        )
    """,
    link=f"{_FSBP}#iam-1",
)
def attachment_no_administrator(resource: Resource) -> Problems:
    """Administrators come by AWS IAM Identity Center, whose permission sets are no IAM attachments."""
    return "AdministratorAccess is attached" if _attaches(resource, "AdministratorAccess") else None


@rule(
    name="iam-attachment-no-power",
    title="No policy is attached that opens nearly everything",
    severity=Severity.HIGH,
    types=tuple(_ATTACHED),
    why="PowerUserAccess opens every service but IAM, IAMFullAccess is one call away from administration.",
    fix="""
        aws.iam.RolePolicyAttachment("deployer", role=role.name, policy_arn=deployer.arn)
    """,
    link=f"{_GUIDE}/best-practices.html#grant-least-privilege",
)
def attachment_no_power(resource: Resource) -> Problems:
    """By their names: AWS changes what they allow, not what they are for."""
    return "a policy is attached that opens nearly everything" if _attaches(resource, *_POWERFUL) else None


_POWERFUL: Final = (
    "AWSOrganizationsFullAccess",
    "AWSSSOMasterAccountAdministrator",
    "AdministratorAccess-AWSElasticBeanstalk",
    "AdministratorAccess-Amplify",
    "IAMFullAccess",
    "PowerUserAccess",
    "SystemAdministrator",
)


@rule(
    name="iam-attachment-no-cloud-shell",
    title="AWSCloudShellFullAccess is attached to nobody",
    severity=Severity.MEDIUM,
    controls=("CIS 1.22",),
    types=tuple(_ATTACHED),
    why="CloudShell moves files to and from a machine in AWS's network, past every proxy and every log.",
    fix="""
        aws.iam.GroupPolicy("shell", group=group.name, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["cloudshell:CreateEnvironment", "cloudshell:CreateSession"],
                "Resource": ["*"],
            }],
        }))
    """,
    link=f"{_FSBP}#iam-27",
)
def attachment_no_cloud_shell(resource: Resource) -> Problems:
    """The policy allows file transfer besides the shell."""
    return "AWSCloudShellFullAccess is attached" if _attaches(resource, "AWSCloudShellFullAccess") else None


# Users -------------------------------------------------------------------------------------------------

_USERS_OWN: Final = {
    "aws:iam/policyAttachment:PolicyAttachment": "users",
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive": "policyNames",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
}
"""By which property each type gives a user a policy of its own; without it, it gives none."""


@rule(
    name="iam-user-no-own-policies",
    title="Users have their permissions from groups",
    severity=Severity.LOW,
    controls=("IAM.2", "CIS 1.15"),
    types=tuple(_USERS_OWN),
    why="What hangs on single users is forgotten when they change their work.",
    fix="""
        aws.iam.GroupPolicyAttachment("readers", group=readers.name, policy_arn=policy.arn)
        aws.iam.UserGroupMembership("reader", user=user.name, groups=[readers.name])
    """,
    link=f"{_FSBP}#iam-2",
)
def user_no_own_policies(resource: Resource) -> Problems:
    """That there is one is enough, whichever."""
    return "it gives a user a policy of its own" if resource.is_present(_USERS_OWN[resource.type]) else None


@rule(
    name="iam-user-no-access-keys",
    title="Nobody has a long-lived access key",
    severity=Severity.MEDIUM,
    controls=("CIS 1.18",),
    types=("aws:iam/accessKey:AccessKey",),
    why="A key that does not expire works for whoever finds it, in a repository, a log or Pulumi's state.",
    fix="""
        aws.iam.Role("deployer", assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider_arn},
                "Condition": {"StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:example/app:environment:production",
                }},
            }],
        }))
    """,
    link=f"{_GUIDE}/best-practices.html#bp-workloads-use-roles",
)
def user_no_access_keys(key: Resource) -> Problems:
    """A key is active unless it says otherwise."""
    active = key.text("status", default="Active") != "Inactive"
    return "it is a long-lived access key: use a role" if active else None


# How people sign in ------------------------------------------------------------------------------------


@rule(
    name="iam-password-policy-length",
    title="Passwords of users have 14 characters or more",
    severity=Severity.MEDIUM,
    controls=("CIS 1.8",),
    types=(_PASSWORDS,),
    why="Short passwords are guessed.",
    fix="""
        aws.iam.AccountPasswordPolicy("passwords", minimum_password_length=14)
    """,
    link=f"{_FSBP}#iam-15",
)
def password_policy_length(policy: Resource) -> Problems:
    """AWS's own minimum is 6 where nothing is said."""
    if policy.number("minimumPasswordLength", default=6) < _MINIMUM_LENGTH:
        return f"minimum_password_length is below {_MINIMUM_LENGTH}"
    return None


_MINIMUM_LENGTH: Final = 14


@rule(
    name="iam-password-policy-no-reuse",
    title="Passwords of users differ from their last 24",
    severity=Severity.LOW,
    controls=("CIS 1.9",),
    types=(_PASSWORDS,),
    why="A password that leaked once must not come back.",
    fix="""
        aws.iam.AccountPasswordPolicy("passwords", password_reuse_prevention=24)
    """,
    link=f"{_FSBP}#iam-16",
)
def password_policy_no_reuse(policy: Resource) -> Problems:
    """AWS remembers none where nothing is said, and 24 at the most."""
    if policy.number("passwordReusePrevention", default=0) < _REMEMBERED:
        return f"password_reuse_prevention is below {_REMEMBERED}"
    return None


_REMEMBERED: Final = 24


@rule(
    name="iam-password-policy-strong",
    title="Passwords of users have small letters, capitals, digits and symbols",
    severity=Severity.MEDIUM,
    controls=("IAM.7", "IAM.10"),
    types=(_PASSWORDS,),
    why="Words alone are guessed from lists.",
    fix="""
        aws.iam.AccountPasswordPolicy(
            "passwords",
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
        )
    """,
    link=f"{_FSBP}#iam-7",
)
def password_policy_strong(policy: Resource) -> Problems:
    """None is required where nothing is said."""
    for required, name in REQUIRED.items():
        if not policy.flag(required, default=False):
            yield f"{name} is not on"


REQUIRED: Final = {
    "requireLowercaseCharacters": "require_lowercase_characters",
    "requireUppercaseCharacters": "require_uppercase_characters",
    "requireNumbers": "require_numbers",
    "requireSymbols": "require_symbols",
}


@rule(
    name="iam-password-policy-expires",
    title="Passwords of users expire within 90 days",
    severity=Severity.MEDIUM,
    controls=("IAM.7", "IAM.10"),
    types=(_PASSWORDS,),
    why="A password that leaked unnoticed should not work for ever.",
    fix="""
        aws.iam.AccountPasswordPolicy("passwords", max_password_age=90)
    """,
    link=f"{_FSBP}#iam-7",
)
def password_policy_expires(policy: Resource) -> Problems:
    """They never expire where nothing is said, nor where it is 0."""
    if not 0 < policy.number("maxPasswordAge", default=0) <= _MAXIMUM_AGE_DAYS:
        return f"max_password_age is not between 1 and {_MAXIMUM_AGE_DAYS} days"
    return None


_MAXIMUM_AGE_DAYS: Final = 90


@rule(
    name="iam-account-has-password-policy",
    title="The account has a policy for passwords",
    severity=Severity.MEDIUM,
    controls=("IAM.7", "IAM.10", "CIS 1.8", "CIS 1.9"),
    types=(STACK_TYPE,),
    why="Without one, AWS accepts eight characters, and lets them be the same for ever.",
    fix="""
        aws.iam.AccountPasswordPolicy(
            "passwords",
            minimum_password_length=14,
            password_reuse_prevention=24,
            max_password_age=90,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
        )
    """,
    link=f"{_FSBP}#iam-7",
)
def account_has_password_policy(_stack: Resource, stack: Stack) -> Problems:
    """What it asks for, other rules judge."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    return None if stack.all(_PASSWORDS) else "it has no AccountPasswordPolicy"


@rule(
    name="iam-account-has-support-role",
    title="Somebody may open cases with AWS Support",
    severity=Severity.LOW,
    controls=("CIS 1.17",),
    types=(STACK_TYPE,),
    why="In an incident it is too late to look for somebody who may ask AWS for help.",
    fix="""
        aws.iam.RolePolicyAttachment(
            "support", role=role.name, policy_arn="arn:aws:iam::aws:policy/AWSSupportAccess"
        )
    """,
    link=f"{_FSBP}#iam-18",
)
def account_has_support_role(_stack: Resource, stack: Stack) -> Problems:
    """In any form of attachment."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if any_holds(lambda side: _attaches(side, "AWSSupportAccess"), stack.all(*_ATTACHED)):
        return None
    return "AWSSupportAccess is attached to nobody"


# Instances ---------------------------------------------------------------------------------------------


@rule(
    name="iam-instance-has-role",
    title="Instances have a role",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("CIS 1.18",),
    types=(
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
    ),
    why="Without a role, whatever runs on an instance calls AWS with keys that somebody put there.",
    fix="""
        aws.ec2.Instance("server", iam_instance_profile=profile.name)
    """,
    link=f"{_GUIDE}/best-practices.html#bp-workloads-use-roles",
)
def instance_has_role(resource: Resource) -> Problems:
    """An instance from a launch template may have the template's."""
    if resource.is_present("iamInstanceProfile"):
        return None
    if resource.is_present("launchTemplate"):
        return OUT_OF_SCOPE
    return "it has no iam_instance_profile"


# Who may become a role ---------------------------------------------------------------------------------


@rule(
    name="iam-role-trust-not-public",
    title="Roles cannot be assumed by everybody",
    severity=Severity.CRITICAL,
    types=(_ROLE,),
    why="Anybody with an AWS account of their own could take the role.",
    fix="""
        aws.iam.Role("auditor", assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            }],
        }))
    """,
    link=f"{_GUIDE}/reference_policies_elements_principal.html#principal-anonymous",
)
def role_trust_not_public(role: Resource) -> Problems:
    """Only what says who somebody is narrows it: an external ID is no secret, and a network no person."""
    yield from each(
        lambda s: (
            f"{s.place} lets everybody assume the role"
            if s.allows and _is_for_everyone(s) and not s.limits(*_IDENTIFYING)
            else None
        ),
        iam.statements(role, Kind.TRUST),
    )


_IDENTIFYING: Final = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:userid",
)


def _is_for_everyone(statement: Statement) -> bool:
    if statement.is_for_everyone:
        return True
    return any_holds(lambda p: p.kind == "federated" and p.value == "*", statement.principals)


@rule(
    name="iam-role-trust-external-id",
    title="Other accounts need an external ID to assume a role",
    severity=Severity.MEDIUM,
    types=(_ROLE,),
    why="Without one, the other account can be made to use the role for somebody else: the confused deputy.",
    fix="""
        aws.iam.Role("monitoring", assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }],
        }))
    """,
    link=f"{_GUIDE}/id_roles_common-scenarios_third-party.html",
)
def role_trust_external_id(role: Resource, *, trusted_accounts: list[str]) -> Problems:
    """An account of the same organisation, by condition or by the pack's parameter, needs none."""
    yield from each(
        lambda s: (
            f"{s.place} lets another account assume the role without an external ID"
            if s.allows
            and _names_stranger(s, role, trusted_accounts)
            and not s.limits("sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
            else None
        ),
        iam.statements(role, Kind.TRUST),
    )


def _names_stranger(statement: Statement, resource: Resource, trusted: list[str]) -> bool:
    """Whether a statement's principal belongs to another account than the resource's and those trusted."""
    return any_holds(lambda p: is_strange(p.account, resource, trusted), statement.principals)


@rule(
    name="iam-role-trust-service-source",
    title="Services assume a role for this account alone",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_ROLE,),
    why="Without a source, a service may be made to use the role for somebody else: the confused deputy.",
    fix="""
        aws.iam.Role("backup", assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "backup.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            }],
        }))
    """,
    link=f"{_GUIDE}/confused-deputy.html#cross-service-confused-deputy-prevention",
)
def role_trust_service_source(role: Resource) -> Problems:
    """Only for services that say on whose behalf they assume a role; EC2, for one, says nothing."""
    yield from each(
        lambda s: (
            f"{s.place} lets a service assume the role without aws:SourceAccount or aws:SourceArn"
            if s.allows
            and any_holds(lambda p: p.kind == "service" and p.value in _SAYING, s.principals)
            and not s.limits(*_SOURCES)
            else None
        ),
        iam.statements(role, Kind.TRUST),
    )


_SOURCES: Final = ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")

_SAYING: Final = frozenset(
    f"{service}.amazonaws.com"
    for service in (
        "apigateway",
        "backup",
        "bedrock",
        "chatbot",
        "codebuild",
        "codepipeline",
        "config",
        "datasync",
        "delivery.logs",
        "dms",
        "ecs-tasks",
        "events",
        "firehose",
        "glue",
        "lambda",
        "logs",
        "monitoring.rds",
        "pipes",
        "rds",
        "s3",
        "scheduler",
        "sns",
        "ssm",
        "states",
        "transfer",
        "vpc-flow-logs",
    )
)
"""Services whose own pages show a role's trust with `aws:SourceAccount` or `aws:SourceArn`."""


@rule(
    name="iam-role-trust-web-identity",
    title="Roles for web identities name the audience and the subject",
    severity=Severity.HIGH,
    types=(_ROLE,),
    why="A provider such as GitHub signs tokens for all its users: without a subject, any takes the role.",
    fix="""
        aws.iam.Role("deployer", assume_role_policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider_arn},
                "Condition": {"StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:example/app:environment:production",
                }},
            }],
        }))
    """,
    link=f"{_GUIDE}/id_roles_providers_create_oidc.html",
)
def role_trust_web_identity(role: Resource) -> Problems:
    """A pattern of subjects has to name at least the organisation: `repo:example/*`, not `repo:exam*`."""

    def problem(statement: Statement) -> str | None:
        if not statement.allows or not statement.covers_action("sts:AssumeRoleWithWebIdentity"):
            return None
        if not any_holds(lambda principal: principal.kind == "federated", statement.principals):
            return None
        conditions = [condition for condition in statement.conditions if condition.names_values]
        if not any(c.key.endswith(_AUDIENCE) for c in conditions):
            return f"{statement.place} names no audience of the tokens"
        if not any(c.key.endswith(_SUBJECT) and all(map(_names_subject, c.values)) for c in conditions):
            return f"{statement.place} names no subject of the tokens"
        return None

    yield from each(problem, iam.statements(role, Kind.TRUST))


_AUDIENCE: Final = (":aud", ":app_id", ":oaud")
_SUBJECT: Final = (":sub", ":amr", ":email", ":id", ":job_workflow_ref", ":repository", ":user_id")
_ORGANISATION: Final = re.compile(r"(system:serviceaccount|(?!system:)[\w-]+):[^:/]+[:/]|[^:/]+/")


def _names_subject(value: str) -> bool:
    """Whether a subject is one, or a pattern that begins with a whole name."""
    fixed = re.split(r"[*?]", value, maxsplit=1)[0]
    return fixed == value or _ORGANISATION.match(fixed) is not None


# Who may use a resource --------------------------------------------------------------------------------


def _public(resource: Resource) -> Iterator[str]:
    yield from each(
        lambda s: f"{s.place} allows something to everyone" if s.is_public else None,
        iam.statements(resource, Kind.RESOURCE),
    )


@rule(
    name="iam-bucket-policy-not-public",
    title="Policies of buckets are not for everyone",
    severity=Severity.CRITICAL,
    controls=("S3.2", "S3.3"),
    types=_of("aws:s3/", "aws:s3control/"),
    why="Everyone on the internet reads, or overwrites, what the bucket holds.",
    fix="""
        aws.s3.BucketPolicy("policy", bucket=bucket.id, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Principal": {"AWS": "arn:aws:iam::111122223333:role/application"},
                "Resource": ["arn:aws:s3:::content/*"],
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-2",
)
def bucket_policy_not_public(resource: Resource) -> Problems:
    """A condition on an account, an organisation, a network or a source counts, as in AWS's own reading."""
    yield from _public(resource)


@rule(
    name="iam-key-policy-not-public",
    title="Policies of keys are not for everyone",
    severity=Severity.CRITICAL,
    controls=("KMS.5",),
    types=_of("aws:kms/"),
    why="Everyone with an AWS account decrypts what the key protects.",
    fix="""
        aws.kms.Key("key", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["kms:*"],
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Resource": ["*"],
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-5",
)
def key_policy_not_public(resource: Resource) -> Problems:
    """Without a policy, a key is its account's."""
    yield from _public(resource)


@rule(
    name="iam-function-policy-not-public",
    title="Policies of functions are not for everyone",
    severity=Severity.CRITICAL,
    controls=("Lambda.1",),
    types=_of("aws:lambda/"),
    why="Everyone runs the function, with its role and on the account's bill.",
    fix="""
        aws.lambda_.Permission(
            "events",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
        )
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html#lambda-1",
)
def function_policy_not_public(resource: Resource) -> Problems:
    """A permission for the principal `*` is public unless its source says who."""
    yield from _public(resource)


@rule(
    name="iam-topic-policy-not-public",
    title="Policies of topics are not for everyone",
    severity=Severity.HIGH,
    controls=("SNS.4",),
    types=_of("aws:sns/"),
    why="Everyone subscribes to the messages, or sends false ones.",
    fix="""
        aws.sns.TopicPolicy("policy", arn=topic.arn, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["sns:Publish"],
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Resource": [topic_arn],
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html#sns-4",
)
def topic_policy_not_public(resource: Resource) -> Problems:
    """The policy that AWS gives a topic limits everyone to the topic's account."""
    yield from _public(resource)


@rule(
    name="iam-queue-policy-not-public",
    title="Policies of queues are not for everyone",
    severity=Severity.MEDIUM,
    controls=("SQS.3",),
    types=_of("aws:sqs/"),
    why="Everyone reads, deletes or sends messages.",
    fix="""
        aws.sqs.QueuePolicy("policy", queue_url=queue.url, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Principal": {"Service": "sns.amazonaws.com"},
                "Resource": [queue_arn],
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-3",
)
def queue_policy_not_public(resource: Resource) -> Problems:
    """Without a policy, a queue is its account's."""
    yield from _public(resource)


@rule(
    name="iam-resource-policy-not-public",
    title="Policies of secrets, vaults, repositories, file systems and the like are not for everyone",
    severity=Severity.CRITICAL,
    types=_REMAINING,
    why="Everyone with an AWS account reads or changes what the resource holds.",
    fix="""
        aws.secretsmanager.SecretPolicy(
            "policy",
            secret_arn=secret.arn,
            block_public_policy=True,
            policy=json.dumps({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Action": ["secretsmanager:GetSecretValue"],
                    "Principal": {"AWS": "arn:aws:iam::111122223333:role/application"},
                    "Resource": ["*"],
                }],
            }),
        )
    """,
    link=f"{_GUIDE}/reference_policies_elements_principal.html#principal-anonymous",
)
def resource_policy_not_public(resource: Resource) -> Problems:
    """A condition on an account, an organisation, a network or a source counts."""
    yield from _public(resource)


@rule(
    name="iam-resource-policy-no-strangers",
    title="Policies of resources open them to no other account",
    severity=Severity.HIGH,
    controls=("S3.6",),
    types=_RESOURCE,
    why="What another account does with the data, and who gets into that account, nobody here knows.",
    fix="""
        aws.kms.Key("key", policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["kms:*"],
                "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                "Resource": ["*"],
            }],
        }))
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6",
)
def resource_policy_no_strangers(resource: Resource, *, trusted_accounts: list[str]) -> Problems:
    """The account is the one in which the provider works, or what the resource's ARNs say."""
    yield from each(
        lambda s: (
            f"{s.place} allows something to another account"
            if s.allows
            and _names_stranger(s, resource, trusted_accounts)
            and not s.limits("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
            else None
        ),
        iam.statements(resource, Kind.RESOURCE),
    )


@rule(
    name="iam-resource-policy-service-source",
    title="Policies let services in for this account alone",
    severity=Severity.MEDIUM,
    types=_RESOURCE,
    why="Without a source, a service may be made to use the resource for somebody else: the confused deputy.",
    fix="""
        aws.lambda_.Permission(
            "events",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
        )
    """,
    link=f"{_GUIDE}/confused-deputy.html#cross-service-confused-deputy-prevention",
)
def resource_policy_service_source(resource: Resource) -> Problems:
    """A key's encryption context names a source as well, as AWS's examples for log groups and trails do."""
    yield from each(
        lambda s: (
            f"{s.place} lets a service in without aws:SourceAccount or aws:SourceArn"
            if s.allows
            and any_holds(lambda principal: principal.kind == "service", s.principals)
            and not _has_source(s)
            else None
        ),
        iam.statements(resource, Kind.RESOURCE),
    )


def _has_source(statement: Statement) -> bool:
    return statement.limits(
        *_SOURCES, "aws:SourceOwner", "kms:CallerAccount", "lambda:EventSourceToken"
    ) or any(
        condition.names_values and condition.key.startswith("kms:encryptioncontext:")
        for condition in statement.conditions
    )
