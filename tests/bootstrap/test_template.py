"""The template: CloudFormation takes it, the pack has nothing against it, and twice is as once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from operate import bootstrap as making
from operate.aws import Clients
from operate.bootstrap import MOST_BYTES, TEMPLATE, Names, Wanted, read_template
from operate.outputs import Outputs
from operate.stack import Stack
from policies.evaluate import Verdict
from policies.pack import read_pack
from policies.rule import Level
from tests.bootstrap.resolved import as_declared, bootstrap
from tests.operate.double import Time
from tests.program.stacks import STACKS

_MOST_CHARACTERS = 6_144
"""Of a managed policy, blanks not counted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
_MOST_POLICIES = 10
_MOTO = "123456789012"

ACCEPTED = {
    "guide-data-protected": "CloudFormation keeps what has a deletion policy, which a test below holds",
    "iam-policy-names-resources": "an instance brings disks and interfaces along, a rule no tag of its group",
    "s3-bucket-mfa-delete": "only the account's root can turn it on; no role here may delete versions",
    "s3-bucket-object-lock": "Pulumi overwrites the state and removes its locks; older versions stay anyway",
    "s3-bucket-replicated": "the recovery region has a stack with a state of its own",
}
"""The advisory rules that the template breaks, and why."""


def test_cloudformation_takes_it() -> None:
    """In a process of its own: what the linter imports takes longer than its work."""
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-m", "cfnlint", "--include-checks", "I", "--", str(TEMPLATE)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line[:1] in "EWI" and line[1:5].isdigit()]
    # It speaks of partitions that the program does not know either, and of names that are meant.
    assert [line for line in found if not line.startswith(("I3042", "I3510"))] == [], (
        done.stdout + done.stderr
    )
    assert "Traceback" not in done.stderr


def test_it_can_be_handed_over_in_a_call() -> None:
    assert len(TEMPLATE.read_bytes()) <= MOST_BYTES


@pytest.mark.parametrize("stack", STACKS)
def test_policies_are_within_iams_limits(stack: str) -> None:
    found = bootstrap(stack)
    for name, policy in found.of_type("AWS::IAM::ManagedPolicy").items():
        assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) <= _MOST_CHARACTERS, name
    for name, role in found.of_type("AWS::IAM::Role").items():
        assert len(role["ManagedPolicyArns"]) <= _MOST_POLICIES, name


@pytest.mark.parametrize("stack", STACKS)
def test_the_pack_has_nothing_against_it(stack: str) -> None:
    judged = read_pack("production").judge(as_declared(bootstrap(stack)))
    violated = [one for one in judged if one.verdict not in (Verdict.COMPLIANT, Verdict.OUT_OF_SCOPE)]
    assert {one.rule.name for one in violated} == ACCEPTED.keys()
    assert {one.rule.level for one in violated} == {Level.ADVISORY}
    assert len(judged) > 100


def test_a_policy_never_has_to_be_replaced() -> None:
    """A change of anything else would make a new one, of the same name, beside the old one: refused.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
    """
    for name, policy in bootstrap().of_type("AWS::IAM::ManagedPolicy").items():
        assert policy.keys() == {"ManagedPolicyName", "PolicyDocument"}, name


def test_what_cannot_be_made_again_stays() -> None:
    for name, resource in read_template()["Resources"].items():
        keeps = resource["Type"] in {
            "AWS::IAM::OIDCProvider",
            "AWS::IAM::ServiceLinkedRole",
            "AWS::KMS::Key",
            "AWS::S3::Bucket",
            "AWS::SSM::Parameter",
        }
        policy = resource.get("DeletionPolicy", "")
        assert policy.startswith("Retain") is keeps, name
        assert resource.get("UpdateReplacePolicy", "") == ("Retain" if keeps else ""), name


@pytest.mark.parametrize("stack", STACKS)
def test_names_are_those_that_the_command_says(stack: str) -> None:
    found = bootstrap(stack)
    names = Names(stack=stack, account_id=found.account, region=found.region)
    assert found.properties("StateBucket")["BucketName"] == names.bucket
    assert f"awskms://{found.properties('StateKeyAlias')['AliasName']}" in names.secrets_provider
    for name, role in found.of_type("AWS::IAM::Role").items():
        assert names.role(name.removesuffix("Role").lower()).endswith(f"/{role['RoleName']}")
    for name in ("StateBucket", "StateLog"):
        assert len(found.properties(name)["BucketName"]) <= 63


def test_names_of_buckets_fit_the_longest_stack_and_region() -> None:
    names = Names(stack="s" * 12, account_id="1" * 12, region="ap-southeast-2")
    assert len(f"{names.bucket}-log") <= 63


def _leave(_cloud: Any, _name: str) -> None:
    """Protects nothing."""


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """An account in which nothing is, moto's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    # moto has no such call.
    monkeypatch.setattr("operate.bootstrap._protect", _leave)
    with mock_aws():
        yield Stack(
            name="staging",
            outputs=Outputs("staging", {}),
            clients=Clients("staging", "us-west-2"),
            clock=Time().clock,
        )


@pytest.mark.filterwarnings("ignore:Tried to parse AWS::")  # what moto does not know it leaves out
def test_it_is_made_once_and_a_second_time_changes_nothing(stack: Stack) -> None:
    names = Names(stack="staging", account_id=_MOTO, region="us-west-2")
    first = Wanted(
        recovery_region="us-east-2", hosted_zone="Z0123", repository="example/syncup", release="2026.11.3"
    )
    again = Wanted(recovery_region="us-east-2", hosted_zone="Z0123", repository=None, release=None)
    told: list[str] = []
    assert len(making.preview(stack, names, first)) == len(read_template()["Resources"])
    assert making.apply(stack, names, first, told.append)
    assert told[-1] == "syncup-bootstrap-staging: CREATE_COMPLETE"
    assert not making.apply(stack, names, again, told.append)
    assert making.preview(stack, names, again) == []

    iam, s3 = stack.client("iam"), stack.client("s3")
    for role in ("preview", "deploy", "drift", "recovery"):
        found = iam.get_role(RoleName=names.role(role).rpartition("/")[2])["Role"]
        assert found["Arn"] == names.role(role)
    assert names.bucket in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    parameter = stack.client("ssm").get_parameter(Name="/syncup/staging/release")["Parameter"]
    assert (parameter["Type"], parameter["Value"]) == ("String", "2026.11.3")
    aliases = stack.client("kms").list_aliases()["Aliases"]
    assert "alias/syncup-bootstrap-staging" in {alias["AliasName"] for alias in aliases}
