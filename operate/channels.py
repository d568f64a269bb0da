"""Who hears of an incident: PagerDuty, Slack and the status page, kept in step with its timeline.

What each shall show follows from the incident alone; what it has heard is kept with the incident. So what
failed is told by the next command, and what was told is not told again.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from operate import caller, incident_chat, incident_page, incident_pager, incidents
from operate.aws import LOCAL
from operate.errors import GuardError, OperationError, RemoteError
from operate.incident_services import Channels
from operate.incidents import Incident, Turn
from operate.stack import Stack

_SERVICES: Final = (
    ("PagerDuty", incident_pager.bring),
    ("Slack", incident_chat.bring),
    ("StatusPage", incident_page.bring),
)
TURN: Final = timedelta(minutes=2)
"""Longer than telling takes: whoever began before has been interrupted."""
_POLL_SECONDS: Final = 3


def tell(stack: Stack, identifier: str, to: Channels, say: Callable[[str], None]) -> Incident:
    """Brings every channel to what the incident's timeline says. Of several at once one tells.

    On the stack `local` nobody is told: it is for practice.

    Args:
        stack: the stack.
        identifier: the incident's.
        to: the channels.
        say: is told what was told.

    Returns:
        The incident as it is afterwards.

    Raises:
        RemoteError: a service refused or could not be reached; the others have been told.
        OperationError: a credential is missing; the others have been told.
        GuardError: somebody else tells the channels and does not come to an end.
    """
    if stack.name == LOCAL:
        say(f"{LOCAL} is for practice: PagerDuty, Slack and StatusPage are not told")
        return incidents.read(stack, identifier)
    failures: list[OperationError] = []
    with _turn(stack, identifier):
        for name, bring in _SERVICES:
            try:
                for words in bring(stack, identifier, to):
                    say(f"{name}: {words}")
            except OperationError as error:
                failures.append(error)
            except (AttributeError, KeyError, TypeError, ValueError):
                failures.append(RemoteError(f"{name} answers in a form that is not its own"))
    if failures:
        again = f"`syncup incident update {stack.name} --id {identifier}` tells the rest"
        what = "; ".join(str(failure) for failure in failures)
        remote = any(isinstance(failure, RemoteError) for failure in failures)
        raise (RemoteError if remote else OperationError)(f"{identifier} is recorded, but {what}; {again}")
    return incidents.read(stack, identifier)


@contextmanager
def _turn(stack: Stack, identifier: str) -> Generator[None]:
    """Waits until nobody else tells the channels of this incident, and lets nobody else begin."""
    mine = _take_turn(stack, identifier)
    try:
        yield
    finally:
        incidents.change(
            stack,
            identifier,
            lambda incident: replace(incident, turn=None) if incident.turn == mine else incident,
        )


def _take_turn(stack: Stack, identifier: str) -> Turn:
    who, mark = caller.name(stack), uuid4().hex
    end = stack.clock.now() + 2 * TURN
    while True:
        mine = Turn(who=who, mark=mark, since=stack.clock.now())

        def take(incident: Incident, mine: Turn = mine) -> Incident:
            taken = incident.turn is not None and mine.since - incident.turn.since < TURN
            return incident if taken else replace(incident, turn=mine)

        if incidents.change(stack, identifier, take).turn == mine:
            return mine
        if stack.clock.now() >= end:
            raise GuardError(f"somebody else tells the channels of {identifier}: try again in a minute")
        stack.clock.sleep(_POLL_SECONDS)
