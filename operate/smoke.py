"""The guide's checks after a deployment: each is one request that the application answers from end to end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from components.threshold import Comparison, Unit
from infra.guide import SmokeCheck
from operate import http
from operate.errors import OperationError
from operate.stack import Stack

_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 15
"""Between the attempts of a check: within ten seconds the application repeats its last answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How one check went."""

    name: str
    verifies: str
    """In the guide's words."""
    fine: bool
    status: int | None
    milliseconds: float
    says: str
    """Why not, where it is not fine."""


def insist(stack: Stack, checks: Sequence[SmokeCheck], say: Callable[[str], None]) -> Sequence[Result]:
    """Makes the checks, and those that fail once more after a while.

    Args:
        stack: whose address is asked.
        checks: the guide's.
        say: is told what is tried again.

    Returns:
        How each went in the end.

    Raises:
        OperationError: one has failed each time.
    """
    results = {result.name: result for result in run(stack, checks)}
    for _ in range(_ATTEMPTS - 1):
        failed = [check for check in checks if not results[check.name].fine]
        if not failed:
            break
        say(f"{', '.join(check.name for check in failed)} failed, once more in {_PAUSE_SECONDS} s")
        stack.clock.sleep(_PAUSE_SECONDS)
        results |= {result.name: result for result in run(stack, failed)}
    bad = [f"{result.name} {result.says}" for result in results.values() if not result.fine]
    if bad:
        raise OperationError(f"the checks after the deployment fail: {'; '.join(bad)}")
    say(f"{', '.join(results)} work")
    return list(results.values())


def run(stack: Stack, checks: Sequence[SmokeCheck]) -> Iterator[Result]:
    """Makes each check once, in the guide's order.

    Args:
        stack: whose address is asked.
        checks: the guide's.
    """
    for check in checks:
        method, path = check.request.split(" ", 1)
        limit = check.within.in_unit(Unit.MILLISECONDS)
        answer = http.ask(method, f"{stack.outputs['url']}{path}")
        late = (
            answer.milliseconds >= limit
            if check.within.comparison is Comparison.BELOW
            else answer.milliseconds > limit
        )
        if answer.status is None:
            why = answer.says
        elif answer.status != check.expect:
            why = f"answers {answer.status} instead of {check.expect}: {answer.says or 'without a word'}"
        else:
            why = f"takes {answer.milliseconds:.0f} ms, should take {check.within}" if late else ""
        yield Result(
            name=check.name,
            verifies=check.verifies,
            fine=not why,
            status=answer.status,
            milliseconds=answer.milliseconds,
            says=why,
        )
