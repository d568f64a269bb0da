"""Restarting the application: every instance is replaced by a new one of the same release."""

from collections.abc import Callable

from operate import lock, refresh
from operate.stack import Stack


def start(stack: Stack) -> str:
    """Starts replacing the instances and returns the replacement's identifier.

    No instance goes before its successor serves, and the deployment's own alarms end the replacement.

    Raises:
        GuardError: the stack is locked, or instances are being replaced already.
    """
    lock.require_free(stack)
    return refresh.renew(stack)


def follow(stack: Stack, identifier: str, say: Callable[[str], None]) -> None:
    """Waits until all instances are new.

    Args:
        stack: the stack.
        identifier: of the replacement.
        say: is told how far it is.

    Raises:
        OperationError: it failed or was cancelled, with AWS' reason.
    """
    refresh.follow(stack, identifier, f"the restart of {stack.name}", say)
