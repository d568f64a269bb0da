"""What the rules of AWS Backup decide."""

from typing import Any

import pytest

from policies.evaluate import Verdict, judge
from policies.rules import backup
from policies.view import Resource
from tests.policies.kit import MAIN, Case, Side, arn, judged, policy

_KEY = arn("kms", "key/1a2b3c4d")
_PLAN = "aws:backup/plan:Plan"
_KEPT = {"minimum_backup_retention_days": 30}
_NEAR = "arn:aws:backup:us-west-2:111122223333:backup-vault:near"
_FAR = "arn:aws:backup:us-east-2:111122223333:backup-vault:far"


def _rules(**rule: Any) -> dict[str, Any]:
    return {"rules": [{"ruleName": "hourly", "targetVaultName": "vault", **rule}]}


def _copy(vault: str = _FAR, **lifecycle: int) -> dict[str, Any]:
    return {"destinationVaultArn": vault, **({"lifecycle": lifecycle} if lifecycle else {})}


def _selection(**given: Any) -> Side:
    return Side("aws:backup/selection:Selection", planId=MAIN, **given)


def _test(expression: str) -> Side:
    return Side(
        "aws:backup/restoreTestingPlan:RestoreTestingPlan", name="test", scheduleExpression=expression
    )


_TESTED = Side(
    "aws:backup/restoreTestingSelection:RestoreTestingSelection", restoreTestingPlanName="test", name="all"
)
_HOME = Side("aws:backup/vault:Vault", name="vault", region="us-west-2")


def _denial(**changes: Any) -> str:
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
        "Resource": "*",
    }
    return policy({**statement, **changes})


CASES = (
    Case(
        backup.plan_retention,
        compliant=_rules(lifecycle={"deleteAfter": 30}),
        violating=_rules(lifecycle={"deleteAfter": 29}),
        more_compliant=[_rules()],
        # A plan has rules.
        absent=Verdict.COMPLIANT,
        settings=_KEPT,
    ),
    Case(
        backup.plan_copies_retention,
        compliant=_rules(copyActions=[_copy(deleteAfter=30)]),
        violating=_rules(copyActions=[_copy(deleteAfter=29)]),
        more_compliant=[_rules(), _rules(copyActions=[_copy()])],
        absent=Verdict.COMPLIANT,
        settings=_KEPT,
    ),
    Case(
        backup.plan_interval,
        compliant=_rules(schedule="cron(0 * * * ? *)"),
        violating=_rules(schedule="cron(0 0/2 * * ? *)"),
        more_compliant=[_rules(schedule="cron(0 0-6,10-23 * * ? *)")],
        more_violating=[_rules(), _rules(schedule="hourly"), _rules(schedule="cron(0 * ? * SUN *)")],
        settings={"maximum_backup_interval_hours": 1},
    ),
    Case(
        backup.plan_copies_to_another_region,
        beside=[_HOME],
        compliant=_rules(copyActions=[_copy(_FAR)]),
        violating=_rules(copyActions=[_copy(_NEAR)]),
        more_compliant=[_rules(copyActions=[_copy(_NEAR), _copy(_FAR)])],
        more_violating=[_rules(), {"rules": [*_rules(copyActions=[_copy()])["rules"], *_rules()["rules"]]}],
        absent=Verdict.COMPLIANT,
        settings={"copies_to_other_region": True},
    ),
    *(
        Case(
            backup.plan_selects,
            compliant_beside=[_selection(**given)],
            violating_beside=[_selection()],
            unknown=Verdict.COMPLIANT,
        )
        for given in (
            {"resources": ["*"]},
            {"selectionTags": [{"type": "STRINGEQUALS", "key": "Backup", "value": "yes"}]},
        )
    ),
    Case(
        backup.restore_tested,
        beside=[_TESTED],
        compliant_beside=[_test("cron(0 6 1 * ? *)")],
        violating_beside=[_test("cron(0 6 1 1/2 ? *)")],
        settings={"maximum_recovery_test_interval_days": 31},
    ),
    Case(
        backup.restore_test_private,
        compliant={"restoreMetadataOverrides": {"publiclyAccessible": "false"}},
        violating={"restoreMetadataOverrides": {"publiclyAccessible": "true"}},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        backup.vault_encrypted_with_own_key,
        compliant={"kmsKeyArn": _KEY},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        backup.vault_locked,
        compliant_beside=[
            Side("aws:backup/vaultLockConfiguration:VaultLockConfiguration", backupVaultName=MAIN)
        ],
    ),
    Case(
        backup.vault_lock_retention,
        compliant={"minRetentionDays": 7},
        violating={"minRetentionDays": 6},
    ),
    Case(
        backup.vault_policy_denies_deletion,
        compliant={"policy": _denial()},
        violating={"policy": _denial(Action="backup:DeleteRecoveryPoint")},
        more_compliant=[{"policy": _denial(Action="backup:*", Principal="*")}],
        more_violating=[{"policy": _denial(Principal={"AWS": "arn:aws:iam::111122223333:role/one"})}],
    ),
    Case(
        backup.vault_has_policy,
        compliant_beside=[Side("aws:backup/vaultPolicy:VaultPolicy", backupVaultName=MAIN, policy=_denial())],
    ),
    Case(
        backup.vault_not_deleted_with_points,
        compliant={"forceDestroy": False},
        violating={"forceDestroy": True},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)


@pytest.mark.parametrize(
    ("schedules", "hours", "verdict"),
    [
        (["cron(0 4 * * ? *)"], 24, Verdict.COMPLIANT),
        # The pauses that a database's windows make are not the usual ones.
        (["cron(0 0-2,5-7,10-23 ? * * *)", "cron(0 4 * * ? *)"], 1, Verdict.COMPLIANT),
        (["cron(0 0-22/2 * * ? *)", "cron(0 1-23/2 * * ? *)"], 1, Verdict.COMPLIANT),
        (["cron(0 4 * * ? *)"], 1, Verdict.VIOLATED),
        (["cron(0 * ? * MON *)"], 1, Verdict.VIOLATED),
    ],
)
def test_the_rules_of_a_plan_count_together(schedules: list[str], hours: int, verdict: Verdict) -> None:
    plan = Resource(
        urn=f"urn:pulumi:test::example::{_PLAN}::plan",
        type_token=_PLAN,
        inputs={"rules": [{"schedule": schedule} for schedule in schedules]},
    )
    found = judge(backup.plan_interval, plan, {"maximum_backup_interval_hours": hours})
    assert found.verdict is verdict
