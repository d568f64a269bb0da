"""Defaults of the account for what is made beside any program: closed, encrypted, not public."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, all_hold, any_holds

_BUCKETS: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_VOLUMES: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
_SNAPSHOTS: Final = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
_IMAGES: Final = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
_METADATA: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
_VPCS: Final = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
_BLOCKED: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

_HUB: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide"
_EC2: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide"


@rule(
    name="account-buckets-not-public",
    title="No bucket of the account can be public",
    severity=Severity.MEDIUM,
    controls=("S3.1", "CIS 2.1.4"),
    types=(STACK_TYPE,),
    why="A bucket that somebody makes by hand, or a careless ACL, would be open to the world.",
    fix="""
        aws.s3.AccountPublicAccessBlock(
            "buckets",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
    """,
    link=f"{_HUB}/s3-controls.html#s3-1",
)
def buckets_not_public(_stack: Resource, stack: Stack) -> Problems:
    """Each of the four is off by default; they hold in every region."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if any_holds(
        lambda block: all_hold(lambda name: block.flag(name, default=False), _BLOCKED), stack.all(_BUCKETS)
    ):
        return None
    return "it has no AccountPublicAccessBlock with all four settings on"


@rule(
    name="account-volumes-encrypted",
    title="Every new volume of the account is encrypted",
    severity=Severity.MEDIUM,
    controls=("EC2.7", "CIS 2.2.1"),
    types=(STACK_TYPE,),
    why="A volume that somebody makes by hand would lie readable on AWS's disks and in its snapshots.",
    fix="""
        aws.ebs.EncryptionByDefault("volumes", enabled=True)
    """,
    link=f"{_HUB}/ec2-controls.html#ec2-7",
)
def volumes_encrypted(_stack: Resource, stack: Stack) -> Problems:
    """The resource turns it on unless it says otherwise."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _VOLUMES, lambda setting: setting.flag("enabled", default=True)):
        return None
    return "EncryptionByDefault is not on in every region of the stack"


@rule(
    name="account-snapshots-not-public",
    title="No snapshot of the account can be public",
    severity=Severity.CRITICAL,
    controls=("EC2.1",),
    types=(STACK_TYPE,),
    why="Anybody with an AWS account restores a public snapshot and reads the whole volume.",
    fix="""
        aws.ebs.SnapshotBlockPublicAccess("snapshots", state="block-all-sharing")
    """,
    link=f"{_HUB}/ec2-controls.html#ec2-1",
)
def snapshots_not_public(_stack: Resource, stack: Stack) -> Problems:
    """Both states that block keep new snapshots private, the one that is asked for old ones too."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _SNAPSHOTS, lambda setting: setting.text("state") == "block-all-sharing"):
        return None
    return "SnapshotBlockPublicAccess does not block all sharing in every region of the stack"


@rule(
    name="account-images-not-public",
    title="No machine image of the account can be made public",
    severity=Severity.HIGH,
    types=(STACK_TYPE,),
    why="An image holds whatever was on the machine: code, configuration, keys.",
    fix="""
        aws.ec2.ImageBlockPublicAccess("images", state="block-new-sharing")
    """,
    link=f"{_EC2}/block-public-access-to-amis.html",
)
def images_not_public(_stack: Resource, stack: Stack) -> Problems:
    """AWS offers nothing stronger than to block new sharing."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _IMAGES, lambda setting: setting.text("state") == "block-new-sharing"):
        return None
    return "ImageBlockPublicAccess does not block sharing in every region of the stack"


@rule(
    name="account-metadata-needs-token",
    title="Every new instance of the account asks for a token before it shows its metadata",
    severity=Severity.HIGH,
    controls=("CIS 5.6",),
    types=(STACK_TYPE,),
    why="Without a token, a request that a program can be tricked into reads the instance's credentials.",
    fix="""
        aws.ec2.InstanceMetadataDefaults("metadata", http_tokens="required", http_put_response_hop_limit=1)
    """,
    link=f"{_EC2}/configuring-IMDS-new-instances.html",
)
def metadata_needs_token(_stack: Resource, stack: Stack) -> Problems:
    """Where nothing is said, each instance or its image decides."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _METADATA, lambda setting: setting.text("httpTokens") == "required"):
        return None
    return "InstanceMetadataDefaults does not require tokens in every region of the stack"


@rule(
    name="account-vpcs-closed",
    title="No VPC of the account reaches the internet unless it is excluded",
    severity=Severity.MEDIUM,
    controls=("EC2.172",),
    types=(STACK_TYPE,),
    why="A network that somebody makes by hand would be open before anybody has looked at it.",
    fix="""
        aws.ec2.VpcBlockPublicAccessOptions("internet", internet_gateway_block_mode="block-bidirectional")
    """,
    link=f"{_HUB}/ec2-controls.html#ec2-172",
)
def vpcs_closed(_stack: Resource, stack: Stack) -> Problems:
    """AWS's control wants one of the modes that block; blocking the way in is enough for it."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(
        stack, _VPCS, lambda setting: setting.text("internetGatewayBlockMode").startswith("block-")
    ):
        return None
    return "VpcBlockPublicAccessOptions does not block in every region of the stack"
