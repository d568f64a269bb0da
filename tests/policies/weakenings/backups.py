"""AWS Backup."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.policies.weakenings.databases import GUIDE_BACKUPS
from tests.policies.weakenings.documents import resource_policy, undenied
from tests.policies.weakenings.edits import (
    Target,
    add,
    change,
    delete,
    drop,
    items_where,
    rewrite,
)
from tests.policies.weakenings.model import Kind, Weakening

GUIDE_HOURLY = "guide: Backup Schedule, hourly automated backups"
GUIDE_COPIES = "guide: Backup Schedule, replicated across regions"
GUIDE_TEST = "guide: Testing Recovery, monthly"

plan = Target("AWS Backup", "aws:backup/plan:Plan")
selection = Target("AWS Backup", "aws:backup/selection:Selection")
vault = Target("AWS Backup", "aws:backup/vault:Vault")
vault_lock = Target("AWS Backup", "aws:backup/vaultLockConfiguration:VaultLockConfiguration")
vault_policy = Target("AWS Backup", "aws:backup/vaultPolicy:VaultPolicy")
restore_selection = Target("AWS Backup", "aws:backup/restoreTestingSelection:RestoreTestingSelection")
restore_test = Target("AWS Backup", "aws:backup/restoreTestingPlan:RestoreTestingPlan")


def _is_hourly(rule: Mapping[str, Any]) -> bool:
    return "," in str(rule["schedule"]).split()[1]


def _to_the_same_region(rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Copies to a vault of the region of the plan."""
    return [
        {**rule, "copyActions": [{**action, "destinationVaultArn": _NEAR} for action in rule["copyActions"]]}
        for rule in rules
    ]


_NEAR = "arn:aws:backup:us-west-2:111122223333:backup-vault:another"

WEAKENINGS: tuple[Weakening, ...] = (
    plan(Kind.SIDE_RESOURCE, "deleted with what it selects", "RDS.26", delete),
    plan(Kind.REPLICATION, "no copies", GUIDE_COPIES, drop("rules.*.copyActions")),
    plan(
        Kind.REPLICATION,
        "no copies of the daily backup",
        GUIDE_COPIES,
        rewrite("rules", lambda rules: [r if _is_hourly(r) else {**r, "copyActions": []} for r in rules]),
    ),
    plan(
        Kind.REPLICATION,
        "copies in the same region",
        GUIDE_COPIES,
        rewrite("rules", _to_the_same_region),
    ),
    plan(Kind.RETENTION, "kept for a week", GUIDE_BACKUPS, change("rules.*.lifecycle.deleteAfter", 7)),
    plan(
        Kind.RETENTION,
        "copies kept for a week",
        GUIDE_BACKUPS,
        change("rules.*.copyActions.*.lifecycle.deleteAfter", 7),
    ),
    plan(
        Kind.RETENTION,
        "once a day alone",
        GUIDE_HOURLY,
        items_where("rules", lambda rule: not _is_hourly(rule)),
    ),
    plan(Kind.RETENTION, "once a week", GUIDE_HOURLY, change("rules.*.schedule", "cron(0 4 ? * SUN *)")),
    selection.deleted("RDS.26"),
    vault(Kind.KEY, "under AWS's key instead of our own", "Backup.1; guide: encryption", drop("kmsKeyArn")),
    vault(
        Kind.PROTECTION,
        "deleted with its recovery points",
        "guide: Backup & Recovery",
        add("forceDestroy", True),
    ),
    vault.unprotected(),
    vault_lock.deleted("guide: Backup Schedule, 30-day rolling window; design: locked vaults"),
    vault_lock(
        Kind.RETENTION,
        "recovery points deletable after a day",
        GUIDE_BACKUPS,
        change("minRetentionDays", 1),
    ),
    vault_lock(
        Kind.RETENTION,
        "recovery points deletable at once, by leaving minRetentionDays out",
        GUIDE_BACKUPS,
        drop("minRetentionDays"),
    ),
    vault_policy.deleted("guide: Backup & Recovery"),
    *resource_policy(
        vault_policy,
        "policy",
        reads="backup:CopyFromBackupVault",
        public="guide: Access Control",
        strangers="guide: Access Control",
        conditions=False,
    ),
    undenied(vault_policy, "policy", "recovery points may be deleted", "guide: Backup & Recovery"),
    restore_test(
        Kind.SIDE_RESOURCE,
        "deleted",
        GUIDE_TEST,
        delete,
    ),
    restore_selection(
        Kind.PUBLIC,
        "restored databases are publicly accessible",
        "RDS.2, CIS 2.3.3",
        change("restoreMetadataOverrides.publiclyAccessible", "true"),
    ),
)
