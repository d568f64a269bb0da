"""The way back by a dump: the guide's six steps, each safe to be the last and to be done again."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from operate import database_setup, lock, restore, stopping
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError, UsageError
from operate.postgres_checks import Finding
from operate.stack import Stack
from tests.operate import recovering
from tests.operate.double import Aws, Time, error
from tests.operate.recovering import HALF, NAME, OTHER, World
from tests.operate.test_backups import HEAD

BAD = ("", "backup.sql.gz", "../etc/passwd", f"{NAME}; rm -r /", f"{NAME}\n", "backup_2024_01_15_143022.sql")


@pytest.fixture
def world(aws: Aws, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return recovering.standing(tmp_path, aws, time, monkeypatch)


def _restore(stack: Stack, told: list[str] | None = None, name: str = NAME) -> restore.Restored:
    say = (told if told is not None else []).append
    with in_one_line():
        return restore.restore(stack, restore.find(stack, name), say, direct=False)


def _stays_stopped(world: World, told: list[str]) -> None:
    """The application is stopped, the lock says by what and who is asked to do what."""
    assert world.group.instances == []
    held = world.lock
    assert held is not None
    assert held["why"] == f"stopped to restore {NAME}"
    assert held["left"] is True
    assert held["opens"] == (
        f"`syncup backup restore staging --backup {NAME}` goes on with it,"
        " `syncup start staging` ends it with the database that is active now"
    )
    assert told[-1] == f"staging stays stopped and locked: {held['opens']}"


def test_the_guides_steps_in_their_order(stack: Stack, world: World, aws: Aws) -> None:
    told: list[str] = []
    restored = _restore(stack, told)
    assert [line for line in told if " of 6: " in line] == [
        "1 of 6: stops the application",
        "2 of 6: looks which backups there are",
        f"3 of 6: restores {NAME}",
        "4 of 6: verifies it",
        "5 of 6: starts the application",
    ]
    assert restored.kept == "syncup_before_20261124120020"
    assert f"what was there is kept as the database {restored.kept}" in told
    assert world.set_up == ["active"]
    assert world.looked == ["active"]
    assert (len(world.group.instances), world.lock) == (2, None)
    order = [name for name in aws.changes if name.split(".")[0] in ("codebuild", "lambda")]
    assert order == ["codebuild.StartBuild", "lambda.Invoke"]


def test_the_job_is_told_the_dump_in_its_environment_and_nothing_is_run_by_a_shell(
    stack: Stack, world: World, aws: Aws
) -> None:
    _restore(stack)
    (asked,) = aws.named("codebuild.StartBuild")
    assert set(asked) == {"projectName", "environmentVariablesOverride"}
    assert asked["projectName"] == "syncup-staging-restore"
    told = {one["name"]: one["value"] for one in asked["environmentVariablesOverride"]}
    assert told == {
        "RESTORE_DUMP": NAME,
        "RESTORE_PURPOSE": "replace",
        "RESTORE_MOMENT": "20261124120020",
    }
    assert world.started == 1


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_name_is_refused_before_anything(stack: Stack, aws: Aws, name: str) -> None:
    with pytest.raises(UsageError, match="write a name such as"):
        restore.find(stack, name)
    assert aws.calls == []


@pytest.mark.parametrize("name", [HALF, "backup_2023_01_01_000000.sql.gz"])
@pytest.mark.usefixtures("world")
def test_a_dump_that_was_not_finished_or_is_not_there_is_refused(stack: Stack, aws: Aws, name: str) -> None:
    with pytest.raises(OperationError, match=f"{name} has no manifest: `syncup backup list staging`"):
        restore.find(stack, name)
    assert aws.changes == []


@pytest.mark.usefixtures("world")
def test_a_manifest_without_its_dump_is_refused(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.ListObjectsV2"] = {}
    with pytest.raises(OperationError, match=f"there is no dump {NAME}"):
        restore.find(stack, NAME)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("wrong", [{"ContentLength": 7}, {"ETag": '"another"'}], ids=["truncated", "swapped"])
def test_a_dump_that_is_not_what_was_written_stops_no_application(
    stack: Stack, aws: Aws, wrong: dict[str, Any]
) -> None:
    aws.answers["s3.HeadObject"] = {**HEAD, **wrong}
    with pytest.raises(OperationError, match=r"cannot be restored, nothing was changed: (size|object): "):
        restore.find(stack, NAME)
    assert aws.changes == []


@pytest.mark.usefixtures("world")
def test_a_dump_without_a_lock_or_a_replica_can_be_restored(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.HeadObject"] = {name: HEAD[name] for name in ("ContentLength", "ETag")}
    assert restore.find(stack, NAME).dump.name == NAME


def test_while_a_dump_or_another_restore_runs_it_is_refused(stack: Stack, world: World, aws: Aws) -> None:
    world.dumping = True
    with pytest.raises(GuardError, match=r"a dump of staging is running \(dump:1\)"):
        restore.find(stack, NAME)
    world.dumping = False
    for told in (restore.told(OTHER, "replace", "1"), restore.told(NAME, "test", "1")):
        world.builds.clear()
        variables = [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in told.items()]
        world.start({"environmentVariablesOverride": variables})
        with pytest.raises(GuardError, match="a restore of staging runs already: syncup-staging-restore:1"):
            restore.find(stack, NAME)
    assert aws.changes == []


def test_who_else_holds_the_stack_is_respected(stack: Stack, world: World, aws: Aws) -> None:
    world.group.held("deploys 2026.11.4")
    before, told = world.group.lock, list[str]()
    with pytest.raises(GuardError, match=r"staging is locked: deploys 2026\.11\.4, by ben"):
        _restore(stack, told)
    assert (world.group.lock, aws.changes) == (before, [])
    assert told == ["1 of 6: stops the application"]


def test_what_somebody_has_stopped_is_taken_over(stack: Stack, world: World) -> None:
    """The guide stops first, and then restores."""
    stopping.stop(stack, lambda _: None)
    _restore(stack)
    assert (len(world.group.instances), world.lock) == (2, None)


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])
def test_a_job_that_fails_leaves_it_stopped_and_says_what_to_do(
    stack: Stack, world: World, status: str
) -> None:
    world.ends, world.says, told = status, "restore: public.users: 6 rows, the manifest says 7", list[str]()
    with pytest.raises(OperationError, match=f"ended with {status}: restore: public.users: 6 rows"):
        _restore(stack, told)
    _stays_stopped(world, told)
    assert world.set_up == []


def test_a_set_up_that_fails_leaves_it_stopped(stack: Stack, world: World) -> None:
    world.complaint, told = "dump may not log in", list[str]()
    with pytest.raises(OperationError, match="the set-up of the database failed: dump may not log in"):
        _restore(stack, told)
    _stays_stopped(world, told)


def test_what_is_not_as_it_should_be_is_not_started(stack: Stack, world: World) -> None:
    wrong = Finding(name="rows against the manifest", fine=False, says="public.users is missing")
    world.findings, told = [*world.findings, wrong], list[str]()
    with pytest.raises(OperationError, match="not as it should be: rows against the manifest: "):
        _restore(stack, told)
    _stays_stopped(world, told)


def test_what_could_not_be_looked_at_is_no_failure(stack: Stack, world: World) -> None:
    world.findings.append(Finding(name="amcheck", fine=None, says="not there"))
    assert [one.name for one in _restore(stack).checks] == ["rows", "amcheck"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ExpiredTokenException"])
@pytest.mark.parametrize("call", ["codebuild.StartBuild", "codebuild.BatchGetBuilds", "lambda.Invoke"])
def test_whatever_aws_refuses_it_stays_stopped_and_can_go_on(
    stack: Stack, world: World, aws: Aws, call: str, code: str
) -> None:
    good, told = aws.answers[call], list[str]()
    wanted = restore.find(stack, NAME)
    aws.answers[call] = error(code)
    with pytest.raises(RemoteError, match=r"^AWS "), in_one_line():
        restore.restore(stack, wanted, told.append, direct=False)
    _stays_stopped(world, told)
    aws.answers[call] = good
    _restore(stack)
    assert (len(world.group.instances), world.lock, world.started) == (2, None, 1)


def test_where_the_lock_cannot_be_reached_either_both_are_told(stack: Stack, world: World, aws: Aws) -> None:
    told: list[str] = []
    wanted = restore.find(stack, NAME)

    def expire(_: object) -> Exception:
        aws.answers["ssm.GetParameter"] = error("ExpiredTokenException")
        return error("ExpiredTokenException")

    aws.answers["codebuild.StartBuild"] = expire
    with pytest.raises(RemoteError, match="does not take the credentials"), in_one_line():
        restore.restore(stack, wanted, told.append, direct=False)
    assert "could not be looked at (AWS does not take the credentials" in told[-2]
    assert told[-1].startswith("staging stays stopped and locked: `syncup backup restore staging")
    assert world.lock is not None


def test_interrupted_at_any_moment_it_goes_on_when_it_is_repeated(stack: Stack, world: World) -> None:
    """Never twice restored, never left open, and at the end the application serves."""
    _restore(stack)
    steps, world.step = world.step, 0
    for moment in range(1, steps + 1):
        world.builds.clear()
        world.set_up.clear()
        world.step, world.dies_after, told = 0, moment, list[str]()
        with pytest.raises(KeyboardInterrupt):
            _restore(stack, told)
        world.dies_after = None
        if world.lock is None and world.set_up:
            # It is done, and to repeat it would undo what users have written since.
            assert told[-1] == "the database is restored and the application starts: `syncup status staging`"
            continue
        if world.lock is not None:
            assert told[-1].startswith("staging stays stopped and locked: `syncup backup restore"), moment
        _restore(stack)
        assert (len(world.group.instances), world.lock, world.started) == (2, None, 1), moment


def test_one_that_was_left_can_be_ended_by_starting(stack: Stack, world: World) -> None:
    world.ends = "FAILED"
    with pytest.raises(OperationError):
        _restore(stack)
    stopping.start(stack, lambda _: None)
    assert (len(world.group.instances), world.lock) == (2, None)


def test_while_one_is_at_work_nobody_starts_the_application(stack: Stack, world: World) -> None:
    lock.take(stack, f"stopped to restore {NAME}", "`syncup backup restore …` goes on with it")
    with pytest.raises(GuardError, match=r"locked: stopped to restore .* goes on with it"):
        stopping.start(stack, lambda _: None)
    assert world.lock is not None


def test_another_day_the_same_dump_is_restored_again(stack: Stack, world: World, time: Time) -> None:
    _restore(stack)
    time.sleep(86400)
    _restore(stack)
    assert world.started == 2


@pytest.mark.parametrize(
    "slow",
    [error("TooManyRequestsException"), ReadTimeoutError(endpoint_url="https://lambda.example.com")],
    ids=["busy", "slow"],
)
def test_a_set_up_that_goes_on_already_is_waited_for(
    stack: Stack, world: World, aws: Aws, time: Time, slow: Exception
) -> None:
    left = [slow, slow]
    invoke: Any = aws.answers["lambda.Invoke"]
    aws.answers["lambda.Invoke"] = lambda asked: left.pop() if left else invoke(asked)
    database_setup.run(stack, "syncup-staging-g2")
    assert (world.set_up, time.slept) == (["syncup-staging-g2"], [15, 15])
    aws.answers["lambda.Invoke"] = slow
    with pytest.raises(OperationError, match=r"^AWS "), in_one_line():
        database_setup.run(stack)
    assert sum(time.slept) == 30 + 600


def test_what_began_in_the_second_in_which_the_stack_was_locked_counts(
    stack: Stack, world: World, time: Time
) -> None:
    stopping.stop(stack, lambda _: None)
    time.sleep(0.7)
    world.complaint = "not now"
    with pytest.raises(OperationError, match="not now"):
        _restore(stack)
    world.complaint = ""
    _restore(stack)
    assert world.started == 1
