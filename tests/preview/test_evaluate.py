"""A program runs without an engine, with computed outputs unknown or known, and twice the same."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi
import pytest
from pulumi_aws import ec2, rds, sns, sqs

from preview.evaluate import evaluate
from preview.graph import Graph
from preview.values import UNKNOWN, Secret
from tests.preview.programs import declared

Options = pulumi.ResourceOptions


def _evaluated(program: Callable[[], Any], **more: Any) -> Graph:
    return evaluate(program, project="shop", stack="dev", **more)


def _network(opts: Options) -> None:
    vpc = ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=opts)
    ec2.SecurityGroup(
        "group",
        vpc_id=vpc.id,
        ingress=[{"protocol": "tcp", "from_port": 1, "to_port": 1, "security_groups": [vpc.arn, "sg-1"]}],
        tags={"Vpc": vpc.id, "Range": vpc.cidr_block, "Both": pulumi.Output.concat("in ", vpc.id)},
        opts=opts,
    )


def test_in_a_preview_only_what_is_given_is_known() -> None:
    group = declared(_network).one("aws:ec2/securityGroup:SecurityGroup")
    assert group["vpcId"] is UNKNOWN
    assert group["tags"] == {"Vpc": UNKNOWN, "Range": "10.0.0.0/16", "Both": UNKNOWN}
    assert group["ingress"][0]["securityGroups"] == [UNKNOWN, "sg-1"]
    assert group.id is UNKNOWN


def test_with_known_outputs_everything_is_known() -> None:
    graph = declared(_network, known=True)
    vpc, group = graph.one("aws:ec2/vpc:Vpc"), graph.one("aws:ec2/securityGroup:SecurityGroup")
    assert group["vpcId"] == vpc.id
    assert group["tags"] == {"Vpc": vpc.id, "Range": "10.0.0.0/16", "Both": f"in {vpc.id}"}
    assert group["ingress"][0]["securityGroups"] == [vpc.outputs["arn"], "sg-1"]


def test_a_program_knows_which_of_the_two_it_is() -> None:
    seen: list[bool] = []
    for known in (False, True):
        _evaluated(lambda: seen.append(pulumi.runtime.is_dry_run()), known=known)
    assert seen == [True, False]


def test_a_program_is_told_its_project_stack_and_configuration() -> None:
    def program() -> None:
        config = pulumi.Config()
        pulumi.export("said", [pulumi.get_project(), pulumi.get_stack(), config.require_int("size")])
        pulumi.export("hidden", config.require_secret("word"))

    graph = _evaluated(
        program, config={"shop:size": "3", "shop:word": "hush"}, secret_keys=frozenset({"shop:word"})
    )
    assert graph.stack_outputs == {"said": ["shop", "dev", 3], "hidden": Secret("hush")}


def test_secrets_stay_secret_through_other_resources() -> None:
    def declare(opts: Options) -> None:
        database = rds.Instance(
            "db", instance_class="db.t4g.micro", password=pulumi.Output.secret("hush"), opts=opts
        )
        sqs.Queue("queue", tags={"Word": database.password.apply(lambda word: f"{word}!")}, opts=opts)

    for known in (False, True):
        graph = declared(declare, known=known)
        assert graph.one("aws:rds/instance:Instance")["password"] == Secret("hush")
        assert graph.one("aws:sqs/queue:Queue")["tags"] == {"Word": Secret("hush!")}


def test_what_is_declared_in_a_task_of_its_own_is_waited_for() -> None:
    def program() -> None:
        async def later() -> str:
            await asyncio.sleep(0)
            return "10.0.0.0/16"

        pulumi.Output.from_input(later()).apply(lambda cidr: ec2.Vpc("vpc", cidr_block=cidr))

    assert _evaluated(program).one("aws:ec2/vpc:Vpc")["cidrBlock"] == "10.0.0.0/16"


def test_two_evaluations_declare_the_same_in_the_same_order() -> None:
    first, second = declared(_network), declared(_network)
    assert first.resources == second.resources


def test_no_evaluation_sees_another_in_a_thread_beside_it() -> None:
    def program(name: str) -> Graph:
        return evaluate(lambda: sns.Topic(name), project=name, stack="dev", config={"aws:region": name})

    names = [f"p{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        graphs = dict(zip(names, pool.map(program, names), strict=True))
    for name, graph in graphs.items():
        assert [resource.urn.split("::")[1:] for resource in graph.resources if resource.custom] == [
            [name, "aws:sns/topic:Topic", name]
        ]


def test_what_a_program_raises_passes_through() -> None:
    def program() -> None:
        sns.Topic("topic")
        raise ZeroDivisionError("its own")

    with pytest.raises(ZeroDivisionError, match="its own"):
        _evaluated(program)


def test_what_is_raised_inside_apply_passes_through() -> None:
    def refuse(_: str) -> None:
        raise ZeroDivisionError("inside")

    with pytest.raises(ZeroDivisionError, match="inside"):
        _evaluated(lambda: pulumi.export("x", pulumi.Output.from_input("known").apply(refuse)))
