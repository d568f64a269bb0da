"""The status page's function: woken by the right alarms, bound to the one page, and able to do no more."""

import json
from datetime import timedelta
from functools import cache
from typing import Any

from components.alarms import Severity
from components.encryption import Encryption
from components.status_page import ShownAlarm, StatusPage, StatusPageArgs
from components.window import MaintenanceWindow
from preview.graph import Graph
from tests.components.watched import ROUTE
from tests.harness import build, context

WINDOW = MaintenanceWindow.parse(day="sunday", start="02:00", end="04:00", time_zone="UTC")
TOPIC = "arn:aws:sns:us-east-1:111122223333:syncup-test-alerts-global-critical"


@cache
def _graph() -> Graph:
    def program() -> None:
        keys = Encryption("encryption", context())
        args = StatusPageArgs(
            page_id="kctbh9vrtdwd",
            components={"api": "41wg86q5vc14"},
            alarms=[
                ShownAlarm(
                    name="here", severity=Severity.HIGH, components=["api", "database"], region="us-west-2"
                ),
                ShownAlarm(name="there", severity=Severity.CRITICAL, components=["api"], region="us-east-1"),
            ],
            window=WINDOW,
            notice=timedelta(hours=48),
            distant_topics={"global-critical": TOPIC},
            key=keys.logs,
            secrets_key=keys.secrets,
            route=ROUTE,
        )
        StatusPage("status-page", context(), args)

    return build(program, known=True)


def _statements() -> dict[str, Any]:
    policy = json.loads(
        _graph().one("aws:iam/rolePolicy:RolePolicy", "status-page-function-permissions")["policy"]
    )
    return {action: one["Resource"] for one in policy["Statement"] for action in one["Action"]}


def test_the_function_knows_the_page_the_alarms_and_the_window() -> None:
    variables = _graph().one("aws:lambda/function:Function")["environment"]["variables"]
    assert variables["STACK"] == "test"
    assert json.loads(variables["ALARMS"]) == {
        "us-west-2": {"here": {"severity": "High", "components": ["api", "database"]}},
        "us-east-1": {"there": {"severity": "Critical", "components": ["api"]}},
    }
    assert json.loads(variables["COMPONENTS"]) == {"api": "41wg86q5vc14"}
    assert MaintenanceWindow.parse(**json.loads(variables["WINDOW"])) == WINDOW
    assert (variables["NOTICE_HOURS"], variables["SECRET"]) == ("48", "syncup/test/status-page")


def test_an_alarm_of_the_region_wakes_it_when_it_changes() -> None:
    rule = _graph().one("aws:cloudwatch/eventRule:EventRule")
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": ["here"]},
    }
    target = _graph().one("aws:cloudwatch/eventTarget:EventTarget")
    assert target["rule"] == rule["name"]


def test_an_alarm_of_the_edge_wakes_it_through_its_topic() -> None:
    subscription = _graph().one("aws:sns/topicSubscription:TopicSubscription")
    assert (subscription["topic"], subscription["protocol"], subscription["region"]) == (
        TOPIC,
        "lambda",
        "us-east-1",
    )
    sources = {one["principal"]: one["sourceArn"] for one in _graph().all("aws:lambda/permission:Permission")}
    assert sources["sns.amazonaws.com"] == TOPIC
    assert sources["events.amazonaws.com"].endswith(":rule/syncup-test-status-page-alarms")


def test_what_no_event_tells_the_schedule_catches() -> None:
    assert _graph().one("aws:scheduler/schedule:Schedule")["scheduleExpression"] == "rate(5 minutes)"


def test_it_reads_its_alarms_and_its_key_and_nothing_else() -> None:
    may = _statements()
    assert may["cloudwatch:DescribeAlarms"] == [
        "arn:aws:cloudwatch:us-west-2:111122223333:alarm:here",
        "arn:aws:cloudwatch:us-east-1:111122223333:alarm:there",
    ]
    assert may["secretsmanager:GetSecretValue"] == [
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:syncup/test/status-page-??????"
    ]
    assert not any(action.startswith(("cloudwatch:Put", "ec2:")) for action in may)
