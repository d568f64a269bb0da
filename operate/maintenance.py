"""When maintenance may run, and until when: inside the guide's window, while nothing else is the matter."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from components.window import MaintenanceWindow
from operate import incidents, lock, stopping
from operate.errors import GuardError
from operate.stack import Stack

if TYPE_CHECKING:
    from infra.guide import Guide

_RESERVE: Final = timedelta(minutes=5)
"""What is begun has ended this long before the window closes."""
SHORTEST: Final = timedelta(seconds=30)
"""With less time than that nothing new is begun."""
_FORCE: Final = " (--force works all the same)"
_LOOKED_AT: Final = 20
"""Incidents: older ones are over, or nobody's any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the guide says about when maintenance may run."""

    window: MaintenanceWindow
    longest: timedelta
    paging: frozenset[str]
    """Levels of severity that wake people up: beside such an incident there is no maintenance."""

    @classmethod
    def of(cls, guide: "Guide") -> "Rules":
        """The guide's."""
        return cls(
            window=guide.maintenance.weekly,
            longest=guide.maintenance.max_duration,
            paging=frozenset(level.level for level in guide.severities if level.pages),
        )


class Outcome(StrEnum):
    """How one task went."""

    DONE = "done"
    STOPPED = "stopped"
    """Its time was up: it has done no harm and is due again."""
    LEFT = "left"
    """Not begun: there was no time."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One thing that maintenance does."""

    what: str
    """`VACUUM public.users`"""
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How it went."""

    what: str
    outcome: Outcome
    seconds: float
    says: str


def allowed_until(stack: Stack, rules: Rules, *, force: bool) -> datetime:
    """Until when maintenance may work, or why it may not.

    Args:
        stack: the stack.
        rules: when the window is, and how bad is bad.
        force: goes on outside the window and beside an open incident, for as long as a window lasts.

    Raises:
        GuardError: the window is closed, or about to; an incident that pages is open; somebody else holds
            the stack, which no force goes past.
    """
    held = lock.holder(stack)
    if held is not None and held.why != stopping.STOPPED:
        raise GuardError(f"{stack.name} is locked: {held}")
    now, window = stack.clock.now(), rules.window
    if force:
        return now + rules.longest - _RESERVE
    closes = window.closes(now)
    if closes is None:
        raise GuardError(f"the maintenance window is {window}, now it is closed{_FORCE}")
    if closes - _RESERVE - now < SHORTEST:
        raise GuardError(f"the maintenance window {window} is about to close{_FORCE}")
    for incident in incidents.recent(stack, _LOOKED_AT):
        if not incident.status.over and incident.severity in rules.paging:
            what = f"{incident.id} is open ({incident.severity}: {incident.title})"
            raise GuardError(f"{what}: maintenance waits for its end{_FORCE}")
    return closes - _RESERVE


def work(
    stack: Stack, tasks: Iterable[Task], until: datetime, do: Callable[[Task, timedelta], tuple[Outcome, str]]
) -> Iterator[Result]:
    """Does one task after the other, as long as there is time.

    Args:
        stack: the stack, for the time.
        tasks: the most urgent first.
        until: when everything has to have ended.
        do: does one within a time, and says how it went.
    """
    for task in tasks:
        began = stack.clock.now()
        left = until - began
        if left < SHORTEST:
            yield Result(what=task.what, outcome=Outcome.LEFT, seconds=0, says=f"no time left; {task.why}")
            continue
        outcome, says = do(task, left)
        seconds = (stack.clock.now() - began).total_seconds()
        yield Result(what=task.what, outcome=outcome, seconds=seconds, says=says or task.why)
