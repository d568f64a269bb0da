"""The audit layer: what watches the account."""

from components.audit import Audit, AuditArgs
from components.context import Context
from infra.layers.foundations import Foundations
from infra.settings import Owner, Settings


def audit(context: Context, settings: Settings, *, foundations: Foundations) -> Audit:
    """The account's controls, as far as they are not the organisation's."""
    keys = foundations.encryption
    chosen = settings.audit
    args = AuditArgs(
        trail=chosen.trail is Owner.HERE,
        threat_detection=chosen.guardduty is Owner.HERE,
        security_hub=chosen.security_hub is Owner.HERE,
        access_analyzer=chosen.access_analyzer is Owner.HERE,
        configuration_history=chosen.config is Owner.HERE,
        vulnerability_scan=chosen.inspector is Owner.HERE,
        account_defaults=chosen.account_defaults is Owner.HERE,
        logs_key=keys.logs,
        volume_keys={context.region: keys.data, context.recovery_region: keys.recovery_data},
        access_logs=foundations.access_logs.home,
        log_retention_days=settings.logs.retention_days,
        alarms={
            context.region: foundations.alarms,
            context.recovery_region: foundations.recovery_alarms,
            context.global_region: foundations.global_alarms,
        },
    )
    return Audit("audit", context, args)
