"""The dashboard in Datadog, which the guide names as the detailed one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components._datadog import datadog
from components.alerts import Alert, Target, marks
from components.base import Component
from components.context import Context
from components.dashboards import Graph, sections
from components.metric_forms import Role
from components.threshold import plain


@dataclass(frozen=True, kw_only=True, slots=True)
class DatadogDashboardArgs:
    """What to draw, and what it is called in this environment."""

    alerts: Sequence[Alert]
    targets: Sequence[Target]
    roles: frozenset[Role]
    """What there is to measure: a replica may be missing."""
    names: Mapping[Role, str]
    """What those are called that a query names."""


class DatadogDashboard(Component):
    """The same graphs as in CloudWatch, by Datadog's own measures, with the same lines."""

    def __init__(
        self,
        name: str,
        context: Context,
        args: DatadogDashboardArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:operations:DatadogDashboard", name, context, opts)
        groups = sections(args.alerts, args.targets, args.roles)
        datadog.Dashboard(
            f"{name}-dashboard",
            title=f"SyncUp {context.environment}",
            description="Key metrics of the operations guide with their targets and alert thresholds.",
            layout_type="ordered",
            widgets=[
                datadog.DashboardWidgetArgs(
                    group_definition=datadog.DashboardWidgetGroupDefinitionArgs(
                        title=title,
                        layout_type="ordered",
                        widgets=[
                            datadog.DashboardWidgetGroupDefinitionWidgetArgs(
                                timeseries_definition=_timeseries(graph, args)
                            )
                            for graph in graphs
                        ],
                    )
                )
                for title, graphs in groups.items()
            ],
            opts=self.child(),
        )
        self.register_outputs({})


def _timeseries(
    graph: Graph, args: DatadogDashboardArgs
) -> "datadog.DashboardWidgetTimeseriesDefinitionArgs":
    form = graph.source.datadog
    return datadog.DashboardWidgetTimeseriesDefinitionArgs(
        title=f"{graph.title}, {form.unit}",
        requests=[
            datadog.DashboardWidgetTimeseriesDefinitionRequestArgs(
                display_type="line",
                formulas=[
                    datadog.DashboardWidgetTimeseriesDefinitionRequestFormulaArgs(
                        formula_expression=form.formula, alias=graph.title
                    )
                ],
                queries=[
                    datadog.DashboardWidgetTimeseriesDefinitionRequestQueryArgs(
                        metric_query=datadog.DashboardWidgetTimeseriesDefinitionRequestQueryMetricQueryArgs(
                            name=key, data_source="metrics", query=query
                        )
                    )
                    for key, query in form.named(args.names).items()
                ],
            )
        ],
        markers=[
            datadog.DashboardWidgetTimeseriesDefinitionMarkerArgs(
                value=f"y = {plain(value)}",
                display_type="ok dashed" if label.startswith("target") else "error dashed",
                label=label,
            )
            for label, value in marks(graph.metric, form.unit, args.alerts, args.targets)
        ],
    )
