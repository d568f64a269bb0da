"""Stopping the application and starting it again.

The group's processes are suspended and its instances ended; how many there should be stays as it is.
Both are the command's own to change (`infra/ownership.py`), so that a preview shows no change.
"""

from collections.abc import Callable
from typing import Final

from operate import lock
from operate.application import Group, group, serves, wait
from operate.errors import GuardError
from operate.lock import Lock
from operate.stack import Stack

STOPPED: Final = "stopped"
"""Why the lock is held."""
PROCESSES: Final = (
    "Launch",
    "ReplaceUnhealthy",
    "AZRebalance",
    "AlarmNotification",
    "ScheduledActions",
    "InstanceRefresh",
)
"""Whatever would bring an instance back. Termination goes on, with its hook: requests are finished.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html"""
_LEAVING: Final = ("Terminating", "Terminated")


def stop(stack: Stack, say: Callable[[str], None], *, why: str = STOPPED, opens: str = "") -> None:
    """Takes the lock, keeps new instances from coming, ends those there are, and waits.

    What was interrupted is taken up again. Where nothing has been stopped yet and AWS refuses to, the
    lock is given back.

    Args:
        stack: the stack.
        say: is told how far it is.
        why: what it is stopped for; `STOPPED` where it only stops. A stack that is stopped already can be
            taken over for more.
        opens: what opens the lock then.

    Raises:
        GuardError: somebody else holds the stack.
        OperationError: instances do not end.
    """
    held = lock.holder(stack)
    if held is not None and held.why not in (STOPPED, why):
        raise GuardError(f"{stack.name} is locked: {held}")
    name = group(stack).name
    opens = opens or f"`syncup start {stack.name}` opens it"
    if held is None:
        lock.take(stack, why, opens)
    elif held.why != why or held.left:
        lock.take_over(stack, held, why, opens, goes_on=held.why == why)
    autoscaling = stack.client("autoscaling")
    try:
        autoscaling.suspend_processes(AutoScalingGroupName=name, ScalingProcesses=list(PROCESSES))
    except Exception:
        if held is None:
            lock.give_back(stack)
        raise
    for instance in group(stack).instances:
        if not instance.state.startswith(_LEAVING):
            say(f"ends {instance.id}")
            autoscaling.terminate_instance_in_auto_scaling_group(
                InstanceId=instance.id, ShouldDecrementDesiredCapacity=False
            )
    wait(stack, lambda found: not found.instances, _left, say)


def start(stack: Stack, say: Callable[[str], None], *, why: str = STOPPED) -> None:
    """Lets instances come again, gives the lock back, and waits until enough of them serve.

    Args:
        stack: the stack.
        say: is told how far it is.
        why: what it was stopped for.

    Raises:
        GuardError: the stack is locked, but not because it was stopped, or whoever stopped it for more is
            still at work.
        OperationError: the instances do not serve.
    """
    held = lock.holder(stack)
    if held is not None and held.why not in (STOPPED, why) and not _is_left(held):
        raise GuardError(f"{stack.name} is locked: {held}")
    found = group(stack)
    stack.client("autoscaling").resume_processes(
        AutoScalingGroupName=found.name, ScalingProcesses=list(PROCESSES)
    )
    lock.give_back(stack)
    wait(stack, lambda now: now.serving >= max(now.least, 1), serves, say)


def _is_left(held: Lock) -> bool:
    """Whether it was stopped for more, which ended before its end."""
    return held.left and held.why.startswith(STOPPED)


def _left(found: Group) -> str:
    return f"{len(found.instances)} instances are left"
