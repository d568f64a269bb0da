"""Restarting the application: every instance is replaced by a new one of the same release."""

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from operate import lock
from operate.aws import code_of
from operate.errors import GuardError, OperationError
from operate.stack import Stack

_POLL_SECONDS: Final = 10
_RUNS: Final = ("Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress")
"""https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html"""


def start(stack: Stack) -> str:
    """Starts replacing the instances and returns the replacement's identifier.

    No instance goes before its successor serves, and the deployment's own alarms end the replacement.

    Raises:
        GuardError: the stack is locked, or instances are being replaced already.
    """
    lock.require_free(stack)
    try:
        answer = stack.client("autoscaling").start_instance_refresh(
            AutoScalingGroupName=stack.outputs["application-group"],
            Preferences={
                "MinHealthyPercentage": 100,
                "MaxHealthyPercentage": 150,
                "SkipMatching": False,
                "AlarmSpecification": {"Alarms": stack.outputs["refresh-alarms"].split(",")},
            },
        )
    except ClientError as error:
        if code_of(error).startswith("InstanceRefreshInProgress"):
            raise GuardError(
                f"the instances of {stack.name} are being replaced already: "
                f"`syncup deployments list {stack.name}`"
            ) from error
        raise
    return answer["InstanceRefreshId"]


def follow(stack: Stack, identifier: str, say: Callable[[str], None]) -> None:
    """Waits until all instances are new.

    Args:
        stack: the stack.
        identifier: of the replacement.
        say: is told how far it is.

    Raises:
        OperationError: it failed or was cancelled, with AWS' reason.
    """
    told = ""
    while True:
        answer = stack.client("autoscaling").describe_instance_refreshes(
            AutoScalingGroupName=stack.outputs["application-group"], InstanceRefreshIds=[identifier]
        )
        (refresh,) = answer["InstanceRefreshes"]
        line = f"{refresh.get('PercentageComplete', 0)} % replaced, {refresh['Status']}"
        if line != told:
            say(line)
            told = line
        if refresh["Status"] == "Successful":
            return
        if refresh["Status"] not in _RUNS:
            why = refresh.get("StatusReason") or "AWS does not say why"
            raise OperationError(f"the restart of {stack.name} ended with {refresh['Status']}: {why}")
        stack.clock.sleep(_POLL_SECONDS)
