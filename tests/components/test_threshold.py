"""The grammar reads the guide's figures and explains what it cannot read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.threshold import Comparison, Limit, Threshold, Unit

numbers = st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000)
limits = st.builds(Limit, st.sampled_from(Comparison), numbers, st.sampled_from(Unit))
metrics = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "metric", "comparison", "number", "unit"),
    [
        ("error_rate > 5%", "error_rate", Comparison.ABOVE, 5, Unit.PERCENT),
        ("p99_query_time > 1000ms", "p99_query_time", Comparison.ABOVE, 1000, Unit.MILLISECONDS),
        ("disk_free < 10%", "disk_free", Comparison.BELOW, 10, Unit.PERCENT),
        ("throughput >= 0.5 req/s", "throughput", Comparison.AT_LEAST, 0.5, Unit.REQUESTS_PER_SECOND),
        ("slow_queries<=5/min", "slow_queries", Comparison.AT_MOST, 5, Unit.PER_MINUTE),
    ],
)
def test_the_guides_own_lines_are_understood(
    text: str, metric: str, comparison: Comparison, number: float, unit: Unit
) -> None:
    assert Threshold.parse(text) == Threshold(metric, Limit(comparison, number, unit))


def test_a_target_needs_no_metric() -> None:
    assert Limit.parse("< 2000ms") == Limit(Comparison.BELOW, 2000, Unit.MILLISECONDS)


@given(metrics, limits)
def test_what_is_written_reads_back_the_same(metric: str, limit: Limit) -> None:
    threshold = Threshold(metric, limit)
    assert Threshold.parse(str(threshold)) == threshold
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("error_rate > 5", "the unit is missing, add one of %, ms, s, /min, req/s"),
        ("error_rate > 5 percent", "'percent' is no unit, write one of %"),
        ("error_rate => 5%", "'=>' is no comparison, write one of >, >=, <, <="),
        ("error_rate == 5%", "'==' is no comparison"),
        ("> 5%", "write a metric, a comparison, a number and a unit, for instance 'error_rate > 5%'"),
        ("error rate > 5%", "write a metric"),
        ("error_rate > -5%", "write a comparison, a number and a unit"),
        ("error_rate > five%", "write a comparison, a number and a unit"),
        ("", "write a metric"),
    ],
)
def test_a_mistake_is_named_in_one_line_with_what_would_be_right(text: str, hint: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the message is asserted below)
        Threshold.parse(text)
    assert hint in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(numbers)
def test_milliseconds_and_seconds_convert_both_ways(number: float) -> None:
    milliseconds = Limit(Comparison.ABOVE, number, Unit.MILLISECONDS)
    seconds = milliseconds.in_unit(Unit.SECONDS)
    assert seconds == number / 1000
    assert Limit(Comparison.ABOVE, seconds, Unit.SECONDS).in_unit(Unit.MILLISECONDS) == pytest.approx(number)


@given(limits)
def test_no_conversion_changes_a_number_in_its_own_unit(limit: Limit) -> None:
    assert limit.in_unit(limit.unit) == limit.number


def test_percent_does_not_become_seconds() -> None:
    with pytest.raises(ValueError, match="'> 5%' cannot be said in s"):
        Limit.parse("> 5%").in_unit(Unit.SECONDS)


def test_comparisons_have_cloudwatchs_names() -> None:
    assert [c.cloudwatch for c in Comparison] == [
        "GreaterThanThreshold",
        "GreaterThanOrEqualToThreshold",
        "LessThanThreshold",
        "LessThanOrEqualToThreshold",
    ]
