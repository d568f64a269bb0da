"""The stack's lock: while it is held, nothing else changes the stack.

`stop` takes it and `start` gives it back, `deploy` and `rollback` hold it while they work; whatever starts
instances or replaces them asks for it first. Each holder says what opens it, should the holder be gone.
"""

import json
from dataclasses import dataclass, replace
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
    opens: str = ""
    """What opens it, in a few words with the command."""
    left: bool = False
    """Whether the holder was interrupted and said so: nobody works under it any more."""
    version: int = 0
    """How often it has been written. AWS counts."""

    def __str__(self) -> str:
        since = f"{self.why}, by {self.who} since {self.since:%Y-%m-%d %H:%M:%S} UTC"
        return f"{since}{', interrupted' if self.left else ''}{f'; {self.opens}' if self.opens else ''}"


def holder(stack: Stack) -> Lock | None:
    """The lock, or None where nobody holds it."""
    try:
        answer = stack.client("ssm").get_parameter(Name=stack.parameter(_PART))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    return _read(answer["Parameter"])


def require_free(stack: Stack) -> None:
    """Refuses to go on while somebody holds the stack.

    Raises:
        GuardError: with who, when and why.
    """
    held = holder(stack)
    if held is not None:
        raise GuardError(f"{stack.name} is locked: {held}")


def take(stack: Stack, why: str, opens: str = "") -> Lock:
    """Takes the lock. Of two that try at once one gets it.

    Args:
        stack: the stack.
        why: what its holder does: `restores the database`.
        opens: what opens it should its holder be gone.

    Raises:
        GuardError: somebody else holds it.
    """
    lock = Lock(who=caller.name(stack), since=stack.clock.now(), why=why, opens=opens)
    try:
        return _written(stack, lock, overwrite=False)
    except ClientError as error:
        if code_of(error) == "ParameterAlreadyExists":
            require_free(stack)
        raise


def take_over(stack: Stack, held: Lock, why: str, opens: str = "", *, goes_on: bool = False) -> Lock:
    """Takes the lock from a holder that is gone. Of two that try at once one gets it.

    Args:
        stack: the stack.
        held: the lock as it was seen.
        why: what its new holder does.
        opens: what opens it should that one be gone.
        goes_on: whether the same work goes on, so that the lock is held since that began.

    Raises:
        GuardError: somebody else was quicker.
    """
    since = held.since if goes_on else stack.clock.now()
    lock = _written(stack, Lock(who=caller.name(stack), since=since, why=why, opens=opens), overwrite=True)
    # AWS writes one after the other and counts: who comes second gets another number. The first one
    # belongs to a lock that was given back meanwhile, and so is taken anew.
    if lock.version not in (1, held.version + 1):
        raise GuardError(f"{stack.name}: somebody else has taken the lock at the same time: try again")
    return lock


def is_held(stack: Stack, lock: Lock) -> bool:
    """Whether a lock that was taken is still the one: nobody has taken it over, or opened it."""
    now = holder(stack)
    return now is not None and (now.version, now.since) == (lock.version, lock.since)


def leave(stack: Stack, lock: Lock, opens: str) -> None:
    """Keeps the lock, and says in it that its holder works no more.

    Args:
        stack: the stack.
        lock: that the caller holds.
        opens: what opens it now.
    """
    _written(stack, replace(lock, opens=opens, left=True), overwrite=True)


def give_back(stack: Stack) -> None:
    """Gives the lock back. Nothing happens where nobody holds it."""
    try:
        stack.client("ssm").delete_parameter(Name=stack.parameter(_PART))
    except ClientError as error:
        if not is_missing(error):
            raise


def _written(stack: Stack, lock: Lock, *, overwrite: bool) -> Lock:
    """The lock, once it is written."""
    value = json.dumps(
        {
            "who": lock.who,
            "since": lock.since.isoformat(),
            "why": lock.why,
            "opens": lock.opens,
            "left": lock.left,
        }
    )
    answer = stack.client("ssm").put_parameter(
        Name=stack.parameter(_PART), Value=value, Type="String", Overwrite=overwrite
    )
    return replace(lock, version=answer.get("Version", 0))


def _read(parameter: Any) -> Lock:
    found: Any = json.loads(parameter["Value"])
    return Lock(
        who=found["who"],
        since=datetime.fromisoformat(found["since"]),
        why=found["why"],
        opens=found.get("opens", ""),
        left=found.get("left", False),
        version=parameter.get("Version", 0),
    )
