"""Watching a release that has just come, and going back where it does not prove itself."""

from dataclasses import dataclass
from datetime import timedelta

from infra.guide import Guide
from operate import alarms, deploy, monitor
from operate.aws import in_one_line
from operate.errors import OperationError, RemoteError
from operate.program import Program, Say
from operate.stack import Stack


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """How long to watch, and what is no news."""

    duration: timedelta
    ringing: frozenset[str]
    """The alarms that rang before the release came."""


def begin(stack: Stack, duration: timedelta) -> Watch:
    """What rings before anything is changed.

    Args:
        stack: the stack.
        duration: for how long it will be watched.
    """
    return Watch(duration=duration, ringing=frozenset(alarm.name for alarm in alarms.ringing(stack)))


def prove(stack: Stack, program: Program, guide: Guide, watch: Watch, say: Say, *, release: str) -> None:
    """Watches a release. Goes back where an alarm begins to ring, and says so.

    Args:
        stack: the stack.
        program: of the stack.
        guide: whose metrics are looked at, and whose checks are tried after going back.
        watch: what `begin` has found before the release came.
        say: is told what is seen.
        release: the one that runs now.

    Raises:
        RemoteError: AWS does not answer, and nobody knows whether the release is good. It stays.
        OperationError: an alarm rings that did not ring before, and what runs now.
    """
    try:
        with in_one_line():
            monitor.insist(stack, guide, watch.duration, say, before=watch.ringing, since="the release came")
    except RemoteError as error:
        looks, back = f"syncup monitor {stack.name} --duration 30m", f"syncup rollback {stack.name}"
        raise RemoteError(
            f"{error}; whether {release} is good nobody knows: `{looks}` looks again, `{back}` goes back"
        ) from error
    except OperationError as failure:
        raise OperationError(f"{failure}; {_back(stack, program, guide, say)}") from failure


def _back(stack: Stack, program: Program, guide: Guide, say: Say) -> str:
    """Goes back as `syncup rollback` does, and says what is so now."""
    try:
        with in_one_line():
            aim = deploy.aim_back(stack, None, resume=False)
            done = deploy.rollback(stack, program, aim, guide.deployment.smoke_checks, say)
    except OperationError as error:
        return f"{stack.name} does not go back by itself: {error}"
    return f"{stack.name} runs {done.release} again"
