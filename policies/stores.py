"""What rules ask of databases and caches alike, whatever the service."""

import re
from typing import Final

from policies.rule import OUT_OF_SCOPE, Problems
from policies.stack import Stack
from policies.view import Resource, any_holds
from policies.windows import is_inside

_LONGEST_RETENTION_DAYS: Final = 35
"""AWS keeps no automatic backup of a cluster longer."""


def outside_window(store: Resource, name: str, maintenance_window: str) -> Problems:
    """What is wrong with a store's own maintenance window. Without one, AWS chooses.

    Args:
        store: the database or cache.
        name: the property with its window.
        maintenance_window: the pack's parameter, empty where any window is allowed.
    """
    if not maintenance_window:
        return OUT_OF_SCOPE
    if is_inside(store.text(name), maintenance_window):
        return None
    written = re.sub("(?=[A-Z])", "_", name).lower()
    return f"{written} is not inside the pack's maintenance_window"


def short_backup_retention(cluster: Resource, minimum_days: int) -> Problems:
    """What is wrong with how long a cluster keeps automatic backups. The provider's default is a day."""
    wanted = min(minimum_days, _LONGEST_RETENTION_DAYS)
    if cluster.number("backupRetentionPeriod", default=1) < wanted:
        return f"backup_retention_period is below {wanted} days"
    return None


def bare_snapshot(snapshot: Resource, stack: Stack, cluster_type: str) -> Problems:
    """What is wrong with a cluster's snapshot, which is encrypted as its cluster is."""
    if any_holds(
        lambda cluster: not cluster.flag("storageEncrypted", default=False),
        stack.behind(snapshot, "dbClusterIdentifier", cluster_type),
    ):
        return "its cluster is not encrypted"
    return None
