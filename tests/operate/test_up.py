"""An update goes its steps in the guide's order, stops before it changes anything, resumes, and goes back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from operate import good_revision, preflight, up
from operate.errors import DataLossError, GuardError, OperationError, RemoteError
from operate.stack import Stack
from preview.plan import Operation, Plan
from tests.operate.services import Services, services
from tests.operate.updating import GOOD, LOCK, NEW, OLD, Updating, World, install, plan

STEPS = [
    "refresh",
    "preview",
    "show",
    "agree",
    "update",
    "database",
    "checks",
    "watch for 0:30:00",
]
WAY_BACK = [
    f"check out {OLD[:12]}",
    "preview of the last good revision",
    "update to the last good revision",
    "checks",
]


@pytest.fixture
def others() -> Iterator[Services]:
    """Slack and PagerDuty."""
    with services() as found:
        yield found


@pytest.fixture
def world() -> World:
    """A stack that an earlier update has proved."""
    return World(parameters={GOOD: OLD})


@pytest.fixture
def updating(
    world: World, stack: Stack, others: Services, tmp_path: Path, request: pytest.FixtureRequest
) -> Updating:
    """An update of it."""
    install(world, request.getfixturevalue("aws"), request.getfixturevalue("monkeypatch"), tmp_path)
    return Updating(world=world, stack=stack, others=others, folder=tmp_path)


def _held(world: World) -> dict[str, object]:
    return json.loads(world.parameters[LOCK])


def test_it_goes_its_steps_in_order_and_the_revision_becomes_the_last_good_one(updating: Updating) -> None:
    outcome = updating.run()
    assert updating.world.did == STEPS
    assert outcome.done
    assert outcome.changes == {"update": 1}
    assert [check.name for check in outcome.checks] == ["registration", "slack", "chat"]
    assert updating.world.parameters == {GOOD: NEW}
    assert updating.told == [
        f"ben brings staging to {NEW[:12]}",
        f"staging is at {NEW[:12]}, checked and watched for 30 min",
    ]
    assert updating.others.messages[1]["thread_ts"] == updating.others.messages[0]["ts"]
    assert updating.paged == []


def test_a_backup_that_is_due_is_made_when_somebody_has_agreed_and_before_anything_changes(
    updating: Updating,
) -> None:
    updating.due = (preflight.BACKUP, preflight.TEAM)
    assert updating.run().backup == "backup_now"
    assert updating.world.did == [*STEPS[:4], "backup", *STEPS[4:]]


def test_nobody_is_told_and_nothing_done_where_nobody_agrees(updating: Updating) -> None:
    updating.agrees = False
    updating.due = (preflight.BACKUP, preflight.TEAM)
    assert not updating.run().done
    assert updating.world.did == STEPS[:4]
    assert updating.told == []
    assert updating.world.parameters == {GOOD: OLD}


def test_a_plan_that_loses_data_is_shown_and_changes_nothing(updating: Updating) -> None:
    updating.world.plan = plan(bucket=Operation.REPLACE)
    with pytest.raises(DataLossError):
        updating.run()
    assert updating.world.did == STEPS[:3]
    assert updating.world.parameters == {GOOD: OLD}


def test_data_is_lost_where_somebody_allows_it(updating: Updating) -> None:
    updating.world.plan = plan(bucket=Operation.REPLACE)
    updating.allow_data_loss = True
    updating.run()
    assert updating.world.did == STEPS


def test_a_look_refreshes_nothing_and_holds_no_lock(updating: Updating) -> None:
    up.look(updating.job)
    assert updating.world.did == ["preview, refreshed", "show"]
    assert updating.world.parameters == {GOOD: OLD}


def test_the_lock_is_held_while_it_works(updating: Updating, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def look(stack: Stack) -> None:
        seen.append(_held(updating.world)["why"])

    monkeypatch.setattr("operate.up.database_setup.run", look)
    updating.run()
    assert seen == [preflight.UPDATES]


def test_two_at_once_are_one_and_a_line(updating: Updating) -> None:
    updating.world.parameters[LOCK] = json.dumps(
        {"who": "eva", "since": "2026-11-24T11:00:00+00:00", "why": preflight.UPDATES}
    )
    with pytest.raises(GuardError, match="staging is locked: updates the stack, by eva since 2026"):
        updating.run()
    assert updating.world.did == []


@pytest.mark.parametrize("step", ["update", "database"])
def test_what_fails_in_the_middle_keeps_the_lock_and_says_how_to_go_on(updating: Updating, step: str) -> None:
    updating.world.failing[step] = OperationError("no capacity")
    assert updating.fails() == "no capacity; `syncup up staging` goes on"
    held = _held(updating.world)
    assert (held["left"], held["opens"]) == (True, "`syncup up staging` goes on")
    assert updating.told[-1] == "no capacity; `syncup up staging` goes on"
    updating.world.failing.clear()
    updating.world.did.clear()
    updating.run()
    assert updating.world.did == STEPS
    assert updating.world.parameters == {GOOD: NEW}


def test_an_interrupted_one_is_taken_up_again(updating: Updating) -> None:
    updating.world.failing["update"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        updating.run()
    assert _held(updating.world)["left"]
    updating.world.failing.clear()
    updating.run()
    assert updating.world.parameters == {GOOD: NEW}


@pytest.mark.parametrize("step", ["refresh", "preview"])
def test_what_fails_before_anything_changed_gives_the_lock_back(updating: Updating, step: str) -> None:
    updating.world.failing[step] = RemoteError("the backend is away")
    assert updating.fails() == "the backend is away"
    assert updating.world.parameters == {GOOD: OLD}


def test_an_engine_that_somebody_else_uses_gives_the_lock_back(updating: Updating) -> None:
    updating.world.failing["update"] = GuardError("staging is being changed by somebody else")
    with pytest.raises(GuardError):
        updating.run()
    assert updating.world.parameters == {GOOD: OLD}


def test_who_is_gone_is_replaced_only_where_somebody_says_so(updating: Updating) -> None:
    updating.world.failing["update"] = OperationError("no capacity")
    updating.fails()
    updating.world.parameters[LOCK] = json.dumps({**_held(updating.world), "left": False})
    updating.world.failing.clear()
    with pytest.raises(GuardError):
        updating.run()
    updating.resume = True
    updating.run()
    assert updating.world.parameters == {GOOD: NEW}


def test_a_first_update_gives_machines_their_secrets_in_order_and_says_what_people_owe(
    updating: Updating,
) -> None:
    updating.made, updating.due = False, ()
    updating.world.unseeded = ["syncup/staging/cache", "syncup/staging/database-master"]
    updating.world.unset = ["OPENAI_API_KEY"]
    outcome = updating.run()
    assert updating.world.did == [
        *STEPS[:5],
        "rotate syncup/staging/database-master",
        "database",
        "rotate syncup/staging/cache",
    ]
    assert outcome.left == [
        "`syncup secrets update staging --key OPENAI_API_KEY`",
        "`syncup restart staging`",
        "`syncup up staging`",
    ]
    assert updating.world.parameters == {GOOD: OLD}
    assert updating.told == []


def test_checks_that_fail_go_back_to_the_last_good_revision(updating: Updating) -> None:
    updating.world.working = False
    said = updating.fails()
    assert said.startswith("the checks after the deployment fail: registration no answer")
    assert said.endswith(f"; staging is at {OLD[:12]} again, and works")
    assert updating.world.did == [*STEPS[:6], *["checks"] * 3, *WAY_BACK]
    assert updating.world.parameters == {GOOD: OLD}
    assert updating.told[-1] == said
    assert updating.paged == []


def test_an_alarm_that_begins_to_ring_goes_back_and_one_that_rang_before_does_not(updating: Updating) -> None:
    updating.world.ringing = [["old"], ["old", "new"], ["old"]]
    said = updating.fails()
    assert said == f"new rings since the update; staging is at {OLD[:12]} again, and works"
    assert updating.world.did == [*STEPS, *WAY_BACK]


@pytest.mark.parametrize(
    ("way_back", "why"),
    [
        (plan(bucket=Operation.DELETE), "it would lose data"),
        (plan(bucket=Operation.REPLACE), "it would lose data"),
        (plan(errors=["it is broken"]), "it is broken"),
    ],
    ids=["deletes", "replaces", "fails"],
)
def test_a_way_back_that_is_not_safe_wakes_somebody_and_is_not_taken(
    updating: Updating, way_back: Plan, why: str
) -> None:
    updating.world.ringing = [["new"]]
    updating.world.way_back = way_back
    said = updating.fails()
    assert said.startswith("new rings since the update; staging does not go back by itself: ")
    assert why in said
    assert said.endswith("; whoever is on call has been woken")
    assert updating.world.did == [*STEPS, *WAY_BACK[:2]]
    (paged,) = updating.paged
    assert why in paged
    assert LOCK not in updating.world.parameters


@pytest.mark.parametrize("good", [None, NEW], ids=["none", "the same"])
def test_where_there_is_nothing_to_go_back_to_somebody_is_woken(updating: Updating, good: str | None) -> None:
    updating.world.parameters = {GOOD: good} if good else {}
    updating.world.ringing = [["new"]]
    assert "does not go back by itself" in updating.fails()
    assert len(updating.paged) == 1
    assert updating.world.did == STEPS


def test_a_revision_with_other_packages_is_not_gone_back_to_by_itself(
    updating: Updating,
) -> None:
    updating.world.ringing = [["new"]]
    updating.world.packages = "two==2"
    assert "another requirements.txt" in updating.fails()
    assert updating.world.did == [*STEPS, WAY_BACK[0]]
    assert len(updating.paged) == 1


def test_going_back_that_does_not_help_wakes_somebody(updating: Updating) -> None:
    updating.world.working = updating.world.heals = False
    assert "whoever is on call has been woken" in updating.fails()
    assert updating.world.did[6 + 3 :] == [*WAY_BACK, "checks", "checks"]


def test_a_release_that_the_update_has_changed_goes_back_first(updating: Updating) -> None:
    updating.world.ringing = [["new"]]
    updating.world.releases = ["2026.11.3", "2026.11.4"]
    updating.fails()
    assert updating.world.did == [*STEPS, "release 2026.11.3", *WAY_BACK]


def test_aws_that_does_not_answer_during_the_watch_proves_nothing(updating: Updating) -> None:
    updating.world.failing["watch for 0:30:00"] = RemoteError("AWS could not be reached")
    assert updating.fails() == (
        "AWS could not be reached; whether the update is good nobody knows, `syncup up staging` looks again"
    )
    assert updating.world.did == STEPS
    assert updating.world.parameters == {GOOD: OLD}
    assert updating.paged == []


def test_a_pager_that_fails_is_said(updating: Updating) -> None:
    updating.world.parameters = {}
    updating.world.ringing = [["new"]]
    updating.others.failing["/v2"] = 500
    assert updating.fails().endswith("; nobody has been woken: PagerDuty answers 500")


def test_slack_that_fails_keeps_an_update_from_beginning_and_not_from_ending(updating: Updating) -> None:
    updating.others.failing["/api"] = 500
    assert updating.fails() == "Slack answers 500"
    assert updating.world.did == STEPS[:4]
    assert updating.world.parameters == {GOOD: OLD}


def test_a_team_that_cannot_be_told_of_the_end_changes_nothing_of_it(
    updating: Updating, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Stack) -> None:
        updating.others.failing["/api"] = 500

    monkeypatch.setattr("operate.up.database_setup.run", fail)
    assert updating.run().done
    assert "the team has not been told: Slack answers 500" in updating.world.said


def test_the_last_good_revision_is_none_before_the_first(stack: Stack, updating: Updating) -> None:
    updating.world.parameters = {}
    assert good_revision.read(stack) is None
    good_revision.write(stack, NEW)
    assert good_revision.read(stack) == NEW
