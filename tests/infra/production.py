"""Production as the whole program declares it, evaluated once for all tests of a process."""

from functools import cache
from typing import Final

from infra.fixtures import LOOKUPS
from infra.program import main
from infra.reading import Project, read_project, stack_configuration
from preview.evaluate import evaluate
from preview.graph import Graph

STACK: Final = "production"


@cache
def project() -> Project:
    """What the files say."""
    return read_project(STACK, stack_configuration(STACK).get)


@cache
def graph(*, known: bool = True) -> Graph:
    """What the program declares; what only AWS will know is unknown, or has a plausible value."""
    configuration = stack_configuration(STACK)
    return evaluate(main, project="syncup", stack=STACK, config=configuration, known=known, invokes=LOOKUPS)
