"""The backups layer: recovery points, dumps and the monthly recovery test."""

from dataclasses import dataclass

from components.backup_schedule import BackupCalendar
from components.backup_vaults import VaultLock
from components.backups import Backups, BackupsArgs
from components.context import Context
from components.database import Database
from components.database_job import JobPlace
from components.dump_job import DumpJob, DumpJobArgs
from components.dump_store import DumpStore, DumpStoreArgs
from components.firewall import Firewall, Zone
from components.function import VpcPlacement
from components.network import Network
from components.restore_job import RestoreJob, RestoreJobArgs
from components.restore_testing import RestoreTesting, RestoreTestingArgs
from infra.guide import Guide, Recovery
from infra.layers.foundations import Foundations
from infra.settings import Settings

RESTORE = "restore"
"""The restore job's name, from which that of its role follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupLayer:
    """The three ways in which the database outlives itself."""

    backups: Backups
    dump_store: DumpStore
    dump_job: DumpJob
    restore_job: RestoreJob
    restore_testing: RestoreTesting


def backups(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    database: Database,
) -> BackupLayer:
    """Vaults and dumps first, then the test of what is in the vault."""
    keys, alarms, access_logs = foundations.encryption, foundations.alarms, foundations.access_logs
    lock, compliance = settings.backups.vault_lock, settings.backups.lock_mode == "compliance"
    calendar = BackupCalendar(
        maintenance_window=guide.maintenance.weekly.rds(), backup_window=settings.database.backup_window
    )
    points = BackupsArgs(
        database_arns=[generation.known_arn for generation in database.generations.values()],
        every=guide.backup.every,
        retention_days=guide.backup.retention_days,
        calendar=calendar,
        lock=VaultLock(min_days=lock.min_days, max_days=lock.max_days, compliance=compliance),
        key=keys.backups,
        recovery_key=keys.recovery_backups,
        alarms=alarms,
    )
    made = Backups("backups", context, points)
    kept = DumpStoreArgs(
        retention_days=guide.backup.retention_days,
        compliance=compliance,
        key=keys.backups,
        recovery_key=keys.recovery_backups,
        access_logs=access_logs.home,
        recovery_access_logs=access_logs.recovery,
        recovery_provider=foundations.recovery_provider,
        alarms=alarms,
        recovery_alarms=foundations.recovery_alarms,
    )
    store = DumpStore("dumps", context, kept)
    place = JobPlace(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        security_group_id=firewall.group(Zone.JOBS),
    )
    dumped = DumpJobArgs(
        hour=calendar.dump_hour,
        database_address=database.address,
        database_name=database.database_name,
        database_major_version=settings.database.engine_version,
        store=store.bucket,
        place=place,
        key=keys.backups,
        logs_key=keys.logs,
        access_logs=access_logs.home,
        alarms=alarms,
    )
    dump_job = DumpJob("dump", context, dumped)
    restored = RestoreJobArgs(
        source=dump_job.source,
        database_address=database.address,
        database_name=database.database_name,
        database_major_version=settings.database.engine_version,
        store=store.bucket,
        place=place,
        key=keys.backups,
        secrets_key=keys.secrets,
        logs_key=keys.logs,
    )
    tested = RestoreTestingArgs(
        vault_arn=made.vault.vault_arn,
        vault=made.vault.vault,
        database_arns=[database.active_arn],
        database_name=database.database_name,
        promised=guide.backup.objective(Recovery.POINT_IN_TIME).rto,
        hour=calendar.recovery_test_hour,
        subnet_group_name=database.subnet_group_name,
        database_group_id=firewall.group(Zone.DATABASE),
        function_placement=VpcPlacement(
            subnet_ids=network.private_subnet_ids, security_group_ids=[firewall.group(Zone.FUNCTIONS)]
        ),
        key=keys.logs,
        alarms=alarms,
    )
    return BackupLayer(
        backups=made,
        dump_store=store,
        dump_job=dump_job,
        restore_job=RestoreJob(RESTORE, context, restored),
        restore_testing=RestoreTesting("recovery-test", context, tested),
    )
