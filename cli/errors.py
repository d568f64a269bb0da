"""How a command ends when it cannot do what it was asked to."""

from cli.exit_codes import ExitCode


class CommandError(Exception):
    """Ends the command: `main` prints the message to standard error and exits with the code.

    The message is one line that says what is wrong and what would be right; several mistakes are
    several lines.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code
