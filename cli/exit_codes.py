"""What a `syncup` command's exit status means: one table for all commands."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit statuses. Where several hold, the first of FAILED, POLICY, DATA_LOSS, UNDECIDABLE."""

    FINE = 0
    FAILED = 1
    """The program, the configuration or the operation failed."""
    USAGE = 2
    """The command was called wrongly."""
    POLICY = 3
    """A policy blocks."""
    UNDECIDABLE = 4
    """A mandatory rule stays undecidable."""
    DATA_LOSS = 5
    """The change would lose data, and nobody allowed it."""
    REMOTE = 6
    """A remote service refused, or could not be reached."""
    GUARD = 7
    """A guard refused: maintenance window, lock, open incident."""
    INTERRUPTED = 130
    """The user interrupted."""


_PRECEDENCE = (ExitCode.FAILED, ExitCode.POLICY, ExitCode.DATA_LOSS, ExitCode.UNDECIDABLE)


def first_of(*codes: ExitCode) -> ExitCode:
    """The status of a command for which several hold at once.

    Raises:
        ValueError: more than one holds, and none of them has a rank.
    """
    holding = set(codes) - {ExitCode.FINE}
    if len(holding) <= 1:
        return holding.pop() if holding else ExitCode.FINE
    for code in _PRECEDENCE:
        if code in holding:
            return code
    raise ValueError(f"no order among the exit statuses {sorted(holding)}")
