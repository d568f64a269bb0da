"""The role that deploys may do what changing a release asks of AWS, of this stack and of no other."""

from collections.abc import Iterator

import pytest

from operate.stack import Stack
from tests.bootstrap.evaluator import allows
from tests.bootstrap.resolved import Bootstrap, bootstrap
from tests.operate.conftest import aws, site, stack, time, world
from tests.operate.double import Aws, Call
from tests.operate.healthy import OUTPUTS
from tests.operate.releasing import World, bring, go_back

__all__ = ["aws", "site", "stack", "time", "world"]

_NAMED_OTHERWISE = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Calls whose action has another name.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""
_NOT_ASKED_FOR = "sts:GetCallerIdentity"
"""Everybody may know who he is."""


def _arns(call: Call, found: Bootstrap) -> Iterator[str]:
    """What a call is about, as IAM sees it."""
    here, asked = f"{found.region}:{found.account}", call.parameters
    match call.name.partition(".")[0]:
        case "s3":
            name = asked.get("Key", "")
            yield f"arn:aws:s3:::{asked['Bucket']}{f'/{name}' if name else ''}"
        case "ssm" if "Name" in asked:
            yield f"arn:aws:ssm:{here}:parameter{asked['Name']}"
        case "ssm" if "DocumentName" in asked:
            yield f"arn:aws:ssm:{found.region}::document/{asked['DocumentName']}"
            yield from (f"arn:aws:ec2:{here}:instance/{one}" for one in asked["InstanceIds"])
        case "autoscaling" if "Describe" not in call.name:
            group = f"autoScalingGroup:1:autoScalingGroupName/{asked['AutoScalingGroupName']}"
            yield f"arn:aws:autoscaling:{here}:{group}"
        case _:
            yield "*"


@pytest.mark.usefixtures("site")
def test_what_a_deployment_and_its_way_back_ask_is_allowed(stack: Stack, world: World, aws: Aws) -> None:
    found = bootstrap("staging")
    rights = found.rights("DeployRole")
    request = {"aws:requestedregion": found.region, "ssm:resourcetag/environment": "staging"}
    assert found.account == OUTPUTS["account-id"]
    bring(stack, world)
    go_back(stack, world)
    asked = {
        (_NAMED_OTHERWISE.get(action, action), arn)
        for call in aws.calls
        if (action := call.name.replace(".", ":")) != _NOT_ASKED_FOR
        for arn in _arns(call, found)
    }
    assert len(asked) > 15
    assert [one for one in sorted(asked) if not allows(rights, *one, request)] == []


def test_the_newest_image_can_be_looked_up() -> None:
    found = bootstrap("staging")
    name = "parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    asked = ("ssm:GetParameter", f"arn:aws:ssm:{found.region}::{name}"), ("ec2:DescribeImages", "*")
    for role in ("DeployRole", "PreviewRole"):
        request = {"aws:requestedregion": found.region}
        assert [one for one in asked if not allows(found.rights(role), *one, request)] == []


def test_scripts_run_on_no_other_stacks_instances() -> None:
    found = bootstrap("staging")
    rights = found.rights("DeployRole")
    instance = f"arn:aws:ec2:{found.region}:{found.account}:instance/i-1"
    for tag in ("production", ""):
        request = {"aws:requestedregion": found.region, "ssm:resourcetag/environment": tag}
        assert not allows(rights, "ssm:SendCommand", instance, request)


def test_what_lies_at_the_edge_beside_static_files_is_not_written() -> None:
    rights = bootstrap("staging").rights("DeployRole")
    for key in ("index.html", "api/health"):
        assert not allows(rights, "s3:PutObject", f"arn:aws:s3:::{OUTPUTS['static-bucket']}/{key}")
