"""A restart replaces every instance, or says why it did not."""

from typing import Any

import pytest

from operate import restart
from operate.errors import GuardError, OperationError
from operate.stack import Stack
from tests.operate.double import Answer, Aws, error
from tests.operate.group import Group


def replacing(*states: tuple[str, int]) -> dict[str, Answer]:
    """A group that goes through these states, each a status and a percentage."""
    left = list(states)

    def describe(_: Any) -> Any:
        status, percent = left.pop(0) if len(left) > 1 else left[0]
        return {
            "InstanceRefreshes": [
                {"InstanceRefreshId": "r-1", "Status": status, "PercentageComplete": percent}
            ]
        }

    return {
        **Group().answers(),
        "autoscaling.StartInstanceRefresh": {"InstanceRefreshId": "r-1"},
        "autoscaling.DescribeInstanceRefreshes": describe,
    }


def _run(stack: Stack) -> list[str]:
    told: list[str] = []
    restart.follow(stack, restart.start(stack), told.append)
    return told


def test_it_is_followed_to_its_end(stack: Stack, aws: Aws) -> None:
    aws.answers.update(replacing(("Pending", 0), ("InProgress", 50), ("InProgress", 50), ("Successful", 100)))
    assert _run(stack) == [
        "0 % replaced, Pending",
        "50 % replaced, InProgress",
        "100 % replaced, Successful",
    ]
    (asked,) = aws.named("autoscaling.StartInstanceRefresh")
    assert asked["Preferences"]["MinHealthyPercentage"] == 100
    assert asked["Preferences"]["SkipMatching"] is False
    assert len(asked["Preferences"]["AlarmSpecification"]["Alarms"]) == 2
    assert "DesiredConfiguration" not in asked


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"])
def test_an_end_that_is_no_success_is_an_error(stack: Stack, aws: Aws, status: str) -> None:
    aws.answers.update(replacing(("InProgress", 10), (status, 10)))
    with pytest.raises(OperationError, match=f"ended with {status}: AWS does not say why"):
        _run(stack)


def test_two_at_once_are_refused(stack: Stack, aws: Aws) -> None:
    aws.answers.update(
        {
            **replacing(("InProgress", 10)),
            "autoscaling.StartInstanceRefresh": error("InstanceRefreshInProgressFault"),
        }
    )
    with pytest.raises(GuardError, match="are being replaced already"):
        restart.start(stack)


def test_a_locked_stack_is_not_restarted(stack: Stack, aws: Aws) -> None:
    group = Group()
    group.held("stopped")
    aws.answers.update({**replacing(("InProgress", 10)), **group.answers()})
    with pytest.raises(GuardError, match="staging is locked: stopped, by ben"):
        restart.start(stack)
    assert aws.changes == []
