"""The maintenance layer: the one window, what follows it, and what is done in it."""

from collections.abc import Mapping, Sequence

from components.alarms import Severity
from components.cache import Cache
from components.context import Context
from components.database import Database
from components.firewall import Firewall, Zone
from components.function import VpcPlacement
from components.maintenance import Maintenance, MaintenanceArgs
from components.maintenance_tasks import MaintenanceTasks, MaintenanceTasksArgs
from components.network import Network
from components.records import Records
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings


def maintenance(
    context: Context,
    guide: Guide,
    *,
    foundations: Foundations,
    patch_tags: Mapping[str, str],
    muted_alarms: Sequence[str],
) -> Maintenance:
    """Patches, mute rules and the notice. RDS and ElastiCache take the window in their own layers."""
    args = MaintenanceArgs(
        window=guide.maintenance.weekly,
        notice=guide.maintenance.notice,
        team=guide.maintenance.team,
        patch_tags=patch_tags,
        muted_alarms=muted_alarms,
        notice_topic=foundations.alarms.topics.topic(Severity.LOW),
        notice_topic_name=context.name("alerts", Severity.LOW.lower()),
        key=foundations.encryption.logs,
        route=foundations.alarms,
    )
    return Maintenance("maintenance", context, args)


def maintenance_tasks(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    database: Database,
    cache: Cache,
    records: Records,
) -> MaintenanceTasks:
    """What the guide's Maintenance Tasks do by themselves."""
    keys = foundations.encryption
    args = MaintenanceTasksArgs(
        window=guide.maintenance.weekly,
        paging=[level.level for level in guide.severities if level.pages],
        database_address=database.address,
        database_name=database.database_name,
        cache_endpoint=cache.primary_endpoint,
        records_bucket=records.bucket_name,
        log_retention_days=settings.logs.retention_days,
        placement=VpcPlacement(
            subnet_ids=network.private_subnet_ids, security_group_ids=[firewall.group(Zone.FUNCTIONS)]
        ),
        key=keys.logs,
        records_key=keys.data,
        secrets_key=keys.secrets,
        route=foundations.alarms,
    )
    return MaintenanceTasks("maintenance-tasks", context, args)
