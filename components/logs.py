"""Metrics out of logs: what only a log line tells."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.base import Component
from components.context import Context
from components.metrics import APPLICATION_NAMESPACE

_ERRORS = '{ $.level = "error" || $.level = "fatal" }'
_RATE_LIMITED = "{ $.status = 429 }"
_SLOW_QUERIES = '"LOG:  duration:"'
"""PostgreSQL logs a statement that took longer than `log_min_duration_statement`.
https://www.postgresql.org/docs/current/runtime-config-logging.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSource:
    """A log group that another component declares."""

    name: str
    owner: pulumi.Resource
    """That component: nothing can be attached to a group before it exists."""

    @property
    def suffix(self) -> str:
        """The group among others in a logical name."""
        return self.name.strip("/").replace("/", "-")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogMetricsArgs:
    """Which groups are counted in."""

    application: LogSource
    """One JSON object a line, as docs/application-contract.md has it."""
    databases: Sequence[LogSource]
    """PostgreSQL's own logs."""


class LogMetrics(Component):
    """Counts of log lines, as metrics of the application's namespace, all of them per environment.

    Guarantees a zero for a minute in which there was something to count and nothing of the kind.
    """

    def __init__(
        self, name: str, context: Context, args: LogMetricsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:LogMetrics", name, context, opts)
        self._count("errors", "ErrorLogs", _ERRORS, args.application)
        self._count("rate-limited", "RateLimitedAnswers", _RATE_LIMITED, args.application)
        for source in args.databases:
            self._count("slow-queries", "SlowQueries", _SLOW_QUERIES, source)
        self.register_outputs({})

    def _count(self, suffix: str, metric: str, pattern: str, source: LogSource) -> None:
        cloudwatch.LogMetricFilter(
            f"{self.pulumi_resource_name}-{suffix}-{source.suffix}",
            log_group_name=source.name,
            pattern=pattern,
            metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=APPLICATION_NAMESPACE, name=metric, value="1", default_value="0", unit="Count"
            ),
            opts=self.child(depends_on=[source.owner]),
        )
