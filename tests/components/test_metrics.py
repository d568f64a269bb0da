"""The catalogue: complete, consistent, and clear about what it refuses."""

import re

import pytest

from components.metric_forms import MetricDefinition, Role, Source
from components.metrics import CATALOGUE, admit
from components.threshold import Comparison, Limit, Unit
from tests.components.watched import ALERTS, NAMES, TARGETS

SOURCES = [
    pytest.param(definition, source, id=f"{name}-{source.key}".rstrip("-"))
    for name, definition in CATALOGUE.items()
    for source in definition.sources
]


def test_every_metric_of_the_guide_is_in_the_catalogue() -> None:
    named = {alert.threshold.metric for alert in ALERTS} | {target.metric for target in TARGETS}
    assert named == set(CATALOGUE)


@pytest.mark.parametrize(("definition", "source"), SOURCES)
def test_the_guides_unit_converts_to_the_unit_of_each_form(
    definition: MetricDefinition, source: Source
) -> None:
    limit = Limit(Comparison.ABOVE, 1500, definition.unit)
    expected = 1.5 if (definition.unit, source.cloudwatch.unit) == (Unit.MILLISECONDS, Unit.SECONDS) else 1500
    assert limit.in_unit(source.cloudwatch.unit) == expected
    assert limit.in_unit(source.datadog.unit) == expected


@pytest.mark.parametrize(("definition", "source"), SOURCES)
def test_the_expression_uses_every_series_and_nothing_else(
    definition: MetricDefinition, source: Source
) -> None:
    form = source.cloudwatch
    identifiers = [series.id for series in form.series]
    if form.expression is None:
        assert len(identifiers) == 1
        return
    words = set(re.findall(r"[a-z]\w*", form.expression))
    assert words == set(identifiers)
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize(("definition", "source"), SOURCES)
def test_datadogs_formulas_use_every_query_and_no_name_that_only_aws_will_know(
    definition: MetricDefinition, source: Source
) -> None:
    known = {role: name for role, name in NAMES.items() if role is not Role.LOAD_BALANCER}
    form = source.datadog
    queries = form.named(known)
    words = set(re.findall(r"[a-z]\w*", " ".join(filter(None, (form.formula, form.good, form.total)))))
    assert words - {"default_zero"} == set(queries)
    written = form.written_out(form.formula, known)
    assert "$" not in written
    assert all(query in written for query in queries.values())


@pytest.mark.parametrize(("definition", "source"), SOURCES)
def test_each_form_says_where_it_is_documented(definition: MetricDefinition, source: Source) -> None:
    assert source.cloudwatch.source.startswith("https://docs.aws.amazon.com/")
    assert source.datadog.source.startswith("https://docs.datadoghq.com/")


def test_a_total_outage_has_an_error_rate() -> None:
    """Without targets a load balancer counts no requests, only its own 5XX."""
    (source,) = CATALOGUE["error_rate"].sources
    expression = source.cloudwatch.expression
    assert expression is not None
    condition, rate = re.fullmatch(r"IF\((.*) >= 20, (.*), 0\)", expression).groups()  # type: ignore[union-attr]
    assert condition == "SUM([requests, refused])"
    assert rate == "100 * SUM([failed, refused]) / SUM([requests, refused])"


@pytest.mark.parametrize(
    ("metric", "limit", "hint"),
    [
        ("eror_rate", "> 5%", "'eror_rate' is no metric: did you mean 'error_rate'?"),
        ("happiness", "> 5%", "'happiness' is no metric: write one of cpu, memory, error_rate"),
        ("error_rate", "> 5ms", "'> 5ms': error_rate is measured in %, not in ms"),
        ("slow_queries", "> 5 req/s", "slow_queries is measured in /min, not in req/s"),
    ],
)
def test_an_unknown_metric_or_unit_is_refused_with_what_would_be_right(
    metric: str, limit: str, hint: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the message is asserted below)
        admit(metric, Limit.parse(limit))
    assert hint in str(caught.value)


def test_seconds_are_as_good_as_milliseconds() -> None:
    admit("p99_latency", Limit.parse("> 3s"))
