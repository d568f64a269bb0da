"""Runs a function's handler once, in a process of its own, as Lambda does.

Its own modules and shared ones are first on the path, and nothing of the project is. The event comes by
standard input, the answer goes to the file that the argument names, and lines go to standard error.
"""

import json
import logging
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its time."""

    ends: float
    """On the monotonic clock."""

    def get_remaining_time_in_millis(self) -> int:
        """As in Lambda."""
        return max(0, int(1000 * (self.ends - time.monotonic())))


def main() -> None:
    """Takes the answer's file and the seconds that the function has.

    Raises:
        SystemExit: the handler has raised; the answer is the error.
    """
    answer, seconds = Path(sys.argv[1]), float(sys.argv[2])
    context = Context(time.monotonic() + seconds)
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    event = json.load(sys.stdin)
    try:
        result = import_module("handler").handler(event, context)
    except Exception as error:
        logging.exception("the function has failed")
        answer.write_text(
            json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}), encoding="utf-8"
        )
        sys.exit(1)
    answer.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
