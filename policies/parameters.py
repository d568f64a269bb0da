"""The parameters of the pack: the figures that rules leave to whoever uses it.

A rule reads one by naming it as a keyword-only argument of its predicate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. Its default is what AWS's own control asks for, or what restricts nothing."""

    name: str
    """With its unit."""
    kind: Literal["integer", "string", "boolean", "list of strings"]
    default: Any
    description: str


_ALL: Final = (
    Parameter(
        "minimum_backup_retention_days",
        "integer",
        7,
        "The shortest time for which backups are kept, in days.",
    ),
    Parameter(
        "maximum_backup_interval_hours", "integer", 24, "The longest time between two backups, in hours."
    ),
    Parameter(
        "copies_to_other_region", "boolean", False, "Whether backups have to be copied to another region."
    ),
    Parameter(
        "maximum_recovery_test_interval_days",
        "integer",
        0,
        "The longest time between two tests of a restore, in days; 0 asks for none.",
    ),
    Parameter("maximum_rotation_days", "integer", 90, "The longest time between two rotations, in days."),
    Parameter(
        "maintenance_window",
        "string",
        "",
        "Where every maintenance window has to lie, `sun:02:00-sun:04:00` in UTC; empty for any.",
    ),
    Parameter(
        "ssh_sources",
        "list of strings",
        [],
        "The CIDR blocks from which SSH is allowed. Security groups and prefix lists are always allowed.",
    ),
    Parameter(
        "database_sources",
        "list of strings",
        [],
        "The CIDR blocks that may reach databases and caches. Security groups are always allowed.",
    ),
    Parameter(
        "minimum_log_retention_days", "integer", 365, "The shortest time for which logs are kept, in days."
    ),
    Parameter(
        "alerts",
        "list of strings",
        [],
        "The alerts that have to exist in CloudWatch and in Datadog, by name, each with its threshold"
        " if that is to be held too: `HighErrorRate: error_rate > 5%`.",
    ),
    Parameter(
        "maximum_escalation_minutes",
        "integer",
        0,
        "The longest time until the last level of an escalation is called, in minutes; 0 for any.",
    ),
    Parameter(
        "trusted_accounts", "list of strings", [], "The AWS accounts besides its own that policies may name."
    ),
)

PARAMETERS: Mapping[str, Parameter] = MappingProxyType({parameter.name: parameter for parameter in _ALL})
"""The parameters by name."""

DEFAULTS: Mapping[str, Any] = MappingProxyType({parameter.name: parameter.default for parameter in _ALL})
"""The default of each parameter, by its name."""
