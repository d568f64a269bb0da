"""Bringing a release to the instances, and going back to an earlier one.

A release is changed in three places, one after the other: the parameter, which the program reads; the launch
template, which the program alone writes; the instances, which the group replaces by such of the template's
version. Each step looks first whether it has been done, so that whoever is interrupted repeats the command.
The lock is kept for as long as the three places differ, and says how they are brought together.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from components import contract
from infra.guide import SmokeCheck
from operate import application, artifact, lock, refresh, releases, run_command, smoke, static_files
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError
from operate.launch_template import Version, Versions
from operate.lock import Lock
from operate.program import Program, require_clean
from operate.refresh import Refresh
from operate.releases import State
from operate.stack import Stack
from preview.plan import Operation

Say = Callable[[str], None]

_DEPLOYS: Final = "deploys "
_ROLLS_BACK: Final = "rolls back to "
"""Why the lock is held, with the release behind."""
_MIGRATIONS: Final = timedelta(hours=1)
"""What takes longer does not expand a schema, it moves data, which is a job of its own."""
_UNCHANGED: Final = (Operation.SAME, Operation.READ)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """What is going to be done, as far as it can be said without doing it."""

    release: str
    running: str
    """The release that the instances are of until then."""
    held: Lock | None
    """The lock that an interrupted change of the release has left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What has been done."""

    release: str
    before: str
    """The release that ran until then."""
    template_version: str
    checks: Sequence[smoke.Result]


def aim_at(stack: Stack, version: str | None, *, resume: bool) -> Aim:
    """Whether a release can be deployed. Changes nothing.

    Args:
        stack: the stack.
        version: the release's; None for the one that was uploaded last.
        resume: whether whoever holds the stack for another change of the release is known to be gone.

    Raises:
        UsageError: that is no version.
        OperationError: there is no such release.
        GuardError: somebody holds the stack, instances are being replaced, or an alarm rings on which AWS
            would turn every release back.
    """
    held = _left(stack, resume=resume)
    version = artifact.newest(stack) if version is None else version
    artifact.find(stack, version)
    state = releases.read(stack)
    _require_possible(stack, state, version, ours=held is not None)
    return Aim(release=version, running=state.running.release, held=held)


def aim_back(stack: Stack, version: str | None, *, resume: bool) -> Aim:
    """To which release it can be gone back. Changes nothing.

    Args:
        stack: the stack.
        version: the release; None for the one before, or for what an interrupted deployment has left.
        resume: whether whoever holds the stack for another change of the release is known to be gone.

    Raises:
        UsageError: that is no version.
        OperationError: there is no such release, or none before is known.
        GuardError: somebody holds the stack.
    """
    held = _left(stack, resume=resume)
    state = releases.read(stack)
    _require_launching(stack, state)
    version = _home(stack, state, held) if version is None else version
    artifact.find(stack, version)
    return Aim(release=version, running=state.running.release, held=held)


def deploy(stack: Stack, program: Program, aim: Aim, checks: Sequence[SmokeCheck], say: Say) -> Done:
    """Brings a release to the instances: static files, parameter, template, migrations, instances, checks.

    Guarantees that the release before serves until the new one does, and that it serves again when
    something fails, with parameter and template as they were.

    Args:
        stack: the stack.
        program: of the stack.
        aim: what `aim_at` has found.
        checks: the guide's, tried when all instances are new and AWS can still turn them back.
        say: is told what happens.

    Raises:
        OperationError: what failed, and in which state the stack is now.
    """
    version = aim.release

    def ways(option: str) -> str:
        on, back = f"deploy {stack.name} {version}{option}", f"rollback {stack.name}{option}"
        return f"`syncup {on}` goes on, `syncup {back}` goes back"

    change = _Change(stack=stack, program=program, version=version, say=say)
    with _holding(change, aim, f"{_DEPLOYS}{version}", ways):
        state = releases.read(stack)
        change.unsettled = not state.settled
        _require_possible(stack, state, version, ours=aim.held is not None)
        if state.refresh is None:
            change.require_alone(state)
            with artifact.fetched(stack, artifact.find(stack, version)) as archive:
                static_files.copy(stack, archive, version, say)
        try:
            with in_one_line():
                newest, results = change.forth(state, checks)
        except (_LostLockError, _LostSightError):
            raise
        except OperationError as error:
            raise type(error)(f"{error}; {change.undone(state)}") from error
        change.unsettled = False
    return Done(release=version, before=aim.running, template_version=newest.number, checks=results)


def rollback(stack: Stack, program: Program, aim: Aim, checks: Sequence[SmokeCheck], say: Say) -> Done:
    """Goes back to a release. Migrations stay as they are: every release works with those of the next.

    AWS' alarms do not turn it back, since they may ring for the very release that is being left.

    Args:
        stack: the stack.
        program: of the stack.
        aim: what `aim_back` has found.
        checks: the guide's, tried at the end.
        say: is told what happens.

    Raises:
        OperationError: what failed, and in which state the stack is now.
    """
    version = aim.release

    def ways(option: str) -> str:
        return f"`syncup rollback {stack.name} {version}{option}` goes on"

    change = _Change(stack=stack, program=program, version=version, say=say)
    with _holding(change, aim, f"{_ROLLS_BACK}{version}", ways):
        state = releases.read(stack)
        change.unsettled = not state.settled
        try:
            with in_one_line():
                newest = change.back(state)
        except OperationError as error:
            raise type(error)(f"{error}; {_where(stack)}") from error
        change.unsettled = False
        results = smoke.insist(stack, checks, say)
    return Done(release=version, before=aim.running, template_version=newest.number, checks=results)


def _home(stack: Stack, state: State, held: Lock | None) -> str:
    """Where whoever names no release wants to go back to."""
    running, why = state.running.release, held.why if held else ""
    if why.startswith(_ROLLS_BACK):
        return why.removeprefix(_ROLLS_BACK)
    begun = why.removeprefix(_DEPLOYS) not in ("", running)
    return running if begun or not state.settled else releases.before(stack, running)


def _left(stack: Stack, *, resume: bool) -> Lock | None:
    """The lock, if it is one of ours that nobody works under any more.

    Raises:
        GuardError: somebody holds the stack.
    """
    held = lock.holder(stack)
    if held is None:
        return None
    if held.why.startswith((_DEPLOYS, _ROLLS_BACK)) and (held.left or resume):
        return held
    raise GuardError(f"{stack.name} is locked: {held}")


def _require_possible(stack: Stack, state: State, version: str, *, ours: bool) -> None:
    """Whether a release can be brought to the instances now.

    Args:
        stack: the stack.
        state: which release is where.
        version: the release.
        ours: whether it is an interrupted change of the release that goes on.

    Raises:
        GuardError: why not.
    """
    _require_launching(stack, state)
    if state.refresh is not None:
        if ours and state.arriving == version and not state.refresh.goes_back:
            return
        raise GuardError(
            f"the instances of {stack.name} are being replaced ({state.refresh.status}): wait for the end, "
            f"`syncup deployments list {stack.name}`, or go back, `syncup rollback {stack.name}`"
        )
    rings = refresh.ringing(stack) if state.serves else []
    if rings:
        raise GuardError(
            f"{', '.join(rings)} rings, so that AWS would turn every release back: wait for its end, or "
            f"go back, `syncup rollback {stack.name}`"
        )


def _require_launching(stack: Stack, state: State) -> None:
    if state.group.suspended:
        raise GuardError(
            f"{stack.name} starts no instances ({', '.join(state.group.suspended)} suspended): "
            f"`syncup start {stack.name}` first"
        )


class _LostLockError(GuardError):
    """Somebody has taken the lock over: what is to be done now is theirs."""


class _LostSightError(RemoteError):
    """AWS could not be asked how far it is. It goes on by itself, and turns back by itself."""


@dataclass(kw_only=True, slots=True)
class _Change:
    """One change of the release, under the lock."""

    stack: Stack
    program: Program
    version: str
    """The release that comes."""
    say: Say
    unsettled: bool = False
    """Whether the three places differ, or may."""
    lock: Lock | None = None

    def require_lock(self) -> None:
        """Whether the lock is still ours. Looked at before whatever a second one would disturb.

        Raises:
            GuardError: somebody has been told that nobody is at it any more.
        """
        if self.lock is None or not lock.is_held(self.stack, self.lock):
            raise _LostLockError(f"somebody else has taken {self.stack.name} over: nothing more is done here")

    def require_alone(self, state: State) -> None:
        """Whether the release is all that an update of the launch template would change.

        Raises:
            GuardError: something else waits to be brought up, and would come with it.
        """
        stack, newest = self.stack, state.newest.release
        if newest == self.version:
            return
        if state.wanted != newest:
            # An interrupted change has come no further than the parameter, and would show as well.
            releases.want(stack, newest)
            self.unsettled = newest != state.running.release
        plan = self.program.preview(targets=_targets(stack))
        require_clean(plan)
        waiting = [one.name for one in plan.resources if plan.changes[one.urn].operation not in _UNCHANGED]
        if waiting:
            raise GuardError(
                f"{stack.name} is not what the program says, {', '.join(waiting)} would change beside the "
                f"release: `syncup up {stack.name}` first"
            )

    def bake(self, state: State, version: str) -> Version:
        """Brings a release to the parameter and to the launch template."""
        newest = state.newest
        if (state.wanted, newest.release) == (version, version):
            return newest
        self.require_lock()
        self.unsettled = True
        releases.want(self.stack, version)
        if newest.release == version:
            return newest
        self.say(f"the launch template becomes one of {version}")
        self.program.update(self.say, targets=_targets(self.stack))
        newest = Versions(self.stack).newest()
        if newest.release != version:
            raise OperationError(
                f"the update has left a launch template of {newest.release}, not of {version}"
            )
        return newest

    def forth(self, state: State, checks: Sequence[SmokeCheck]) -> tuple[Version, Sequence[smoke.Result]]:
        """Everything from the parameter to the checks."""
        stack, newest = self.stack, self.bake(state, self.version)
        # What serves migrates, before the first instance of the new release starts. Where nothing serves,
        # that one does.
        early = state.serves and state.refresh is None
        if early:
            self._migrate()
        identifier = state.refresh.id if state.refresh else ""
        if not identifier and not state.all_from(newest.number):
            self.require_lock()
            self.unsettled = True
            identifier = refresh.bring(stack, state.group, newest.number, watched=state.serves)
        status = self._follow(identifier, (refresh.BAKING, refresh.SUCCESSFUL)) if identifier else ""
        if not early:
            application.wait(stack, _is_served, application.serves, self.say)
            self._migrate()
        results = smoke.insist(stack, checks, self.say)
        if status == refresh.BAKING:
            self._follow(identifier, (refresh.SUCCESSFUL,))
        return newest, results

    def back(self, state: State) -> Version:
        """Everything from the instances that are arriving to those of the release before."""
        if state.refresh is not None and state.arriving != self.version:
            self.unsettled = True
            self._turn_back(state.refresh)
            state = releases.read(self.stack)
        self.require_alone(state)
        newest = self.bake(state, self.version)
        identifier = state.refresh.id if state.refresh else ""
        if not identifier and not state.runs(self.version):
            self.require_lock()
            self.unsettled = True
            identifier = refresh.bring(self.stack, state.group, newest.number, watched=False)
        if identifier:
            self._follow(identifier, (refresh.SUCCESSFUL,))
        return newest

    def undone(self, before: State) -> str:
        """Goes back to what was there before, and says what is there now."""
        stack, home = self.stack, before.running
        try:
            with in_one_line():
                now = releases.read(stack)
                if now.refresh is not None and not now.refresh.goes_back:
                    refresh.turn_back(stack)
                if before.serves:
                    self.bake(now, home.release)
                if now.refresh is not None:
                    self._follow(now.refresh.id, refresh.ENDED)
                if not before.serves:
                    return f"nothing has served before: `syncup deploy {stack.name} VERSION` tries again"
                now = releases.read(stack)
                if not now.all_from(home.number):
                    self._follow(
                        refresh.bring(stack, now.group, home.number, watched=False), (refresh.SUCCESSFUL,)
                    )
        except OperationError as error:
            again = f"`syncup rollback {stack.name}` tries again"
            return f"going back has failed as well: {error}; {_where(stack)}; {again}"
        self.unsettled = False
        return f"{stack.name} runs {home.release}, as before"

    def _migrate(self) -> None:
        stack, version = self.stack, self.version
        instance = min(one.id for one in application.group(stack).instances if one.serves)
        self.say(f"migrates the database on {instance}")
        (ran,) = run_command.run(stack, [instance], f"{contract.RUN_MIGRATIONS} {version}", _MIGRATIONS)
        if not ran.fine:
            why = ran.says or "they do not say why"
            raise OperationError(f"the migrations of {version} on {instance} ended with {ran.status}: {why}")

    def _turn_back(self, under_way: Refresh) -> None:
        if not under_way.goes_back:
            refresh.turn_back(self.stack)
        self._follow(under_way.id, refresh.ENDED)

    def _follow(self, identifier: str, until: Sequence[str]) -> str:
        what = f"the replacement of the instances of {self.stack.name}"
        try:
            with in_one_line():
                return refresh.follow(self.stack, identifier, what, self.say, until)
        except RemoteError as error:
            raise _LostSightError(f"{error}; AWS goes on by itself: repeat the command to see how") from error


@contextmanager
def _holding(change: _Change, aim: Aim, why: str, ways: Callable[[str], str]) -> Generator[None]:
    """Holds the lock, and keeps it where what was begun has still to be brought to an end.

    Args:
        change: what is done under it.
        aim: what was found before.
        why: the lock is held.
        ways: the commands that end what was begun, with an option.
    """
    stack, opens = change.stack, f"if nobody is at it any more, {ways(' --resume')}"
    if aim.held is None:
        mine = lock.take(stack, why, opens)
    else:
        mine = lock.take_over(stack, aim.held, why, opens)
        change.unsettled = True
    change.lock = mine
    try:
        yield
    except BaseException:
        # What AWS says to this must not hide what has happened.
        with suppress(ClientError, BotoCoreError):
            if lock.is_held(stack, mine):
                _let_go(change, mine, ways(""))
        raise
    if lock.is_held(stack, mine):
        lock.give_back(stack)


def _let_go(change: _Change, mine: Lock, opens: str) -> None:
    if change.unsettled:
        lock.leave(change.stack, mine, opens)
    else:
        lock.give_back(change.stack)


def _is_served(now: application.Group) -> bool:
    return now.serving >= max(now.least, 1)


def _targets(stack: Stack) -> Sequence[str]:
    """What of the program a release changes."""
    return [stack.outputs["launch-template-urn"]]


def _where(stack: Stack) -> str:
    """Which release is where, as far as AWS says it."""
    try:
        with in_one_line():
            return str(releases.read(stack))
    except OperationError:
        return "AWS does not say which release is where"
