"""The way back to a moment: a change of the stack's file, carried out step by step and taken up anywhere."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.mistakes import ConfigurationError
from operate import generations
from operate.aws import in_one_line
from operate.errors import DataLossError, GuardError, OperationError, RemoteError, UsageError
from operate.generations import Target
from operate.postgres_checks import Finding
from operate.program import losses
from operate.stack import Stack, connect
from preview.graph import Graph, Resource
from preview.plan import Change, Operation, Plan, Source
from tests.operate import pg, recovering
from tests.operate.double import NOW, Aws, Time, error
from tests.operate.recovering import AT, World

_WANTED = Target(name="g2", source="g1", at=AT, declared=False, active=False)
_LINES = [
    "-    active: g1",
    "+    active: g2",
    f'+      g2: {{ from: point_in_time, source: g1, at: "{AT}" }}',
]


@pytest.fixture
def world(aws: Aws, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return recovering.standing(tmp_path, aws, time, monkeypatch)


def _recover(stack: Stack, world: World, told: list[str] | None = None) -> generations.Recovered:
    """As the command does it, from the beginning."""
    wanted = generations.target("staging", AT, world.root)
    say = (told if told is not None else []).append
    with in_one_line():
        stack = connect("staging", "us-west-2", stack.clock)
        generations.require_possible(stack, wanted, generations.moment(AT, NOW))
        return generations.recover(stack, world, wanted, say, direct=False, root=world.root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-01-15",
        "14:30:00",
        "2024-01-15 14:30",
        "2024-1-5 14:30:00",
        "2024-01-15T14:30:00",
        "2024-01-15 14:30:00Z",
        "2024-01-15 14:30:00 UTC",
        "2024-01-15 14:30:00+02:00",
        "2024-01-15 14:30:00.5",
        "15.01.2024 14:30:00",
        "01/15/2024 14:30:00",
        "2024-02-30 14:30:00",
        "2024-01-15 24:00:00",
        "2024-01-15 14:30:00\n",
        "٢٠٢٤-01-15 14:30:00",
    ],
)
def test_what_could_mean_another_moment_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it in UTC and without a zone, as 2024-01-15 14:30:00"):
        generations.moment(text, NOW)


def test_a_moment_is_utc_and_over() -> None:
    assert generations.moment(AT, NOW) == datetime(2024, 1, 15, 14, 30, tzinfo=UTC)
    with pytest.raises(UsageError, match="has not come yet: it is 2026-11-24 12:00:00 UTC now"):
        generations.moment("2026-11-24 12:00:01", NOW)


def test_a_moment_gets_the_next_generation_after_the_active_one(world: World) -> None:
    assert generations.target("staging", AT, world.root) == _WANTED
    assert generations.proposal("staging", _WANTED, world.root).difference == _LINES
    assert world.file.read_text(encoding="utf-8").count("g2:") == 0


def test_numbers_are_never_used_twice_and_the_source_is_what_is_active(world: World) -> None:
    text = world.file.read_text(encoding="utf-8")
    more = 'g7: { from: point_in_time, source: g1, at: "2024-01-01 00:00:00" }'
    world.file.write_text(
        text.replace("g1: { from: nothing }", f"g1: {{ from: nothing }}\n      {more}").replace(
            "active: g1", "active: g7"
        ),
        encoding="utf-8",
    )
    wanted = generations.target("staging", AT, world.root)
    assert (wanted.name, wanted.source) == ("g8", "g7")


def test_a_stack_that_has_no_file_is_refused(world: World) -> None:
    with pytest.raises(ConfigurationError, match=r"Pulumi\.moon\.yaml"):
        generations.target("moon", AT, world.root)


def test_the_guides_steps_in_their_order(stack: Stack, world: World) -> None:
    told: list[str] = []
    recovered = _recover(stack, world, told)
    assert [line for line in told if " of 6: " in line] == [
        "1 of 6: stops the application",
        f"2 of 6: adds the generation g2, as g1 was at {AT} UTC",
        "3 of 6: verifies syncup-staging-g2",
        "4 of 6: makes g2 active",
        "5 of 6: starts the application",
    ]
    assert [line.partition(": ")[2] for line in told if line.startswith("Pulumi.staging.yaml: ")] == [
        _LINES[2],
        *_LINES[:2],
    ]
    assert (recovered.generation, recovered.kept) == ("g2", "g1")
    assert world.set_up == ["syncup-staging-g2"]
    assert world.looked == ["g2.example.com"]
    assert world.active == "syncup-staging-g2"
    assert world.instances == {"syncup-staging-g1", "syncup-staging-g2"}
    assert (len(world.group.instances), world.lock) == (2, None)


def test_one_that_was_prepared_long_ago_is_still_found(stack: Stack, world: World) -> None:
    """In between another one has become active."""
    text = world.file.read_text(encoding="utf-8")
    prepared = (
        f'g2: {{ from: point_in_time, source: g1, at: "{AT}" }}\n      g3: {{ from: snapshot, source: s }}'
    )
    world.file.write_text(
        text.replace("g1: { from: nothing }", f"g1: {{ from: nothing }}\n      {prepared}").replace(
            "active: g1", "active: g3"
        ),
        encoding="utf-8",
    )
    world.active = "syncup-staging-g3"
    recovered = _recover(stack, world)
    assert (recovered.generation, recovered.kept) == ("g2", "g3")
    assert world.set_up == ["syncup-staging-g2"]


def test_nothing_else_in_the_file_changes(stack: Stack, world: World) -> None:
    before = world.file.read_text(encoding="utf-8").splitlines()
    _recover(stack, world)
    after = world.file.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [line[1:] for line in _LINES[1:]]
    assert [line for line in before if line not in after] == [_LINES[0][1:]]
    assert world.database["active"] == "g2"


@pytest.mark.parametrize("at", ["2020-01-01 00:00:00", "2026-11-24 11:59:59"])
def test_a_moment_outside_of_the_restore_window_is_refused_with_the_window(
    stack: Stack, world: World, aws: Aws, at: str
) -> None:
    window = {"EarliestTime": NOW - timedelta(days=30), "LatestTime": NOW - timedelta(minutes=5)}
    aws.answers["rds.DescribeDBInstanceAutomatedBackups"] = {
        "DBInstanceAutomatedBackups": [{"Status": "active", "RestoreWindow": window}]
    }
    wanted = generations.target("staging", at, world.root)
    said = "syncup-staging-g1 can go back to 2026-10-25 12:00:00 up to 2026-11-24 11:55:00 UTC"
    with pytest.raises(OperationError, match=said):
        generations.require_possible(stack, wanted, generations.moment(at, NOW))
    assert aws.changes == []


@pytest.mark.parametrize("kept", [[], [{"Status": "creating", "RestoreWindow": {}}]])
@pytest.mark.usefixtures("world")
def test_a_database_without_backups_of_its_own_is_refused(stack: Stack, aws: Aws, kept: list[Any]) -> None:
    aws.answers["rds.DescribeDBInstanceAutomatedBackups"] = {"DBInstanceAutomatedBackups": kept}
    with pytest.raises(OperationError, match="syncup-staging-g1 has no automated backup"):
        generations.require_possible(stack, _WANTED, NOW)


def test_a_file_that_is_ahead_of_the_stack_is_refused(stack: Stack, world: World) -> None:
    text = world.file.read_text(encoding="utf-8")
    extra = "g5: { from: snapshot, source: before }"
    world.file.write_text(
        text.replace("g1: { from: nothing }", f"g1: {{ from: nothing }}\n      {extra}").replace(
            "active: g1", "active: g5"
        ),
        encoding="utf-8",
    )
    with pytest.raises(GuardError, match=r"has g5 for the active .*`syncup up staging` first"):
        generations.require_possible(stack, generations.target("staging", AT, world.root), NOW)


def _stays_stopped(world: World, told: list[str]) -> None:
    assert world.group.instances == []
    held = world.lock
    assert held is not None
    assert (held["why"], held["left"]) == (f"stopped to restore {AT}", True)
    assert held["opens"].startswith(f'`syncup backup restore staging --timestamp "{AT}"` goes on with it')
    assert told[-1].startswith("staging stays stopped and locked: ")


@pytest.mark.parametrize("which", ["update", "preview"])
def test_an_update_that_fails_leaves_it_stopped_and_goes_on_when_it_is_repeated(
    stack: Stack, world: World, which: str
) -> None:
    told = list[str]()
    if which == "update":
        world.problem = "staging was not updated to the end: no capacity"
    else:
        world.waiting.append("the program does not compile")
    with pytest.raises(OperationError, match=r"no capacity|does not compile"):
        _recover(stack, world, told)
    _stays_stopped(world, told)
    assert (world.active, world.set_up) == ("syncup-staging-g1", [])
    world.problem = ""
    world.waiting.clear()
    assert _recover(stack, world).generation == "g2"
    assert set(world.database["generations"]) == {"g1", "g2"}


def test_what_does_not_verify_does_not_become_active(stack: Stack, world: World) -> None:
    world.findings.append(Finding(name="tables", fine=False, says="0 tables"))
    told = list[str]()
    with pytest.raises(OperationError, match="syncup-staging-g2 is not as it should be: tables: 0 tables"):
        _recover(stack, world, told)
    _stays_stopped(world, told)
    assert (world.active, world.database["active"]) == ("syncup-staging-g1", "g1")


def test_a_set_up_that_fails_leaves_the_old_one_active(stack: Stack, world: World) -> None:
    world.complaint, told = "password authentication failed", list[str]()
    with pytest.raises(OperationError, match="the set-up of the database failed: password authentication"):
        _recover(stack, world, told)
    _stays_stopped(world, told)
    assert world.database["active"] == "g1"


def test_an_instance_that_cannot_be_reached_is_one_line(stack: Stack, world: World, aws: Aws) -> None:
    aws.answers["rds.DescribeDBInstances"] = error("DBInstanceNotFound")
    with pytest.raises(OperationError, match="syncup-staging-g2 is not there, though the update made it"):
        _recover(stack, world)
    aws.answers["rds.DescribeDBInstances"] = {"DBInstances": [{"DBInstanceStatus": "modifying"}]}
    with pytest.raises(OperationError, match="is modifying: it cannot be reached yet"):
        _recover(stack, world)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ExpiredTokenException"])
@pytest.mark.parametrize("call", ["lambda.Invoke", "rds.DescribeDBInstances"])
def test_whatever_aws_refuses_it_stays_stopped_and_can_go_on(
    stack: Stack, world: World, aws: Aws, call: str, code: str
) -> None:
    good, told = aws.answers[call], list[str]()
    aws.answers[call] = error(code)
    with pytest.raises(RemoteError, match=r"^AWS "):
        _recover(stack, world, told)
    _stays_stopped(world, told)
    aws.answers[call] = good
    assert _recover(stack, world).generation == "g2"


def test_who_else_holds_the_stack_is_respected(stack: Stack, world: World, aws: Aws) -> None:
    world.group.held("deploys 2026.11.4")
    before = world.file.read_bytes()
    with pytest.raises(GuardError, match="staging is locked: deploys"):
        _recover(stack, world)
    assert (aws.changes, world.file.read_bytes()) == ([], before)


def test_interrupted_at_any_moment_it_goes_on_when_it_is_repeated(
    stack: Stack, world: World, time: Time
) -> None:
    """One generation is made, however often it was begun, and at the end the application serves."""
    original = world.file.read_bytes()
    _recover(stack, world)
    steps, ended = world.step, 0
    for moment in range(1, steps + 1):
        world.file.write_bytes(original)
        world.active, world.instances = "syncup-staging-g1", {"syncup-staging-g1"}
        world.step, world.dies_after, told = 0, moment, list[str]()
        with pytest.raises(KeyboardInterrupt):
            _recover(stack, world, told)
        world.dies_after = None
        assert world.database["active"] in ("g1", "g2")
        if world.lock is not None:
            assert told[-1].startswith("staging stays stopped and locked: `syncup backup restore"), moment
        elif str(world.active) == "syncup-staging-g2":
            ended += 1
            assert told[-1] == "the database is restored and the application starts: `syncup status staging`"
            with pytest.raises(GuardError, match="is active already"):
                _recover(stack, world)
            continue
        assert _recover(stack, world).generation == "g2"
        assert set(world.database["generations"]) == {"g1", "g2"}, moment
        assert (world.active, world.database["active"]) == ("syncup-staging-g2", "g2"), moment
        assert (len(world.group.instances), world.lock) == (2, None), moment
    assert ended
    assert time.slept


def _plan(operation: Operation, **inputs: Any) -> Plan:
    urn = "urn:pulumi:staging::syncup::aws:rds/instance:Instance::database-g1-replica-instance"
    resource = Resource(
        urn=urn,
        type="aws:rds/instance:Instance",
        name="database-g1-replica-instance",
        parent="",
        custom=True,
        inputs=inputs,
    )
    graph = Graph((resource,), {}, ())
    changes = {urn: Change(operation=operation)}
    return Plan(project="syncup", stack="staging", source=Source.ENGINE, graph=graph, changes=changes)


def test_the_replica_of_the_generation_before_may_go_and_no_other_database(
    stack: Stack, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert losses(_plan(Operation.DELETE, replicateSourceDb="syncup-staging-g1")) == []
    monkeypatch.setattr(world, "preview", lambda: _plan(Operation.REPLACE, engine="postgres"))
    with pytest.raises(DataLossError, match="it would lose data"):
        _recover(stack, world)
    assert world.active == "syncup-staging-g1"


def test_a_restored_database_says_how_new_its_newest_data_is(stack: Stack, database: pg.Database) -> None:
    at = "2026-11-24 11:00:00"
    with database.session(stack) as session:
        assert [(one.name, one.fine) for one in generations.data(session, _target(at))] == [
            ("tables", False),
            ("newest data", None),
        ]
    database.owner(
        "CREATE TABLE meetings (id int PRIMARY KEY, starts timestamptz, made timestamptz)",
        'CREATE TABLE "Odd ""one" (at timestamptz PRIMARY KEY)',
        "CREATE INDEX ON meetings (made)",
        "INSERT INTO meetings VALUES (1, '2026-11-24 10:59:59Z', '2026-11-24 10:59:30Z'),"
        " (2, '2027-01-01Z', '2026-11-24 10:58:00Z')",
        "INSERT INTO \"Odd \"\"one\" VALUES ('2027-01-01Z'), ('2026-11-01Z')",
    )
    with database.session(stack) as session:
        tables, newest = generations.data(session, _target(at))
    assert (tables.fine, tables.says) == (True, "2 tables")
    assert (newest.fine, newest.says) == (True, f"public.meetings.made is 0:00:30 older than {at}")


def _target(at: str) -> Target:
    return Target(name="g2", source="g1", at=at, declared=True, active=False)
