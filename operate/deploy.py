"""Bringing a release to the instances, and going back to an earlier one.

A release is changed in three places, one after the other: the parameter, which the program reads; the launch
template, which the program alone writes; the instances, which the group replaces by such of the template's
version. Each step looks first whether it has been done, so that whoever is interrupted repeats the command.
The lock is kept for as long as the three places differ, and says how they are brought together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.guide import SmokeCheck
from operate import artifact, lock, refresh, releases, smoke, static_files
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError
from operate.lock import Lock
from operate.program import Program, Say
from operate.release_change import Change, LostLockError, LostSightError, holding, where
from operate.releases import State
from operate.stack import Stack

_DEPLOYS: Final = "deploys "
_ROLLS_BACK: Final = "rolls back to "
"""Why the lock is held, with the release behind."""
_NEEDED: Final = ("InstanceRefresh", "Launch", "Terminate")
"""The group's processes that replace instances."""


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

    change = Change(stack=stack, program=program, version=version, say=say)
    with holding(change, aim.held, f"{_DEPLOYS}{version}", ways):
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
        except (LostLockError, LostSightError):
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

    change = Change(stack=stack, program=program, version=version, say=say)
    with holding(change, aim.held, f"{_ROLLS_BACK}{version}", ways):
        state = releases.read(stack)
        change.unsettled = not state.settled
        try:
            with in_one_line():
                newest = change.back(state)
        except OperationError as error:
            if not change.unsettled:
                raise
            raise type(error)(f"{error}; {where(stack)}; {ways('')}") from error
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
    suspended = [process for process in state.group.suspended if process in _NEEDED]
    if suspended:
        raise GuardError(
            f"{stack.name} starts no instances ({', '.join(suspended)} suspended): "
            f"`syncup start {stack.name}` first"
        )
