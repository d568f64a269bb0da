"""IAM policy documents as data: no Pulumi, so every document is plain text in a first preview.

A document with a value that only AWS knows would be unknown as a whole and hide from every policy
check. Callers build ARNs with `Context.arn` from names that they chose themselves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.context import Context

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement of a policy document."""

    actions: Sequence[str]
    resources: Sequence[str] | str = ("*",)
    """ARNs, or one. `*` is right in a resource policy of a KMS key, where it means the key itself, and where
    AWS offers no narrower resource; the caller says which in a comment."""
    principals: Mapping[str, Sequence[str] | str] | None = None
    """Only in resource and trust policies: `{"Service": ["rds.amazonaws.com"]}`."""
    conditions: Conditions = field(default_factory=dict[str, Mapping[str, str | Sequence[str]]])
    effect: str = "Allow"
    sid: str | None = None

    def as_dict(self, *, with_resource: bool = True) -> dict[str, Any]:
        """The statement as IAM spells it."""
        statement: dict[str, Any] = {"Effect": self.effect, "Action": list(self.actions)}
        if self.sid:
            statement = {"Sid": self.sid, **statement}
        if self.principals is not None:
            everyone = {"AWS": "*"}
            principals = {kind: _plain(names) for kind, names in self.principals.items()}
            statement["Principal"] = everyone if principals == {"AWS": ["*"]} else principals
        if with_resource:
            statement["Resource"] = _plain(self.resources)
        if self.conditions:
            statement["Condition"] = {op: dict(keys) for op, keys in self.conditions.items()}
        return statement


def _plain(values: Sequence[str] | str) -> str | list[str]:
    return values if isinstance(values, str) else list(values)


def policy_document(*statements: Statement) -> str:
    """A policy document as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": [s.as_dict() for s in statements]})


def trust_document(service: str, *, conditions: Conditions | None = None) -> str:
    """A trust policy that lets one AWS service assume the role, under the given conditions."""
    statement = Statement(
        actions=["sts:AssumeRole"], principals={"Service": [service]}, conditions=conditions or {}
    )
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.as_dict(with_resource=False)]})


def only_for(context: Context, source_arn: str | None = None) -> Conditions:
    """The conditions that stop a confused deputy: this account and, where known, this source.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    account: dict[str, Mapping[str, str | Sequence[str]]] = {
        "StringEquals": {"aws:SourceAccount": context.account_id}
    }
    if source_arn is not None:
        account["ArnLike"] = {"aws:SourceArn": source_arn}
    return account


def only_tls(resources: Sequence[str], service: str) -> Statement:
    """Denies every call to `resources` that does not use TLS; `service` is the action prefix (`s3`)."""
    return Statement(
        sid="OnlyOverTls",
        effect="Deny",
        principals={"AWS": ["*"]},
        actions=[f"{service}:*"],
        resources=resources,
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def use_key(context: Context, alias: str, *actions: str, region: str | None = None) -> Statement:
    """Permission to use the KMS key behind an alias, without knowing the key's identifier.

    The resource is every key of the account and region, and the condition leaves just the one with
    the alias: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html

    Args:
        context: the environment.
        alias: the alias, with its prefix: `alias/syncup-production-data`.
        actions: KMS actions; decrypting and making data keys where none is given.
        region: the key's region where it is not the environment's.
    """
    return Statement(
        actions=actions or ("kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"),
        resources=[context.arn("kms", "key/*", region=region)],
        conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}},
    )


def secret_arn(context: Context, name: str, *, region: str | None = None) -> str:
    """The ARN of a secret by its name: AWS adds a hyphen and six characters that nobody can foresee.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
    """
    return context.arn("secretsmanager", f"secret:{name}-??????", region=region)
