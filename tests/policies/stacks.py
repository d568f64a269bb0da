"""The project's own stacks as they are declared, each evaluated once for all tests of a process."""

from functools import cache
from typing import Final

from infra.fixtures import LOOKUPS
from infra.program import main
from infra.reading import stack_configuration
from preview.evaluate import evaluate
from preview.graph import Graph
from tests.infra import production

NAMES: Final = ("production", "staging")


@cache
def known(stack: str) -> Graph:
    """What the program declares for a stack, with plausible values for what only AWS will know."""
    if stack == production.STACK:
        return production.graph()
    configuration = stack_configuration(stack)
    return evaluate(main, project="syncup", stack=stack, config=configuration, known=True, invokes=LOOKUPS)
