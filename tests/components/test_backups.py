"""AWS Backup: points that are copied, cannot be deleted, and whose absence rings."""

import json
from typing import Any

import pytest

from components.alarms import AlarmRoute, AlarmTopics
from components.backup_schedule import BackupCalendar, Every
from components.backup_vaults import VaultLock
from components.backups import Backups, BackupsArgs
from components.encryption import Encryption
from preview.graph import Graph
from tests.harness import build, context

TOPICS = AlarmTopics(critical="arn:critical", high="arn:high", medium="arn:medium", low="arn:low")
ROUTE = AlarmRoute(topics=TOPICS, runbooks_url="https://example.com/runbooks")
DATABASES = ("arn:aws:rds:us-west-2:111122223333:db:syncup-test-g1",)


def _graph(*, lock: VaultLock | None = None, retention_days: int = 30) -> Graph:
    def program() -> None:
        here = context()
        keys = Encryption("encryption", here)
        Backups(
            "backups",
            here,
            BackupsArgs(
                database_arns=DATABASES,
                every=[Every.DAY, Every.HOUR],
                retention_days=retention_days,
                calendar=BackupCalendar(
                    maintenance_window="sun:02:00-sun:04:00", backup_window="09:00-10:00"
                ),
                lock=lock or VaultLock(min_days=7, max_days=400),
                key=keys.backups,
                recovery_key=keys.recovery_backups,
                alarms=ROUTE,
            ),
        )

    return build(program)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return _graph()


def _alarms(graph: Graph) -> dict[str, Any]:
    return {alarm["metricName"]: alarm for alarm in graph.all("aws:cloudwatch/metricAlarm:MetricAlarm")}


def test_every_point_is_kept_for_the_window_and_copied_to_the_recovery_region(graph: Graph) -> None:
    plan = graph.one("aws:backup/plan:Plan")
    for rule in plan["rules"]:
        assert rule["lifecycle"] == {"deleteAfter": 30}
        (copy,) = rule["copyActions"]
        assert copy == {
            "destinationVaultArn": (
                "arn:aws:backup:us-east-2:111122223333:backup-vault:syncup-test-backups-recovery"
            ),
            "lifecycle": {"deleteAfter": 30},
        }
    assert {rule["ruleName"].split("-")[0] for rule in plan["rules"]} == {"hourly", "daily"}


def test_point_in_time_recovery_is_left_to_rds(graph: Graph) -> None:
    for rule in graph.one("aws:backup/plan:Plan")["rules"]:
        assert not rule.get("enableContinuousBackup", False)


def test_the_database_is_selected_by_name_with_a_role_for_this_account_alone(graph: Graph) -> None:
    assert graph.one("aws:backup/selection:Selection")["resources"] == list(DATABASES)
    (trust,) = json.loads(graph.one("aws:iam/role:Role")["assumeRolePolicy"])["Statement"]
    assert "backup.amazonaws.com" in trust["Principal"]["Service"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


@pytest.mark.parametrize(("name", "region"), [("backups", "us-west-2"), ("backups-recovery", "us-east-2")])
def test_both_vaults_are_encrypted_protected_and_locked(graph: Graph, name: str, region: str) -> None:
    vault = graph.one("aws:backup/vault:Vault", f"{name}-vault")
    assert vault["region"] == region
    assert "kmsKeyArn" in vault.inputs
    assert vault.options.protect
    lock = graph.one("aws:backup/vaultLockConfiguration:VaultLockConfiguration", f"{name}-lock")
    assert (lock["minRetentionDays"], lock["maxRetentionDays"], lock["region"]) == (7, 400, region)


@pytest.mark.parametrize("name", ["backups", "backups-recovery"])
def test_nobody_deletes_a_point_or_shortens_its_life(graph: Graph, name: str) -> None:
    policy = graph.one("aws:backup/vaultPolicy:VaultPolicy", f"{name}-policy")
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"})
    assert {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"} <= set(statement["Action"])
    assert "Condition" not in statement


def test_the_lock_can_be_lifted_unless_the_setting_says_otherwise(graph: Graph) -> None:
    for lock in graph.all("aws:backup/vaultLockConfiguration:VaultLockConfiguration"):
        assert "changeableForDays" not in lock.inputs
    strict = _graph(lock=VaultLock(min_days=7, max_days=400, compliance=True))
    for lock in strict.all("aws:backup/vaultLockConfiguration:VaultLockConfiguration"):
        assert lock["changeableForDays"] == 3


@pytest.mark.parametrize("days", [6, 401])
def test_a_lock_that_would_refuse_the_points_is_a_mistake(days: int) -> None:
    with pytest.raises(ValueError, match=f"kept for {days} days, but .* only 7 to 400"):
        _graph(retention_days=days)


def test_silence_rings_once_it_lasts_longer_than_the_schedule_explains(graph: Graph) -> None:
    alarms = _alarms(graph)
    for metric, hours in {"NumberOfBackupJobsCompleted": 5, "NumberOfCopyJobsCompleted": 6}.items():
        alarm = alarms[metric]
        assert alarm["treatMissingData"] == "breaching"
        assert alarm["period"] * alarm["evaluationPeriods"] == hours * 3600
        assert alarm["datapointsToAlarm"] == hours
        assert alarm["dimensions"] == {"ResourceType": "RDS"}
        assert alarm["alarmActions"] == ["arn:high"]


def test_each_kind_of_failure_rings(graph: Graph) -> None:
    alarms = _alarms(graph)
    for metric in ("NumberOfBackupJobsFailed", "NumberOfBackupJobsExpired", "NumberOfCopyJobsFailed"):
        assert (alarms[metric]["threshold"], alarms[metric]["alarmActions"]) == (0, ["arn:high"])
