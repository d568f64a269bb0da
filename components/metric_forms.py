"""What a metric is in CloudWatch and in Datadog: the shape of an entry of `components.metrics`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template

from components.threshold import Unit


class Role(StrEnum):
    """Whose name a dimension carries. An environment without it has no such series."""

    ENVIRONMENT = "environment"
    LOAD_BALANCER = "load_balancer"
    """`app/<name>/<id>`, the end of the load balancer's ARN."""
    PROXY = "proxy"
    DATABASE = "database"
    """The identifier of the active generation."""
    REPLICA = "replica"
    GROUP = "group"
    """The Auto Scaling group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One CloudWatch metric and how it is summed up over a period and over instances."""

    id: str
    """Its name in the expression: a lower-case letter, then letters and digits."""
    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, Role]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudWatchForm:
    """What CloudWatch computes, and how an alarm on it is evaluated."""

    series: tuple[Series, ...]
    expression: str | None = None
    """Metric mathematics over the series; None where there is one series and nothing to compute."""
    unit: Unit
    period_seconds: int = 60
    evaluation_periods: int = 5
    datapoints_to_alarm: int = 3
    """One slow minute is no alert; three out of five are."""
    missing_data: str = "missing"
    source: str
    """The page that documents the metric in this unit and statistic."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DatadogForm:
    """What Datadog computes."""

    queries: Mapping[str, str]
    """Metric queries by the names that the formulas use, with `$role` for the names they need."""
    formula: str
    """What is measured, over the queries."""
    unit: Unit
    aggregator: str = "avg"
    """How a monitor sums up its window: `sum` for a ratio of counts, which it then divides last."""
    delay_seconds: int = 0
    """How much later than now the data is complete."""
    source: str
    good: str | None = None
    """For a share of events: the formula that counts the good ones, …"""
    total: str | None = None
    """… and the one that counts all."""

    def named(self, names: Mapping[Role, str]) -> dict[str, str]:
        """The queries for one environment."""
        known = {role.value: name for role, name in names.items()}
        return {key: Template(query).substitute(known) for key, query in self.queries.items()}

    def written_out(self, formula: str, names: Mapping[Role, str]) -> str:
        """A formula with the queries for one environment in it, as monitors take it."""
        queries = self.named(names)
        return re.sub(r"[a-z]\w*", lambda word: queries.get(word[0], word[0]), formula)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One place where a metric is measured."""

    key: str = ""
    """Tells the sources of one metric apart: `database`, `instances`."""
    cloudwatch: CloudWatchForm
    datadog: DatadogForm

    @property
    def roles(self) -> frozenset[Role]:
        """Whose names it needs."""
        return frozenset(role for series in self.cloudwatch.series for role in series.dimensions.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricDefinition:
    """One metric of the guide."""

    title: str
    unit: Unit
    """The guide's unit."""
    sources: tuple[Source, ...]
    felt_by_users: bool = False
    """Whether the target is a promise to users, and so a service level objective."""
