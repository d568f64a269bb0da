"""The check from outside: whether the site answers where users are."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from components.alarms import AlarmRoute, Metric, Severity, alarm_name, metric_alarm
from components.base import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class UptimeArgs:
    """What to ask, and whom to tell."""

    domain: str
    health_path: str
    route: AlarmRoute
    """Of the global region: Route 53 has its metrics there alone."""


class Uptime(Component):
    """Route 53 asks the health path over the internet, and an alarm rings when too few get an answer.

    Its checkers are in several parts of the world; it counts as down when most of them agree three
    times in a row.
    """

    def __init__(
        self, name: str, context: Context, args: UptimeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Uptime", name, context, opts)
        check = route53.HealthCheck(
            f"{name}-check",
            type="HTTPS",
            fqdn=args.domain,
            port=443,
            resource_path=args.health_path,
            enable_sni=True,
            failure_threshold=3,
            request_interval=30,
            measure_latency=True,
            opts=self.child(),
        )
        metric_alarm(
            self,
            "unreachable",
            route=args.route,
            severity=Severity.CRITICAL,
            runbook="site-unreachable",
            description=f"https://{args.domain}{args.health_path} does not answer from outside.",
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=2,
            # No checker reporting is as bad as checkers that report failure.
            missing_data="breaching",
            metric=Metric(
                namespace="AWS/Route53",
                name="HealthCheckStatus",
                statistic="Minimum",
                dimensions={"HealthCheckId": check.id},
            ),
            region=context.global_region,
        )
        self.alarm_name = alarm_name(self, "unreachable")
        self.register_outputs({})
