"""The guide's checks after a deployment: each is one request that the application answers from end to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.threshold import Comparison, Unit
from infra.guide import SmokeCheck
from operate import http
from operate.stack import Stack


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
