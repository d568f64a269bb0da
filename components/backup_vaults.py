"""A backup vault that keeps what is put into it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import backup

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, policy_document

_COMPLIANCE_GRACE_DAYS = 3
"""How long a compliance lock can still be taken back: AWS' minimum.
https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultLock:
    """What a vault accepts and how firmly it holds it."""

    min_days: int
    """No recovery point is kept for less."""
    max_days: int
    """No recovery point is kept for longer."""
    compliance: bool = False
    """False is governance mode: a role with the permission can lift the lock. True is compliance mode:
    three days after the update nobody can, not even AWS."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupVaultArgs:
    """Where a vault is and what protects it."""

    key: Key
    lock: VaultLock
    region: str


class BackupVault(Component):
    """An encrypted and locked vault.

    Guarantees that no principal deletes a recovery point or shortens its life: only the end of its
    retention removes it.
    """

    def __init__(
        self, name: str, context: Context, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:BackupVault", name, context, opts)
        self.vault_name = context.name(name, limit=50)
        self.vault_arn = context.arn("backup", f"backup-vault:{self.vault_name}", region=args.region)
        vault = backup.Vault(
            f"{name}-vault",
            name=self.vault_name,
            kms_key_arn=args.key.arn,
            region=args.region,
            opts=self.child(),
        )
        self.vault = vault.name
        policy = backup.VaultPolicy(
            f"{name}-policy",
            backup_vault_name=vault.name,
            policy=policy_document(_nobody_deletes()),
            region=args.region,
            opts=self.child(),
        )
        # The lock comes last: in compliance mode it closes what is there.
        backup.VaultLockConfiguration(
            f"{name}-lock",
            backup_vault_name=vault.name,
            min_retention_days=args.lock.min_days,
            max_retention_days=args.lock.max_days,
            # Its absence is what makes the mode governance.
            changeable_for_days=_COMPLIANCE_GRACE_DAYS if args.lock.compliance else None,
            region=args.region,
            opts=self.child(depends_on=[policy]),
        )
        self.register_outputs({"vault_name": self.vault_name})


def _nobody_deletes() -> Statement:
    """In a vault's policy `*` means the points in it: those of RDS carry ARNs of RDS snapshots.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
    """
    return Statement(
        sid="NobodyDeletes",
        effect="Deny",
        principals={"AWS": ["*"]},
        actions=[
            "backup:DeleteBackupVault",
            "backup:DeleteRecoveryPoint",
            "backup:UpdateRecoveryPointLifecycle",
        ],
    )
