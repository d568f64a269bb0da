"""CloudWatch alarms in one form: a severity that routes, a runbook that says what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pulumi
from pulumi_aws import cloudwatch

from components.base import Component


class Severity(StrEnum):
    """How bad it is, in the words of the guide's Alert Thresholds and Severity Levels."""

    CRITICAL = "Critical"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmTopics:
    """The SNS topics of one region, by severity: their ARNs."""

    critical: pulumi.Input[str]
    high: pulumi.Input[str]
    medium: pulumi.Input[str]
    low: pulumi.Input[str]

    def topic(self, severity: Severity) -> pulumi.Input[str]:
        """The topic that tells of this severity."""
        match severity:
            case Severity.CRITICAL:
                return self.critical
            case Severity.HIGH:
                return self.high
            case Severity.MEDIUM:
                return self.medium
            case Severity.LOW:
                return self.low


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmRoute:
    """Where alarms of one region go, and where their runbooks are."""

    topics: AlarmTopics
    runbooks_url: str

    def runbook(self, page: str) -> str:
        """The address of a runbook: the page's name without its ending."""
        return f"{self.runbooks_url}/{page}.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One CloudWatch metric and how it is summed up.

    `statistic` is `Average`, `Sum`, …, or a percentile such as `p99`.
    """

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, pulumi.Input[str]]


def metric_alarm(
    parent: Component,
    suffix: str,
    *,
    route: AlarmRoute,
    severity: Severity,
    runbook: str,
    description: str,
    comparison: str,
    threshold: float,
    period_seconds: int,
    evaluation_periods: int,
    datapoints_to_alarm: int | None = None,
    missing_data: str = "missing",
    metric: Metric | None = None,
    queries: Sequence[cloudwatch.MetricAlarmMetricQueryArgs] = (),
    region: str | None = None,
    notify: bool = True,
) -> cloudwatch.MetricAlarm:
    """An alarm with a name that is known in advance, routed by severity, with its runbook's address.

    Args:
        parent: the component that is watched.
        suffix: what is watched: the end of the alarm's name.
        route: topics and runbooks of the alarm's region.
        severity: decides the topic.
        runbook: the page's name without its ending.
        description: one sentence that says what is wrong when it rings.
        comparison: CloudWatch's operator, `GreaterThanThreshold`, ….
        threshold: in the metric's own unit.
        period_seconds: the length of one data point; with `queries` the queries say it themselves.
        evaluation_periods: how many data points are looked at.
        datapoints_to_alarm: how many of them must breach; all where it is not given.
        missing_data: `missing`, `notBreaching`, `breaching` or `ignore`.
        metric: the one metric to watch; either this or `queries`.
        queries: metric mathematics.
        region: where it is not the environment's.
        notify: False for an alarm that a composite one speaks for.
    """
    actions = [route.topics.topic(severity)] if notify else []
    percentile = metric is not None and metric.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        f"{parent.pulumi_resource_name}-{suffix}",
        name=alarm_name(parent, suffix),
        alarm_description=f"{description} Runbook: {route.runbook(runbook)}",
        comparison_operator=comparison,
        threshold=threshold,
        evaluation_periods=evaluation_periods,
        datapoints_to_alarm=datapoints_to_alarm or evaluation_periods,
        treat_missing_data=missing_data,
        namespace=metric.namespace if metric else None,
        metric_name=metric.name if metric else None,
        dimensions=dict(metric.dimensions) or None if metric else None,
        statistic=metric.statistic if metric and not percentile else None,
        extended_statistic=metric.statistic if metric and percentile else None,
        period=period_seconds if metric else None,
        metric_queries=list(queries) or None,
        alarm_actions=actions,
        ok_actions=actions,
        region=region,
        tags={"Severity": severity.value},
        opts=parent.child(),
    )


def alarm_name(parent: Component, suffix: str) -> str:
    """The physical name of a component's alarm, for whoever has to refer to it."""
    return parent.context.name(parent.pulumi_resource_name, suffix, limit=255)
