"""The guide's escalation in a pager's terms. No Pulumi here."""

from collections.abc import Sequence
from itertools import pairwise

LAST_DELAY_MINUTES = 60
"""How long the last level has before the escalation begins anew."""


def delays(after_minutes: Sequence[int]) -> tuple[int, ...]:
    """How long each level has, from the times at which the levels are called.

    The guide counts from the alert: L2 after 30 minutes, L3 after 60, L4 after 120. PagerDuty counts
    from the level before: 30, 30 and 60, and asks for a time after the last level too.

    Args:
        after_minutes: when each level is called, in minutes since the alert; the first is 0.

    Raises:
        ValueError: the first level is not called at once, or a later one not later.
    """
    if not after_minutes or after_minutes[0] != 0:
        raise ValueError(f"the first level is called at 0 minutes, not at {list(after_minutes[:1])}")
    steps = tuple(later - earlier for earlier, later in pairwise(after_minutes))
    if any(step <= 0 for step in steps):
        raise ValueError(f"each level is called later than the one before: {list(after_minutes)}")
    return (*steps, LAST_DELAY_MINUTES)
