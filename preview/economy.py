"""What an evaluation spares the process: searches for garbage, and stack traces that nobody reads.

Both belong to the whole process, in which several evaluations may run at once, so the first one begins
to spare and the last one ends it.
"""

import gc
import linecache
import sys
import threading
from types import TracebackType
from typing import Final

_FRAMES: Final = 16
"""How many of the innermost frames are looked at for the line that declares a resource. It is the first
outside the SDK, at most a dozen from the innermost."""

_update = linecache.updatecache


class _Economy:
    """Spares while at least one evaluation is inside.

    The garbage collector would search the SDK's modules again with every few hundred resources, which
    takes longer than to evaluate them; what an evaluation leaves behind is collected once, afterwards.

    The SDK takes a stack trace with each resource and uses one frame of it. The frames of the command
    and of the event loop around it would cost a tenth of an evaluation, and the source text that the
    standard library reads for every trace 15 MB.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._collected = False

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._collected = gc.isenabled()
                gc.disable()
                linecache.updatecache = _no_lines
                sys.tracebacklimit = _FRAMES

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                del sys.tracebacklimit
                linecache.updatecache = _update
                if self._collected:
                    gc.enable()


def _no_lines(*_: object, **__: object) -> list[str]:
    return []


SPARING: Final = _Economy()
"""`with SPARING:` around an evaluation, or what looks through one."""
