"""AWS Backup: plans that run often enough, keep long enough and copy; vaults that nobody empties."""

from itertools import pairwise
from statistics import median
from typing import Final

from policies import iam
from policies.places import region, region_of_arn
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.schedules import MINUTES_A_DAY, parse
from policies.selections import PLAN, SELECTION
from policies.stack import Stack
from policies.view import Resource, View, any_holds, each

_VAULT: Final = "aws:backup/vault:Vault"
_AIR_GAPPED: Final = "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"
_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
_POLICY: Final = "aws:backup/vaultPolicy:VaultPolicy"
_TEST: Final = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
_TESTED: Final = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/backup-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/aws-backup/latest/devguide"


# Plans -------------------------------------------------------------------------------------------------


@rule(
    name="backup-plan-retention",
    title="Backup plans keep recovery points long enough",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="What is noticed after the last recovery point is gone cannot be restored.",
    fix="""
        aws.backup.Plan("plan", rules=[{
            "rule_name": "hourly",
            "target_vault_name": vault.name,
            "schedule": "cron(0 * * * ? *)",
            "lifecycle": {"delete_after": 30},
        }])
    """,
    link=f"{_GUIDE}/API_Lifecycle.html",
)
def plan_retention(plan: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """Recovery points are kept for ever where nothing else is said."""

    def too_short(rule: View) -> str | None:
        if rule.number("lifecycle.deleteAfter", default=_FOR_EVER) < minimum_backup_retention_days:
            return f"{rule.where()}: lifecycle.delete_after is below {minimum_backup_retention_days} days"
        return None

    return each(too_short, plan.objects("rules"))


_FOR_EVER: Final = float("inf")


@rule(
    name="backup-plan-copies-retention",
    title="Backup plans keep copies long enough",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="After the loss of a region, the copies are all there is.",
    fix="""
        aws.backup.Plan("plan", rules=[{
            "rule_name": "hourly",
            "target_vault_name": vault.name,
            "schedule": "cron(0 * * * ? *)",
            "copy_actions": [{
                "destination_vault_arn": vault_elsewhere.arn, "lifecycle": {"delete_after": 30},
            }],
        }])
    """,
    link=f"{_GUIDE}/cross-region-backup.html",
)
def plan_copies_retention(plan: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """Copies are kept for ever where nothing else is said."""

    def too_short(rule: View) -> str | None:
        if any_holds(
            lambda copy: (
                copy.number("lifecycle.deleteAfter", default=_FOR_EVER) < minimum_backup_retention_days
            ),
            rule.objects("copyActions"),
        ):
            place = rule.where("copyActions")
            return f"{place}: lifecycle.delete_after is below {minimum_backup_retention_days} days"
        return None

    return each(too_short, plan.objects("rules"))


@rule(
    name="backup-plan-interval",
    title="Backup plans run often enough",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="What was written since the last recovery point is lost with the original.",
    fix="""
        aws.backup.Plan("plan", rules=[{
            "rule_name": "hourly", "target_vault_name": vault.name, "schedule": "cron(0 * * * ? *)",
        }])
    """,
    link=f"{_GUIDE}/API_BackupRule.html",
)
def plan_interval(plan: Resource, *, maximum_backup_interval_hours: int) -> Problems:
    """Daily at 5:00 where no schedule is given.

    All rules count together, and of their pauses the usual one: in and before the windows of a database
    no backup can begin, so that a few are longer
    (https://docs.aws.amazon.com/aws-backup/latest/devguide/troubleshooting.html). A day must have one.
    """
    schedules = [parse(rule.text("schedule", default=_DEFAULT_SCHEDULE)) for rule in plan.objects("rules")]
    runs = sorted({run for schedule in schedules if schedule for run in schedule.runs(_WEEKS * 7)})
    pauses = [after - before for before, after in pairwise(runs)]
    if not pauses or median(pauses) > maximum_backup_interval_hours * 60:
        return f"its rules usually run more than {maximum_backup_interval_hours} hours apart"
    longest = max(maximum_backup_interval_hours, _A_DAY)
    return f"its rules pause for more than {longest} hours" if max(pauses) > longest * 60 else None


_DEFAULT_SCHEDULE: Final = "cron(0 5 ? * * *)"
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRuleInput.html"""
_WEEKS: Final = 2
_A_DAY: Final = 24


@rule(
    name="backup-plan-copies-to-another-region",
    title="Backup plans copy recovery points to another region",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="With a region, the recovery points in it are out of reach.",
    fix="""
        aws.backup.Plan("plan", rules=[{
            "rule_name": "hourly",
            "target_vault_name": vault.name,
            "schedule": "cron(0 * * * ? *)",
            "copy_actions": [{"destination_vault_arn": vault_elsewhere.arn}],
        }])
    """,
    link=f"{_GUIDE}/cross-region-backup.html",
)
def plan_copies_to_another_region(plan: Resource, stack: Stack, *, copies_to_other_region: bool) -> Problems:
    """Nothing is copied by default. An ARN that is not known yet is taken to be elsewhere."""
    if not copies_to_other_region:
        return OUT_OF_SCOPE

    def not_copied(rule: View) -> str | None:
        home = _home(rule, plan, stack)
        if any_holds(
            lambda copy: not home or region_of_arn(copy.raw("destinationVaultArn")) != home,
            rule.objects("copyActions"),
        ):
            return None
        return f"{rule.where()} has no copy_actions to another region"

    return each(not_copied, plan.objects("rules"))


def _home(rule: View, plan: Resource, stack: Stack) -> str:
    """The region of a rule's vault, or of its plan; empty where nothing says it."""
    name = rule.raw("targetVaultName")
    for vault in stack.all(_VAULT):
        if isinstance(name, str) and name in (vault.raw("name"), vault.id):
            return region(vault)
    return region(plan)


@rule(
    name="backup-plan-selects",
    title="Backup plans select something",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="A plan that selects nothing runs, succeeds, and backs nothing up.",
    fix="""
        aws.backup.Selection(
            "databases", plan_id=plan.id, iam_role_arn=role.arn, resources=[database.arn]
        )
    """,
    link=f"{_GUIDE}/assigning-resources.html",
)
def plan_selects(plan: Resource, stack: Stack) -> Problems:
    """A plan selects nothing by itself, nor does a selection without resources and tags."""
    if any_holds(_selects_something, stack.beside(plan, SELECTION, by="planId")):
        return None
    return "no Selection with resources, tags or conditions refers to it"


def _selects_something(selection: Resource) -> bool:
    return any(selection.is_present(name) for name in ("conditions", "resources", "selectionTags"))


@rule(
    name="backup-restore-tested",
    title="Restores are tested often enough",
    severity=Severity.MEDIUM,
    types=(PLAN,),
    why="Whether a backup can be restored is known only to whoever has restored one.",
    fix="""
        test = aws.backup.RestoreTestingPlan(
            "test",
            schedule_expression="cron(0 6 1 * ? *)",
            recovery_point_selection={
                "algorithm": "LATEST_WITHIN_WINDOW",
                "include_vaults": [vault.arn],
                "recovery_point_types": ["SNAPSHOT"],
            },
        )
        aws.backup.RestoreTestingSelection(
            "databases",
            restore_testing_plan_name=test.name,
            protected_resource_type="RDS",
            protected_resource_arns=[database.arn],
            iam_role_arn=role.arn,
        )
    """,
    link=f"{_GUIDE}/restore-testing.html",
)
def restore_tested(_plan: Resource, stack: Stack, *, maximum_recovery_test_interval_days: int) -> Problems:
    """No restore is tested by default, nor by a plan that selects nothing."""
    if not maximum_recovery_test_interval_days:
        return OUT_OF_SCOPE
    if any_holds(
        lambda test: (
            _pauses_at_most(test.text("scheduleExpression"), maximum_recovery_test_interval_days)
            and any(stack.beside(test, _TESTED, by="restoreTestingPlanName"))
        ),
        stack.all(_TEST),
    ):
        return None
    return f"no RestoreTestingPlan tests a restore every {maximum_recovery_test_interval_days} days"


def _pauses_at_most(expression: str, days: int) -> bool:
    schedule = parse(expression)
    return schedule is not None and schedule.longest_pause_minutes <= days * MINUTES_A_DAY


@rule(
    name="backup-restore-test-private",
    title="Databases that a test restores cannot be reached from the internet",
    severity=Severity.CRITICAL,
    controls=("RDS.2",),
    types=(_TESTED,),
    why="A restored database holds what the original holds.",
    fix="""
        aws.backup.RestoreTestingSelection(
            "databases", restore_metadata_overrides={"publiclyAccessible": "false"}
        )
    """,
    link=f"{_GUIDE}/restore-testing-inferred-metadata.html",
)
def restore_test_private(selection: Resource) -> Problems:
    """AWS Backup restores without a public address where nothing else is said."""
    if selection.flag("restoreMetadataOverrides.publiclyAccessible", default=False):
        return "restore_metadata_overrides.publiclyAccessible is on"
    return None


# Vaults ------------------------------------------------------------------------------------------------


@rule(
    name="backup-vault-encrypted-with-own-key",
    title="Recovery points are encrypted with a key of one's own",
    severity=Severity.MEDIUM,
    controls=("Backup.1",),
    types=(_VAULT,),
    why="What is encrypted with AWS's own key can be copied to no other account, and be locked to nobody.",
    fix="""
        aws.backup.Vault("vault", kms_key_arn=key.arn)
    """,
    link=f"{_FSBP}#backup-1",
)
def vault_encrypted_with_own_key(vault: Resource) -> Problems:
    """Without a key, AWS takes the account's `aws/backup`."""
    return None if vault.is_present("kmsKeyArn") else "it has no kms_key_arn"


@rule(
    name="backup-vault-locked",
    title="Vaults are locked",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_VAULT,),
    why="Whoever has taken over the account deletes the backups before anything else.",
    fix="""
        aws.backup.VaultLockConfiguration(
            "lock", backup_vault_name=vault.name, min_retention_days=7, max_retention_days=400
        )
    """,
    link=f"{_GUIDE}/vault-lock.html",
)
def vault_locked(vault: Resource, stack: Stack) -> Problems:
    """There is no lock by default. What it keeps is another rule's matter."""
    if any(stack.beside(vault, _LOCK, by="backupVaultName")):
        return None
    return "it has no VaultLockConfiguration"


@rule(
    name="backup-vault-lock-retention",
    title="Vault locks keep recovery points for a week at least",
    severity=Severity.MEDIUM,
    types=(_LOCK, _AIR_GAPPED),
    why="A lock without a shortest time lets whoever may write a recovery point delete it at once.",
    fix="""
        aws.backup.VaultLockConfiguration("lock", backup_vault_name=vault.name, min_retention_days=7)
    """,
    link=f"{_GUIDE}/vault-lock.html",
)
def vault_lock_retention(lock: Resource) -> Problems:
    """There is no shortest time by default."""
    if lock.number("minRetentionDays", default=0) < _SHORTEST_LOCK_DAYS:
        return f"min_retention_days is below {_SHORTEST_LOCK_DAYS}"
    return None


_SHORTEST_LOCK_DAYS: Final = 7


@rule(
    name="backup-vault-policy-denies-deletion",
    title="Policies of vaults let nobody delete recovery points",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_POLICY,),
    why="Deleting by hand is what an attacker does, and what a retention makes needless.",
    fix="""
        aws.backup.VaultPolicy("policy", backup_vault_name=vault.name, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
                "Resource": "*",
            }],
        }))
    """,
    link=f"{_GUIDE}/creating-a-vault-access-policy.html",
)
def vault_policy_denies_deletion(policy: Resource) -> Problems:
    """Whoever IAM lets may delete, unless the vault denies it."""
    if any_holds(
        lambda statement: (
            statement.denies
            and statement.is_for_everyone
            and all(statement.covers_action(action) for action in _DELETING)
        ),
        iam.parse(policy, "policy"),
    ):
        return None
    return "no statement denies everyone to delete recovery points and to shorten their time"


_DELETING: Final = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")


@rule(
    name="backup-vault-has-policy",
    title="Vaults have a policy",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_VAULT,),
    why="Without one, everybody whom IAM lets may delete recovery points.",
    fix="""
        aws.backup.VaultPolicy("policy", backup_vault_name=vault.name, policy=document)
    """,
    link=f"{_GUIDE}/creating-a-vault-access-policy.html",
)
def vault_has_policy(vault: Resource, stack: Stack) -> Problems:
    """There is none by default. What it says is another rule's matter."""
    return None if any(stack.beside(vault, _POLICY, by="backupVaultName")) else "it has no VaultPolicy"


@rule(
    name="backup-vault-not-deleted-with-points",
    title="Vaults are not deleted with what is in them",
    severity=Severity.MEDIUM,
    types=(_VAULT,),
    why="Whoever destroys the stack, or replaces the vault, deletes every recovery point.",
    fix="""
        aws.backup.Vault("vault", force_destroy=False)
    """,
    link=f"{_GUIDE}/deleting-a-vault.html",
)
def vault_not_deleted_with_points(vault: Resource) -> Problems:
    """Off by default: AWS deletes only what is empty."""
    return "force_destroy is on" if vault.flag("forceDestroy", default=False) else None
