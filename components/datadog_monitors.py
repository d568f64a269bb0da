"""Datadog's monitors and objectives from the guide's alerts and targets.

They do not page: CloudWatch does, and one path an alert is enough. They warn between the target and
the threshold, of which CloudWatch says nothing, and keep the detail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components._datadog import datadog
from components.alarms import Severity
from components.alerts import Alert, Target, describe, measured, warning
from components.base import Component
from components.context import Context
from components.metric_forms import DatadogForm, Role, Source
from components.metrics import CATALOGUE
from components.threshold import plain

_PRIORITIES = {Severity.CRITICAL: "1", Severity.HIGH: "2", Severity.MEDIUM: "3", Severity.LOW: "4"}
_TIME_ON_TARGET_PERCENT = 99.0
"""How much of the month a metric has to be on its target."""
_SLICE_SECONDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class DatadogMonitorsArgs:
    """What to watch, and what it is called in this environment."""

    alerts: Sequence[Alert]
    targets: Sequence[Target]
    roles: frozenset[Role]
    """What there is to measure: a replica may be missing."""
    names: Mapping[Role, str]
    """What those are called that a query names."""
    runbooks_url: str
    notice: str
    """Whom a warning tells, as Datadog's messages spell it: `@slack-…`."""


class DatadogMonitors(Component):
    """One monitor for every source of every alert, and one objective for what users feel."""

    def __init__(
        self,
        name: str,
        context: Context,
        args: DatadogMonitorsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:DatadogMonitors", name, context, opts)
        for alert in args.alerts:
            for source in measured(alert.threshold.metric, args.roles):
                self._monitor(args, alert, source)
        promises = {t.metric: t for t in args.targets if CATALOGUE[t.metric].felt_by_users}
        for target in promises.values():
            for source in measured(target.metric, args.roles):
                self._objective(args, target, source.datadog)
        self.register_outputs({})

    def _monitor(self, args: DatadogMonitorsArgs, alert: Alert, source: Source) -> None:
        form, limit = source.datadog, alert.threshold.limit
        critical = plain(limit.in_unit(form.unit))
        warn = warning(alert, args.targets, form.unit)
        query = form.written_out(form.formula, args.names)
        suffix = alert.suffix(source)
        datadog.Monitor(
            f"{self.pulumi_resource_name}-{suffix}",
            name=f"[{self.context.environment}] {alert.name}" + (f" ({source.key})" if source.key else ""),
            type="query alert",
            query=f"{form.aggregator}(last_5m):{query} {limit.comparison} {critical}",
            monitor_thresholds=datadog.MonitorMonitorThresholdsArgs(
                critical=critical, warning=None if warn is None else plain(warn)
            ),
            message=_message(args, alert, suffix),
            priority=_PRIORITIES[alert.severity],
            evaluation_delay=form.delay_seconds,
            # No requests, no queries: silence is watched on its own (components/silence.py).
            on_missing_data="show_no_data",
            require_full_window=False,
            renotify_interval=60,
            renotify_statuses=["alert", "warn"],
            include_tags=True,
            tags=[*tags(self.context), "kind:alert", f"severity:{alert.severity.lower()}"],
            opts=self.child(),
        )

    def _objective(self, args: DatadogMonitorsArgs, target: Target, form: DatadogForm) -> None:
        """The target as an objective over a month: a share of events, or of time."""
        events = None
        time_slice = None
        objective = _TIME_ON_TARGET_PERCENT
        if form.good is not None and form.total is not None:
            objective = 100 - target.limit.number
            events = datadog.ServiceLevelObjectiveQueryArgs(
                numerator=form.written_out(form.good, args.names),
                denominator=form.written_out(form.total, args.names),
            )
        else:
            time_slice = datadog.ServiceLevelObjectiveSliSpecificationArgs(
                time_slice=_time_slice(args, target, form)
            )
        datadog.ServiceLevelObjective(
            f"{self.pulumi_resource_name}-{target.metric.replace('_', '-')}-objective",
            name=f"[{self.context.environment}] {target.title} {target.limit}",
            type="metric" if events is not None else "time_slice",
            description=f"Operations guide, {target.section}.",
            query=events,
            sli_specification=time_slice,
            thresholds=[datadog.ServiceLevelObjectiveThresholdArgs(timeframe="30d", target=objective)],
            tags=[*tags(self.context), "kind:objective"],
            opts=self.child(),
        )


def tags(context: Context) -> list[str]:
    """The tags by which Datadog tells this environment's monitors from all others."""
    return [f"project:{context.project}", f"environment:{context.environment}"]


def _message(args: DatadogMonitorsArgs, alert: Alert, suffix: str) -> str:
    return "\n".join(
        [
            f"{describe(alert)} Severity: {alert.severity}.",
            f"Runbook: {args.runbooks_url}/{alert.slug}.md",
            f"{{{{#is_warning}}}}The target is missed. {args.notice}{{{{/is_warning}}}}",
            f"{{{{#is_alert}}}}CloudWatch's alarm {suffix} pages; here is the detail.{{{{/is_alert}}}}",
        ]
    )


def _time_slice(
    args: DatadogMonitorsArgs, target: Target, form: DatadogForm
) -> "datadog.ServiceLevelObjectiveSliSpecificationTimeSliceArgs":
    return datadog.ServiceLevelObjectiveSliSpecificationTimeSliceArgs(
        comparator=str(target.limit.comparison),
        threshold=target.limit.in_unit(form.unit),
        query_interval_seconds=_SLICE_SECONDS,
        query=datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryArgs(
            formula=datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryFormulaArgs(
                formula_expression=form.formula
            ),
            queries=[
                datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryArgs(
                    metric_query=datadog.ServiceLevelObjectiveSliSpecificationTimeSliceQueryQueryMetricQueryArgs(
                        name=key, data_source="metrics", query=query
                    )
                )
                for key, query in form.named(args.names).items()
            ],
        ),
    )
