"""Weakenings of policy documents: of identities, of resources, and of the trust in roles."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from preview.graph import Graph, Resource
from preview.values import Secret, walk
from tests.policies.weakenings.edits import Target, rewrite
from tests.policies.weakenings.model import Condition, Edit, Kind, Weakening

Statement = dict[str, Any]

STRANGER = "999988887777"
"""An account that has nothing to do with our stacks."""


def in_statements(path: str, edit: Callable[[list[Statement]], list[Statement]]) -> Edit:
    """Edits the statements of a document that is JSON text; one that is unknown stays so."""

    def renewed(text: str) -> str:
        document = json.loads(text)
        return json.dumps({**document, "Statement": edit(_statements(document))})

    return rewrite(
        path, lambda value: Secret(renewed(value.value)) if isinstance(value, Secret) else renewed(value)
    )


def granting(path: str, **statement: Any) -> Edit:
    """Adds a statement that allows something."""
    return in_statements(path, lambda statements: [*statements, {"Effect": "Allow", **statement}])


def document(**statement: Any) -> str:
    """A document of one statement that allows something."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _statements(document: Mapping[str, Any]) -> list[Statement]:
    statements = document["Statement"]
    return cast("list[Statement]", statements if isinstance(statements, list) else [statements])


def _of(resource: Resource, path: str) -> list[Statement]:
    text = next((value for _, value in walk(resource.inputs.get(path)) if isinstance(value, str)), None)
    return _statements(json.loads(text)) if text else []


def some_statement(path: str, condition: Callable[[Statement], bool]) -> Condition:
    """Resources of whose document a statement meets a condition."""

    def holds(resource: Resource, _graph: Graph) -> bool:
        return any(condition(statement) for statement in _of(resource, path))

    return holds


def _allows(statement: Statement) -> bool:
    return statement["Effect"] == "Allow"


def _denies(statement: Statement) -> bool:
    return statement["Effect"] == "Deny"


def _is_conditional(statement: Statement) -> bool:
    return _allows(statement) and "Condition" in statement


def _actions(statement: Statement) -> Sequence[str]:
    actions = statement.get("Action", [])
    return [actions] if isinstance(actions, str) else actions


def _without(statement: Statement, *names: str) -> Statement:
    return {name: value for name, value in statement.items() if name not in names}


def _without_conditions(
    condition: Callable[[Statement], bool],
) -> Callable[[list[Statement]], list[Statement]]:
    return lambda statements: [_without(s, "Condition") if condition(s) else s for s in statements]


def without_conditions(statements: list[Statement]) -> list[Statement]:
    """The statements, with everything that they allow allowed under no condition."""
    return _without_conditions(_is_conditional)(statements)


def _on_keys(statement: Statement) -> bool:
    return _is_conditional(statement) and any(action.startswith("kms:") for action in _actions(statement))


def _beside_keys(statement: Statement) -> bool:
    return _is_conditional(statement) and not _on_keys(statement)


def _has_narrow_action(statement: Statement) -> bool:
    return _allows(statement) and not any(action.endswith(":*") for action in _actions(statement))


def _has_narrow_resource(statement: Statement) -> bool:
    return _allows(statement) and "*" not in statement["Resource"]


def _first(
    condition: Callable[[Statement], bool], edit: Callable[[Statement], Statement]
) -> Callable[[list[Statement]], list[Statement]]:
    """Edits the first statement that meets a condition."""

    def edited(statements: list[Statement]) -> list[Statement]:
        first = next((s for s in statements if condition(s)), None)
        return [edit(s) if s is first else s for s in statements]

    return edited


def _whole_service(statement: Statement) -> Statement:
    services = dict.fromkeys(action.partition(":")[0] for action in _actions(statement))
    return {**statement, "Action": [f"{service}:*" for service in services]}


_ESCALATIONS: Mapping[str, Sequence[str]] = {
    "new versions of any policy": ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"],
    "any policy attached to any role": ["iam:AttachRolePolicy", "iam:AttachUserPolicy"],
    "inline policies for anybody": ["iam:PutRolePolicy", "iam:PutUserPolicy"],
    "the trust of any role rewritten": ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
    "access keys for anybody": ["iam:CreateAccessKey"],
    "console passwords for anybody": ["iam:CreateLoginProfile", "iam:UpdateLoginProfile"],
    "any role passed to a new function": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    "any role passed to a new instance": ["iam:PassRole", "ec2:RunInstances"],
    "any role passed": ["iam:PassRole"],
    "any role assumed": ["sts:AssumeRole"],
}
"""What lets somebody become more than they are: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html."""


def identity_policy(target: Target, path: str) -> Iterator[Weakening]:
    """The weakenings of a document that says what an identity may do."""
    wild = Kind.WILDCARD
    yield target(wild, "everything allowed", "IAM.1, CIS 1.16", granting(path, Action="*", Resource="*"))
    yield target(
        wild, "everything allowed, in lists", "IAM.1, CIS 1.16", granting(path, Action=["*"], Resource=["*"])
    )
    yield target(
        wild, "everything allowed, as *:*", "IAM.1, CIS 1.16", granting(path, Action=["*:*"], Resource="*")
    )
    yield target(
        wild,
        "everything but IAM allowed",
        "IAM.1, IAM.21",
        granting(path, NotAction=["iam:*"], Resource="*"),
    )
    yield target(
        wild,
        "everything allowed but on one bucket",
        "IAM.1",
        granting(path, Action="*", NotResource="arn:aws:s3:::some-bucket"),
    )
    yield target(wild, "all of IAM allowed", "IAM.21", granting(path, Action=["iam:*"], Resource="*"))
    yield target(wild, "all of S3 allowed", "IAM.21", granting(path, Action="s3:*", Resource=["*"]))
    yield target(
        wild,
        "every action of the services that it names",
        "IAM.21",
        in_statements(path, _first(_has_narrow_action, _whole_service)),
    )
    yield target(
        wild,
        "any resource instead of those named",
        "IAM best practices: least privilege",
        in_statements(path, _first(_has_narrow_resource, lambda s: {**s, "Resource": ["*"]})),
        where=some_statement(path, _has_narrow_resource),
    )
    for what, actions in _ESCALATIONS.items():
        yield target(
            wild,
            f"privilege escalation: {what}",
            "IAM best practices: least privilege",
            granting(path, Action=list(actions), Resource="*"),
        )
    decrypts = "KMS.1, KMS.2"
    yield target(
        wild, "decryption with any key", decrypts, granting(path, Action=["kms:Decrypt"], Resource=["*"])
    )
    yield target(
        wild,
        "re-encryption with any key of the account",
        decrypts,
        granting(path, Action="kms:ReEncryptFrom", Resource=f"arn:aws:kms:*:{STRANGER}:key/*"),
    )
    yield target(
        wild,
        "keys by any alias: the condition removed",
        decrypts,
        in_statements(path, _without_conditions(_on_keys)),
        where=some_statement(path, _on_keys),
    )
    yield target(
        wild,
        "any secret's value",
        "guide: Access Control, credentials in Secrets Manager",
        granting(path, Action="secretsmanager:GetSecretValue", Resource="*"),
    )
    yield target(
        wild,
        "other conditions removed",
        "IAM best practices: conditions",
        in_statements(path, _without_conditions(_beside_keys)),
        where=some_statement(path, _beside_keys),
        excluded=("most statements need no condition, and only its author knows what one was to narrow"),
    )


def trust_policy(target: Target, path: str) -> Iterator[Weakening]:
    """The weakenings of a document that says who may assume a role."""
    auth = Kind.AUTHENTICATION
    yield target(
        Kind.PUBLIC,
        "everybody may assume it",
        "IAM best practices: trust",
        in_statements(path, lambda ss: [{**_without(s, "Condition"), "Principal": "*"} for s in ss]),
    )
    yield target(
        Kind.PUBLIC,
        "everybody's accounts may assume it too",
        "IAM best practices: trust",
        granting(path, Action="sts:AssumeRole", Principal={"AWS": ["*"]}),
    )
    yield target(
        auth,
        "another account may assume it without an external ID",
        "IAM best practices: third parties",
        granting(path, Action=["sts:AssumeRole"], Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}),
    )
    yield target(
        auth,
        "conditions removed",
        "IAM: the confused deputy",
        in_statements(path, without_conditions),
        where=some_statement(path, _is_conditional),
    )
    web: Mapping[str, Any] = {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {
            "Federated": f"arn:aws:iam::{STRANGER}:oidc-provider/token.actions.githubusercontent.com"
        },
    }
    audience = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
    subject = {"token.actions.githubusercontent.com:sub": "repo:*"}
    sign_in = "guide: Access Control, deploy via GitHub Actions"
    yield target(auth, "any workflow's token, without a condition", sign_in, granting(path, **web))
    yield target(
        auth,
        "any workflow's token, whatever its subject",
        sign_in,
        granting(path, **web, Condition={"StringEquals": audience}),
    )
    yield target(
        auth,
        "any repository's token",
        sign_in,
        granting(path, **web, Condition={"StringEquals": audience, "StringLike": subject}),
    )


def resource_policy(
    target: Target,
    path: str,
    *,
    reads: str,
    public: str,
    strangers: str = "",
    tls: bool = False,
    conditions: bool = True,
) -> Iterator[Weakening]:
    """The weakenings of a document that says who may use a resource.

    Args:
        target: the type.
        path: the property that holds the document.
        reads: an action that reads what the resource holds; its service is the document's.
        public: the control that public access breaks.
        strangers: the control that another account's access breaks, where one does.
        tls: whether the documents of our stacks deny plain HTTP.
        conditions: whether they allow anything under a condition.
    """
    everything = f"{reads.partition(':')[0]}:*"

    def on_its_own(**statement: Any) -> Edit:
        """Grants something on the resources of the document's first statement."""
        return in_statements(
            path,
            lambda statements: [
                *statements,
                {"Effect": "Allow", **statement, "Resource": statements[0]["Resource"]},
            ],
        )

    yield target(
        Kind.PUBLIC, "everybody may do everything", public, on_its_own(Action=everything, Principal="*")
    )
    yield target(
        Kind.PUBLIC, "everybody may read", public, on_its_own(Action=[reads], Principal={"AWS": "*"})
    )
    yield target(
        Kind.PUBLIC,
        "everybody may read under a condition that all meet",
        public,
        on_its_own(
            Action=reads, Principal={"AWS": ["*"]}, Condition={"StringLike": {"aws:PrincipalArn": "*"}}
        ),
    )
    yield target(
        Kind.PUBLIC,
        "everybody but one may read",
        public,
        on_its_own(Action=[reads], NotPrincipal={"AWS": f"arn:aws:iam::{STRANGER}:root"}),
    )
    if strangers:
        yield target(
            Kind.AUTHENTICATION,
            "another account may do everything",
            strangers,
            on_its_own(Action=[everything], Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"}),
        )
    if conditions:
        yield target(
            Kind.AUTHENTICATION,
            "conditions removed",
            "IAM: the confused deputy",
            in_statements(path, without_conditions),
            where=some_statement(path, _is_conditional),
        )
    if tls:
        yield target(
            Kind.TLS,
            "plain HTTP no longer denied",
            "S3.5, CIS 2.1.1" if everything == "s3:*" else "guide: TLS for what holds data",
            in_statements(path, lambda statements: [s for s in statements if not _asks_for_tls(s)]),
            where=some_statement(path, _asks_for_tls),
        )


def _asks_for_tls(statement: Statement) -> bool:
    return _denies(statement) and "aws:SecureTransport" in json.dumps(statement.get("Condition", {}))


def _denies_otherwise(statement: Statement) -> bool:
    return _denies(statement) and not _asks_for_tls(statement)


def undenied(target: Target, path: str, description: str, breaks: str) -> Weakening:
    """Removes what a document denies besides plain HTTP."""
    return target(
        Kind.PROTECTION,
        description,
        breaks,
        in_statements(path, lambda statements: [s for s in statements if not _denies_otherwise(s)]),
        where=some_statement(path, _denies_otherwise),
    )
