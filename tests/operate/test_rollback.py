"""Going back: to the right release, past what could hinder it, from wherever a change has died."""

from typing import Any

import pytest

from operate import deploy, lock, refresh
from operate.errors import GuardError, OperationError, UsageError
from operate.stack import Stack
from tests.operate.double import Aws, error
from tests.operate.releasing import (
    CHECKS,
    NEW,
    OLD,
    OLDEST,
    RELEASE,
    Killed,
    Site,
    World,
    agrees_or_is_said,
    bring,
    brought,
    die,
    go_back,
    quietly,
)

pytestmark = pytest.mark.usefixtures("site")


def test_it_goes_to_the_release_before(stack: Stack, world: World, aws: Aws) -> None:
    done = go_back(stack, world)
    assert (done.release, done.before, done.template_version) == (OLDEST, OLD, "4")
    assert world.everywhere == {OLDEST}
    assert world.lock is None
    assert world.migrated == []
    assert world.static == {}
    (asked,) = aws.named("autoscaling.StartInstanceRefresh")
    assert asked["Preferences"]["SkipMatching"] is True


def test_an_alarm_that_rings_does_not_hinder_it(stack: Stack, world: World, aws: Aws) -> None:
    world.rings, world.bad = True, {OLDEST}
    go_back(stack, world)
    assert world.everywhere == {OLDEST}
    (asked,) = aws.named("autoscaling.StartInstanceRefresh")
    assert asked["Preferences"].keys() == {"MinHealthyPercentage", "MaxHealthyPercentage", "SkipMatching"}


def test_it_goes_to_the_release_that_is_named(stack: Stack, world: World) -> None:
    go_back(stack, world, NEW)
    assert world.everywhere == {NEW}
    assert world.migrated == []


def test_once_more_goes_further_back_and_not_forth_again(stack: Stack, world: World) -> None:
    bring(stack, world)
    for wanted in (OLD, OLDEST):
        assert go_back(stack, world).release == wanted
        assert world.everywhere == {wanted}
    with pytest.raises(OperationError, match="remembers no release before"):
        go_back(stack, world)


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        # The newest first, as AWS has them.
        ([brought("3"), brought("1")], OLDEST),
        ([brought("3"), brought("3"), brought("2"), brought("1")], OLDEST),
        ([brought("4", "RollbackSuccessful"), brought("3"), brought("1")], OLDEST),
        ([brought("4", "Failed"), brought("3"), brought("1")], OLDEST),
        ([brought("3"), brought("4"), brought("3"), brought("1")], OLDEST),
        ([brought(""), brought("3"), brought("1")], OLDEST),
        ([brought("1")], OLDEST),
    ],
)
def test_the_release_before_is_one_that_has_served(
    stack: Stack, world: World, seen: list[dict[str, Any]], wanted: str
) -> None:
    world.templates.append(NEW)
    world.parameters[RELEASE] = (NEW, 2)
    world.templates.append(OLD)
    world.parameters[RELEASE] = (OLD, 3)
    world.refreshes = seen
    assert deploy.aim_back(stack, None, resume=False).release == wanted


@pytest.mark.parametrize("seen", [[], [brought("3")], [brought("1", "Failed")]])
def test_without_one_it_asks_for_a_name(stack: Stack, world: World, seen: list[dict[str, Any]]) -> None:
    world.refreshes = seen
    with pytest.raises(OperationError, match="name one, `syncup rollback staging VERSION`"):
        go_back(stack, world)
    assert world.lock is None


@pytest.mark.parametrize(
    ("version", "refusal"),
    [("2026.1.1", OperationError), ("$(id)", UsageError)],
)
def test_a_release_that_cannot_be_is_refused(
    stack: Stack, world: World, aws: Aws, version: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match="release"):
        go_back(stack, world, version)
    assert aws.changes == []


def test_what_is_arriving_is_turned_back(stack: Stack, world: World) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("50 %"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, interrupt)
    assert world.everywhere == {OLD, NEW}
    go_back(stack, world)
    assert world.refreshes[0]["Status"] == "RollbackSuccessful"
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_a_restart_that_is_under_way_does_not_hinder_it(stack: Stack, world: World, aws: Aws) -> None:
    refresh.renew(stack)
    go_back(stack, world)
    assert "autoscaling.CancelInstanceRefresh" in aws.changes
    assert world.everywhere == {OLDEST}


def test_checks_that_fail_are_told_after_it_is_done(stack: Stack, world: World, site: Site) -> None:
    site.failing = lambda: True
    with pytest.raises(OperationError, match="chat answers 500"):
        go_back(stack, world)
    assert world.everywhere == {OLDEST}
    assert world.lock is None


def test_one_that_fails_says_where_things_are_and_goes_on(stack: Stack, world: World) -> None:
    world.update_fails = OperationError("the engine fails")
    with pytest.raises(OperationError) as found:
        go_back(stack, world)
    assert str(found.value) == (
        f"the engine fails; the parameter says {OLDEST}, the launch template {OLD}, the instances {OLD}; "
        f"`syncup rollback staging {OLDEST}` goes on"
    )
    with pytest.raises(GuardError, match=f"interrupted; `syncup rollback staging {OLDEST}` goes on"):
        lock.require_free(stack)
    world.update_fails = None
    go_back(stack, world)
    assert world.everywhere == {OLDEST}
    assert world.lock is None


def _steps(aws: Aws, stack: Stack) -> int:
    world = World()
    aws.answers.update(world.answers())
    go_back(stack, world)
    return world.steps


@pytest.mark.parametrize("how", [Killed, KeyboardInterrupt, lambda: error("InternalFailure", status=500)])
def test_wherever_it_dies_it_is_taken_up(stack: Stack, aws: Aws, how: Any) -> None:
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        assert die(go_back, stack, world, step, how), step
        assert agrees_or_is_said(stack, world), step
        # Once it is done and nothing more holds the stack, another one would go further.
        if world.lock is not None or world.everywhere != {OLDEST}:
            go_back(stack, world, resume=True)
        assert world.everywhere == {OLDEST}, step
        assert world.lock is None, step


def test_a_deployment_goes_on_where_going_back_has_died(stack: Stack, aws: Aws) -> None:
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        die(go_back, stack, world, step, KeyboardInterrupt)
        under_way = world.refreshes[0]["Status"] in ("Pending", "InProgress")
        if under_way:
            with pytest.raises(GuardError, match="are being replaced"):
                deploy.aim_at(stack, NEW, resume=True)
            go_back(stack, world, resume=True)
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=True), CHECKS, quietly)
        assert world.everywhere == {NEW}, step
        assert world.lock is None, step
