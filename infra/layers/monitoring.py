"""The monitoring layer: alarms, monitors, dashboards and checks, from the guide's alerts and targets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.alarms import Severity
from components.alert_alarms import AlertAlarms, AlertAlarmsArgs
from components.alerts import Alert, Target
from components.application import Application
from components.context import Context
from components.contract import HEALTH_PATH
from components.dashboards import Dashboard, DashboardArgs
from components.database import MONITORING_LOG_GROUP, Database
from components.database_disk import DatabaseDisk
from components.datadog_dashboard import DatadogDashboard, DatadogDashboardArgs
from components.datadog_integration import DatadogIntegration, DatadogIntegrationArgs
from components.datadog_monitors import DatadogMonitors, DatadogMonitorsArgs
from components.metric_forms import Role
from components.on_call import OnCall
from components.silence import Silence, SilenceArgs
from components.uptime import Uptime, UptimeArgs
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.settings import Settings

_SECTIONS = {
    "application_health": "Application health",
    "database_health": "Database health",
    "api_performance": "API performance",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringLayer:
    """What rings about the whole, for those that follow it."""

    alarms: AlertAlarms
    uptime: Uptime


def monitoring(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    application: Application,
    database: Database,
    on_call: OnCall,
) -> MonitoringLayer:
    """Everything that watches."""
    DatabaseDisk(
        "database-disk",
        context,
        log_group_name=MONITORING_LOG_GROUP,
        opts=pulumi.ResourceOptions(depends_on=[database]),
    )
    measured = names(context, application, database)
    alarms = AlertAlarms(
        "alerts",
        context,
        AlertAlarmsArgs(alerts=alerts(guide), names=measured, route=foundations.alarms),
    )
    asked = UptimeArgs(domain=settings.edge.domain, health_path=HEALTH_PATH, route=foundations.global_alarms)
    uptime = Uptime("uptime", context, asked)
    Silence("silence", context, SilenceArgs(route=foundations.alarms, pager=on_call.silence_handle))
    _datadog(context, settings, guide, measured)
    if settings.monitoring.dashboards:
        _dashboards(context, guide, measured, alarms)
    return MonitoringLayer(alarms=alarms, uptime=uptime)


def alerts(guide: Guide) -> list[Alert]:
    """The guide's Alert Thresholds."""
    return [
        Alert(name=alert.name, threshold=alert.threshold, severity=Severity(alert.severity))
        for alert in guide.alerts
    ]


def targets(guide: Guide) -> list[Target]:
    """The guide's Key Metrics."""
    return [
        Target(section=_SECTIONS[group], title=entry.name, metric=entry.metric, limit=entry.target)
        for group, entries in guide.metrics.groups().items()
        for entry in entries
    ]


def names(context: Context, application: Application, database: Database) -> dict[Role, pulumi.Input[str]]:
    """What there is to measure in this environment, and what it is called."""
    found: dict[Role, pulumi.Input[str]] = {
        Role.ENVIRONMENT: context.environment,
        Role.LOAD_BALANCER: application.load_balancer_suffix,
        Role.GROUP: application.group_name,
        Role.PROXY: database.proxy_name,
        Role.DATABASE: database.active_identifier,
    }
    if database.replica_identifier is not None:
        found[Role.REPLICA] = database.replica_identifier
    return found


def status_page(settings: Settings) -> dict[str, str]:
    """The stack's outputs by which the status command finds the page and its components."""
    page = settings.monitoring.status_page
    return {
        "status-page": page.page_id,
        "status-page-components": json.dumps(dict(page.components), sort_keys=True),
    }


def _datadog(
    context: Context, settings: Settings, guide: Guide, measured: Mapping[Role, pulumi.Input[str]]
) -> None:
    datadog = settings.monitoring.datadog
    if datadog.integration:
        args = DatadogIntegrationArgs(
            site=datadog.site,
            external_id=datadog.external_id,
            regions=[context.region, context.recovery_region, context.global_region],
        )
        DatadogIntegration("datadog-integration", context, args)
    slack = settings.monitoring.slack
    DatadogMonitors(
        "monitors",
        context,
        DatadogMonitorsArgs(
            alerts=alerts(guide),
            targets=targets(guide),
            roles=frozenset(measured),
            names=_known(measured),
            runbooks_url=settings.monitoring.runbooks_url,
            notice=f"@slack-{slack.workspace}-{slack.channel.removeprefix('#')}",
        ),
    )


def _dashboards(
    context: Context,
    guide: Guide,
    measured: Mapping[Role, pulumi.Input[str]],
    alarms: AlertAlarms,
) -> None:
    Dashboard(
        "dashboard",
        context,
        DashboardArgs(
            alerts=alerts(guide),
            targets=targets(guide),
            names=measured,
            composite_names=list(alarms.composite_names.values()),
        ),
    )
    DatadogDashboard(
        "datadog-dashboard",
        context,
        DatadogDashboardArgs(
            alerts=alerts(guide),
            targets=targets(guide),
            roles=frozenset(measured),
            names=_known(measured),
        ),
    )


def _known(measured: Mapping[Role, pulumi.Input[str]]) -> dict[Role, str]:
    """The names that are known before anything exists: Datadog's queries need no others."""
    return {role: name for role, name in measured.items() if isinstance(name, str)}
