"""The foundations: keys, the topics that alarms reach, and where S3 logs its own access."""

from dataclasses import dataclass

import pulumi
import pulumi_aws

from components.access_logs import AccessLogs
from components.alarms import AlarmRoute
from components.context import Context
from components.encryption import Encryption
from components.notifications import Notifications
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Foundations:
    """What every other layer leans on."""

    encryption: Encryption
    notifications: Notifications
    recovery_provider: pulumi.ProviderResource
    """For what AWS splits into many resources, all of which have to live in the recovery region."""
    access_logs: AccessLogs
    alarms: AlarmRoute
    recovery_alarms: AlarmRoute
    """For alarms on what only the recovery region tells."""
    global_alarms: AlarmRoute
    """For alarms that can only exist where the edge lives."""


def foundations(context: Context, settings: Settings) -> Foundations:
    """Keys first, then the topics that they encrypt."""
    encryption = Encryption("encryption", context)
    notifications = Notifications(
        "alerts",
        context,
        key=encryption.logs,
        recovery_key=encryption.recovery_logs,
        global_key=encryption.global_logs,
    )
    recovery_provider = pulumi_aws.Provider(
        "recovery", region=context.recovery_region, allowed_account_ids=[context.account_id]
    )
    runbooks_url = settings.monitoring.runbooks_url
    return Foundations(
        encryption=encryption,
        notifications=notifications,
        recovery_provider=recovery_provider,
        access_logs=AccessLogs("access-logs", context, recovery_provider),
        alarms=AlarmRoute(topics=notifications.topics, runbooks_url=runbooks_url),
        recovery_alarms=AlarmRoute(topics=notifications.recovery_topics, runbooks_url=runbooks_url),
        global_alarms=AlarmRoute(topics=notifications.global_topics, runbooks_url=runbooks_url),
    )
