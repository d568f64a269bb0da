"""The cache layer."""

from components.cache import Cache, CacheArgs, Engine
from components.context import Context
from components.firewall import Firewall, Zone
from components.network import Network
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings


def cache(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
) -> Cache:
    """The replication group."""
    wanted = settings.cache
    args = CacheArgs(
        engine=Engine(wanted.engine),
        engine_version=wanted.engine_version,
        node_type=wanted.node_type,
        replicas=wanted.replicas,
        snapshot_retention_days=wanted.snapshot_retention_days,
        snapshot_window=wanted.snapshot_window,
        maintenance_window=guide.maintenance.weekly.rds(),
        subnet_ids=network.data_subnet_ids,
        security_group_id=firewall.group(Zone.CACHE),
        key=foundations.encryption.data,
        log_key=foundations.encryption.logs,
        log_retention_days=settings.logs.retention_days,
        alarms=foundations.alarms,
    )
    return Cache("cache", context, args)
