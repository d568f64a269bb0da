"""The monitor answers as an engine does, and refuses what an engine refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_aws import ec2, rds, sns, sqs, ssm

from preview.evaluate import evaluate
from preview.graph import Graph, Message
from preview.monitor import ProgramError
from preview.values import UNKNOWN, Secret
from tests.preview.programs import Group, declared

Options = pulumi.ResourceOptions
HERE = Path(__file__).parent


def _evaluated(program: Callable[[], Any], **more: Any) -> Graph:
    return evaluate(program, project="shop", stack="dev", **more)


def test_the_same_urn_twice_is_refused_with_the_urn() -> None:
    def program() -> None:
        sns.Topic("same")
        sns.Topic("same")

    urn = "urn:pulumi:dev::shop::aws:sns/topic:Topic::same"
    with pytest.raises(
        ProgramError, match=f"two resources have the URN {urn}; give one of them another name"
    ):
        _evaluated(program)


def test_one_name_is_good_for_two_types_and_below_two_types_of_parents() -> None:
    def program() -> None:
        sns.Topic("same")
        sqs.Queue("same")
        sns.Topic("same", opts=Options(parent=Group()))

    assert [resource.name for resource in _evaluated(program).resources if resource.custom] == ["same"] * 3


def test_a_urn_has_the_types_of_its_parents_and_not_the_stacks() -> None:
    def program() -> None:
        group = Group()
        vpc = ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=Options(parent=group))
        ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=Options(parent=vpc))

    graph = _evaluated(program)
    assert graph.one("test:index:Group").urn == "urn:pulumi:dev::shop::test:index:Group::group"
    assert graph.one("aws:ec2/subnet:Subnet").urn == (
        "urn:pulumi:dev::shop::test:index:Group$aws:ec2/vpc:Vpc$aws:ec2/subnet:Subnet::subnet"
    )


@pytest.mark.parametrize(
    ("alias", "urn"),
    [
        (pulumi.Alias(name="before"), "urn:pulumi:dev::shop::test:index:Group$aws:sns/topic:Topic::before"),
        (
            pulumi.Alias(type_="aws:sns/old:Old"),
            "urn:pulumi:dev::shop::test:index:Group$aws:sns/old:Old::topic",
        ),
        (
            pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE),
            "urn:pulumi:dev::shop::aws:sns/topic:Topic::topic",
        ),
        ("urn:pulumi:dev::shop::a:b:C::whatever", "urn:pulumi:dev::shop::a:b:C::whatever"),
    ],
)
def test_an_alias_is_the_urn_that_the_resource_had(alias: str | pulumi.Alias, urn: str) -> None:
    graph = declared(lambda opts: sns.Topic("topic", opts=Options.merge(opts, Options(aliases=[alias]))))
    assert graph.one("aws:sns/topic:Topic").options.aliases == (urn,)


def test_dependencies_are_known_by_property_and_in_all() -> None:
    def declare(opts: Options) -> None:
        first, second = sns.Topic("first", opts=opts), sns.Topic("second", opts=opts)
        sqs.Queue(
            "queue",
            policy=pulumi.Output.concat(first.arn, second.arn),
            tags={"Topic": first.name},
            opts=Options.merge(opts, Options(depends_on=[second])),
        )

    graph = declared(declare)
    queue = graph.one("aws:sqs/queue:Queue")
    first, second = (graph.one("aws:sns/topic:Topic", name).urn for name in ("first", "second"))
    assert queue.dependencies == (first, second)
    assert queue.property_dependencies == {"policy": (first, second), "tags": (first,)}


def test_options_are_recorded_as_on_the_wire() -> None:
    def declare(opts: Options) -> None:
        topic = sns.Topic("topic", opts=opts)
        own = Options(
            protect=True,
            retain_on_delete=True,
            delete_before_replace=True,
            replace_on_changes=["engineVersion"],
            ignore_changes=["instance_class"],
            additional_secret_outputs=["endpoint"],
            deleted_with=topic,
            import_="db-1",
        )
        rds.Instance("db", instance_class="db.t4g.micro", opts=Options.merge(opts, own))

    options = declared(declare).one("aws:rds/instance:Instance").options
    assert (options.protect, options.retain_on_delete, options.delete_before_replace) == (True, True, True)
    assert options.replace_on_changes == ("engineVersion",)
    assert options.ignore_changes == ("instanceClass",)
    assert options.additional_secret_outputs[:1] == ("endpoint",)
    assert options.deleted_with.endswith("::topic")
    assert options.import_id == "db-1"


def test_a_resource_knows_the_line_that_declares_it() -> None:
    def program() -> None:
        sns.Topic("topic", opts=Options(parent=Group()))

    graph = _evaluated(program, directory=HERE)
    line = program.__code__.co_firstlineno + 1
    assert graph.one("aws:sns/topic:Topic").source == f"test_monitor.py:{line}"
    assert _evaluated(program, directory=HERE / "elsewhere").one("aws:sns/topic:Topic").source == ""


def test_what_is_read_is_told_apart() -> None:
    graph = declared(lambda opts: sqs.Queue.get("there", "https://queue", opts=opts))
    queue = graph.one("aws:sqs/queue:Queue")
    assert (queue.read, queue.custom, queue.options.import_id) == (True, True, "https://queue")


def test_outputs_that_the_program_calls_secret_are() -> None:
    opts = Options(additional_secret_outputs=["arn"])
    for known in (False, True):
        graph = declared(lambda given: sns.Topic("t", opts=Options.merge(given, opts)), known=known)
        assert isinstance(graph.one("aws:sns/topic:Topic").outputs["arn"], Secret)


def test_components_and_the_stack_keep_their_outputs() -> None:
    class Store(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:index:Store", "store")
            self.register_outputs({"size": 3})

    def program() -> None:
        Store()
        pulumi.export("address", sns.Topic("topic").arn)

    graph = _evaluated(program)
    assert graph.one("test:index:Store").outputs == {"size": 3}
    assert graph.stack_outputs == {"address": UNKNOWN}


def test_lookups_are_answered_from_fixtures() -> None:
    answer = {"name": "/release", "value": "7", "type": "String", "arn": "a", "version": 1, "id": "/release"}
    graph = _evaluated(
        lambda: pulumi.export("release", ssm.get_parameter(name="/release").value),
        invokes={"aws:ssm/getParameter:getParameter": answer},
    )
    assert graph.stack_outputs["release"] == "7"


def test_a_lookup_without_an_answer_is_refused_with_its_token() -> None:
    with pytest.raises(Exception, match="looks up aws:ssm/getParameter:getParameter, which only a cloud"):
        _evaluated(lambda: ssm.get_parameter(name="/release"))


def test_what_the_program_logs_is_kept_with_its_severity() -> None:
    def program() -> None:
        pulumi.log.info("it begins")
        pulumi.log.warn("it is late")
        pulumi.log.debug("it thinks")

    assert _evaluated(program).messages == (Message("info", "it begins"), Message("warning", "it is late"))


def test_an_error_that_the_program_logs_ends_it() -> None:
    with pytest.raises(ProgramError, match="it is broken"):
        _evaluated(lambda: pulumi.log.error("it is broken"))
