"""The status page layer: which alarms users notice, and on which component of the page."""

from collections.abc import Iterator

from components import tool_secrets
from components.alarms import Severity
from components.context import Context
from components.status_page import ShownAlarm, StatusPage, StatusPageArgs
from infra.guide import Guide
from infra.layers.foundations import Foundations
from infra.layers.monitoring import MonitoringLayer
from infra.settings import Settings
from infra.settings_rules import STATUS_COMPONENTS

_SITE = "application"
"""The component that stands for the site as a whole."""


def status_page(
    context: Context,
    settings: Settings,
    guide: Guide,
    *,
    foundations: Foundations,
    monitoring: MonitoringLayer,
) -> StatusPage:
    """The page follows the alarms on the guide's key metrics, and the check from outside."""
    page = settings.monitoring.status_page
    shown = [
        alarm for alarm in _shown(context, guide, monitoring) if set(alarm.components) & set(page.components)
    ]
    # The check from outside is Critical, and lives with the edge.
    distant = Severity.CRITICAL
    args = StatusPageArgs(
        page_id=page.page_id,
        components=page.components,
        alarms=shown,
        window=guide.maintenance.weekly,
        notice=guide.maintenance.notice,
        distant_topics={f"global-{distant.lower()}": foundations.global_alarms.topics.topic(distant)},
        key=foundations.encryption.logs,
        secrets_key=foundations.encryption.secrets,
        route=foundations.alarms,
    )
    return StatusPage(tool_secrets.STATUS_PAGE, context, args)


def _shown(context: Context, guide: Guide, monitoring: MonitoringLayer) -> Iterator[ShownAlarm]:
    """Of an alert on what is no key metric, such as disk space, users notice nothing yet."""
    groups = guide.metrics.groups()
    for name, (alert, _) in monitoring.alarms.watched.items():
        about = [
            component
            for component, group in STATUS_COMPONENTS.items()
            if alert.threshold.metric in {entry.metric for entry in groups[group]}
        ]
        if about:
            yield ShownAlarm(name=name, severity=alert.severity, components=about, region=context.region)
    yield ShownAlarm(
        name=monitoring.uptime.alarm_name,
        severity=Severity.CRITICAL,
        components=[_SITE],
        region=context.global_region,
    )
