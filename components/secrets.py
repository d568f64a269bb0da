"""The secrets: declared here, filled by people or by rotation, never by Pulumi.

There is no `SecretVersion`: what people own must not pass through Pulumi, and of a rotated secret the
first version would come back with the next `up`
(https://github.com/hashicorp/terraform-provider-aws/issues/37302).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
from pulumi_aws import secretsmanager

from components import tool_secrets
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_tls, policy_document

MASTER: Final = "database-master"
USER_A: Final = "database-app-a"
USER_B: Final = "database-app-b"
CACHE: Final = "cache"
MACHINE_GROUPS: Final = (MASTER, USER_A, USER_B, CACHE)
"""What only machines use, beside the guide's groups of environment variables."""

_READING = ("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue")
# In a secret's own policy `*` is that secret, whose replica has another ARN:
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
_ITSELF = ("*",)


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretsArgs:
    """Which secrets there are, and who alone reads some of them."""

    groups: Sequence[str]
    """Guide, Environment Variables: one secret a group."""
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By secret, the ARNs of the only roles that may read its value, whatever IAM says elsewhere."""
    key: Key
    recovery_key: Key


class Secrets(Component):
    """One secret a group and a tool: encrypted, replicated to the recovery region, kept a month when deleted.

    Guarantees that nobody from another account and nobody without TLS reaches any of them, and that
    those which only machines use are read by nobody else.
    """

    def __init__(
        self, name: str, context: Context, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:security:Secrets", name, context, opts)
        self.groups = (*args.groups, *MACHINE_GROUPS, *tool_secrets.VARIABLES)
        self._arns = {group: self._secret(group, args) for group in self.groups}
        self.register_outputs({})

    def name(self, group: str) -> str:
        """The secret's name, known in advance: `syncup/production/third-party`."""
        return self.context.secret_name(group)

    def arn(self, group: str) -> pulumi.Output[str]:
        """The secret's ARN, with the characters that AWS appends."""
        return self._arns[group]

    def _secret(self, group: str, args: SecretsArgs) -> pulumi.Output[str]:
        name, context = f"{self.pulumi_resource_name}-{group}", self.context
        secret = secretsmanager.Secret(
            name,
            name=context.secret_name(group),
            description=f"{context.project} {context.environment}: {group}",
            kms_key_id=args.key.arn,
            recovery_window_in_days=30,
            replicas=[
                secretsmanager.SecretReplicaArgs(
                    region=context.recovery_region, kms_key_id=args.recovery_key.arn
                )
            ],
            opts=self.child(),
        )
        secretsmanager.SecretPolicy(
            f"{name}-policy",
            secret_arn=secret.arn,
            policy=policy_document(
                only_tls(_ITSELF, "secretsmanager"),
                _only_account(context),
                *_only_readers(args.readers.get(group, ())),
            ),
            block_public_policy=True,
            opts=self.child(),
        )
        return secret.arn


def _only_account(context: Context) -> Statement:
    """Denies everybody from outside the account; AWS' own services have no account and pass."""
    return Statement(
        sid="OnlyThisAccount",
        effect="Deny",
        principals={"AWS": ["*"]},
        actions=["secretsmanager:*"],
        resources=_ITSELF,
        conditions={
            "StringNotEquals": {"aws:PrincipalAccount": context.account_id},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    )


def _only_readers(readers: Sequence[str]) -> list[Statement]:
    """Denies reading to all but the given roles; whoever administers the account can still undo it."""
    if not readers:
        return []
    return [
        Statement(
            sid="OnlyReaders",
            effect="Deny",
            principals={"AWS": ["*"]},
            actions=_READING,
            resources=_ITSELF,
            conditions={"ArnNotEquals": {"aws:PrincipalArn": readers}},
        )
    ]
