"""Replacing the application's instances by new ones: what AWS calls an instance refresh.

No instance goes before its successor serves.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.application import Group
from operate.aws import code_of
from operate.errors import GuardError, OperationError
from operate.stack import Stack

SUCCESSFUL: Final = "Successful"
BAKING: Final = "Baking"
"""All instances are new, and AWS watches the alarms for a while before it calls that a success."""
ENDED: Final = (SUCCESSFUL, "Failed", "Cancelled", "RollbackSuccessful", "RollbackFailed")
_GOES_FORTH: Final = ("Pending", "InProgress", BAKING)
_GOES_BACK: Final = ("Cancelling", "RollbackInProgress")
"""https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html"""

BAKE_SECONDS: Final = 5 * 60
"""As long as the slower of the alarms looks back (`components/application_alarms.py`)."""
_POLL_SECONDS: Final = 10
_SURGE: Final = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refresh:
    """One replacement of all instances."""

    id: str
    status: str
    """AWS' word."""
    percent: int
    why: str
    """What AWS says of its status."""
    version: str
    """Of the launch template that it brings in; empty where it brings in nothing new."""

    @property
    def is_under_way(self) -> bool:
        """Whether instances are being replaced."""
        return self.status in _GOES_FORTH or self.goes_back

    @property
    def goes_back(self) -> bool:
        """Whether it is being undone, or ended as it is."""
        return self.status in _GOES_BACK


def latest(stack: Stack) -> Refresh | None:
    """The one that began last, or None where there was none in six weeks."""
    answer = stack.client("autoscaling").describe_instance_refreshes(
        AutoScalingGroupName=stack.outputs["application-group"], MaxRecords=1
    )
    found = answer["InstanceRefreshes"]
    return _refresh(found[0]) if found else None


def renew(stack: Stack) -> str:
    """Starts replacing every instance by one that is made the same way.

    The deployment's own alarms end it.

    Returns:
        Its identifier.

    Raises:
        GuardError: instances are being replaced already.
    """
    return _start(stack, Preferences={**_SURGE, "SkipMatching": False, **_watched(stack)})


def bring(stack: Stack, group: Group, version: str, *, watched: bool) -> str:
    """Starts replacing the instances that are of another version of the launch template.

    When it has succeeded, the version is the group's own.

    Args:
        stack: the stack.
        group: the group as it is.
        version: a number, since AWS does not go back from `$Latest`.
        watched: whether the alarms turn it back, by itself and to what was there before.

    Returns:
        Its identifier.

    Raises:
        GuardError: instances are being replaced already.
    """
    preferences: dict[str, Any] = {**_SURGE, "SkipMatching": True}
    if watched:
        preferences |= {"AutoRollback": True, "BakeTime": BAKE_SECONDS, **_watched(stack)}
    return _start(
        stack,
        DesiredConfiguration={"MixedInstancesPolicy": _with_version(group.policy, version)},
        Preferences=preferences,
    )


def turn_back(stack: Stack) -> None:
    """Has AWS bring back what was there before the replacement that is under way.

    Where AWS cannot, as for one that brings in nothing new, it is ended as it is. Nothing happens where
    none is under way any more.
    """
    autoscaling, name = stack.client("autoscaling"), stack.outputs["application-group"]
    try:
        autoscaling.rollback_instance_refresh(AutoScalingGroupName=name)
    except ClientError as error:
        if code_of(error).startswith("ActiveInstanceRefreshNotFound"):
            return
        if not code_of(error).startswith(("IrreversibleInstanceRefresh", "ValidationError")):
            raise
        autoscaling.cancel_instance_refresh(AutoScalingGroupName=name)


def follow(
    stack: Stack,
    identifier: str,
    what: str,
    say: Callable[[str], None],
    until: Collection[str] = (SUCCESSFUL,),
) -> str:
    """Waits until a replacement has come to an end.

    Args:
        stack: the stack.
        identifier: of the replacement.
        what: it is, for the message: `the restart of staging`.
        say: is told how far it is.
        until: the states that are good.

    Returns:
        Which of them it has come to.

    Raises:
        OperationError: it ended otherwise, with AWS' reason.
    """
    told = ""
    while True:
        answer = stack.client("autoscaling").describe_instance_refreshes(
            AutoScalingGroupName=stack.outputs["application-group"], InstanceRefreshIds=[identifier]
        )
        found = _refresh(answer["InstanceRefreshes"][0])
        line = f"{found.percent} % replaced, {found.status}"
        if line != told:
            say(line)
            told = line
        if found.status in until:
            return found.status
        if not found.is_under_way:
            why = found.why or "AWS does not say why"
            raise OperationError(f"{what} ended with {found.status}: {why}")
        stack.clock.sleep(_POLL_SECONDS)


def ringing(stack: Stack) -> list[str]:
    """Those of the deployment's alarms that ring. While one does, AWS turns every watched one back."""
    answer = stack.client("cloudwatch").describe_alarms(
        AlarmNames=_alarms(stack), AlarmTypes=["MetricAlarm"], StateValue="ALARM"
    )
    return sorted(alarm["AlarmName"] for alarm in answer["MetricAlarms"])


def _start(stack: Stack, **how: Any) -> str:
    name = stack.outputs["application-group"]
    try:
        answer = stack.client("autoscaling").start_instance_refresh(AutoScalingGroupName=name, **how)
    except ClientError as error:
        if code_of(error).startswith("InstanceRefreshInProgress"):
            raise GuardError(
                f"the instances of {stack.name} are being replaced already: "
                f"`syncup deployments list {stack.name}`"
            ) from error
        raise
    return answer["InstanceRefreshId"]


def _alarms(stack: Stack) -> list[str]:
    return stack.outputs["refresh-alarms"].split(",")


def _watched(stack: Stack) -> Mapping[str, Any]:
    return {"AlarmSpecification": {"Alarms": _alarms(stack)}}


def _with_version(policy: Mapping[str, Any], version: str) -> Mapping[str, Any]:
    """The group's own policy with another version and nothing else: whatever is left out, AWS may change."""
    template = policy["LaunchTemplate"]
    specification = {
        "LaunchTemplateId": template["LaunchTemplateSpecification"]["LaunchTemplateId"],
        "Version": version,
    }
    return {**policy, "LaunchTemplate": {**template, "LaunchTemplateSpecification": specification}}


def _refresh(found: Mapping[str, Any]) -> Refresh:
    policy = found.get("DesiredConfiguration", {}).get("MixedInstancesPolicy", {})
    specification = policy.get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {})
    return Refresh(
        id=found["InstanceRefreshId"],
        status=found["Status"],
        percent=found.get("PercentageComplete", 0),
        why=found.get("StatusReason", ""),
        version=specification.get("Version", ""),
    )
