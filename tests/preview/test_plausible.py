"""What a provider would compute is made up: of the right type and form, and always the same."""

import re
from collections.abc import Callable, Mapping

import pulumi
import pytest
from pulumi_aws import acm, ec2, elasticache, iam, lb, rds, s3, sqs
from pulumi_random import RandomPassword

from preview.check import check_properties
from preview.graph import Resource
from preview.plausible import known_outputs
from preview.values import Secret
from tests.preview.programs import declared

Options = pulumi.ResourceOptions
Declare = Callable[[Options], pulumi.CustomResource]


def _made(declare: Declare, config: Mapping[str, str] | None = None) -> Resource:
    (found,) = [
        resource for resource in declared(declare, known=True, config=config).resources if resource.custom
    ]
    return found


def _vpc(opts: Options) -> ec2.Vpc:
    return ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"Name": "main"}, opts=opts)


DECLARED: list[tuple[Declare, str, str]] = [
    (_vpc, r"vpc-[0-9a-f]{17}", r"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-[0-9a-f]{17}"),
    (
        lambda opts: rds.Instance("db", instance_class="db.t4g.micro", identifier="main", opts=opts),
        r"db-[A-Z0-9]{26}",
        r"arn:aws:rds:us-east-1:123456789012:db:main",
    ),
    (lambda opts: s3.Bucket("b", bucket="shop-data", opts=opts), "shop-data", "arn:aws:s3:::shop-data"),
    (
        lambda opts: iam.Role("r", name="worker", assume_role_policy="{}", opts=opts),
        "worker",
        "arn:aws:iam::123456789012:role/worker",
    ),
    (
        lambda opts: lb.LoadBalancer("web", name="web", opts=opts),
        r"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/[0-9a-f]+",
        r"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/[0-9a-f]+",
    ),
    (
        lambda opts: sqs.Queue("q", name="jobs", opts=opts),
        "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
        "arn:aws:sqs:us-east-1:123456789012:jobs",
    ),
]


@pytest.mark.parametrize(("declare", "identifier", "arn"), DECLARED)
def test_identifiers_and_arns_have_the_form_of_their_type(
    declare: Declare, identifier: str, arn: str
) -> None:
    made = _made(declare)
    assert re.fullmatch(identifier, made.id)
    assert re.fullmatch(arn, made.outputs["arn"])


def test_arns_are_of_the_configured_region_and_account() -> None:
    config = {"aws:region": "eu-west-1", "aws:allowedAccountIds": '["111122223333"]'}
    assert _made(_vpc, config).outputs["arn"].startswith("arn:aws:ec2:eu-west-1:111122223333:vpc/")
    elsewhere = _made(
        lambda opts: ec2.Vpc("vpc", cidr_block="10.0.0.0/16", region="cn-north-1", opts=opts), config
    )
    assert elsewhere.outputs["arn"].startswith("arn:aws-cn:ec2:cn-north-1:111122223333:vpc/")


def test_what_is_given_stays_as_it_is() -> None:
    made = _made(
        lambda opts: rds.Instance(
            "db", instance_class="db.t4g.micro", password=pulumi.Output.secret("hush"), port=6432, opts=opts
        )
    )
    assert made.outputs["password"] == Secret("hush")
    assert made.outputs["port"] == 6432


def test_what_nobody_gave_and_a_type_allows_to_be_absent_is_absent() -> None:
    made = _made(lambda opts: rds.Instance("db", instance_class="db.t4g.micro", opts=opts))
    assert "replicateSourceDb" not in made.outputs
    assert made.outputs["endpoint"].endswith(".example.com")
    assert made.outputs["hostedZoneId"].startswith("Z")


def test_every_made_output_is_of_its_type() -> None:
    """What was made could be given: the check says so of every output that is an input too."""

    def declare(opts: Options) -> pulumi.CustomResource:
        return elasticache.ReplicationGroup("cache", description="it", opts=opts)

    made = _made(declare)
    given = {name: value for name, value in made.outputs.items() if name not in {"arn", "tagsAll", "id"}}
    again = Resource(urn="u", type=made.type, name="n", parent="", custom=True, inputs=given)
    assert [found for found in check_properties(again) if found.rule == "wrong-type"] == []


def test_a_certificate_is_validated_once_for_each_name() -> None:
    made = _made(
        lambda opts: acm.Certificate(
            "certificate",
            domain_name="syncup.example",
            subject_alternative_names=["www.syncup.example", "syncup.example"],
            validation_method="DNS",
            opts=opts,
        )
    )
    options = made.outputs["domainValidationOptions"]
    assert [option["domainName"] for option in options] == ["syncup.example", "www.syncup.example"]
    assert {option["resourceRecordType"] for option in options} == {"CNAME"}


def test_the_same_resource_is_always_the_same_and_another_is_another() -> None:
    def named(name: str) -> Resource:
        return _made(lambda opts: ec2.Vpc(name, cidr_block="10.0.0.0/16", opts=opts))

    assert (named("a").id, named("a").outputs) == (named("a").id, named("a").outputs)
    assert named("a").id != named("b").id


def test_what_a_provider_makes_secret_is_secret() -> None:
    made = _made(lambda opts: RandomPassword("word", length=20, opts=opts))
    assert isinstance(made.outputs["result"], Secret)


def test_a_type_that_no_sdk_has_does_not_end_the_program() -> None:
    unknown = Resource(
        urn="u", type="aws:no/such:Type", name="n", parent="", custom=True, inputs={"name": "x"}
    )
    identifier, outputs = known_outputs(unknown, {})
    assert (identifier, outputs) == ("x", {"name": "x"})
