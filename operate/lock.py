"""The stack's lock: while it is held, nothing else changes the stack.

`stop` takes it and `start` gives it back; whatever starts instances or replaces them asks for it first.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from operate import caller
from operate.aws import code_of, is_missing
from operate.errors import GuardError
from operate.stack import Stack

_PART: Final = "operations/lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """Who holds the stack, since when, and why."""

    who: str
    since: datetime
    why: str

    def __str__(self) -> str:
        return f"{self.why}, by {self.who} since {self.since:%Y-%m-%d %H:%M:%S} UTC"


def holder(stack: Stack) -> Lock | None:
    """The lock, or None where nobody holds it."""
    try:
        answer = stack.client("ssm").get_parameter(Name=stack.parameter(_PART))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return _read(answer["Parameter"]["Value"])


def require_free(stack: Stack) -> None:
    """Refuses to go on while somebody holds the stack.

    Raises:
        GuardError: with who, when and why.
    """
    held = holder(stack)
    if held is not None:
        raise GuardError(f"{stack.name} is locked: {held}; `syncup start {stack.name}` opens it")


def take(stack: Stack, why: str) -> Lock:
    """Takes the lock. Of two that try at once one gets it.

    Raises:
        GuardError: somebody else holds it.
    """
    lock = Lock(who=caller.name(stack), since=stack.clock.now(), why=why)
    value = json.dumps({"who": lock.who, "since": lock.since.isoformat(), "why": lock.why})
    try:
        stack.client("ssm").put_parameter(
            Name=stack.parameter(_PART), Value=value, Type="String", Overwrite=False
        )
    except ClientError as error:
        if code_of(error) == "ParameterAlreadyExists":
            require_free(stack)
        raise
    return lock


def give_back(stack: Stack) -> None:
    """Gives the lock back. Nothing happens where nobody holds it."""
    try:
        stack.client("ssm").delete_parameter(Name=stack.parameter(_PART))
    except ClientError as error:
        if not is_missing(error):
            raise


def _read(value: str) -> Lock:
    found: Any = json.loads(value)
    return Lock(who=found["who"], since=datetime.fromisoformat(found["since"]), why=found["why"])
