"""What is wrong shows, and what is well does not look otherwise."""

from typing import Any

import pytest

from operate.http import Answer
from operate.stack import Stack
from operate.status import health, status
from tests.operate import healthy
from tests.operate.double import Aws, error


def _part(stack: Stack, name: str) -> tuple[bool, str]:
    (part,) = [part for part in status(stack).parts if part.name == name]
    return part.fine, part.says


def test_a_healthy_stack_is_fine(stack: Stack, aws: Aws) -> None:
    seen = status(stack)
    assert seen.fine
    assert seen.release == "2026.11.3"
    assert [part.name for part in seen.parts] == ["application", "database", "cache", "alarms", "lock"]
    assert aws.changes == []


def test_a_stack_without_a_release_says_so(stack: Stack, aws: Aws) -> None:
    aws.answers["ssm.GetParameter"] = healthy.parameter({})
    assert status(stack).release == "none yet"


@pytest.mark.parametrize(
    ("part", "answers", "said"),
    [
        (
            "application",
            {
                "autoscaling.DescribeAutoScalingGroups": healthy.group(
                    healthy.instance("i-1"), healthy.instance("i-2", HealthStatus="Unhealthy")
                )
            },
            "1 of 2 instances serve",
        ),
        (
            "application",
            {
                "autoscaling.DescribeAutoScalingGroups": healthy.group(
                    healthy.instance("i-1"), healthy.instance("i-2", LifecycleState="Pending:Wait")
                )
            },
            "1 of 2 instances serve",
        ),
        (
            "application",
            {
                "autoscaling.DescribeAutoScalingGroups": healthy.group(
                    MinSize=0, SuspendedProcesses=[{"ProcessName": "Launch"}]
                )
            },
            "suspended: Launch",
        ),
        (
            "database",
            {"rds.DescribeDBInstances": healthy.database(DBInstanceStatus="rebooting")},
            "rebooting",
        ),
        ("cache", {"elasticache.DescribeReplicationGroups": healthy.cache("modifying")}, "modifying"),
        ("alarms", {"cloudwatch.DescribeAlarms": healthy.alarms(healthy.alarm("one"))}, "syncup-staging-one"),
    ],
)
def test_what_is_wrong_is_named(
    stack: Stack, aws: Aws, part: str, answers: dict[str, Any], said: str
) -> None:
    aws.answers.update(answers)
    fine, says = _part(stack, part)
    assert not fine
    assert said in says
    assert not status(stack).fine


def test_a_change_that_waits_for_the_window_is_told_and_no_fault(stack: Stack, aws: Aws) -> None:
    aws.answers["rds.DescribeDBInstances"] = healthy.database(PendingModifiedValues={"EngineVersion": "17.7"})
    assert _part(stack, "database") == (
        True,
        "syncup-staging-g1 available, waits for the window: EngineVersion",
    )


def test_a_lock_is_told_with_who_and_why(stack: Stack, aws: Aws) -> None:
    held = '{"who": "anna", "since": "2026-11-24T11:00:00+00:00", "why": "stopped for a restore"}'
    aws.answers["ssm.GetParameter"] = healthy.parameter(
        {"/syncup/staging/operations/lock": held, "/syncup/staging/release": "1"}
    )
    assert _part(stack, "lock") == (False, "stopped for a restore, by anna since 2026-11-24 11:00:00 UTC")


def test_alarms_of_every_region_are_told_the_worst_first(stack: Stack, aws: Aws) -> None:
    aws.answers["cloudwatch.DescribeAlarms"] = healthy.alarms(
        healthy.alarm("quiet", None), healthy.alarm("late", "low"), healthy.alarm("down", "critical")
    )
    seen = status(stack).alarms
    assert [alarm.severity for alarm in seen] == ["Critical"] * 3 + ["Low"] * 3 + ["—"] * 3
    regions = [call.region for call in aws.calls if call.name == "cloudwatch.DescribeAlarms"]
    assert regions == ["us-west-2", "us-east-2", "us-east-1"]


def test_a_group_that_is_gone_is_named(stack: Stack, aws: Aws) -> None:
    aws.answers["autoscaling.DescribeAutoScalingGroups"] = {"AutoScalingGroups": []}
    with pytest.raises(Exception, match="there is no group syncup-staging-application"):
        status(stack)


@pytest.mark.parametrize(
    ("answer", "fine", "said"),
    [
        (Answer(status=200, milliseconds=12.3, says="ok"), True, "200 in 12 ms"),
        (Answer(status=503, milliseconds=12.3, says="no"), False, "503 in 12 ms"),
        (Answer(status=None, milliseconds=9, says="not reachable: refused"), False, "not reachable: refused"),
    ],
)
def test_the_health_page_counts_when_it_answers_200(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, answer: Answer, fine: bool, said: str
) -> None:
    asked: list[str] = []

    def ask(method: str, url: str) -> Answer:
        asked.append(f"{method} {url}")
        return answer

    monkeypatch.setattr("operate.http.ask", ask)
    first = next(iter(health(stack)))
    assert (first.fine, first.says) == (fine, said)
    assert asked == ["GET https://staging.syncup.example.com/api/health"]


def _well(_method: str, _url: str) -> Answer:
    return Answer(status=200, milliseconds=1, says="")


def test_only_critical_alarms_make_a_stack_unhealthy(
    stack: Stack, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operate.http.ask", _well)
    aws.answers["cloudwatch.DescribeAlarms"] = healthy.alarms(healthy.alarm("late", "high"))
    assert all(part.fine for part in health(stack))
    aws.answers["cloudwatch.DescribeAlarms"] = healthy.alarms(healthy.alarm("down", "critical"))
    assert not all(part.fine for part in health(stack))


def test_a_release_that_may_not_be_read_is_an_error(stack: Stack, aws: Aws) -> None:
    aws.answers["ssm.GetParameter"] = error("AccessDeniedException")
    with pytest.raises(Exception, match="AccessDenied"):
        status(stack)
