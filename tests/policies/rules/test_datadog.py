"""What the rules of Datadog decide."""

from typing import Any

from policies.evaluate import Verdict, judge
from policies.rules import datadog
from policies.stack import Stack
from policies.view import UNKNOWN, Resource
from tests.policies.kit import Case, judged

_KEYS = {"awsAuthConfigKeys": {"accessKeyId": "an-access-key"}}

_WINDOW = {"maintenance_window": "sun:02:00-sun:04:00"}


def _recurring(rule: str, duration: str) -> dict[str, Any]:
    recurrence = {"rrule": rule, "start": "2026-01-04T02:00:00", "duration": duration}
    return {"recurringSchedule": {"recurrences": [recurrence], "timezone": "UTC"}}


CASES = (
    Case(
        datadog.monitor_calls,
        compliant={"message": "Errors. @pagerduty-on-call"},
        violating={"message": "Errors. Write to somebody@example.com"},
        more_compliant=[{"message": "@slack-operations"}, {"message": "{{#is_alert}} @on.call@example.com"}],
    ),
    Case(
        datadog.integration_by_role,
        compliant={"authConfig": {"awsAuthConfigRole": {"roleName": "datadog"}}},
        violating={"authConfig": _KEYS},
        absent=None,
        unknown=None,
    ),
    Case(
        datadog.downtime_in_window,
        compliant=_recurring("FREQ=WEEKLY;BYDAY=SU", "2h"),
        violating=_recurring("FREQ=WEEKLY;BYDAY=MO", "2h"),
        settings=_WINDOW,
        more_violating=[
            _recurring("FREQ=DAILY", "2h"),
            _recurring("FREQ=WEEKLY;BYDAY=SU", "1d"),
            _recurring("FREQ=SOMETIMES", "2h"),
            {"oneTimeSchedule": {"start": "2026-01-04T02:00:00Z"}},
        ],
        out_of_scope=[{"oneTimeSchedule": {"start": "2026-01-04T02:00:00Z", "end": "2026-01-05T02:00:00Z"}}],
    ),
)

test_cases = judged(CASES)


def _monitor(*sources: str) -> Resource:
    return Resource(
        urn="urn:pulumi:test::example::datadog:index/monitor:Monitor::one",
        type_token="datadog:index/monitor:Monitor",  # noqa: S106 (a type)
        inputs={"message": UNKNOWN},
        property_dependencies={"message": sources} if sources else {},
    )


def test_an_unknown_message_mentions_a_channel_that_it_comes_from() -> None:
    token = "datadog:pagerduty/serviceObject:ServiceObject"  # noqa: S105 (a type)
    channel = Resource(urn=f"urn:pulumi:test::example::{token}::on-call", type_token=token, inputs={})
    for monitor, verdict in (
        (_monitor(channel.urn), Verdict.COMPLIANT),
        (_monitor(), Verdict.UNDECIDABLE),
    ):
        assert judge(datadog.monitor_calls, monitor, {}, Stack([channel, monitor])).verdict is verdict
