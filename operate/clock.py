"""The time, as a value that tests set."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """What the time is, and how to let some pass."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """With its zone."""
    sleep: Callable[[float], None] = time.sleep
    """Seconds."""
