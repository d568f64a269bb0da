"""A program has to declare the same whatever the cloud answers."""

from collections.abc import Callable
from typing import Any

import pulumi
from pulumi_aws import ec2, sns, sqs

from preview.agreement import disagreements
from preview.findings import Finding, Rule
from tests.preview.programs import Group, declared, with_value

Options = pulumi.ResourceOptions


def _found(declare: Callable[[Options], Any]) -> list[Finding]:
    return list(disagreements(declared(declare), declared(declare, known=True)))


def _vpc(opts: Options) -> ec2.Vpc:
    return ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=opts)


def test_a_program_that_declares_the_same_is_fine() -> None:
    def declare(opts: Options) -> None:
        vpc = _vpc(opts)
        ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"Vpc": vpc.arn}, opts=opts)

    assert _found(declare) == []


def test_a_resource_declared_inside_apply_is_found() -> None:
    def declare(opts: Options) -> None:
        with_value(_vpc(opts).id, lambda name: sns.Topic(f"of-{name}", opts=opts))

    (finding,) = _found(declare)
    assert finding.rule is Rule.UNSTABLE_PROGRAM
    assert "::of-vpc-" in finding.urn
    assert finding.problem == "it is declared only while computed outputs are known"
    assert finding.suggestion == "declare it outside `apply`, by configuration"


def test_a_resource_declared_in_previews_only_is_found() -> None:
    def declare(opts: Options) -> None:
        if pulumi.runtime.is_dry_run():
            sns.Topic("in-previews", opts=opts)

    (finding,) = _found(declare)
    assert finding.problem == "it is declared only while computed outputs are unknown"


def test_a_property_that_comes_and_goes_is_found() -> None:
    def declare(opts: Options) -> None:
        sqs.Queue("queue", fifo_queue=None if pulumi.runtime.is_dry_run() else True, opts=opts)
        sns.Topic("topic", display_name="a" if pulumi.runtime.is_dry_run() else None, opts=opts)

    found = {(finding.path, finding.problem.rpartition(" ")[2]) for finding in _found(declare)}
    assert found == {("fifo_queue", "known"), ("display_name", "unknown")}


def test_an_unknown_value_may_turn_out_to_be_nothing() -> None:
    def declare(opts: Options) -> None:
        nothing = with_value(_vpc(opts).id, lambda _: None)
        sns.Topic("topic", display_name=pulumi.Output.secret(nothing), opts=opts)
        sns.Topic("other", display_name=nothing, opts=opts)

    assert _found(declare) == []


def test_a_parent_that_depends_on_the_cloud_is_found() -> None:
    def declare(opts: Options) -> None:
        other = Group("other")
        parent = opts.parent if pulumi.runtime.is_dry_run() else other
        sns.Topic("topic", opts=Options(parent=parent))

    (finding,) = _found(declare)
    assert finding.problem.startswith("its parent is urn:pulumi:dev::shop::test:index:Group::group or ")
