"""The guide's key metrics, measured now and held against their targets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median
from typing import Any, Final

from components.metric_forms import CloudWatchForm, Role, Source
from components.metrics import CATALOGUE
from components.threshold import Comparison, Limit
from infra.guide import Guide
from operate.stack import Stack

MINUTES: Final = 5
"""How far back a reading looks: as far as the alarms do. The median is what three of five minutes reach."""
_OUTPUTS: Final = {
    Role.LOAD_BALANCER: "load-balancer",
    Role.PROXY: "database-proxy",
    Role.DATABASE: "database-identifier",
    Role.REPLICA: "replica-identifier",
    Role.GROUP: "application-group",
}


class Verdict(StrEnum):
    """How a value stands to its target."""

    MET = "met"
    MISSED = "missed"
    NO_DATA = "no data"
    """Nothing was measured in the last minutes: nobody asked, or nobody measures."""
    NOT_HERE = "not here"
    """The stack has nothing of the kind, such as a replica."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One key metric, now."""

    group: str
    name: str
    metric: str
    target: str
    value: float | None
    """In the target's unit: the median of the last minutes, of the worst source."""
    unit: str
    verdict: Verdict


def read(stack: Stack, guide: Guide) -> list[Reading]:
    """The guide's key metrics in its own order, from one request."""
    entries = [(group, entry) for group, entries in guide.metrics.groups().items() for entry in entries]
    found = measure(stack, [entry.metric for _, entry in entries])
    return [
        _reading(group, entry.name, entry.metric, entry.target, found[entry.metric])
        for group, entry in entries
    ]


def crossed(stack: Stack, guide: Guide) -> list[str]:
    """The guide's alerts whose threshold is crossed now: `HighErrorRate: error_rate > 5%`."""
    found = measure(stack, [alert.threshold.metric for alert in guide.alerts])
    return [
        f"{alert.name}: {alert.threshold}"
        for alert in guide.alerts
        if any(
            _satisfies(value, alert.threshold.limit)
            for value in _values(found[alert.threshold.metric] or [], alert.threshold.limit)
        )
    ]


Found = Mapping[str, Sequence[tuple[CloudWatchForm, float]] | None]
"""By metric, the median of each source that has one; None where the stack has no source of it."""


def measure(stack: Stack, metrics: Sequence[str]) -> Found:
    """Asks CloudWatch for all metrics at once."""
    names = _names(stack)
    sources = {
        f"m{number}": (metric, source)
        for number, (metric, source) in enumerate(
            (metric, source)
            for metric in dict.fromkeys(metrics)
            for source in CATALOGUE[metric].sources
            if source.roles <= set(names)
        )
    }
    queries = [query for prefix, (_, source) in sources.items() for query in _queries(prefix, source, names)]
    now = stack.clock.now().replace(second=0, microsecond=0)
    pages = (
        stack.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(MetricDataQueries=queries, StartTime=now - timedelta(minutes=MINUTES), EndTime=now)
    )
    values: dict[str, list[float]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            values.setdefault(result["Id"], []).extend(result["Values"])
    found: dict[str, list[tuple[CloudWatchForm, float]] | None] = dict.fromkeys(metrics)
    for prefix, (metric, source) in sources.items():
        measured = found[metric] = found[metric] or []
        if values.get(_result(prefix, source.cloudwatch)):
            measured.append((source.cloudwatch, median(values[_result(prefix, source.cloudwatch)])))
    return found


def _names(stack: Stack) -> dict[Role, str]:
    """What there is to measure, and what it is called."""
    named = {role: stack.outputs[output] for role, output in _OUTPUTS.items() if output in stack.outputs}
    return {Role.ENVIRONMENT: stack.name, **named}


def _queries(prefix: str, source: Source, names: Mapping[Role, str]) -> Iterator[dict[str, Any]]:
    """A source's series and expression, under identifiers of their own."""
    form = source.cloudwatch
    for series in form.series:
        dimensions = [{"Name": key, "Value": names[role]} for key, role in series.dimensions.items()]
        yield {
            "Id": f"{prefix}_{series.id}",
            "MetricStat": {
                "Metric": {
                    "Namespace": series.namespace,
                    "MetricName": series.name,
                    "Dimensions": dimensions,
                },
                "Period": form.period_seconds,
                "Stat": series.statistic,
            },
            "ReturnData": form.expression is None,
        }
    if form.expression is not None:
        ids = "|".join(series.id for series in form.series)
        expression = re.sub(rf"\b({ids})\b", rf"{prefix}_\1", form.expression)
        yield {"Id": _result(prefix, form), "Expression": expression, "ReturnData": True}


def _result(prefix: str, form: CloudWatchForm) -> str:
    return f"{prefix}_{form.series[0].id}" if form.expression is None else f"{prefix}_result"


def _reading(
    group: str, name: str, metric: str, target: Limit, found: Sequence[tuple[CloudWatchForm, float]] | None
) -> Reading:
    values = _values(found or [], target)
    # Of several sources the worst one counts.
    value = (min if target.comparison.upwards else max)(values, default=None)
    if found is None:
        verdict = Verdict.NOT_HERE
    elif value is None:
        verdict = Verdict.NO_DATA
    else:
        verdict = Verdict.MET if _satisfies(value, target) else Verdict.MISSED
    return Reading(
        group=group,
        name=name,
        metric=metric,
        target=str(target),
        value=value,
        unit=target.unit.value,
        verdict=verdict,
    )


def _values(found: Sequence[tuple[CloudWatchForm, float]], limit: Limit) -> list[float]:
    return [Limit(limit.comparison, value, form.unit).in_unit(limit.unit) for form, value in found]


def _satisfies(value: float, limit: Limit) -> bool:
    match limit.comparison:
        case Comparison.ABOVE:
            return value > limit.number
        case Comparison.AT_LEAST:
            return value >= limit.number
        case Comparison.BELOW:
            return value < limit.number
        case Comparison.AT_MOST:
            return value <= limit.number
