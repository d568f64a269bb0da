"""What a release changes of the program: one resource, which `syncup deploy` updates alone."""

import base64
from functools import cache
from unittest.mock import patch

from infra.fixtures import LOOKUPS
from preview.graph import Graph
from tests.program import stacks
from tests.program.changes import changes

STACK = "staging"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:autoscaling/group:Group"
_PARAMETER = "aws:ssm/getParameter:getParameter"
NEXT = "2026.11.4"


@cache
def _released() -> Graph:
    """The stack with the next release in the parameter."""
    answer = {**LOOKUPS[_PARAMETER], "value": NEXT, "insecureValue": NEXT}
    with patch.object(stacks, "LOOKUPS", {**LOOKUPS, _PARAMETER: answer}):
        return stacks.graph(STACK, stacks.configuration(STACK), known=True)


def test_a_release_changes_the_launch_template_and_nothing_else() -> None:
    """So a preview after the update of the template alone shows no change."""
    made = changes(stacks.built(STACK).known, _released())
    assert made.changed == {"LaunchTemplate application-instances-template": {"description", "userData"}}
    assert not made.added | made.removed
    assert stacks.built(STACK).known.stack_outputs == _released().stack_outputs


def test_the_command_is_told_which_resource_that_is() -> None:
    graph = _released()
    assert graph.stack_outputs["launch-template-urn"] == graph.one(TEMPLATE).urn


def test_the_command_finds_the_release_in_the_templates_description() -> None:
    template = _released().one(TEMPLATE)
    assert template["description"] == f"Release {NEXT}"
    assert f"RELEASE={NEXT}" in base64.b64decode(template["userData"]).decode()


def test_the_group_leaves_the_version_to_the_command() -> None:
    ignored = _released().one(GROUP).options.ignore_changes
    assert "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version" in ignored
