"""The guide's alerts and targets, as the components that watch take them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.alarms import Severity
from components.metric_forms import Role, Source
from components.metrics import CATALOGUE
from components.threshold import Limit, Threshold, Unit, plain


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One entry of the guide's Alert Thresholds."""

    name: str
    """In capitals: `HighErrorRate`."""
    threshold: Threshold
    severity: Severity

    @property
    def slug(self) -> str:
        """`high-error-rate`: the end of its alarms' names and the name of its runbook."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", self.name).lower()

    def suffix(self, source: Source) -> str:
        """The slug, and the source where the metric has several."""
        return f"{self.slug}-{source.key}" if source.key else self.slug


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One of the guide's Key Metrics."""

    section: str
    title: str
    metric: str
    limit: Limit


def measured(metric: str, roles: frozenset[Role]) -> tuple[Source, ...]:
    """Where a metric is measured in an environment that has these roles: a replica may be missing."""
    return tuple(source for source in CATALOGUE[metric].sources if source.roles <= roles)


def warning(alert: Alert, targets: Sequence[Target], unit: Unit) -> float | None:
    """The value between the target and the alert's threshold from which on people should look.

    The target says what is good, the threshold what is bad: `< 1%` and `> 5%` warn above 1 %.

    Returns:
        The target's number in `unit`, or None where the metric has no target or the target lies on
        the far side of the threshold.
    """
    limit = alert.threshold.limit
    for target in targets:
        if (
            target.metric != alert.threshold.metric
            or target.limit.comparison.upwards == limit.comparison.upwards
        ):
            continue
        value, threshold = target.limit.in_unit(unit), limit.in_unit(unit)
        if (value < threshold) == limit.comparison.upwards and value != threshold:
            return value
    return None


def marks(
    metric: str, unit: Unit, alerts: Sequence[Alert], targets: Sequence[Target]
) -> list[tuple[str, float]]:
    """The lines to draw into a graph of a metric: label and value, targets before alerts."""
    drawn = [
        (f"target {target.limit}", target.limit.in_unit(unit))
        for target in targets
        if target.metric == metric
    ]
    drawn += [
        (f"{alert.name} {alert.threshold.limit}", alert.threshold.limit.in_unit(unit))
        for alert in alerts
        if alert.threshold.metric == metric
    ]
    return list(dict.fromkeys(drawn))


def describe(alert: Alert) -> str:
    """One sentence that says what is wrong when the alert rings."""
    limit = alert.threshold.limit
    direction = "above" if limit.comparison.upwards else "below"
    unit = str(limit.unit) if limit.unit is Unit.PERCENT else f" {limit.unit}"
    return (
        f"{alert.name}: {CATALOGUE[alert.threshold.metric].title} is {direction} {plain(limit.number)}{unit}."
    )
