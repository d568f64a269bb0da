"""What was deployed when, as the group remembers it: AWS keeps six weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operate.aws import code_of
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
    versions = _Releases(stack.client("ec2"), stack.outputs["launch-template-id"])
    answer = stack.client("autoscaling").describe_instance_refreshes(
        AutoScalingGroupName=stack.outputs["application-group"], MaxRecords=limit
    )
    return [_deployment(refresh, versions) for refresh in answer["InstanceRefreshes"]]


class _Releases:
    """Which release a version of the launch template starts: its description says it."""

    def __init__(self, ec2: Any, template: str) -> None:
        self._ec2 = ec2
        self._template = template
        self._known: dict[str, str] = {}

    def of(self, version: str) -> str:
        if version not in self._known:
            self._known[version] = self._ask(version)
        return self._known[version]

    def _ask(self, version: str) -> str:
        try:
            answer = self._ec2.describe_launch_template_versions(
                LaunchTemplateId=self._template, Versions=[version]
            )
        except ClientError as error:
            if code_of(error) == "InvalidLaunchTemplateId.VersionNotFound":
                return f"version {version}, which is gone"
            raise
        described: Sequence[Mapping[str, Any]] = answer["LaunchTemplateVersions"]
        text = described[0].get("VersionDescription", "") if described else ""
        return text.removeprefix("Release ") or f"version {version}"


def _deployment(refresh: Mapping[str, Any], releases: _Releases) -> Deployment:
    policy = refresh.get("DesiredConfiguration", {}).get("MixedInstancesPolicy", {})
    version = policy.get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {}).get("Version")
    return Deployment(
        id=refresh["InstanceRefreshId"],
        began=refresh["StartTime"],
        ended=refresh.get("EndTime"),
        status=refresh["Status"],
        release=releases.of(version) if version else RESTART,
        why=refresh.get("StatusReason", ""),
    )
