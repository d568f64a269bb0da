"""Calls the function that makes the database's roles, extensions and heartbeat (`functions/database_setup`).

It may be repeated, and is: where one run goes on already, the next waits for it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError, ReadTimeoutError

from operate.aws import code_of
from operate.errors import OperationError
from operate.stack import Stack

_BUSY: Final = "TooManyRequestsException"
"""One run at a time is what the function is allowed."""
_PAUSE_SECONDS: Final = 15
_PATIENCE: Final = timedelta(minutes=10)
"""Twice as long as the function may run."""


def run(stack: Stack, instance: str | None = None) -> None:
    """Sets the database up, and waits until it is.

    Args:
        stack: the stack.
        instance: the identifier of another generation than the active one.

    Raises:
        OperationError: the function failed, with what it said.
    """
    answer = _invoked(stack, {} if instance is None else {"instance": instance})
    if "FunctionError" in answer:
        words: Any = json.loads(answer["Payload"].read())["errorMessage"]
        raise OperationError(
            f"the set-up of the database failed: {words} (docs/runbooks/database-setup.md says what to do)"
        )


def _invoked(stack: Stack, event: Mapping[str, str]) -> Mapping[str, Any]:
    function, until = stack.outputs["database-setup"], stack.clock.now() + _PATIENCE
    while True:
        try:
            return stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        except ReadTimeoutError:
            # It goes on, and may take longer than an answer may.
            if stack.clock.now() >= until:
                raise
        except ClientError as error:
            if code_of(error) != _BUSY or stack.clock.now() >= until:
                raise
        stack.clock.sleep(_PAUSE_SECONDS)
