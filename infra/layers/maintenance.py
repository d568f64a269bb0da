"""The maintenance layer: the one window, and what follows it."""

from collections.abc import Mapping, Sequence

from components.alarms import Severity
from components.context import Context
from components.maintenance import Maintenance, MaintenanceArgs
from infra.guide import Guide
from infra.layers.foundations import Foundations


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
