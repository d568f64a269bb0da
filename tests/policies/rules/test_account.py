"""What the rules of an account's defaults decide."""

from collections.abc import Mapping
from typing import Any

import pytest

from policies.catalogue import rules_of
from policies.evaluate import Verdict, judge
from policies.rule import STACK_TYPE, Rule
from policies.rules import account
from policies.stack import Stack
from policies.view import Resource
from tests.policies.kit import Case, Side, judged

OTHERS = (
    Side("aws:accessanalyzer/analyzer:Analyzer", analyzerName="outside"),
    Side("aws:inspector2/enabler:Enabler", accountIds=["111122223333"], resourceTypes=["EC2"]),
)
"""Settings by which a stack is known to be the account's."""


def of_account(rule: Rule, token: str, good: Mapping[str, Any], bad: Mapping[str, Any], **more: Any) -> Case:
    """A case of a rule about a setting that the account's stack has to declare."""
    return Case(
        rule,
        beside=OTHERS,
        compliant_beside=[Side(token, **good)],
        violating_beside=[Side(token, **bad)],
        **more,
    )


_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_SETTINGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ALL: Mapping[str, Any] = dict.fromkeys(_SETTINGS, True)

CASES = (
    *(of_account(account.buckets_not_public, _BLOCK, _ALL, {**_ALL, name: False}) for name in _SETTINGS),
    of_account(
        account.volumes_encrypted,
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        {"enabled": True},
        {"enabled": False},
        absent=None,
    ),
    of_account(
        account.snapshots_not_public,
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        {"state": "block-all-sharing"},
        {"state": "block-new-sharing"},
        absent=None,
    ),
    of_account(
        account.images_not_public,
        "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        {"state": "block-new-sharing"},
        {"state": "unblocked"},
        absent=None,
    ),
    of_account(
        account.metadata_needs_token,
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        {"httpTokens": "required"},
        {"httpTokens": "optional"},
    ),
    of_account(
        account.vpcs_closed,
        "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        {"internetGatewayBlockMode": "block-bidirectional"},
        {"internetGatewayBlockMode": "off"},
        absent=None,
    ),
)

test_cases = judged(CASES)


def _resource(token: str, **inputs: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:test::example::{token}::one", type_token=token, inputs=inputs)


@pytest.mark.parametrize("rule", rules_of(account), ids=str)
def test_only_the_accounts_stack_is_asked(rule: Rule) -> None:
    main = _resource(STACK_TYPE)
    others = [_resource(side.type, **side.inputs) for side in OTHERS]
    assert judge(rule, main, {}, Stack([main, *others])).verdict is Verdict.VIOLATED
    assert judge(rule, main, {}, Stack([main, *others[:1]])).verdict is Verdict.OUT_OF_SCOPE
