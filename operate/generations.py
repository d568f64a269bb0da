"""Point-in-time recovery: a new generation of the database, as of a moment, becomes the active one.

It is a change of the program's input (docs/decisions/database-generations.md): a line more in the stack's
file, an update, a look at what is there now, another line, another update. Where that stopped, it goes on:
the file and the stack's outputs say how far it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from components import ports
from infra.stack_file import Add, Edit, Proposal, Set, propose
from infra.yaml_file import read
from operate import database_setup, lock, outputs, postgres, postgres_checks, stopping
from operate.aws import is_missing
from operate.errors import GuardError, OperationError, UsageError
from operate.postgres import Session
from operate.postgres_checks import Finding
from operate.program import Program, require_clean
from operate.restoring import Say, stopped
from operate.stack import Stack
from preview.plan import Operation

_DATABASE: Final = ("config", "syncup:database")
_FROM: Final = "point_in_time"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_FORM: Final = "%Y-%m-%d %H:%M:%S"
_NUMBER: Final = re.compile(r"g(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The generation that a moment is restored to."""

    name: str
    """`g2`."""
    source: str
    """The generation that it continues."""
    at: str
    """UTC, `2024-01-15 14:30:00`."""
    declared: bool
    """Whether the stack's file has it already, so that an earlier run is continued."""
    active: bool
    """Whether the file says that it is the active one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a recovery has come to."""

    generation: str
    kept: str
    """The generation that was active before, and stays until its line is removed."""
    checks: Sequence[Finding]


def moment(text: str, now: datetime) -> datetime:
    """The moment that the guide's spelling means, in UTC.

    Raises:
        UsageError: it is written otherwise, or has not come yet.
    """
    try:
        # `strptime` alone would let digits be missing.
        at = datetime.strptime(text, _FORM).replace(tzinfo=UTC) if _MOMENT.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None:
        raise UsageError(
            f"{text!r} is no point in time: write it in UTC and without a zone, as 2024-01-15 14:30:00"
        )
    if at > now:
        raise UsageError(f"{text} UTC has not come yet: it is {now:{_FORM}} UTC now")
    return at


def target(stack: str, at: str, root: Path) -> Target:
    """The generation for a moment: the one that the stack's file has of it, or the next.

    Args:
        stack: the stack's name.
        at: the moment, as the guide spells it.
        root: the project's folder.

    Raises:
        infra.mistakes.ConfigurationError: the file cannot be read.
    """
    database: Mapping[str, Any] = read(root / f"Pulumi.{stack}.yaml").value["config"][_DATABASE[1]]
    generations: Mapping[str, Mapping[str, str]] = database["generations"]
    for name, one in reversed(list(generations.items())):
        if one.get("from") == _FROM and one.get("at") == at:
            active = database["active"] == name
            return Target(name=name, source=one["source"], at=at, declared=True, active=active)
    numbers = [int(found[1]) for found in map(_NUMBER.fullmatch, generations) if found]
    return Target(
        name=f"g{max(numbers, default=0) + 1}",
        source=database["active"],
        at=at,
        declared=False,
        active=False,
    )


def proposal(stack: str, wanted: Target, root: Path) -> Proposal:
    """All that a recovery changes in the stack's file. Nothing is written.

    Raises:
        infra.mistakes.ConfigurationError: the file cannot be edited so, or has mistakes then.
    """
    edits: list[Edit] = []
    if not wanted.declared:
        edits.append(_added(wanted))
    if not wanted.active:
        edits.append(_activated(wanted))
    return propose(stack, edits, root)


def require_possible(stack: Stack, wanted: Target, at: datetime) -> None:
    """Refuses a moment that the active database cannot go back to.

    Raises:
        GuardError: it has gone back there already, or the stack's file is ahead of the stack.
        OperationError: the moment lies outside the database's restore window.
    """
    active = stack.outputs["database-identifier"]
    if wanted.active and active.endswith(f"-{wanted.name}") and lock.holder(stack) is None:
        raise GuardError(f"{active} is the database as it was at {wanted.at} UTC, and is active already")
    if wanted.declared:
        return
    if not active.endswith(f"-{wanted.source}"):
        raise GuardError(
            f"Pulumi.{stack.name}.yaml has {wanted.source} for the active generation, and the stack {active}:"
            f" `syncup up {stack.name}` first"
        )
    earliest, latest = _window(stack, active)
    if not earliest <= at <= latest:
        raise OperationError(
            f"{active} can go back to {earliest:{_FORM}} up to {latest:{_FORM}} UTC, which {wanted.at} is not"
            f" within: choose another moment, or see `syncup backup list {stack.name}`"
        )


def recover(
    stack: Stack, program: Program, wanted: Target, say: Say, *, direct: bool, root: Path
) -> Recovered:
    """Stops the application, adds the generation, verifies it, makes it active, and starts again.

    What was interrupted is taken up where it stopped when this is repeated.

    Args:
        stack: the stack.
        program: the stack's.
        wanted: by `target`.
        say: is told each step as it begins, and how far it is.
        direct: whether the database can be reached from here, so that no tunnel is needed.
        root: the project's folder.

    Raises:
        GuardError: somebody else holds the stack, or changes it.
        PolicyError: a rule is against the update.
        DataLossError: the update would lose data.
        OperationError: the update failed, or the generation is not as it should be. The application is
            stopped then, and `say` was told what to do.
    """
    command = f'syncup backup restore {stack.name} --timestamp "{wanted.at}"'
    before = stack.outputs["database-identifier"].rpartition("-")[2]
    say("1 of 6: stops the application")
    with stopped(stack, wanted.at, command, say) as why:
        say(f"2 of 6: adds the generation {wanted.name}, as {wanted.source} was at {wanted.at} UTC")
        if not wanted.declared:
            _write(propose(stack.name, [_added(wanted)], root), say)
        checks: Sequence[Finding] = ()
        if not wanted.active:
            _update(program, say)
            instance = _beside(stack, wanted)
            say("sets roles and extensions up")
            database_setup.run(stack, instance)
            say(f"3 of 6: verifies {instance}")
            checks = _verified(stack, instance, wanted, direct=direct)
            say(f"4 of 6: makes {wanted.name} active")
            _write(propose(stack.name, [_activated(wanted)], root), say)
        _update(program, say)
        stack = replace(stack, outputs=outputs.read(stack.client("ssm"), stack.name, stack.outputs["region"]))
        _require_active(stack, wanted)
        say("5 of 6: starts the application")
        stopping.start(stack, say, why=why)
    kept = wanted.source if before == wanted.name else before
    return Recovered(generation=wanted.name, kept=kept, checks=checks)


def _added(wanted: Target) -> Add:
    value = {"from": _FROM, "source": wanted.source, "at": wanted.at}
    return Add(path=(*_DATABASE, "generations"), key=wanted.name, value=value)


def _activated(wanted: Target) -> Set:
    return Set(path=(*_DATABASE, "active"), value=wanted.name)


def _write(change: Proposal, say: Say) -> None:
    change.write()
    for line in change.difference:
        say(f"{change.file.name}: {line}")


def _update(program: Program, say: Say) -> None:
    """Previews, refuses what must not be, and updates."""
    plan = program.preview()
    require_clean(plan)
    if any(change.operation is not Operation.SAME for change in plan.changes.values()):
        program.update(say)


def _window(stack: Stack, instance: str) -> tuple[datetime, datetime]:
    """From when to when an instance can go back.

    Raises:
        OperationError: it has no backups of its own.
    """
    answer = stack.client("rds").describe_db_instance_automated_backups(DBInstanceIdentifier=instance)
    for kept in answer["DBInstanceAutomatedBackups"]:
        window: Mapping[str, datetime] = kept.get("RestoreWindow", {})
        if kept["Status"] == "active" and "EarliestTime" in window and "LatestTime" in window:
            return window["EarliestTime"], window["LatestTime"]
    raise OperationError(f"{instance} has no automated backup to go back by: is it new?")


def _beside(stack: Stack, wanted: Target) -> str:
    """The identifier of the new instance: that of the active one, with another end."""
    return f"{stack.outputs['database-identifier'].rpartition('-')[0]}-{wanted.name}"


def _verified(stack: Stack, instance: str, wanted: Target, *, direct: bool) -> list[Finding]:
    """Looks at the new generation.

    Raises:
        OperationError: it cannot be reached, or is not what it should be.
    """
    try:
        (found,) = stack.client("rds").describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    except ClientError as error:
        if is_missing(error):
            raise OperationError(f"{instance} is not there, though the update made it") from error
        raise
    if "Endpoint" not in found:
        raise OperationError(f"{instance} is {found['DBInstanceStatus']}: it cannot be reached yet")
    address = found["Endpoint"]["Address"]
    with postgres.connect(stack, direct=direct, target=(address, ports.POSTGRESQL)) as session:
        checks = [*postgres_checks.check(session), *data(session, wanted)]
    wrong = [f"{one.name}: {one.says}" for one in checks if one.fine is False]
    if wrong:
        raise OperationError(f"{instance} is not as it should be: {'; '.join(wrong)}")
    return checks


def data(session: Session, wanted: Target) -> Iterator[Finding]:
    """Whether there are tables, and how new what is in them is."""
    tables = session.value(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('information_schema', 'operations')"
        " AND n.nspname NOT LIKE 'pg\\_%'"
    )
    yield Finding(name="tables", fine=tables > 0, says=f"{tables} tables")
    at = datetime.strptime(wanted.at, _FORM).replace(tzinfo=UTC)
    newest = max(_newest(session, at), default=None)
    if newest is None:
        yield Finding(name="newest data", fine=None, says="no table has an index by time that would tell")
    else:
        age: timedelta = at - newest[0]
        yield Finding(name="newest data", fine=True, says=f"{newest[1]} is {age} older than {wanted.at}")


def _newest(session: Session, at: datetime) -> Iterator[tuple[datetime, str]]:
    """By column that an index begins with, the latest time up to the moment: what lies ahead is planned."""
    columns = session.rows(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS of,"
        " quote_ident(a.attname) AS name FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam"
        " WHERE m.amname = 'btree' AND i.indisvalid AND i.indpred IS NULL AND c.relpersistence = 'p'"
        " AND a.atttypid = 'timestamptz'::regtype AND n.nspname <> 'operations'"
        " AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2"
    )
    for column in columns:
        # The names come quoted from the catalogue.
        query = f"SELECT max({column['name']}) FROM {column['of']} WHERE {column['name']} <= :at"  # noqa: S608
        found = session.value(query, at=at)
        if found is not None:
            yield found, f"{column['of']}.{column['name']}"


def _require_active(stack: Stack, wanted: Target) -> None:
    active = stack.outputs["database-identifier"]
    if not active.endswith(f"-{wanted.name}"):
        raise OperationError(f"the update has left {active} active instead of {wanted.name}: repeat it")
