"""The job that dumps the database, started by hand and followed to its end.

The dump goes from the database to S3 inside the VPC; nothing of it passes through here.
"""

from collections.abc import Callable

from operate import backups, job
from operate.backups import Backup
from operate.errors import OperationError
from operate.stack import Stack


def running(stack: Stack) -> str | None:
    """The identifier of the dump that runs now, if one does."""
    last = job.latest(stack, stack.outputs["dump-project"])
    return last.id if last is not None and last.runs else None


def start(stack: Stack) -> str:
    """Starts a dump and returns its identifier.

    Raises:
        GuardError: one runs already; two would only slow each other down.
    """
    return job.start(stack, stack.outputs["dump-project"], "a dump")


def follow(stack: Stack, identifier: str, say: Callable[[str], None]) -> Backup:
    """Waits for the end of a dump.

    Args:
        stack: the stack.
        identifier: of the build.
        say: is told of each phase as it begins.

    Returns:
        What was made.

    Raises:
        OperationError: the dump failed, with the last that it said.
    """
    build = job.follow(stack, identifier, "the dump", say)
    made = next((one for one in backups.dumps(stack) if one.good and one.made >= build.began), None)
    if made is None:
        raise OperationError(f"the job {identifier} succeeded, but no complete dump of it is in the bucket")
    return made
