"""The application's instances: how many serve, on which release."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from operate.errors import OperationError
from operate.stack import Stack

_POLL_SECONDS: Final = 10
_PATIENCE_SECONDS: Final = 20 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One instance of the group."""

    id: str
    state: str
    """Its place in its life: `Pending`, `InService`, `Terminating:Wait`, …"""
    healthy: bool
    template_version: str

    @property
    def serves(self) -> bool:
        """Whether it is healthy and in service."""
        return self.healthy and self.state == "InService"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The group of instances."""

    name: str
    least: int
    wanted: int
    instances: Sequence[Instance]
    suspended: Sequence[str]
    """Which of its processes are suspended."""
    policy: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Its mixed instances policy, as AWS has it."""

    @property
    def template_version(self) -> str:
        """The version of the launch template that new instances start from."""
        template = self.policy.get("LaunchTemplate", {})
        return template.get("LaunchTemplateSpecification", {}).get("Version", "")

    @property
    def serving(self) -> int:
        """How many instances are healthy and in service."""
        return sum(instance.serves for instance in self.instances)


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
        policy=found.get("MixedInstancesPolicy", {}),
    )


def wait(
    stack: Stack, done: Callable[[Group], bool], line: Callable[[Group], str], say: Callable[[str], None]
) -> None:
    """Waits until the group is as it should be.

    Args:
        stack: the stack.
        done: whether it is.
        line: how far it is, for people.
        say: is told that.

    Raises:
        OperationError: it is not, after twenty minutes.
    """
    told = ""
    for _ in range(_PATIENCE_SECONDS // _POLL_SECONDS):
        found = group(stack)
        if line(found) != told:
            told = line(found)
            say(told)
        if done(found):
            return
        stack.clock.sleep(_POLL_SECONDS)
    minutes = _PATIENCE_SECONDS // 60
    raise OperationError(f"{stack.name}: after {minutes} minutes {told}; see `syncup status {stack.name}`")


def serves(found: Group) -> str:
    """How many instances serve, for people."""
    return f"{found.serving} of {found.wanted} instances serve"
