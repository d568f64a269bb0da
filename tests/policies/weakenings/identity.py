"""IAM, KMS and Secrets Manager."""

import json

from preview.graph import Graph, Resource
from preview.values import Secret
from tests.policies.weakenings.documents import (
    STRANGER,
    document,
    identity_policy,
    resource_policy,
    trust_policy,
    undenied,
)
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    change,
    drop,
    has,
)
from tests.policies.weakenings.literals import PASSWORD
from tests.policies.weakenings.model import Kind, Weakening

GUIDE_ROTATION = "guide: Secrets Management, rotate secrets quarterly"
GUIDE_CREDENTIALS = "guide: Access Control, credentials in Secrets Manager"

_MANAGED = "arn:aws:iam::aws:policy/"
_EVERYTHING = document(Action="*", Resource="*")
_ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"

role = Target("IAM", "aws:iam/role:Role")
role_policy = Target("IAM", "aws:iam/rolePolicy:RolePolicy")
managed_policy = Target("IAM", "aws:iam/policy:Policy")
attachment = Target("IAM", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
passwords = Target("IAM", "aws:iam/accountPasswordPolicy:AccountPasswordPolicy")
analyzer = Target("IAM", "aws:accessanalyzer/analyzer:Analyzer")

key = Target("KMS", "aws:kms/key:Key")

secret = Target("Secrets Manager", "aws:secretsmanager/secret:Secret")
secret_policy = Target("Secrets Manager", "aws:secretsmanager/secretPolicy:SecretPolicy")
rotation = Target("Secrets Manager", _ROTATION)
generated = Target("Secrets Manager", "random:index/randomPassword:RandomPassword")


def _secret_of(rotated: Resource, graph: Graph) -> Resource:
    urns = rotated.property_dependencies["secretId"]
    return next(graph.by_urn[urn] for urn in urns if graph.by_urn[urn].type == secret.type)


def _attached(target: Target, name: str, breaks: str) -> Weakening:
    return target(
        Kind.WILDCARD, f"{name} instead of what it attaches", breaks, change("policyArn", f"{_MANAGED}{name}")
    )


IAM: tuple[Weakening, ...] = (
    *trust_policy(role, "assumeRolePolicy"),
    role(
        Kind.WILDCARD,
        "an inline policy that allows everything",
        "IAM.1, CIS 1.16",
        add("inlinePolicies", [{"name": "everything", "policy": _EVERYTHING}]),
    ),
    role(
        Kind.WILDCARD,
        "AdministratorAccess among its managed policies",
        "IAM.1, CIS 1.16",
        add("managedPolicyArns", [f"{_MANAGED}AdministratorAccess"]),
    ),
    role(
        Kind.WILDCARD,
        "AdministratorAccess attached",
        "IAM.1, CIS 1.16",
        beside(attachment.type, {"role": Output("name"), "policyArn": f"{_MANAGED}AdministratorAccess"}),
    ),
    role(
        Kind.WILDCARD,
        "AdministratorAccess attached, in the exclusive form",
        "IAM.1, CIS 1.16",
        beside(
            "aws:iam/policyAttachment:PolicyAttachment",
            {"roles": [Output("name")], "policyArn": f"{_MANAGED}AdministratorAccess"},
        ),
    ),
    role(
        Kind.WILDCARD,
        "a policy beside it that allows everything",
        "IAM.1, CIS 1.16",
        beside(role_policy.type, {"role": Output("name"), "policy": _EVERYTHING}),
    ),
    role.tagged(PASSWORD),
    *identity_policy(role_policy, "policy"),
    *identity_policy(managed_policy, "policy"),
    _attached(attachment, "AdministratorAccess", "IAM.1, CIS 1.16"),
    _attached(attachment, "PowerUserAccess", "IAM.21"),
    _attached(attachment, "IAMFullAccess", "IAM.21"),
    _attached(attachment, "AWSCloudShellFullAccess", "CIS 1.22"),
    attachment(
        Kind.SIDE_RESOURCE,
        "no role for AWS's support any more",
        "CIS 1.17",
        lambda _resource, _graph: (),
        where=has("policyArn", f"{_MANAGED}AWSSupportAccess"),
    ),
    passwords.deleted("IAM.7, IAM.10, CIS 1.8, CIS 1.9"),
    *passwords.off(Kind.AUTHENTICATION, "8 characters are enough", "CIS 1.8", "minimumPasswordLength", 8),
    *passwords.off(Kind.AUTHENTICATION, "passwords used again", "CIS 1.9", "passwordReusePrevention", 3),
    *passwords.off(Kind.AUTHENTICATION, "passwords for a year", "IAM.7", "maxPasswordAge", 365),
    *(
        weakening
        for needs, what in (
            ("requireLowercaseCharacters", "small letters"),
            ("requireUppercaseCharacters", "capitals"),
            ("requireNumbers", "digits"),
            ("requireSymbols", "symbols"),
        )
        for weakening in passwords.off(Kind.AUTHENTICATION, f"without {what}", "IAM.7", needs, False)
    ),
    passwords(
        Kind.SECRET,
        "a user with an access key",
        "CIS 1.18; guide: deploy via GitHub Actions",
        beside("aws:iam/accessKey:AccessKey", {"user": "deployer"}),
    ),
    passwords(
        Kind.WILDCARD,
        "a user with a policy of its own",
        "IAM.2, CIS 1.15",
        beside(
            "aws:iam/userPolicy:UserPolicy",
            {"user": "deployer", "policy": document(Action="s3:GetObject", Resource="arn:aws:s3:::some/*")},
        ),
    ),
    passwords(
        Kind.WILDCARD,
        "a user with a managed policy",
        "IAM.2, CIS 1.15",
        beside(
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            {"user": "deployer", "policyArn": f"{_MANAGED}ReadOnlyAccess"},
        ),
    ),
    passwords(
        Kind.WILDCARD,
        "a group that may do everything",
        "IAM.1, CIS 1.16",
        beside("aws:iam/groupPolicy:GroupPolicy", {"group": "people", "policy": _EVERYTHING}),
    ),
    analyzer.deleted("CIS 1.20"),
    analyzer(
        Kind.DETECTION,
        "looks for unused access instead of access from outside",
        "CIS 1.20",
        change("type", "ACCOUNT_UNUSED_ACCESS"),
    ),
)

KMS: tuple[Weakening, ...] = (
    *key.off(Kind.ROTATION, "not rotated", "KMS.4, CIS 3.6", "enableKeyRotation", False),
    key(
        Kind.PROTECTION,
        "gone a week after its deletion",
        "KMS.3: the longest time to notice",
        change("deletionWindowInDays", 7),
    ),
    key.unprotected(),
    key(
        Kind.PROTECTION,
        "may be locked out of itself",
        "KMS best practices: the lockout safety check",
        add("bypassPolicyLockoutSafetyCheck", True),
    ),
    *resource_policy(key, "policy", reads="kms:Decrypt", public="KMS.5", strangers="KMS.5"),
    key(
        Kind.PUBLIC,
        "usable by everybody, by a policy beside it",
        "KMS.5",
        beside(
            "aws:kms/keyPolicy:KeyPolicy",
            {"keyId": Output("id"), "policy": document(Action="kms:*", Principal="*", Resource="*")},
        ),
    ),
    key(
        Kind.PUBLIC,
        "usable by another account, by a grant",
        "KMS.5",
        beside(
            "aws:kms/grant:Grant",
            {
                "keyId": Output("id"),
                "granteePrincipal": f"arn:aws:iam::{STRANGER}:root",
                "operations": ["Decrypt"],
            },
        ),
    ),
)

_PLAIN_SECRET = Secret(json.dumps({"password": PASSWORD}))

SECRETS_MANAGER: tuple[Weakening, ...] = (
    secret(Kind.KEY, "under AWS's key instead of our own", "guide: encryption", drop("kmsKeyId")),
    secret(
        Kind.PROTECTION,
        "deleted without a way back",
        "guide: Secrets Management",
        change("recoveryWindowInDays", 0),
    ),
    secret.unprotected(),
    secret.tagged(PASSWORD),
    secret(
        Kind.REPLICATION,
        "not in the recovery region",
        "guide: replicated across regions",
        drop("replicas"),
    ),
    secret(
        Kind.KEY,
        "its replica under AWS's key instead of our own",
        "guide: encryption",
        drop("replicas.*.kmsKeyId"),
    ),
    secret(
        Kind.PUBLIC,
        "readable by everybody, by its inline policy",
        "guide: Access Control",
        add("policy", document(Action="secretsmanager:GetSecretValue", Principal="*", Resource="*")),
    ),
    secret_policy.deleted("guide: TLS for what holds data"),
    *secret_policy.off(Kind.PUBLIC, "may be public", "guide: Access Control", "blockPublicPolicy", False),
    *resource_policy(
        secret_policy,
        "policy",
        reads="secretsmanager:GetSecretValue",
        public="guide: Access Control",
        strangers="guide: Access Control",
        tls=True,
        conditions=False,
    ),
    undenied(
        secret_policy, "policy", "no longer kept from other accounts and readers", "guide: Access Control"
    ),
    rotation.deleted(f"SecretsManager.1; {GUIDE_ROTATION}"),
    rotation(
        Kind.ROTATION,
        "once a year",
        f"SecretsManager.4; {GUIDE_ROTATION}",
        change("rotationRules.automaticallyAfterDays", 365),
    ),
    rotation(
        Kind.ROTATION,
        "a day too late",
        f"SecretsManager.4; {GUIDE_ROTATION}",
        change("rotationRules.automaticallyAfterDays", 91),
    ),
    rotation(
        Kind.ROTATION,
        "once a year, by an expression",
        f"SecretsManager.4; {GUIDE_ROTATION}",
        change("rotationRules", {"scheduleExpression": "rate(365 days)"}),
    ),
    rotation(
        Kind.ROTATION,
        "a version of the secret in the program",
        "design: the next `up` would put the first value back",
        beside(
            "aws:secretsmanager/secretVersion:SecretVersion",
            {"secretId": Output("id", of=_secret_of), "secretString": _PLAIN_SECRET},
        ),
    ),
    generated(
        Kind.AUTHENTICATION,
        "8 characters",
        "IAM.7, by analogy: long passwords",
        change("length", 8),
    ),
)

WEAKENINGS: tuple[Weakening, ...] = (*IAM, *KMS, *SECRETS_MANAGER)
