"""The application's instances: how many serve, on which release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operate.errors import OperationError
from operate.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One instance of the group."""

    id: str
    state: str
    """Its place in its life: `Pending`, `InService`, `Terminating:Wait`, …"""
    healthy: bool
    template_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The group of instances."""

    name: str
    least: int
    wanted: int
    instances: Sequence[Instance]
    suspended: Sequence[str]
    """Which of its processes are suspended."""

    @property
    def serving(self) -> int:
        """How many instances are healthy and in service."""
        return sum(instance.healthy and instance.state == "InService" for instance in self.instances)


def group(stack: Stack) -> Group:
    """The group as it is now.

    Raises:
        OperationError: there is no such group any more.
    """
    name = stack.outputs["application-group"]
    answer = stack.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    if not answer["AutoScalingGroups"]:
        raise OperationError(f"there is no group {name}, which the outputs of {stack.name} name")
    found: Mapping[str, Any] = answer["AutoScalingGroups"][0]
    return Group(
        name=name,
        least=found["MinSize"],
        wanted=found["DesiredCapacity"],
        instances=[
            Instance(
                id=instance["InstanceId"],
                state=instance["LifecycleState"],
                healthy=instance["HealthStatus"].lower() == "healthy",
                template_version=instance.get("LaunchTemplate", {}).get("Version", ""),
            )
            for instance in found["Instances"]
        ],
        suspended=sorted(process["ProcessName"] for process in found.get("SuspendedProcesses", ())),
    )
