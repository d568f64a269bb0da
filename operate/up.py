"""Bringing a stack to the revision that lies here, and back where that does not prove itself.

refresh → preview with the rules → (somebody agrees) → backup → update → database → checks → watch. Whoever
is interrupted repeats the command: each step looks first, or may be done twice.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from operate import (
    alarms,
    announce,
    caller,
    database_setup,
    deploy,
    dump_job,
    going_back,
    good_revision,
    lock,
    monitor,
    preflight,
    releases,
    secrets,
    smoke,
)
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError
from operate.preflight import Asked, Item
from operate.program import Program, Say, require_clean
from operate.stack import Stack
from preview.plan import Operation, Plan

_MASTER: Final = "/database-master"
"""The end of its name. The set-up logs in with it."""


class Refreshable(Program, Protocol):
    """A program whose state can be brought to what the cloud says."""

    def preview(self, *, targets: Sequence[str] = (), refresh: bool = False) -> Plan:
        """What an update would do; with `refresh`, against what the cloud says. The state stays as it is."""
        ...

    def refresh(self, say: Say) -> Plan:
        """Brings the engine's state to what the cloud says; nothing changes in the cloud."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One update, and whom it asks."""

    asked: Asked
    program: Refreshable
    at: Callable[[Path], Program]
    """The program in another folder."""
    connect: Callable[[], Stack]
    """The stack, with the outputs that it has by then."""
    show: Callable[[Plan], None]
    """Shows what would be done."""
    agree: Callable[[Plan], bool]
    """Whether to do it."""
    watch: timedelta
    """For how long the stack is watched."""
    allow_data_loss: bool
    say: Say


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What has been done."""

    done: bool
    commit: str
    changes: Mapping[str, int]
    """How many resources, by what happens to them."""
    backup: str = ""
    """The dump that was made first."""
    checks: Sequence[smoke.Result] = ()
    watched: timedelta = timedelta()
    left: Sequence[str] = ()
    """What a person has to do before the stack can serve."""


@dataclass(kw_only=True, slots=True)
class _Hold:
    """The lock in the hands of an update."""

    began: bool = False
    """Whether anything may have been changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Before:
    """How the stack was."""

    release: str = ""
    """That ran; empty where none did."""
    ringing: frozenset[str] = field(default_factory=frozenset[str])


def look(job: Job, *, refresh: bool = True) -> Plan:
    """What an update would do. Changes nothing, the engine's state included.

    Args:
        job: what is done for whom.
        refresh: whether to ask AWS first what there is.

    Raises:
        OperationError: it is not to be done, or cannot be; of its kind in `operate.errors`.
    """
    plan = job.program.preview(refresh=refresh)
    job.show(plan)
    require_clean(plan, allow_data_loss=job.allow_data_loss)
    return plan


def up(job: Job, items: Sequence[Item]) -> Outcome:
    """Brings the stack to the revision that lies here.

    Args:
        job: what is done for whom.
        items: the checklist, none of whose items refuses.

    Raises:
        PolicyError: a rule is violated; nothing has been made.
        UndecidableError: a rule of the stack cannot decide; nothing has been made.
        DataLossError: data would be lost, which nobody has allowed; nothing has been made.
        GuardError: somebody else holds or changes the stack.
        OperationError: what failed, and in which state the stack is now.
    """
    commit, say = job.asked.revision().commit, job.say
    with _holding(job.asked) as hold:
        say("asks AWS what there is")
        job.program.refresh(say)
        plan = look(job, refresh=False)
        changes = changes_of(plan)
        if not job.agree(plan):
            return Outcome(done=False, commit=commit, changes=changes)
        backup = _back_up(job, items)
        before = _before(job.asked)
        thread = _tell(
            job, items, f"{caller.name(job.asked.stack)} brings {job.asked.stack.name} to {commit[:12]}"
        )
        hold.began = True
        with _telling(job, thread):
            job.program.update(say)
            stack = job.connect()
            left = _set_up(stack, job)
    outcome = Outcome(done=True, commit=commit, changes=changes, backup=backup, left=left)
    if left:
        _reply(job, thread, f"{stack.name} is at {commit[:12]}; before it can serve: {'; '.join(left)}")
        return outcome
    try:
        with in_one_line():
            checks = smoke.insist(stack, job.asked.guide.deployment.smoke_checks, say)
            monitor.insist(stack, job.asked.guide, job.watch, say, before=before.ringing, since="the update")
    except RemoteError as error:
        says = f"{error}; whether the update is good nobody knows, `syncup up {stack.name}` looks again"
        _reply(job, thread, says)
        raise RemoteError(says) from error
    except OperationError as failure:
        says = f"{failure}; {_back(stack, job, commit, before)}"
        _reply(job, thread, says)
        raise OperationError(says) from failure
    good_revision.write(stack, commit)
    watched = f" and watched for {job.watch // timedelta(minutes=1)} min" if job.watch else ""
    _reply(job, thread, f"{stack.name} is at {commit[:12]}, checked{watched}")
    return Outcome(done=True, commit=commit, changes=changes, backup=backup, checks=checks, watched=job.watch)


def changes_of(plan: Plan) -> Mapping[str, int]:
    """How many resources, by what happens to them; what stays as it is is left out."""
    quiet = (Operation.SAME, Operation.READ, Operation.REFRESH)
    return {str(op): count for op, count in plan.totals.by_operation.items() if op not in quiet}


@contextmanager
def _holding(asked: Asked) -> Generator[_Hold]:
    """Holds the stack's lock. It stays, and says so, where what was begun has to be brought to an end."""
    stack, goes_on = asked.stack, f"`syncup up {asked.stack.name}"
    opens = f"if nobody is at it any more, {goes_on} --resume` goes on"
    held = lock.holder(stack)
    if held is not None and preflight.is_ours(held, resume=asked.resume):
        mine = lock.take_over(stack, held, preflight.UPDATES, opens)
    else:
        mine = lock.take(stack, preflight.UPDATES, opens)
    hold = _Hold()
    try:
        yield hold
    except BaseException as error:
        # What AWS says to this must not hide what has happened.
        with suppress(ClientError, BotoCoreError):
            # A guard that refuses has kept everything as it was.
            if hold.began and not isinstance(error, GuardError):
                lock.leave(stack, mine, f"{goes_on}` goes on")
            else:
                lock.give_back(stack)
        raise
    lock.give_back(stack)


def _back_up(job: Job, items: Sequence[Item]) -> str:
    if not preflight.is_due(items, preflight.BACKUP):
        return ""
    stack = job.asked.stack
    return dump_job.follow(stack, dump_job.start(stack), job.say).name


def _before(asked: Asked) -> _Before:
    if not asked.state.made:
        return _Before()
    stack = asked.stack
    return _Before(
        release=releases.read(stack).running.release,
        ringing=frozenset(alarm.name for alarm in alarms.ringing(stack)),
    )


def _set_up(stack: Stack, job: Job) -> list[str]:
    """Gives secrets and database what they need, and says what only people can give."""
    unseeded = secrets.unseeded(stack)
    for name in [name for name in unseeded if name.endswith(_MASTER)]:
        secrets.rotate(stack, name, job.say)
    job.say("sets the database up")
    database_setup.run(stack)
    for name in [name for name in unseeded if not name.endswith(_MASTER)]:
        secrets.rotate(stack, name, job.say)
    found = secrets.view(stack, job.asked.guide)
    unset = [one.name for secret in found for one in secret.variables if not one.is_set]
    if not unset:
        return []
    orders = [f"`syncup secrets update {stack.name} --key {name}`" for name in unset]
    return [*orders, f"`syncup restart {stack.name}`", f"`syncup up {stack.name}`"]


def _back(stack: Stack, job: Job, commit: str, before: _Before) -> str:
    """Goes back as far as a machine may, and says what is so now; whoever is on call hears of the rest."""
    try:
        with in_one_line():
            _release_back(stack, job, before.release)
            with (
                _holding(job.asked) as hold,
                going_back.way_back(stack, job.asked.directory, commit, job.at, job.say) as (good, program),
            ):
                hold.began = True
                program.update(job.say)
            smoke.insist(stack, job.asked.guide.deployment.smoke_checks, job.say)
    except OperationError as failure:
        says = f"{stack.name} does not go back by itself: {failure}"
        return f"{says}; {_page(stack, job, commit, says)}"
    return f"{stack.name} is at {good[:12]} again, and works"


def _release_back(stack: Stack, job: Job, release: str) -> None:
    """Brings the release back where the update changed it: a group that is made anew starts the newest."""
    if not release or releases.read(stack).running.release == release:
        return
    aim = deploy.aim_back(stack, release, resume=False)
    deploy.rollback(stack, job.program, aim, job.asked.guide.deployment.smoke_checks, job.say)


def _page(stack: Stack, job: Job, commit: str, says: str) -> str:
    try:
        announce.page(stack, job.asked.channels, f"up-{commit[:12]}", says)
    except OperationError as error:
        return f"nobody has been woken: {error}"
    return "whoever is on call has been woken"


@contextmanager
def _telling(job: Job, thread: str) -> Generator[None]:
    """Whoever reads what goes wrong inside, here or in the channel, also reads the way on."""
    try:
        with in_one_line():
            yield
    except OperationError as error:
        says = f"{error}; `syncup up {job.asked.stack.name}` goes on"
        _reply(job, thread, says)
        raise type(error)(says) from error


def _tell(job: Job, items: Sequence[Item], text: str) -> str:
    """Slack's name of the message; empty where nobody can be told yet."""
    if not preflight.is_due(items, preflight.TEAM):
        return ""
    return announce.tell(job.asked.stack, job.asked.channels, text)


def _reply(job: Job, thread: str, text: str) -> None:
    """Adds to the message. That Slack fails changes nothing of what has been done."""
    if not thread:
        return
    try:
        announce.tell(job.asked.stack, job.asked.channels, text, thread)
    except OperationError as error:
        job.say(f"the team has not been told: {error}")
