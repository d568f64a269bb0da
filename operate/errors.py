"""How a procedure ends when it cannot do what it was asked to: the command turns each into its status.

Each message is one line that says what is wrong and what would be right. Imports nothing, so that the
command can name these without paying for AWS.
"""


class OperationError(Exception):
    """The operation failed, or there is nothing that it could work on."""


class RemoteError(OperationError):
    """A remote refused, or could not be reached."""


class GuardError(OperationError):
    """A guard refused: a lock, a window, an open incident."""


class UsageError(OperationError):
    """What was asked for cannot be meant."""


class PolicyError(OperationError):
    """A rule blocks it."""


class UndecidableError(OperationError):
    """A mandatory rule cannot decide whether it may be done."""


class DataLossError(OperationError):
    """It would lose data, and nobody allowed that."""
