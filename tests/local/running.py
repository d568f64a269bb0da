"""The environment on this machine, in a place of its own, and time that passes when somebody waits."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local import environment, place
from operate.clock import Clock

_SHORT_SECONDS = 0.2


@dataclass
class Hurry:
    """Waits a moment where a command waits for longer, and is ahead by the rest."""

    ahead: timedelta = timedelta()

    @property
    def clock(self) -> Clock:
        """To be put in the place of the command's own."""
        return Clock(now=self._now, sleep=self._sleep)

    def _now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def _sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, _SHORT_SECONDS))
        self.ahead += timedelta(seconds=max(0.0, seconds - _SHORT_SECONDS))


@contextmanager
def somewhere(folder: Path) -> Generator[pytest.MonkeyPatch]:
    """Has commands look for the environment in a folder, with somebody's real credentials around.

    Whatever is left running at the end is taken down.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(place.VARIABLE, str(folder))
        patch.setenv("AWS_PROFILE", "of-somebody")
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "of-somebody")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        try:
            yield patch
        finally:
            environment.stop()
