"""Settings that hold for a whole account, region by region, and which stacks have to declare them.

What the account does is usually declared by one stack of several. A stack is taken for that one where it
declares settings of at least two kinds; then it has to declare them all, wherever it works.
"""

from collections.abc import Callable
from typing import Final

from policies.stack import Stack
from policies.view import Resource, UndecidedError

SETTINGS: Final = (
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:cfg/recorder:Recorder",
    "aws:cloudtrail/trail:Trail",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws:guardduty/detector:Detector",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:inspector2/enabler:Enabler",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:securityhub/account:Account",
)
"""The types of settings of an account by which its stack is known."""

_KINDS: Final = 2


def is_accounts(stack: Stack) -> bool:
    """Whether a stack is the one that declares what holds for its account."""
    return sum(bool(stack.all(token)) for token in SETTINGS) >= _KINDS


def holds_everywhere(stack: Stack, token: str, holds: Callable[[Resource], bool]) -> bool:
    """Whether a setting holds in every region that a stack names.

    A resource without a region is in the provider's, whose name the stack does not say: it counts for
    one region that nothing else covers.

    Args:
        stack: the resources.
        token: the type of the setting.
        holds: whether one of that type is as it should be.

    Raises:
        UndecidedError: it depends on something unknown.
    """
    covered: set[str] = set()
    undecided: UndecidedError | None = None
    for resource in stack.all(token):
        try:
            if holds(resource):
                covered.add(resource.text("region"))
        except UndecidedError as error:
            undecided = error
    missing = _regions(stack) - covered
    if covered and len(missing) <= ("" in covered):
        return True
    if undecided:
        raise undecided
    return False


def _regions(stack: Stack) -> set[str]:
    """The regions that resources name. One that is unknown names none."""
    named = (resource.raw("region") for resource in stack.resources if resource.type.startswith("aws:"))
    return {region for region in named if isinstance(region, str) and region}
