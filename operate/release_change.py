"""The steps of a change of the release, forwards and backwards, and the lock that they are made under."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from components import contract
from infra.guide import SmokeCheck
from operate import application, lock, refresh, releases, run_command, smoke
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, RemoteError
from operate.launch_template import Version, Versions
from operate.lock import Lock
from operate.program import Program, Say, require_clean
from operate.refresh import Refresh
from operate.releases import State
from operate.stack import Stack
from preview.plan import Operation

_MIGRATIONS: Final = timedelta(hours=1)
"""What takes longer does not expand a schema, it moves data, which is a job of its own."""
_UNCHANGED: Final = (Operation.SAME, Operation.READ)


class LostLockError(GuardError):
    """Somebody has taken the lock over: what is to be done now is theirs."""


class LostSightError(RemoteError):
    """AWS could not be asked how far it is. It goes on by itself, and turns back by itself."""


@dataclass(kw_only=True, slots=True)
class Change:
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
            raise LostLockError(f"somebody else has taken {self.stack.name} over: nothing more is done here")

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
            return f"going back has failed as well: {error}; {where(stack)}; {again}"
        self.unsettled = False
        return f"{stack.name} runs {home.release}, as before"

    def _migrate(self) -> None:
        stack, version = self.stack, self.version
        instance = min((one.id for one in application.group(stack).instances if one.serves), default=None)
        if instance is None:
            raise OperationError(f"no instance of {stack.name} serves that could migrate the database")
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
            raise LostSightError(f"{error}; AWS goes on by itself: repeat the command to see how") from error


@contextmanager
def holding(change: Change, held: Lock | None, why: str, ways: Callable[[str], str]) -> Generator[None]:
    """Holds the lock, and keeps it where what was begun has still to be brought to an end.

    Args:
        change: what is done under it.
        held: the lock that an interrupted change has left, and that is taken over.
        why: the lock is held.
        ways: the commands that end what was begun, with an option.
    """
    stack, opens = change.stack, f"if nobody is at it any more, {ways(' --resume')}"
    if held is None:
        mine = lock.take(stack, why, opens)
    else:
        mine = lock.take_over(stack, held, why, opens)
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


def _let_go(change: Change, mine: Lock, opens: str) -> None:
    if change.unsettled:
        lock.leave(change.stack, mine, opens)
    else:
        lock.give_back(change.stack)


def _is_served(now: application.Group) -> bool:
    return now.serving >= max(now.least, 1)


def _targets(stack: Stack) -> Sequence[str]:
    """What of the program a release changes."""
    return [stack.outputs["launch-template-urn"]]


def where(stack: Stack) -> str:
    """Which release is where, as far as AWS says it."""
    try:
        with in_one_line():
            return str(releases.read(stack))
    except OperationError:
        return "AWS does not say which release is where"
