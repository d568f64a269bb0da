"""CloudWatch alarms from the guide's alerts: they are what pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.alarms import AlarmRoute, Severity, alarm_name, metric_alarm
from components.alerts import Alert, describe, measured
from components.base import Component
from components.context import Context
from components.metric_forms import CloudWatchForm, Role, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertAlarmsArgs:
    """What to watch, and what it is called in this environment."""

    alerts: Sequence[Alert]
    names: Mapping[Role, pulumi.Input[str]]
    """A role that is missing, such as the replica, is not watched."""
    route: AlarmRoute


class AlertAlarms(Component):
    """One alarm for every source of every alert, and one composite alarm a severity.

    Each alarm tells of itself, with its own runbook: a second alert is not hidden by a first. The
    composite ones tell nobody; they say at a glance, to people and to the status command, how bad
    it is.
    """

    def __init__(
        self, name: str, context: Context, args: AlertAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:AlertAlarms", name, context, opts)
        roles = frozenset(args.names)
        watched = [
            (alert, source) for alert in args.alerts for source in measured(alert.threshold.metric, roles)
        ]
        alarms = [self._alarm(args, alert, source) for alert, source in watched]
        self.watched = {alarm_name(self, alert.suffix(source)): (alert, source) for alert, source in watched}
        """By the alarm's name, what it is about."""
        self.alarm_names = tuple(self.watched)
        self.composite_names: dict[Severity, str] = {}
        for severity in Severity:
            suffixes = [alert.suffix(source) for alert, source in watched if alert.severity is severity]
            if suffixes:
                self.composite_names[severity] = self._composite(severity, suffixes, alarms)
        self.register_outputs({})

    def _alarm(self, args: AlertAlarmsArgs, alert: Alert, source: Source) -> cloudwatch.MetricAlarm:
        form, limit = source.cloudwatch, alert.threshold.limit
        return metric_alarm(
            self,
            alert.suffix(source),
            route=args.route,
            severity=alert.severity,
            runbook=alert.slug,
            description=describe(alert),
            comparison=limit.comparison.cloudwatch,
            threshold=limit.in_unit(form.unit),
            period_seconds=form.period_seconds,
            evaluation_periods=form.evaluation_periods,
            datapoints_to_alarm=form.datapoints_to_alarm,
            missing_data=form.missing_data,
            queries=queries(form, args.names),
        )

    def _composite(
        self, severity: Severity, suffixes: Sequence[str], alarms: Sequence[cloudwatch.MetricAlarm]
    ) -> str:
        name = alarm_name(self, severity.lower())
        cloudwatch.CompositeAlarm(
            f"{self.pulumi_resource_name}-{severity.lower()}",
            alarm_name=name,
            alarm_description=f"Some alert of severity {severity} rings.",
            alarm_rule=" OR ".join(f'ALARM("{alarm_name(self, suffix)}")' for suffix in suffixes),
            # CloudWatch wants the alarms to exist, and the rule names them only by name.
            opts=self.child(depends_on=list(alarms)),
        )
        return name


def queries(
    form: CloudWatchForm, names: Mapping[Role, pulumi.Input[str]]
) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
    """The alarm's metric queries: the series, and the expression over them that it watches."""
    found = [
        cloudwatch.MetricAlarmMetricQueryArgs(
            id=series.id,
            return_data=form.expression is None,
            metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=series.namespace,
                metric_name=series.name,
                stat=series.statistic,
                period=form.period_seconds,
                dimensions={dimension: names[role] for dimension, role in series.dimensions.items()},
            ),
        )
        for series in form.series
    ]
    if form.expression is not None:
        found.append(
            cloudwatch.MetricAlarmMetricQueryArgs(
                id="result", expression=form.expression, label="result", return_data=True
            )
        )
    return found
