"""The application's instances, which read their secrets when they start and never again."""

import logging
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from rotation import RotationError
from stored import code

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


class Instances:
    """One Auto Scaling group."""

    def __init__(self, autoscaling: Any, ec2: Any, group: str) -> None:
        """Takes boto3's clients and the group's name."""
        self._autoscaling = autoscaling
        self._ec2 = ec2
        self._group = group

    def require_read(self, secrets: Any, secret: str) -> None:
        """Refuses while an instance runs that may know only the value before the last rotation.

        Another rotation now would take that value from it. The rotation of the instances is begun, so that
        a later attempt succeeds.

        Raises:
            RotationError: there is such an instance.
        """
        last: datetime | None = secrets.describe_secret(SecretId=secret).get("LastRotatedDate")
        if last is None:
            return
        stale = self._started_before(last)
        if stale:
            self.roll()
            raise RotationError(
                f"{secret}: {len(stale)} instances of {self._group} run since before its last rotation"
                " and are being replaced: rotate again when that is done"
            )

    def roll(self) -> None:
        """Replaces all instances, a few at a time, by such that read the secrets anew.

        Where they are being replaced already nothing is added: what was in use stays valid until the next
        rotation, which looks first.
        """
        try:
            # The template stays as it is, and so does the release. Stated, since the default may change:
            # with it the refresh would skip every instance for being like its template.
            self._autoscaling.start_instance_refresh(
                AutoScalingGroupName=self._group,
                Strategy="Rolling",
                Preferences={"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, "SkipMatching": False},
            )
        except ClientError as error:
            if code(error) != "InstanceRefreshInProgress":
                raise
            _log.warning("%s is being replaced already", self._group)

    def _started_before(self, moment: datetime) -> list[str]:
        groups = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self._group])
        members = [
            instance["InstanceId"]
            for group in groups["AutoScalingGroups"]
            for instance in group["Instances"]
            if not instance["LifecycleState"].startswith("Terminat")
        ]
        if not members:
            return []
        reservations = self._ec2.describe_instances(InstanceIds=members)["Reservations"]
        return [
            instance["InstanceId"]
            for reservation in reservations
            for instance in reservation["Instances"]
            if instance["LaunchTime"] <= moment
        ]
