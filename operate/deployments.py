"""What was deployed when, as the group remembers it: AWS keeps six weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operate.launch_template import Versions
from operate.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One replacement of all instances."""

    id: str
    began: datetime
    ended: datetime | None
    status: str
    """AWS' word: `InProgress`, `Successful`, `RollbackSuccessful`, …"""
    release: str
    """What it brought, or `restart` where it brought nothing new."""
    why: str
    """What AWS says of its status."""


RESTART = "restart"


def recent(stack: Stack, limit: int) -> list[Deployment]:
    """The latest deployments, the newest first.

    Args:
        stack: the stack.
        limit: how many at most, up to 100.
    """
    versions = Versions(stack)
    answer = stack.client("autoscaling").describe_instance_refreshes(
        AutoScalingGroupName=stack.outputs["application-group"], MaxRecords=limit
    )
    return [_deployment(refresh, versions) for refresh in answer["InstanceRefreshes"]]


def _deployment(refresh: Mapping[str, Any], versions: Versions) -> Deployment:
    policy = refresh.get("DesiredConfiguration", {}).get("MixedInstancesPolicy", {})
    version = policy.get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {}).get("Version")
    return Deployment(
        id=refresh["InstanceRefreshId"],
        began=refresh["StartTime"],
        ended=refresh.get("EndTime"),
        status=refresh["Status"],
        release=versions.release(version) if version else RESTART,
        why=refresh.get("StatusReason", ""),
    )
