"""What is called a random valid stack is one."""

from hypothesis import given, settings

from infra.environment import context
from infra.reading import Project
from tests.infra.strategies import STACK, projects


@settings(max_examples=30)
@given(projects())
def test_a_random_stack_is_valid_and_can_be_named(project: Project) -> None:
    made = context(project.settings, project="syncup")
    assert made.environment == STACK
    assert made.name("proxy") == f"syncup-{STACK}-proxy"
