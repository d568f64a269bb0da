"""What the findings of policies mean for a command's exit status."""

from cli.exit_codes import ExitCode
from policies.report import Report


def status_of(report: Report) -> ExitCode:
    """POLICY where a mandatory rule is violated, UNDECIDABLE where one cannot decide.

    Where both hold the first counts, as in the one order of all statuses.
    """
    if report.blocks:
        return ExitCode.POLICY
    return ExitCode.UNDECIDABLE if report.leaves_open else ExitCode.FINE
