"""CloudWatch's dashboard: the guide's twelve key metrics, each with its lines."""

import json
from collections.abc import Mapping
from typing import Any

from components.dashboards import Dashboard, DashboardArgs
from components.metric_forms import Role
from tests.components.watched import ALERTS, NAMES, TARGETS, WITHOUT_REPLICA
from tests.harness import build, context

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
COMPOSITES = ["syncup-test-alerts-critical", "syncup-test-alerts-high"]


def _widgets(names: Mapping[Role, str] = NAMES) -> list[dict[str, Any]]:
    args = DashboardArgs(alerts=ALERTS, targets=TARGETS, names=names, composite_names=COMPOSITES)
    dashboard = build(lambda: Dashboard("dashboard", context(), args)).one(DASHBOARD)
    return json.loads(dashboard["dashboardBody"])["widgets"]


def _graphs(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [widget["properties"] for widget in widgets if widget["type"] == "metric"]


def test_every_key_metric_and_everything_that_rings_is_drawn() -> None:
    titles = [graph["title"] for graph in _graphs(_widgets())]
    assert len(titles) == len(TARGETS) + 2  # disk space has no target, and two sources
    assert "Free disk space (database), %" in titles


def test_targets_and_thresholds_are_lines_in_the_graphs_unit() -> None:
    latency = next(graph for graph in _graphs(_widgets()) if graph["title"].startswith("p99_latency"))
    assert latency["annotations"]["horizontal"] == [
        {"label": "target < 2000ms", "value": 2},
        {"label": "HighLatency > 3000ms", "value": 3},
    ]
    for graph in _graphs(_widgets()):
        assert graph["annotations"]["horizontal"]


def test_the_result_is_shown_and_what_it_is_made_of_is_not() -> None:
    for graph in _graphs(_widgets()):
        shown = [line for line in graph["metrics"] if line[-1].get("visible", True)]
        assert len(shown) == 1


def test_no_two_widgets_overlap() -> None:
    cells: set[tuple[int, int]] = set()
    for widget in _widgets():
        assert widget["x"] + widget["width"] <= 24
        own = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not own & cells
        cells |= own


def test_without_a_replica_its_lag_is_not_drawn() -> None:
    assert len(_graphs(_widgets(WITHOUT_REPLICA))) == len(TARGETS) + 1


def test_the_state_of_every_severity_is_on_top() -> None:
    top = _widgets()[0]
    assert top["type"] == "alarm"
    assert top["y"] == 0
    assert [arn.rpartition(":")[2] for arn in top["properties"]["alarms"]] == COMPOSITES
