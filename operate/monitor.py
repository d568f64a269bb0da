"""Watching a stack for a while, as the guide does after a deployment or a restore."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from infra.guide import Guide
from operate import alarms, metrics
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
