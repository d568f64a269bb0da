"""The environment as the program gets it: through Pulumi's configuration, or not at all."""

import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from pulumi_aws import sns

from components.base import Component
from components.context import Context
from infra.environment import Environment, load
from infra.reading import ROOT, stack_configuration
from preview.evaluate import evaluate
from preview.graph import Graph
from tests.infra import project
from tests.infra.project import STACK, STACK_FILE


class Topic(Component):
    """Something to declare."""

    def __init__(self, context: Context) -> None:
        super().__init__("syncup:test:Topic", "topic", context)
        sns.Topic("topic-topic", opts=self.child())
        self.register_outputs({})


def _evaluate(root: Path = ROOT, **changes: str) -> tuple[Graph, Environment]:
    loaded: list[Environment] = []

    def program() -> None:
        loaded.append(load(root))
        Topic(loaded[0].context)

    configuration = {**stack_configuration(STACK), **changes}
    return evaluate(program, project="syncup", stack=STACK, config=configuration), loaded[0]


def test_the_context_says_where_and_who() -> None:
    _, environment = _evaluate()
    context = environment.context
    assert context.name("proxy") == "syncup-production-proxy"
    assert context.account_id == "111122223333"
    assert (context.region, context.recovery_region, context.global_region) == (
        "us-west-2",
        "us-east-2",
        "us-east-1",
    )
    assert context.protect
    assert "desiredCapacity" in context.not_managed["aws:autoscaling/group:Group"]


def test_every_resource_carries_the_environments_tags() -> None:
    graph, _ = _evaluate()
    tags = graph.one("aws:sns/topic:Topic")["tags"]
    assert tags["Project"] == "syncup"
    assert tags["Environment"] == STACK
    assert tags["ManagedBy"] == "pulumi"


def test_a_mistake_declares_nothing_and_ends_without_traceback(tmp_path: Path) -> None:
    root = project.copy(tmp_path)
    project.edit(root / STACK_FILE, "cidr: 10.20.0.0/16", "cidr: 10.20.0.0/30")
    with pytest.raises(pulumi.RunError, match=r"^Pulumi.production.yaml:11: syncup:network.cidr is 10.20"):
        _evaluate(root, **stack_configuration(STACK, root))


def test_settings_and_guide_load_no_pulumi() -> None:
    """Commands that only read the guide shall not pay for it."""
    script = (
        "import sys; from infra.reading import read_project, stack_configuration; "
        "read_project('production', stack_configuration('production').get); "
        "sys.exit(any(name.split('.')[0] in {'pulumi', 'pulumi_aws', 'boto3'} for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)  # noqa: S603 (our own interpreter)
