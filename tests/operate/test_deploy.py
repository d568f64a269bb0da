"""A release comes to the instances whole or not at all, wherever the process that brings it dies."""

from collections.abc import Callable

import pytest

from operate import deploy, lock, refresh
from operate.aws import in_one_line
from operate.deploy import Done
from operate.errors import GuardError, OperationError, RemoteError, UsageError
from operate.stack import Stack
from tests.operate.double import Aws, Time, error
from tests.operate.releasing import (
    CHECKS,
    NEW,
    OLD,
    STATIC,
    Site,
    World,
    agrees_or_is_said,
    archive,
    bring,
    die,
    go_back,
    quietly,
)

NEXT = "2026.11.5"

pytestmark = pytest.mark.usefixtures("site")


def test_a_release_comes_to_every_place_in_order(stack: Stack, world: World, aws: Aws, site: Site) -> None:
    done = bring(stack, world)
    assert (done.release, done.before, done.template_version) == (NEW, OLD, "4")
    assert world.everywhere == {NEW}
    assert world.lock is None
    assert aws.changes == [
        "ssm.PutParameter",  # the lock
        *["s3.PutObject"] * len(STATIC),
        "ssm.PutParameter",
        "ssm.SendCommand",
        "autoscaling.StartInstanceRefresh",
        "ssm.DeleteParameter",
    ]
    assert world.migrated == [f"/usr/local/lib/syncup/migrate {NEW}"]
    assert site.asked == ["POST registration", "POST slack", "POST chat"]


def test_instances_are_replaced_by_a_literal_version_that_aws_can_take_back(
    stack: Stack, world: World, aws: Aws
) -> None:
    bring(stack, world)
    (asked,) = aws.named("autoscaling.StartInstanceRefresh")
    desired = asked["DesiredConfiguration"]["MixedInstancesPolicy"]
    assert desired["LaunchTemplate"]["LaunchTemplateSpecification"] == {
        "LaunchTemplateId": "lt-1",
        "Version": "4",
    }
    assert len(desired["LaunchTemplate"]["Overrides"]) == 2
    assert desired["InstancesDistribution"] == {"OnDemandPercentageAboveBaseCapacity": 100}
    preferences = asked["Preferences"]
    assert preferences["SkipMatching"] is preferences["AutoRollback"] is True
    assert preferences["MinHealthyPercentage"] == 100
    assert len(preferences["AlarmSpecification"]["Alarms"]) == 2


def test_static_files_are_there_before_the_first_instance_and_stay(
    stack: Stack, world: World, aws: Aws
) -> None:
    world.static["static/app.0001.js"] = {}
    world.static["static/app.0123.js"] = kept = {}
    bring(stack, world)
    assert world.static.keys() == {"static/app.0001.js", *STATIC}
    assert world.static["static/app.0123.js"] is kept
    style = world.static["static/css/app.4567.css"]
    assert style["Body"] == STATIC["static/css/app.4567.css"]
    assert style["ContentType"] == "text/css"
    assert style["CacheControl"] == "public, max-age=31536000, immutable"
    assert world.static["static/font.89ab.woff2"]["ContentType"] == "font/woff2"
    assert aws.changes.index("autoscaling.StartInstanceRefresh") > aws.changes.index("s3.PutObject")


def test_the_same_release_again_is_checked_and_changes_nothing(stack: Stack, world: World, aws: Aws) -> None:
    bring(stack, world)
    aws.calls.clear()
    done = bring(stack, world)
    assert done.before == NEW
    assert "autoscaling.StartInstanceRefresh" not in aws.changes
    assert world.parameters["/syncup/staging/release"] == (NEW, 2)
    assert world.templates.count(NEW) == 1


def test_the_same_release_on_a_newer_template_replaces_the_instances(stack: Stack, world: World) -> None:
    """An update has brought a new image into the template."""
    world.templates.append(OLD)
    bring(stack, world, OLD)
    assert set(world.instances.values()) == {"4"}
    assert world.everywhere == {OLD}


def test_the_first_release_migrates_on_its_own_instance(stack: Stack, aws: Aws) -> None:
    world = World.new()
    aws.answers.update(world.answers())
    bring(stack, world)
    assert world.everywhere == {NEW}
    assert len(world.migrated) == 1
    names = [call.name for call in aws.calls]
    assert names.index("autoscaling.StartInstanceRefresh") < names.index("ssm.SendCommand")
    (asked,) = aws.named("autoscaling.StartInstanceRefresh")
    assert "AlarmSpecification" not in asked["Preferences"]
    assert "AutoRollback" not in asked["Preferences"]


def test_whoever_names_no_release_gets_the_one_that_was_uploaded_last(stack: Stack, world: World) -> None:
    assert deploy.aim_at(stack, None, resume=False).release == NEW
    world.incomplete = {NEW}
    assert deploy.aim_at(stack, None, resume=False).release == OLD
    world.releases = {}
    with pytest.raises(OperationError, match="staging has no release yet"):
        deploy.aim_at(stack, None, resume=False)


@pytest.mark.parametrize("version", ["", "2026 11", "$(id)", "../2026.11.3", "-rf", "x" * 65])
def test_what_is_no_version_is_refused(stack: Stack, world: World, aws: Aws, version: str) -> None:
    with pytest.raises(UsageError, match="letters, digits, dots and hyphens"):
        bring(stack, world, version)
    assert aws.changes == []


def test_a_release_that_nobody_uploaded_is_refused(stack: Stack, world: World, aws: Aws) -> None:
    with pytest.raises(OperationError, match=r"there is no release 2026\.11\.5 to deploy to staging"):
        bring(stack, world, NEXT)
    assert aws.changes == []


@pytest.mark.parametrize("digest", ["", "moon", "ab" * 31, "AB" * 32])
def test_a_release_without_digest_is_refused(stack: Stack, world: World, aws: Aws, digest: str) -> None:
    world.digests[NEW] = digest
    with pytest.raises(OperationError, match="is not what sha256sum writes"):
        bring(stack, world)
    assert aws.changes == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive()[: len(archive()) // 2], "is no tar.gz that can be read"),
        (b"PK", "is no tar.gz that can be read"),
        (archive(bin_migrate=None), "it has no program bin/migrate"),
    ],
)
def test_an_archive_that_is_not_well_made_is_refused(
    stack: Stack, world: World, content: bytes, said: str
) -> None:
    world.releases[NEW] = content
    with pytest.raises(OperationError, match=said):
        bring(stack, world)
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_an_archive_that_was_swapped_brings_nothing_to_the_edge(stack: Stack, world: World) -> None:
    world.digests[NEW] = "ab" * 32
    with pytest.raises(OperationError, match="is not what its digest says"):
        bring(stack, world)
    assert world.static == {}
    assert world.everywhere == {OLD}
    assert world.lock is None


@pytest.mark.parametrize("change", [bring, go_back])
def test_whatever_else_waits_to_be_brought_up_stays_out(
    stack: Stack, world: World, change: Callable[..., Done]
) -> None:
    world.waiting = ["application-instances-template"]
    said = "application-instances-template would change beside the release: `syncup up staging` first"
    with pytest.raises(GuardError, match=said):
        change(stack, world, NEW)
    assert world.everywhere == {OLD}
    assert world.static == {}
    assert world.lock is None


@pytest.mark.parametrize("change", [bring, go_back])
def test_who_holds_the_stack_is_respected(
    stack: Stack, world: World, aws: Aws, change: Callable[..., Done]
) -> None:
    lock.take(stack, "restores the database")
    aws.calls.clear()
    for resume in (False, True):
        with pytest.raises(GuardError, match="staging is locked: restores the database, by anna"):
            change(stack, world, NEW, resume=resume)
    assert aws.changes == []


def test_of_two_at_once_one_is_refused(stack: Stack, world: World) -> None:
    aims = [deploy.aim_at(stack, NEW, resume=False) for _ in range(2)]
    refused: list[str] = []

    def meanwhile(_: str) -> None:
        with pytest.raises(GuardError) as found:
            deploy.deploy(stack, world, aims[1], CHECKS, quietly)
        refused.append(str(found.value))

    deploy.deploy(stack, world, aims[0], CHECKS, meanwhile)
    said = (
        f"staging is locked: deploys {NEW}, by anna since 2026-11-24 12:00:00 UTC; if nobody is at it any "
        f"more, `syncup deploy staging {NEW} --resume` goes on, `syncup rollback staging --resume` goes back"
    )
    assert set(refused) == {said}
    assert world.everywhere == {NEW}
    assert len(world.refreshes) == 3


def test_of_two_that_take_up_the_same_one_is_refused(stack: Stack, world: World) -> None:
    die(bring, stack, world, 30, KeyboardInterrupt)
    aims = [deploy.aim_at(stack, NEW, resume=False) for _ in range(2)]
    mine = aims[0].held
    assert mine is not None
    lock.take_over(stack, mine, "deploys")
    with pytest.raises(GuardError, match="somebody else has taken the lock at the same time"):
        deploy.deploy(stack, world, aims[1], CHECKS, quietly)


def test_a_stopped_group_is_started_first(stack: Stack, world: World, aws: Aws) -> None:
    world.suspended = ["Launch"]
    with pytest.raises(GuardError, match="starts no instances"):
        bring(stack, world)
    assert aws.changes == []


def test_instances_that_are_being_replaced_are_waited_for(stack: Stack, world: World, aws: Aws) -> None:
    refresh.renew(stack)
    aws.calls.clear()
    with pytest.raises(GuardError, match=r"are being replaced \(Pending\)"):
        bring(stack, world)
    assert aws.changes == []


def test_an_alarm_that_rings_already_is_waited_for(stack: Stack, world: World, aws: Aws) -> None:
    world.rings = True
    with pytest.raises(GuardError, match="failing-requests rings"):
        bring(stack, world)
    assert aws.changes == []


def test_failing_migrations_stop_the_deployment_with_nothing_replaced(stack: Stack, world: World) -> None:
    world.migration = "Failed"
    said = (
        f"the migrations of {NEW} on i-1 ended with Failed: relation users exists; "
        f"staging runs {OLD}, as before"
    )
    with pytest.raises(OperationError) as found:
        bring(stack, world)
    assert str(found.value) == said
    assert len(world.refreshes) == 2
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_instances_that_stop_serving_migrate_nothing(stack: Stack, world: World) -> None:
    def dies(line: str) -> None:
        if line.startswith("the launch template becomes"):
            world.dead = True

    with pytest.raises(OperationError, match=f"no instance of staging serves .*; staging runs {OLD}, as"):
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, dies)
    assert world.migrated == []
    assert world.everywhere == {OLD}


def test_processes_that_replace_no_instances_may_be_suspended(stack: Stack, world: World) -> None:
    world.suspended = ["AZRebalance", "ScheduledActions"]
    bring(stack, world)
    assert world.everywhere == {NEW}


def test_a_release_on_which_alarms_ring_is_turned_back_everywhere(stack: Stack, world: World) -> None:
    world.bad = {NEW}
    with pytest.raises(OperationError, match=rf"RollbackSuccessful: .* is in ALARM; staging runs {OLD}, as"):
        bring(stack, world)
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_a_release_that_fails_its_checks_is_turned_back_while_aws_still_can(
    stack: Stack, world: World, aws: Aws, site: Site
) -> None:
    site.failing = lambda: NEW in {world.templates[int(one) - 1] for one in world.instances.values()}
    with pytest.raises(OperationError, match=f"chat answers 500 .*; staging runs {OLD}, as before"):
        bring(stack, world)
    assert site.asked.count("POST chat") == 3
    assert "autoscaling.RollbackInstanceRefresh" in aws.changes
    assert len(aws.named("autoscaling.StartInstanceRefresh")) == 1
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_a_check_that_fails_once_is_tried_again(stack: Stack, world: World, site: Site, time: Time) -> None:
    left = [True, False]
    site.failing = lambda: left.pop(0) if left else False
    bring(stack, world)
    assert world.everywhere == {NEW}
    assert site.asked == ["POST registration", "POST slack", "POST chat", "POST chat"]
    assert time.slept.count(15) == 1


def test_an_update_that_fails_is_taken_back(stack: Stack, world: World) -> None:
    world.update_fails = GuardError("somebody else is changing the stack")
    with pytest.raises(GuardError, match=f"changing the stack; staging runs {OLD}, as before"):
        bring(stack, world)
    assert world.everywhere == {OLD}
    assert world.lock is None


def test_what_cannot_be_taken_back_says_where_things_are(stack: Stack, world: World) -> None:
    world.migration = "Failed"

    with pytest.raises(OperationError) as found:
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, _until_migrations(world))
    assert str(found.value).endswith(
        "going back has failed as well: the backend cannot be reached; the parameter says "
        f"{OLD}, the launch template {NEW}, the instances {OLD}; `syncup rollback staging` tries again"
    )
    assert world.lock is not None
    assert world.lock["left"]
    world.update_fails = None
    go_back(stack, world)
    assert world.everywhere == {OLD}
    assert world.lock is None


def _until_migrations(world: World) -> Callable[[str], None]:
    """From the migrations on, the program cannot be updated any more."""

    def say(line: str) -> None:
        if line.startswith("migrates"):
            world.update_fails = RemoteError("the backend cannot be reached")

    return say


def test_whoever_loses_sight_of_aws_leaves_it_to_aws(stack: Stack, world: World, aws: Aws) -> None:
    """A release is not turned back because the line of whoever watches it was down."""
    describe = aws.answers["autoscaling.DescribeInstanceRefreshes"]

    def cut(line: str) -> None:
        if line.startswith("50 %"):
            aws.answers["autoscaling.DescribeInstanceRefreshes"] = error("Throttling")

    with pytest.raises(RemoteError, match="AWS goes on by itself: repeat the command"), in_one_line():
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, cut)
    aws.answers["autoscaling.DescribeInstanceRefreshes"] = describe
    assert world.refreshes[0]["Status"] == "InProgress"
    assert world.release == NEW
    assert world.lock is not None
    bring(stack, world)
    assert world.everywhere == {NEW}
    assert len(world.refreshes) == 3
    assert world.lock is None


def test_whoever_was_only_slow_stops_where_somebody_has_taken_over(stack: Stack, world: World) -> None:
    def taken_over(line: str) -> None:
        if line.startswith("migrates"):
            bring(stack, world, resume=True)

    with pytest.raises(GuardError, match="somebody else has taken staging over: nothing more is done here"):
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, taken_over)
    assert world.everywhere == {NEW}
    assert world.lock is None


def test_whoever_was_only_slow_leaves_the_lock_of_the_other(stack: Stack, world: World) -> None:
    def taken_over(line: str) -> None:
        if line.startswith("migrates"):
            held = lock.holder(stack)
            assert held is not None
            lock.take_over(stack, held, "deploys something")

    with pytest.raises(GuardError, match="somebody else has taken"):
        deploy.deploy(stack, world, deploy.aim_at(stack, NEW, resume=False), CHECKS, taken_over)
    assert world.lock is not None
    assert (world.lock["why"], world.lock["left"]) == ("deploys something", False)


def test_a_first_release_that_fails_leaves_the_way_free_for_the_next(stack: Stack, aws: Aws) -> None:
    world = World.new()
    aws.answers.update(world.answers())
    world.migration = "Failed"
    with pytest.raises(OperationError, match="nothing has served before: `syncup deploy staging VERSION`"):
        bring(stack, world)
    world.migration, world.releases[NEXT] = "Success", archive()
    bring(stack, world, NEXT)
    assert world.everywhere == {NEXT}
    assert world.lock is None


def _steps(aws: Aws, stack: Stack) -> int:
    """How many steps a deployment has."""
    world = World()
    aws.answers.update(world.answers())
    bring(stack, world)
    return world.steps


def test_a_killed_deployment_is_taken_up_wherever_it_was(stack: Stack, aws: Aws) -> None:
    """After each step the process dies; the same command refuses with the line that goes on."""
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        assert die(bring, stack, world, step), step
        assert agrees_or_is_said(stack, world), step
        if world.lock is not None:
            with pytest.raises(GuardError, match=f"`syncup deploy staging {NEW} --resume` goes on"):
                bring(stack, world)
        bring(stack, world, resume=True)
        assert world.everywhere == {NEW}, step
        assert world.lock is None, step
        assert world.migrated, step
        assert world.static.keys() == STATIC.keys(), step


def test_a_killed_deployment_is_gone_back_from_wherever_it_was(stack: Stack, aws: Aws) -> None:
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        die(bring, stack, world, step)
        if world.lock is not None:
            go_back(stack, world, resume=True)
            wanted = NEW if world.refreshes and world.version == "4" else OLD
            assert len(world.everywhere) == 1, step
            assert world.everywhere <= {OLD, wanted}, step
        assert world.lock is None, step


def test_an_interrupted_deployment_is_taken_up_by_the_same_command(stack: Stack, aws: Aws) -> None:
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        assert die(bring, stack, world, step, KeyboardInterrupt), step
        assert agrees_or_is_said(stack, world), step
        held = lock.holder(stack)
        # Whoever is interrupted while the lock is taken cannot know whether it is.
        bring(stack, world, resume=held is not None and not held.left)
        assert world.everywhere == {NEW}, step
        assert world.lock is None, step


def test_a_bad_answer_at_any_time_leaves_the_one_or_the_other(stack: Stack, aws: Aws) -> None:
    for step in range(1, _steps(aws, stack) + 1):
        world = World()
        aws.answers.update(world.answers())
        die(bring, stack, world, step, lambda: error("ServiceUnavailable", status=503))
        assert agrees_or_is_said(stack, world), step
        held = lock.holder(stack)
        bring(stack, world, resume=held is not None and not held.left)
        assert world.everywhere == {NEW}, step
        assert world.lock is None, step
