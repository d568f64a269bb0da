"""The dashboard in CloudWatch, which the guide names as the primary one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from components.alerts import Alert, Target, marks, measured
from components.base import Component
from components.context import Context
from components.metric_forms import Role, Source
from components.metrics import CATALOGUE

_COLUMNS = 24
_WIDTH, _HEIGHT = 6, 6
_TITLE_HEIGHT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """One graph: a metric from one of its sources."""

    title: str
    metric: str
    source: Source


@dataclass(frozen=True, kw_only=True, slots=True)
class DashboardArgs:
    """What to draw, and what it is called in this environment."""

    alerts: Sequence[Alert]
    targets: Sequence[Target]
    names: Mapping[Role, pulumi.Input[str]]
    composite_names: Sequence[str]
    """The composite alarms, shown on top."""


class Dashboard(Component):
    """Every key metric of the guide with its target, and with the threshold at which it rings."""

    def __init__(
        self, name: str, context: Context, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:operations:Dashboard", name, context, opts)
        self.dashboard_name = context.name(name, limit=255)
        names = pulumi.Output.all(**{role.value: named for role, named in args.names.items()})
        body = names.apply(lambda known: _body(context, args, {Role(role): known[role] for role in known}))
        cloudwatch.Dashboard(
            f"{name}-cloudwatch",
            dashboard_name=self.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(body),
            opts=self.child(),
        )
        self.register_outputs({"dashboard_name": self.dashboard_name})


def sections(
    alerts: Sequence[Alert], targets: Sequence[Target], roles: frozenset[Role]
) -> dict[str, list[Graph]]:
    """The graphs by section: the guide's key metrics as it groups them, then what else rings."""
    found: dict[str, list[Graph]] = {}
    for target in targets:
        found.setdefault(target.section, []).extend(_graphs(target.title, target.metric, roles))
    drawn = {target.metric for target in targets}
    others = dict.fromkeys(a.threshold.metric for a in alerts if a.threshold.metric not in drawn)
    for metric in others:
        found.setdefault("Other alerts", []).extend(_graphs(CATALOGUE[metric].title, metric, roles))
    return found


def _graphs(title: str, metric: str, roles: frozenset[Role]) -> list[Graph]:
    return [
        Graph(title=f"{title} ({source.key})" if source.key else title, metric=metric, source=source)
        for source in measured(metric, roles)
    ]


def _body(context: Context, args: DashboardArgs, names: Mapping[Role, str]) -> dict[str, Any]:
    """The dashboard's source.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    arns = [context.arn("cloudwatch", f"alarm:{alarm}") for alarm in args.composite_names]
    widgets: list[dict[str, Any]] = [
        _widget("alarm", (0, 0, _COLUMNS, 2), {"title": "Alerts by severity", "alarms": arns})
    ]
    top = 2
    for title, graphs in sections(args.alerts, args.targets, frozenset(names)).items():
        widgets.append(_widget("text", (0, top, _COLUMNS, _TITLE_HEIGHT), {"markdown": f"## {title}"}))
        top += _TITLE_HEIGHT
        for index, graph in enumerate(graphs):
            row, column = divmod(index, _COLUMNS // _WIDTH)
            box = (column * _WIDTH, top + row * _HEIGHT, _WIDTH, _HEIGHT)
            widgets.append(_widget("metric", box, _graph(context, args, graph, names)))
        top += -(-len(graphs) * _WIDTH // _COLUMNS) * _HEIGHT
    return {"widgets": widgets}


def _widget(kind: str, box: tuple[int, int, int, int], properties: dict[str, Any]) -> dict[str, Any]:
    """A widget in a box of column, row, width and height."""
    x, y, width, height = box
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def _graph(context: Context, args: DashboardArgs, graph: Graph, names: Mapping[Role, str]) -> dict[str, Any]:
    form = graph.source.cloudwatch
    lines: list[list[Any]] = []
    for series in form.series:
        dimensions = [part for key, role in series.dimensions.items() for part in (key, names[role])]
        options = {"id": series.id, "stat": series.statistic, "visible": form.expression is None}
        lines.append([series.namespace, series.name, *dimensions, options])
    if form.expression is not None:
        lines.append([{"id": "result", "expression": form.expression, "label": graph.title}])
    return {
        "title": f"{graph.title}, {form.unit}",
        "view": "timeSeries",
        "region": context.region,
        "period": form.period_seconds,
        "metrics": lines,
        "yAxis": {"left": {"min": 0}},
        "annotations": {
            "horizontal": [
                {"label": label, "value": value}
                for label, value in marks(graph.metric, form.unit, args.alerts, args.targets)
            ]
        },
    }
