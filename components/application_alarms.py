"""The alarms on which a release goes back by itself."""

import pulumi
from pulumi_aws import cloudwatch

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component

FAILING_REQUESTS = "failing-requests"
UNHEALTHY_INSTANCES = "unhealthy-instances"

_ERROR_PERCENT = 5
"""The guide's HighErrorRate, which a test holds equal."""
_ENOUGH_REQUESTS = 20
"""In a minute. With fewer, one failure would be a rate."""


def watch(
    parent: Component,
    route: AlarmRoute,
    *,
    load_balancer_suffix: pulumi.Input[str],
    target_group_suffix: pulumi.Input[str],
) -> None:
    """Watches what a bad release does first.

    The first alarm rings for a refresh alone: people hear of the same errors from the guide's own
    alert, once.

    Args:
        parent: the component that is watched.
        route: where alarms go.
        load_balancer_suffix: the load balancer's name in CloudWatch.
        target_group_suffix: the target group's.
    """
    dimensions = {"LoadBalancer": load_balancer_suffix, "TargetGroup": target_group_suffix}
    metric_alarm(
        parent,
        FAILING_REQUESTS,
        route=route,
        severity=Severity.CRITICAL,
        runbook="high-error-rate",
        description=f"More than {_ERROR_PERCENT} % of the requests fail on the instances.",
        comparison="GreaterThanThreshold",
        threshold=_ERROR_PERCENT,
        period_seconds=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        missing_data="notBreaching",
        queries=[
            _sum("requests", "RequestCount", dimensions),
            _sum("failed", "HTTPCode_Target_5XX_Count", dimensions),
            cloudwatch.MetricAlarmMetricQueryArgs(
                id="rate",
                expression=f"IF(requests >= {_ENOUGH_REQUESTS}, 100 * FILL(failed, 0) / requests, 0)",
                label="Failing requests (%)",
                return_data=True,
            ),
        ],
        notify=False,
    )
    metric_alarm(
        parent,
        UNHEALTHY_INSTANCES,
        route=route,
        severity=Severity.HIGH,
        runbook="unhealthy-instances",
        description="The load balancer gets no healthy answer from an instance.",
        comparison="GreaterThanThreshold",
        threshold=0,
        period_seconds=60,
        evaluation_periods=5,
        datapoints_to_alarm=3,
        missing_data="notBreaching",
        metric=Metric(
            namespace="AWS/ApplicationELB",
            name="UnHealthyHostCount",
            statistic="Maximum",
            dimensions=dimensions,
        ),
    )


def _sum(
    identifier: str, name: str, dimensions: dict[str, pulumi.Input[str]]
) -> cloudwatch.MetricAlarmMetricQueryArgs:
    """A metric of the target group, added up over a minute."""
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=identifier,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace="AWS/ApplicationELB", metric_name=name, stat="Sum", period=60, dimensions=dimensions
        ),
    )
