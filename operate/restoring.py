"""What both ways back have in common: the application is stopped, and the lock says what comes of it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from operate import lock, stopping
from operate.aws import in_one_line
from operate.errors import OperationError
from operate.stack import Stack
from operate.stopping import STOPPED

WATCH: Final = timedelta(minutes=5)
"""Guide, Recovery Procedure: `npm run monitor --duration 5m`."""
Say = Callable[[str], None]


@contextmanager
def stopped(stack: Stack, what: str, command: str, say: Say) -> Generator[str]:
    """Stops the application for a block, which starts it again when it has come to its end.

    Where the block fails or is interrupted, the application stays stopped, the lock stays held and says so,
    and a person is told what opens it.

    Args:
        stack: the stack.
        what: the block restores.
        command: does it, and goes on with it when it is repeated.
        say: is told how far it is.

    Yields:
        Why the stack is stopped: what `stopping.start` wants to hear.
    """
    why = f"{STOPPED} to restore {what}"
    opens = f"`{command}` goes on with it"
    is_stopped = False
    try:
        stopping.stop(stack, say, why=why, opens=opens)
        is_stopped = True
        yield why
    except BaseException:
        _leave(stack, why, opens, say, is_stopped=is_stopped)
        raise


def _leave(stack: Stack, why: str, opens: str, say: Say, *, is_stopped: bool) -> None:
    opens = f"{opens}, `syncup start {stack.name}` ends it with the database that is active now"
    try:
        with in_one_line():
            held = lock.holder(stack)
            if held is not None and held.why == why:
                lock.leave(stack, held, opens)
            elif is_stopped:
                # It is open: the last step has begun, which needs nobody any more.
                say(f"the database is restored and the application starts: `syncup status {stack.name}`")
                return
            else:
                return
    except OperationError as error:
        # What comes next is the failure itself; this one came with it.
        say(f"the lock of {stack.name} could not be looked at ({error})")
    say(f"{stack.name} stays stopped and locked: {opens}")
