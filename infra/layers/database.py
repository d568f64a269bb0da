"""The database layer: the stack file's generations as the component takes them."""

from components.context import Context
from components.database import Database, DatabaseArgs, DatabaseKeys, DatabaseNetwork, DatabaseSize
from components.database_sources import (
    Generation,
    Nothing,
    PointInTime,
    ReplicatedBackup,
    Snapshot,
    Source,
)
from components.firewall import Firewall, Zone
from components.metrics import SLOW_QUERY_MILLISECONDS
from components.network import Network
from components.secrets import USER_A, USER_B, Secrets
from infra.guide import Guide, Recovery
from infra.layers.foundations import Foundations
from infra.settings import GenerationSettings, GenerationSource, Settings


def database(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    secrets: Secrets,
) -> Database:
    """The instances and their proxy."""
    wanted, keys = settings.database, foundations.encryption
    args = DatabaseArgs(
        generations=[
            Generation(name, _source(generation)) for name, generation in wanted.generations.items()
        ],
        active=wanted.active,
        major_version=wanted.engine_version,
        size=DatabaseSize(
            instance_class=wanted.instance_class,
            storage_gib=wanted.storage_gib,
            max_storage_gib=wanted.max_storage_gib,
            multi_az=wanted.multi_az,
            replica=wanted.replica,
        ),
        network=DatabaseNetwork(
            subnet_ids=network.data_subnet_ids,
            database_group_id=firewall.group(Zone.DATABASE),
            proxy_group_id=firewall.group(Zone.PROXY),
        ),
        keys=DatabaseKeys(data=keys.data, logs=keys.logs, secrets=keys.secrets, recovery=keys.recovery_data),
        users={secrets.name(user): secrets.arn(user) for user in (USER_A, USER_B)},
        retention_days=guide.backup.retention_days,
        replicated_backup_limit_seconds=int(guide.backup.objective(Recovery.REGION).rpo.total_seconds()),
        backup_window=wanted.backup_window,
        maintenance_window=guide.maintenance.weekly.rds(),
        slow_query_milliseconds=SLOW_QUERY_MILLISECONDS,
        log_retention_days=settings.logs.retention_days,
        alarms=foundations.alarms,
    )
    return Database("database", context, args)


def _source(generation: GenerationSettings) -> Source:
    """Where a generation's data come from. The settings have been checked: a source is there if need be."""
    source = generation.source or ""
    match generation.from_:
        case GenerationSource.NOTHING:
            return Nothing()
        case GenerationSource.SNAPSHOT:
            return Snapshot(source)
        case GenerationSource.POINT_IN_TIME:
            return PointInTime(source, generation.at)
        case GenerationSource.REPLICATED_BACKUP:
            return ReplicatedBackup(source, generation.at)
