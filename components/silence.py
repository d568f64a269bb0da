"""Who watches the watchers: CloudWatch says when Datadog falls silent, Datadog when CloudWatch does."""

from dataclasses import dataclass

import pulumi

from components._datadog import datadog
from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.context import Context
from components.datadog_monitors import tags


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceArgs:
    """Where to tell of silence."""

    route: AlarmRoute
    pager: pulumi.Input[str]
    """The service by which Datadog pages, as its messages spell it: `@pagerduty-…`."""


class Silence(Component):
    """Alarms for what produces no alarm: a monitoring system that no longer gets or sends anything.

    The one case in which Datadog pages by itself: when CloudWatch's metrics no longer arrive, the
    usual path to the pager may be what is broken.
    """

    def __init__(
        self, name: str, context: Context, args: SilenceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Silence", name, context, opts)
        self._watch_datadog(args.route)
        environment = context.environment
        self._watch(
            args,
            "metrics",
            what="CloudWatch's metrics no longer arrive in Datadog",
            query=f"sum:aws.applicationelb.healthy_host_count{{project:syncup,environment:{environment}}}",
            window="last_1h",
            delay_seconds=900,
        )
        self._watch(
            args,
            "agents",
            what="no Datadog agent reports from the instances",
            query=f"sum:datadog.agent.running{{env:{environment}}}",
            window="last_15m",
            delay_seconds=0,
        )
        self.register_outputs({})

    def _watch_datadog(self, route: AlarmRoute) -> None:
        """Datadog's integration asks for the list of metrics at least once an hour.

        CloudWatch counts the calls that an account receives:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html.
        Nothing of this project makes that call; a person in the console does, and hides the silence
        for as long.
        """
        metric_alarm(
            self,
            "datadog",
            route=route,
            severity=Severity.MEDIUM,
            runbook="datadog-silent",
            description="Datadog no longer fetches CloudWatch's metrics.",
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=3600,
            evaluation_periods=2,
            missing_data="breaching",
            metric=Metric(
                namespace="AWS/Usage",
                name="CallCount",
                statistic="Sum",
                dimensions={
                    "Service": "CloudWatch",
                    "Type": "API",
                    "Resource": "ListMetrics",
                    "Class": "None",
                },
            ),
        )

    def _watch(
        self, args: SilenceArgs, suffix: str, *, what: str, query: str, window: str, delay_seconds: int
    ) -> None:
        """A monitor that only missing data can set off: a count is never below zero."""
        runbook = args.route.runbook("cloudwatch-silent")
        datadog.Monitor(
            f"{self.pulumi_resource_name}-{suffix}",
            name=f"[{self.context.environment}] Silence: {what}",
            type="query alert",
            query=f"avg({window}):{query} < 0",
            monitor_thresholds=datadog.MonitorMonitorThresholdsArgs(critical="0"),
            message=pulumi.Output.concat(f"Silence: {what}.\nRunbook: {runbook}\n", args.pager),
            priority="2",
            evaluation_delay=delay_seconds,
            on_missing_data="show_and_notify_no_data",
            require_full_window=False,
            renotify_interval=60,
            renotify_statuses=["no data"],
            tags=[*tags(self.context), "kind:silence"],
            opts=self.child(),
        )
