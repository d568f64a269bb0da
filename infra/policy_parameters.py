"""The figures of the guide that the policy pack asks for."""

from collections.abc import Mapping
from typing import Any, Final

from components.backup_schedule import Every
from infra.guide import Guide

_HOURS: Final[Mapping[Every, int]] = {Every.HOUR: 1, Every.DAY: 24}
_LONGEST_MONTH_DAYS: Final = 31


def parameters_of(guide: Guide) -> dict[str, Any]:
    """The parameters of `policies.parameters` that the guide states, by name."""
    return {
        "minimum_backup_retention_days": guide.backup.retention_days,
        "maximum_backup_interval_hours": min(_HOURS[every] for every in guide.backup.every),
        "copies_to_other_region": guide.backup.copies == "other_region",
        # The guide knows no other interval than the month.
        "maximum_recovery_test_interval_days": _LONGEST_MONTH_DAYS,
        "maximum_rotation_days": guide.secrets.rotation.days,
        "maintenance_window": guide.maintenance.weekly.rds(),
        "maximum_escalation_minutes": guide.escalation_minutes[-1],
        "alerts": [f"{alert.name}: {alert.threshold}" for alert in guide.alerts],
    }
