"""The commands that ask AWS alone: a line that calls each, and what AWS answers when all is well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.operate import healthy, vault
from tests.operate import test_backups as backups
from tests.operate import test_deployments as deployments
from tests.operate import test_dump_job as dump_job
from tests.operate import test_logs as logs
from tests.operate import test_looking as looking
from tests.operate import test_maintenance_beside as beside
from tests.operate import test_metrics as metrics
from tests.operate import test_restart as restart
from tests.operate import test_security_exposure as exposure
from tests.operate import test_security_scan as scans
from tests.operate.double import NOW, Answer
from tests.operate.group import Group
from tests.operate.records import Records
from tests.operate.releasing import World

__all__ = ["CHANGING", "LINES", "Line"]

Answers = Callable[[], Mapping[str, Answer]]
"""Made anew for each run: some of them change with what is asked."""


def _nothing_more() -> Mapping[str, Answer]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One command line."""

    words: str
    answers: Answers = _nothing_more
    typed: str = ""
    """What is on standard input."""
    now: datetime = NOW

    @property
    def arguments(self) -> list[str]:
        """The words of the command line."""
        return self.words.split()


def _found() -> Mapping[str, Answer]:
    return {
        "logs.StartQuery": {"queryId": "q"},
        "logs.GetQueryResults": {
            "status": "Complete",
            "results": [logs.row(1, "user 7 failed", status=500)],
        },
        "logs.StopQuery": {"success": True},
    }


def _measured() -> Mapping[str, Answer]:
    return {"cloudwatch.GetMetricData": metrics.measuring(metrics.GOOD)}


def _limits() -> Mapping[str, Answer]:
    return {**looking.limits(), "logs.StopQuery": {"success": True}}


def _stopped() -> Mapping[str, Answer]:
    group = Group()
    group.instances.clear()
    group.suspended.add("Launch")
    group.held("stopped")
    return group.answers()


def _maintained() -> Mapping[str, Answer]:
    """Nobody holds the stack, and there are no incidents."""
    return {
        **Records().answers(),
        **beside.GROUPS,
        **beside.commanded("Success", out=beside.CLEANED),
        "ssm.GetParameter": healthy.parameter({}),
    }


_SUNDAY: Final = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)
"""Inside the window."""

CHANGING: Final[tuple[Line, ...]] = (
    Line(words="backup create staging", answers=dump_job.succeeding),
    Line(words="restart staging", answers=lambda: restart.replacing(("InProgress", 50), ("Successful", 100))),
    Line(words="stop staging", answers=lambda: Group().answers()),
    Line(words="start staging", answers=_stopped),
    Line(words="secrets rotate staging", answers=lambda: vault.full().answers()),
    Line(
        words="secrets update staging --key SLACK_SIGNING_SECRET",
        answers=lambda: vault.full().answers(),
        typed=f"{'0123456789abcdef' * 2}\n",
    ),
    Line(words="deploy staging 2026.11.4", answers=lambda: World().answers()),
    Line(words="rollback staging", answers=lambda: World().answers()),
    Line(words="maintenance cache staging", answers=_maintained, now=_SUNDAY),
    Line(words="maintenance logs staging", answers=_maintained, now=_SUNDAY),
)
"""The commands that change something."""

LINES: Final[tuple[Line, ...]] = (
    Line(words="status staging"),
    Line(words="health staging"),
    Line(words="metrics staging", answers=_measured),
    Line(words="monitor staging --duration 1m", answers=_measured),
    Line(words="deployments list staging", answers=lambda: deployments.HISTORY),
    Line(words="logs error staging --limit 100", answers=_found),
    Line(words="logs api staging --since 30m", answers=_found),
    Line(words="logs search staging failed", answers=_found),
    Line(words="logs analyze staging", answers=_found),
    Line(words="backup list staging", answers=lambda: backups.KEPT),
    Line(words=f"backup verify staging --backup {backups.NAME}", answers=lambda: backups.KEPT),
    Line(words="rate-limits staging", answers=_limits),
    Line(words="memory staging", answers=lambda: looking.remembered([50.0] * 20)),
    Line(words="smoke staging"),
    Line(words="secrets view staging", answers=lambda: vault.full().answers()),
    Line(words="scan staging", answers=scans.scanned),
    Line(
        words="security test staging",
        answers=lambda: {**exposure.network(exposure.group()), **exposure.stored()},
    ),
    *CHANGING,
)
"""All of them, but those that need more than AWS to answer: a database, a service, a copy of the files."""
