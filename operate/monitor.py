"""Watching a stack for a while, as the guide does after a deployment or a restore."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from infra.guide import Guide
from operate import alarms, metrics
from operate.errors import OperationError
from operate.metrics import Reading, Verdict
from operate.stack import Stack

INTERVAL: Final = timedelta(minutes=1)
"""Metrics arrive once a minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What one look has seen."""

    at: datetime
    readings: Sequence[Reading]
    crossed: Sequence[str]
    """The guide's alerts whose threshold is crossed."""
    ringing: Sequence[str]
    """The alarms that ring."""

    @property
    def missed(self) -> list[Reading]:
        """The metrics that miss their targets."""
        return [reading for reading in self.readings if reading.verdict is Verdict.MISSED]

    @property
    def fine(self) -> bool:
        """Whether nothing rings and nothing should. A missed target alone wakes nobody."""
        return not (self.crossed or self.ringing)


def watch(stack: Stack, guide: Guide, duration: timedelta) -> Iterator[Look]:
    """Looks at once, and then every minute until the time is over.

    Args:
        stack: the stack.
        guide: what is looked at, and what is bad.
        duration: for how long.
    """
    end = stack.clock.now() + duration
    while True:
        yield Look(
            at=stack.clock.now(),
            readings=metrics.read(stack, guide),
            crossed=metrics.crossed(stack, guide),
            ringing=[alarm.name for alarm in alarms.ringing(stack)],
        )
        if stack.clock.now() + INTERVAL > end:
            return
        stack.clock.sleep(INTERVAL.total_seconds())


def insist(
    stack: Stack,
    guide: Guide,
    duration: timedelta,
    say: Callable[[str], None],
    *,
    before: Collection[str],
    since: str,
) -> None:
    """Watches a stack to whose change no alarm may begin to ring.

    Args:
        stack: the stack.
        guide: what is looked at.
        duration: for how long.
        say: is told of each look.
        before: the alarms that rang before the change.
        since: the change, in words.

    Raises:
        OperationError: an alarm rings that did not ring before.
    """
    for seen in watch(stack, guide, duration):
        said = [*seen.crossed, *(f"{name} rings" for name in seen.ringing)]
        say(f"{seen.at:%H:%M} UTC  {'; '.join(said) or 'as it should be'}")
        new = [name for name in seen.ringing if name not in before]
        if new:
            raise OperationError(f"{', '.join(new)} rings since {since}")
