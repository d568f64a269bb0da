"""The reminder to renew what only people can renew."""

from functools import cache

import pytest

from components.secret_age import SecretAge, SecretAgeArgs
from preview.graph import Graph
from tests.components.stage import ROUTE, alarm, allowed, key
from tests.harness import build, context

GROUPS = ("third-party", "monitoring")


@cache
def _graph() -> Graph:
    def program() -> None:
        args = SecretAgeArgs(groups=GROUPS, limit_days=90, key=key("logs"), alarms=ROUTE)
        SecretAge("secret-age", context(), args)

    return build(program, known=True)


@pytest.mark.parametrize("group", GROUPS)
def test_an_old_secret_and_one_without_a_value_ring(group: str) -> None:
    ringing = alarm(_graph(), f"secret-age-{group}")
    assert ringing["threshold"] == 90
    assert ringing["comparisonOperator"] == "GreaterThanThreshold"
    assert ringing["treatMissingData"] == "breaching"
    assert ringing["dimensions"] == {"SecretName": f"syncup/test/{group}"}
    assert ringing["alarmActions"] == [ROUTE.topics.medium]


def test_the_alarms_read_what_the_function_publishes() -> None:
    graph = _graph()
    told = graph.one("aws:lambda/function:Function")["environment"]["variables"]
    assert told["SECRETS"] == "syncup/test/third-party,syncup/test/monitoring"
    for group in GROUPS:
        ringing = alarm(graph, f"secret-age-{group}")
        assert (told["METRIC_NAMESPACE"], told["METRIC_NAME"]) == (
            ringing["namespace"],
            ringing["metricName"],
        )


def test_the_function_sees_dates_and_never_a_value() -> None:
    permissions = allowed(_graph(), "secret-age-function-permissions")
    reading = {action for action in permissions if action.startswith("secretsmanager:")}
    assert reading == {"secretsmanager:ListSecretVersionIds"}
