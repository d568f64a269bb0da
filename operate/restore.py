"""The guide's full recovery: a dump becomes the database, on the same server.

The job in the VPC restores it beside what is there, verifies it against its manifest, and switches by
renaming both (`functions/dump_job/restore.py`). What was there is kept under a name of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from operate import backups, database_setup, dump_job, job, lock, postgres, postgres_checks, stopping
from operate.backups import Backup
from operate.errors import GuardError, OperationError
from operate.job import Build
from operate.postgres_checks import Finding
from operate.restoring import Say, stopped
from operate.stack import Stack

DUMP: Final = "RESTORE_DUMP"
PURPOSE: Final = "RESTORE_PURPOSE"
MOMENT: Final = "RESTORE_MOMENT"
REPLACE: Final = "replace"
TEST: Final = "test"
"""What the job reads in its environment (`functions/dump_job/restore.py`)."""
_FORM: Final = "%Y%m%d%H%M%S"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A dump that can be restored."""

    dump: Backup
    tables: Mapping[str, int]
    """How many rows each table had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a restore has come to."""

    backup: str
    kept: str
    """The name of the database that was there before."""
    checks: Sequence[Finding]


def find(stack: Stack, name: str) -> Wanted:
    """The dump, if it can be restored and nothing is in its way.

    Raises:
        UsageError: that is no name of a dump.
        OperationError: there is no such dump, it is not complete, or it is not what was written.
        GuardError: a dump or another restore is running.
    """
    tables = postgres_checks.manifest_of(stack, name)
    found = next((one for one in backups.dumps(stack) if one.name == name), None)
    if found is None:
        raise OperationError(
            f"there is no dump {name}: `syncup backup list {stack.name}` shows what there is"
        )
    _require_whole(stack, name)
    dumping = dump_job.running(stack)
    if dumping is not None:
        raise GuardError(f"a dump of {stack.name} is running ({dumping}): try again when it has ended")
    last = job.latest(stack, stack.outputs["restore-project"])
    if last is not None and last.runs and not _restores(last, name):
        raise GuardError(f"a restore of {stack.name} runs already: {last.id}")
    return Wanted(dump=found, tables=tables)


def _require_whole(stack: Stack, name: str) -> None:
    """Nobody stops an application for a dump of which it is known that it cannot be restored."""
    wrong = [
        check for check in backups.verify(stack, name)[1] if not check.fine and check.name in backups.WHOLE
    ]
    if wrong:
        said = "; ".join(f"{check.name}: {check.says}" for check in wrong)
        raise OperationError(
            f"{name} cannot be restored, nothing was changed: {said}; `syncup backup list {stack.name}` "
            "shows the others"
        )


def restore(stack: Stack, wanted: Wanted, say: Say, *, direct: bool) -> Restored:
    """Stops the application, restores, verifies, and starts it again.

    What was interrupted is taken up where it stopped when this is repeated.

    Args:
        stack: the stack.
        wanted: by `find`.
        say: is told each step as it begins, and how far it is.
        direct: whether the database can be reached from here, so that no tunnel is needed.

    Raises:
        GuardError: somebody else holds the stack.
        OperationError: the dump does not restore, or what was restored is not what its manifest says. The
            application is stopped then, and `say` was told what to do.
    """
    name = wanted.dump.name
    command = f"syncup backup restore {stack.name} --backup {name}"
    say("1 of 6: stops the application")
    with stopped(stack, name, command, say) as why:
        say("2 of 6: looks which backups there are")
        _list(stack, name, say)
        say(f"3 of 6: restores {name}")
        build = _restore(stack, name, say)
        kept = f"{stack.outputs['database-name']}_before_{build.variables[MOMENT]}"
        say(f"what was there is kept as the database {kept}")
        say("sets roles and extensions up")
        database_setup.run(stack)
        say("4 of 6: verifies it")
        with postgres.connect(stack, direct=direct) as session:
            checks = list(postgres_checks.integrity(session, wanted.tables))
        wrong = [f"{one.name}: {one.says}" for one in checks if one.fine is False]
        if wrong:
            raise OperationError(f"the restored database is not as it should be: {'; '.join(wrong)}")
        say("5 of 6: starts the application")
        stopping.start(stack, say, why=why)
    return Restored(backup=name, kept=kept, checks=checks)


def told(name: str, purpose: str, moment: str) -> Mapping[str, str]:
    """What a run of the job is told."""
    return {DUMP: name, PURPOSE: purpose, MOMENT: moment}


def moment(stack: Stack) -> str:
    """Now, as the job names databases after it."""
    return f"{stack.clock.now():{_FORM}}"


def _list(stack: Stack, name: str, say: Say) -> None:
    good = [one for one in backups.dumps(stack) if one.good]
    for place, one in enumerate(good, 1):
        if one.name == name:
            say(f"{name}, made {one.made:%Y-%m-%d %H:%M:%S} UTC, is number {place} of {len(good)} dumps")


def _restore(stack: Stack, name: str, say: Say) -> Build:
    """The run that restores it: the one that has done so since the stack was stopped for it, or a new one."""
    project, last = stack.outputs["restore-project"], job.latest(stack, stack.outputs["restore-project"])
    held = lock.holder(stack)
    if last is not None and _restores(last, name):
        if last.runs:
            say(f"goes on with {last.id}")
            return job.follow(stack, last.id, "the restore", say)
        # Not everybody counts parts of a second.
        if last.good and held is not None and last.began >= held.since.replace(microsecond=0):
            say(f"{last.id} has done so already")
            return last
    identifier = job.start(stack, project, "a restore", told(name, REPLACE, moment(stack)))
    return job.follow(stack, identifier, "the restore", say)


def _restores(build: Build, name: str) -> bool:
    """Whether a run makes that dump the database."""
    return build.variables.get(DUMP) == name and build.variables.get(PURPOSE) == REPLACE
