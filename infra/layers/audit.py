"""The audit layer: what watches the account."""

from collections.abc import Mapping

from components.access_logs import AccessLogs
from components.alarms import AlarmRoute
from components.audit import Audit, AuditArgs
from components.context import Context
from components.encryption import Encryption
from infra.settings import Owner, Settings


def audit(
    context: Context,
    settings: Settings,
    *,
    encryption: Encryption,
    access_logs: AccessLogs,
    alarms: Mapping[str, AlarmRoute],
) -> Audit:
    """The account's controls, as far as they are not the organisation's.

    Args:
        context: the environment.
        settings: the stack's settings.
        encryption: the keys.
        access_logs: where S3 writes who reads the audit buckets.
        alarms: by region, who is told.
    """
    chosen = settings.audit
    args = AuditArgs(
        trail=chosen.trail is Owner.HERE,
        threat_detection=chosen.guardduty is Owner.HERE,
        security_hub=chosen.security_hub is Owner.HERE,
        access_analyzer=chosen.access_analyzer is Owner.HERE,
        configuration_history=chosen.config is Owner.HERE,
        vulnerability_scan=chosen.inspector is Owner.HERE,
        account_defaults=chosen.account_defaults is Owner.HERE,
        logs_key=encryption.logs,
        volume_keys={context.region: encryption.data, context.recovery_region: encryption.recovery_data},
        access_logs=access_logs.home,
        log_retention_days=settings.logs.retention_days,
        alarms=alarms,
    )
    return Audit("audit", context, args)
