"""Rate limits, services, memory and smoke checks: what is measured is what is told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.reading import read_guide
from operate import external, memory, rate_limits, smoke
from operate.outputs import Outputs
from operate.stack import Stack
from tests.functions.server import Request, serving
from tests.operate import healthy
from tests.operate.double import NOW, Answer, Aws, Parameters

CHECKS = read_guide().deployment.smoke_checks


def _row(**values: str) -> list[dict[str, str]]:
    return [{"field": field.replace("__", "."), "value": value} for field, value in values.items()]


def limits() -> dict[str, Answer]:
    """Logs of the edge and of the application."""
    asked: list[str] = []

    def start(query: Parameters) -> Any:
        asked.append(query["queryString"])
        return {"queryId": "q"}

    def results(_: Parameters) -> Any:
        if "clientIp" in asked[-1]:
            rows = [_row(httpRequest__clientIp="203.0.113.9", terminatingRuleId="rate-limit", requests="40")]
        elif "BLOCK" in asked[-1]:
            rows = [_row(terminatingRuleId="rate-limit", requests="41")]
        else:
            rows = [_row(requests="7")]
        return {"status": "Complete", "results": rows}

    return {"logs.StartQuery": start, "logs.GetQueryResults": results}


def test_the_edge_is_asked_where_it_logs_and_the_application_at_home(stack: Stack, aws: Aws) -> None:
    aws.answers.update(limits())
    seen = rate_limits.held_back(stack, timedelta(hours=1))
    assert [(one.rule, one.requests) for one in seen.by_rule] == [("rate-limit", 41)]
    assert [one.address for one in seen.by_address] == ["203.0.113.9"]
    assert seen.refused == 7
    groups = [
        (call.region, call.parameters["logGroupName"]) for call in aws.calls if "StartQuery" in call.name
    ]
    edge = ("us-east-1", "aws-waf-logs-syncup-staging-cdn-firewall")
    assert groups == [edge, edge, ("us-west-2", "/syncup/staging/application")]


def test_nothing_held_back_is_nothing(stack: Stack, aws: Aws) -> None:
    aws.answers.update({**limits(), "logs.GetQueryResults": {"status": "Complete", "results": []}})
    assert rate_limits.held_back(stack, timedelta(hours=1)) == rate_limits.RateLimits(
        by_rule=[], by_address=[], refused=0
    )


@pytest.mark.parametrize(
    ("status", "reachable"), [(200, True), (301, True), (401, True), (404, True), (500, False), (503, False)]
)
def test_a_service_is_reachable_when_it_answers_for_itself(status: int, reachable: bool) -> None:
    with serving(lambda _: (status, b"why")) as server:
        (seen,) = external.check({"One": server.url})
    assert (seen.reachable, seen.status, seen.says) == (reachable, status, "" if reachable else "why")


def test_the_guides_three_services_are_asked() -> None:
    assert list(external.SERVICES) == ["OpenAI", "Slack", "Google"]
    assert all(url.startswith("https://") for url in external.SERVICES.values())


def _minutes(values: Sequence[float]) -> list[Any]:
    return [(NOW + timedelta(minutes=5 * number), value) for number, value in enumerate(values)]


def test_steady_growth_looks_like_a_leak() -> None:
    seen = memory.judge("i-1", _minutes([40 + 0.25 * number for number in range(72)]))
    assert seen.leaks
    assert seen.percent_per_hour == pytest.approx(3)
    assert (seen.now_percent, seen.peak_percent) == (57.75, 57.75)


@pytest.mark.parametrize(
    "values",
    [
        [50.0] * 72,
        [50 - 0.25 * number for number in range(72)],
        [50 + (30 if number % 12 == 0 else 0) for number in range(72)],
        [30.0] * 6 + [60.0] * 66,
        [40 + 0.01 * number for number in range(72)],
        [40.0, 60.0, 80.0],
        [],
    ],
    ids=["flat", "falling", "peaks", "one step", "too slow", "too few", "none"],
)
def test_what_does_not_grow_steadily_is_no_leak(values: list[float]) -> None:
    assert not memory.judge("i-1", _minutes(values)).leaks


@given(st.lists(st.floats(0, 100), max_size=40))
def test_whatever_was_measured_is_judged(values: list[float]) -> None:
    seen = memory.judge("i-1", _minutes(values))
    assert seen.peak_percent == max(values, default=None)


def remembered(values: Sequence[float]) -> dict[str, Answer]:
    """Every instance has used so much."""

    def answer(asked: Parameters) -> Any:
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Timestamps": [when for when, _ in _minutes(values)],
                    "Values": list(values),
                }
                for query in asked["MetricDataQueries"]
            ]
        }

    return {"cloudwatch.GetMetricData": answer}


def test_each_instance_is_told_from_one_request(stack: Stack, aws: Aws) -> None:
    aws.answers.update(remembered([50.0] * 20))
    seen = memory.look(stack, timedelta(hours=6))
    assert [(one.instance, one.now_percent) for one in seen] == [("i-1", 50), ("i-2", 50)]
    assert len(aws.named("cloudwatch.GetMetricData")) == 1


def test_without_instances_nothing_is_asked(stack: Stack, aws: Aws) -> None:
    aws.answers["autoscaling.DescribeAutoScalingGroups"] = healthy.group()
    assert memory.look(stack, timedelta(hours=6)) == []


def _at(stack: Stack, url: str) -> Stack:
    outputs = Outputs("staging", {**healthy.OUTPUTS, "url": url})
    return Stack(name="staging", outputs=outputs, clients=stack.clients, clock=stack.clock)


def test_the_guides_checks_are_made_once_and_in_order(stack: Stack) -> None:
    with serving(lambda _: (200, b"")) as server:
        results = list(smoke.run(_at(stack, server.url), CHECKS))
    assert all(result.fine for result in results)
    assert [(one.method, one.path) for one in server.requests] == [
        ("POST", "/api/smoke/registration"),
        ("POST", "/api/smoke/slack"),
        ("POST", "/api/smoke/chat"),
    ]


def test_a_feature_that_does_not_work_says_why(stack: Stack) -> None:
    def answer(request: Request) -> tuple[int, bytes]:
        return (502, b"Slack refuses the token") if request.path.endswith("slack") else (200, b"")

    with serving(answer) as server:
        results = list(smoke.run(_at(stack, server.url), CHECKS))
    assert [result.fine for result in results] == [True, False, True]
    assert results[1].says == "answers 502 instead of 200: Slack refuses the token"


@pytest.mark.parametrize(("milliseconds", "fine"), [(1999.9, True), (2000.0, False), (5000.0, False)])
def test_a_late_answer_is_no_good_answer(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, milliseconds: float, fine: bool
) -> None:
    from operate import http  # noqa: PLC0415

    def ask(_method: str, _url: str) -> http.Answer:
        return http.Answer(status=200, milliseconds=milliseconds, says="")

    monkeypatch.setattr(http, "ask", ask)
    assert all(result.fine is fine for result in smoke.run(stack, CHECKS))
