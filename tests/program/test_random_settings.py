"""What holds in every environment holds in environments that nobody has configured yet."""

from typing import Final

from hypothesis import Phase, given, settings

from tests.infra.strategies import STACK, configurations
from tests.program.invariants import INVARIANTS
from tests.program.stacks import build

EXAMPLES: Final = settings().max_examples // 33
"""Three in `make test`, thirty in `make test-full`: each evaluates the whole program twice."""
QUICKLY: Final = (Phase.explicit, Phase.reuse, Phase.generate)
"""To look for the smallest example would take minutes; the invariants name the resource."""


@settings(max_examples=EXAMPLES, phases=QUICKLY)
@given(configurations())
def test_the_program_runs_and_every_invariant_holds(configuration: dict[str, str]) -> None:
    stack = build(STACK, configuration)
    assert {one.__name__: broken for one in INVARIANTS if (broken := list(one(stack)))} == {}
