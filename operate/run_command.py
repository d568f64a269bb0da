"""A script on the stack's instances, by Systems Manager, followed to its end.

What a script reads or writes stays on the instance; what it prints comes back, and AWS keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.aws import code_of
from operate.stack import Stack

_DOCUMENT: Final = "AWS-RunShellScript"
_POLL_SECONDS: Final = 3
_SHORTEST_SECONDS: Final = 30
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html"""
_RUNS: Final = ("Pending", "InProgress", "Delayed", "Cancelling")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """How it went on one instance."""

    instance: str
    status: str
    """AWS' word: `Success`, `Failed`, `TimedOut`, …"""
    says: str
    """What it printed, or the last line of its errors."""

    @property
    def fine(self) -> bool:
        """Whether it came to its end."""
        return self.status == "Success"


def run(stack: Stack, instances: Sequence[str], script: str, within: timedelta) -> list[Ran]:
    """Runs a script on instances and waits. One that is not ready in time is stopped by AWS.

    Args:
        stack: the stack.
        instances: their identifiers.
        script: for the shell, without a secret: AWS keeps it.
        within: how long it may take.
    """
    ssm = stack.client("ssm")
    seconds = max(_SHORTEST_SECONDS, int(within.total_seconds()))
    command = ssm.send_command(
        InstanceIds=list(instances),
        DocumentName=_DOCUMENT,
        Parameters={"commands": [script], "executionTimeout": [str(seconds)]},
        TimeoutSeconds=_SHORTEST_SECONDS,
    )["Command"]["CommandId"]
    try:
        return [_follow(stack, ssm, command, instance) for instance in instances]
    except KeyboardInterrupt:
        ssm.cancel_command(CommandId=command)
        raise


def _follow(stack: Stack, ssm: Any, command: str, instance: str) -> Ran:
    while True:
        found = _invocation(ssm, command, instance)
        if found is not None and found["Status"] not in _RUNS:
            break
        stack.clock.sleep(_POLL_SECONDS)
    printed = found.get("StandardOutputContent", "").strip()
    errors = found.get("StandardErrorContent", "").strip().splitlines()
    fine = found["Status"] == "Success"
    return Ran(
        instance=instance,
        status=found["Status"],
        says=printed if fine or not errors else errors[-1],
    )


def _invocation(ssm: Any, command: str, instance: str) -> Mapping[str, Any] | None:
    """None for the moment in which AWS does not know it yet."""
    try:
        return ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    except ClientError as error:
        if code_of(error) == "InvocationDoesNotExist":
            return None
        raise
