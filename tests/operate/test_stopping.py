"""A stopped application stays stopped until it is started, and nothing is left half done for good."""

from collections.abc import Callable
from typing import Any

import pytest

from operate import lock, stopping
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError
from operate.stack import Stack
from tests.operate.double import Aws, Parameters, Time, error
from tests.operate.group import Group


@pytest.fixture
def group(aws: Aws) -> Group:
    found = Group()
    aws.answers.update(found.answers())
    return found


def _silent(_: str) -> None:
    pass


def test_stopping_ends_every_instance_and_keeps_new_ones_from_coming(stack: Stack, group: Group) -> None:
    told: list[str] = []
    stopping.stop(stack, told.append)
    assert group.instances == []
    assert set(stopping.PROCESSES) == group.suspended
    assert told[:2] == ["ends i-1", "ends i-2"]
    held = lock.holder(stack)
    assert held is not None
    assert (held.who, held.why) == ("anna", "stopped")


def test_how_many_instances_there_should_be_is_left_alone(stack: Stack, group: Group, aws: Aws) -> None:
    stopping.stop(stack, _silent)
    (first, _) = aws.named("autoscaling.TerminateInstanceInAutoScalingGroup")
    assert first["ShouldDecrementDesiredCapacity"] is False
    assert not [name for name in aws.changes if "Update" in name or "Desired" in name]


def test_starting_is_the_way_back(stack: Stack, group: Group) -> None:
    stopping.stop(stack, _silent)
    stopping.start(stack, _silent)
    assert len(group.instances) == 2
    assert group.suspended == set()
    assert lock.holder(stack) is None


@pytest.mark.parametrize("action", [stopping.stop, stopping.start])
def test_twice_is_as_once(
    stack: Stack, group: Group, action: Callable[[Stack, Callable[[str], None]], None]
) -> None:
    action(stack, _silent)
    before = (list(group.instances), set(group.suspended), group.lock)
    action(stack, _silent)
    assert (group.instances, group.suspended, group.lock) == before


@pytest.mark.parametrize("action", [stopping.stop, stopping.start])
def test_who_else_holds_the_stack_is_respected(
    stack: Stack, group: Group, aws: Aws, action: Callable[[Stack, Callable[[str], None]], None]
) -> None:
    group.held("restores the database")
    with pytest.raises(GuardError, match="locked: restores the database, by ben since"):
        action(stack, _silent)
    assert aws.changes == []


def test_a_stop_that_was_interrupted_is_taken_up_again(stack: Stack, group: Group, aws: Aws) -> None:
    calls = 0
    terminate: Any = aws.answers["autoscaling.TerminateInstanceInAutoScalingGroup"]

    def once(asked: Parameters) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return terminate(asked)

    aws.answers["autoscaling.TerminateInstanceInAutoScalingGroup"] = once
    with pytest.raises(KeyboardInterrupt):
        stopping.stop(stack, _silent)
    assert lock.holder(stack) is not None
    stopping.stop(stack, _silent)
    assert group.instances == []


def test_the_lock_is_given_back_where_nothing_could_be_stopped(stack: Stack, group: Group, aws: Aws) -> None:
    aws.answers["autoscaling.SuspendProcesses"] = error("AccessDenied")
    with pytest.raises(RemoteError, match="AWS denies SuspendProcesses"), in_one_line():
        stopping.stop(stack, _silent)
    assert group.lock is None
    assert group.instances == ["i-1", "i-2"]


def test_of_two_that_take_the_lock_at_once_one_is_refused(stack: Stack, group: Group, aws: Aws) -> None:
    get: Any = aws.answers["ssm.GetParameter"]
    asked_before = False

    def late(asked: Parameters) -> Any:
        nonlocal asked_before
        if not asked_before:
            asked_before = True
            answer = get(asked)
            group.held("restores the database")
            return answer
        return get(asked)

    aws.answers["ssm.GetParameter"] = late
    with pytest.raises(GuardError, match="restores the database"):
        stopping.stop(stack, _silent)
    assert group.instances == ["i-1", "i-2"]
    assert group.suspended == set()


def test_instances_that_do_not_end_are_told(stack: Stack, group: Group, aws: Aws, time: Time) -> None:
    aws.answers["autoscaling.TerminateInstanceInAutoScalingGroup"] = {}
    with pytest.raises(OperationError, match="after 20 minutes 2 instances are left"):
        stopping.stop(stack, _silent)
    assert sum(time.slept) == 20 * 60


def test_instances_that_do_not_serve_are_told(stack: Stack, group: Group, aws: Aws) -> None:
    aws.answers["autoscaling.ResumeProcesses"] = {}
    group.instances.clear()
    group.suspended.add("Launch")
    with pytest.raises(OperationError, match="0 of 2 instances serve"):
        stopping.start(stack, _silent)
