"""Every command that asks AWS: a line that calls it, and what AWS answers when all is well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operate import test_deployments as deployments
from tests.operate import test_logs as logs
from tests.operate import test_metrics as metrics
from tests.operate.double import Answer

__all__ = ["LINES", "Line"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One command line."""

    words: str
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    typed: str = ""
    """What is on standard input."""

    @property
    def arguments(self) -> list[str]:
        """The words of the command line."""
        return self.words.split()


_FOUND: Mapping[str, Answer] = {
    "logs.StartQuery": {"queryId": "q"},
    "logs.GetQueryResults": {"status": "Complete", "results": [logs.row(1, "user 7 failed", status=500)]},
    "logs.StopQuery": {"success": True},
}
_MEASURED: Mapping[str, Any] = {"cloudwatch.GetMetricData": metrics.measuring(metrics.GOOD)}

LINES: tuple[Line, ...] = (
    Line(words="status staging"),
    Line(words="health staging"),
    Line(words="metrics staging", answers=_MEASURED),
    Line(words="monitor staging --duration 1m", answers=_MEASURED),
    Line(words="deployments list staging", answers=deployments.HISTORY),
    Line(words="logs error staging --limit 100", answers=_FOUND),
    Line(words="logs api staging --since 30m", answers=_FOUND),
    Line(words="logs search staging failed", answers=_FOUND),
    Line(words="logs analyze staging", answers=_FOUND),
)
"""In the order of the guide."""
