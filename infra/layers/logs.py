"""The logs layer: what is counted in logs, and where they are searched."""

from dataclasses import dataclass

from components.application import Application
from components.context import Context
from components.database import Database
from components.firewall import Firewall, Zone
from components.function import VpcPlacement
from components.log_forwarding import LogForwarding, LogForwardingArgs, setup_role_arn
from components.logs import LogMetrics, LogMetricsArgs, LogSource
from components.network import Network
from components.search import Search, SearchArgs
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings

_FORWARDING = "logs"


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLayer:
    """Where logs can be searched, and what brings them there."""

    search: Search
    forwarding: LogForwarding


def logs(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    network: Network,
    firewall: Firewall,
    application: Application,
    database: Database,
) -> LogLayer:
    """Counts in the groups of the application and the database, and forwards them."""
    keys, alarms, size = foundations.encryption, foundations.alarms, settings.logs.search
    from_application = LogSource(name=application.log_group_name, owner=application)
    from_database = [LogSource(name=name, owner=database) for name in database.log_group_names]
    counted = LogMetricsArgs(
        application=from_application,
        databases=[source for source in from_database if source.name.endswith("/postgresql")],
    )
    LogMetrics("log-metrics", context, counted)
    searched = SearchArgs(
        engine_version=size.engine_version,
        instance_type=size.instance_type,
        data_nodes=size.data_nodes,
        master_type=size.master_type,
        master_nodes=size.master_nodes,
        volume_gib=size.volume_gib,
        subnet_ids=network.data_subnet_ids,
        security_group_id=firewall.group(Zone.SEARCH),
        administrator_role_arn=setup_role_arn(context, _FORWARDING),
        maintenance_window=guide.maintenance.weekly.rds(),
        key=keys.logs,
        log_retention_days=settings.logs.retention_days,
        alarms=alarms,
    )
    search = Search("search", context, searched)
    forwarded = LogForwardingArgs(
        sources=[from_application, *from_database],
        search=search,
        retention_days=size.retention_days,
        placement=VpcPlacement(
            subnet_ids=network.private_subnet_ids, security_group_ids=[firewall.group(Zone.FORWARDER)]
        ),
        key=keys.logs,
        access_logs=foundations.access_logs.home,
        alarms=alarms,
    )
    return LogLayer(search=search, forwarding=LogForwarding(_FORWARDING, context, forwarded))
