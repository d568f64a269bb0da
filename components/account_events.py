"""What happens in an account that somebody should look at: patterns over the audit trail.

The patterns are those of the CIS AWS Foundations Benchmark 3.0, section 4, whose checks compare them
nearly word for word. No Pulumi here.
"""

from dataclasses import dataclass

from components.alarms import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEvent:
    """Something in the audit trail, and how bad it is."""

    name: str
    control: str
    """The benchmark's number."""
    pattern: str
    """In the language of CloudWatch's metric filters, at most 1024 characters."""
    severity: Severity
    meaning: str
    """One sentence: what has happened."""
    per_five_minutes: int = 1
    """From how many on it is worth telling."""


def _calls(names: str, source: str | None = None) -> str:
    """The pattern of calls of any of these APIs, of one service where it is given."""
    any_of = " || ".join(f"($.eventName = {name})" for name in names.split())
    if source is None:
        return f"{{ {any_of} }}"
    return f"{{ ($.eventSource = {source}.amazonaws.com) && ({any_of}) }}"


ACCOUNT_EVENTS: tuple[AccountEvent, ...] = (
    AccountEvent(
        name="unauthorized-calls",
        control="4.1",
        pattern='{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
        severity=Severity.LOW,
        meaning="Many calls were refused: a permission is missing, or somebody tries doors.",
        per_five_minutes=20,
    ),
    AccountEvent(
        name="sign-in-without-mfa",
        control="4.2",
        pattern=(
            '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
            '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
        ),
        severity=Severity.HIGH,
        meaning="An IAM user signed in to the console without a second factor.",
    ),
    AccountEvent(
        name="root-used",
        control="4.3",
        pattern=(
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
            '&& $.eventType != "AwsServiceEvent" }'
        ),
        severity=Severity.HIGH,
        meaning="The account's root user did something.",
    ),
    AccountEvent(
        name="iam-policy-changed",
        control="4.4",
        pattern=_calls(
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy "
            "CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy "
            "DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy"
        ),
        severity=Severity.LOW,
        meaning="An IAM policy changed.",
    ),
    AccountEvent(
        name="trail-changed",
        control="4.5",
        pattern=_calls("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"),
        severity=Severity.HIGH,
        meaning="The audit trail itself changed.",
    ),
    AccountEvent(
        name="sign-in-failed",
        control="4.6",
        pattern='{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
        severity=Severity.MEDIUM,
        meaning="Signing in to the console failed again and again.",
        per_five_minutes=3,
    ),
    AccountEvent(
        name="key-disabled-or-to-be-deleted",
        control="4.7",
        pattern=_calls("DisableKey ScheduleKeyDeletion", "kms"),
        severity=Severity.CRITICAL,
        meaning="A KMS key was disabled or is going to be deleted: what it encrypts will be unreadable.",
    ),
    AccountEvent(
        name="bucket-policy-changed",
        control="4.8",
        pattern=_calls(
            "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication "
            "DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
            "s3",
        ),
        severity=Severity.LOW,
        meaning="Who may reach a bucket, or how long it keeps what it holds, changed.",
    ),
    AccountEvent(
        name="config-changed",
        control="4.9",
        pattern=_calls(
            "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
            "config",
        ),
        severity=Severity.MEDIUM,
        meaning="The recording of the account's configuration changed.",
    ),
    AccountEvent(
        name="security-group-changed",
        control="4.10",
        pattern=_calls(
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
            "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup"
        ),
        severity=Severity.LOW,
        meaning="A security group changed.",
    ),
    AccountEvent(
        name="network-acl-changed",
        control="4.11",
        pattern=_calls(
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry "
            "ReplaceNetworkAclEntry ReplaceNetworkAclAssociation"
        ),
        severity=Severity.LOW,
        meaning="A network ACL changed.",
    ),
    AccountEvent(
        name="gateway-changed",
        control="4.12",
        pattern=_calls(
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
            "DeleteInternetGateway DetachInternetGateway"
        ),
        severity=Severity.LOW,
        meaning="A gateway to other networks changed.",
    ),
    AccountEvent(
        name="route-changed",
        control="4.13",
        pattern=_calls(
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable "
            "DeleteRoute DisassociateRouteTable",
            "ec2",
        ),
        severity=Severity.LOW,
        meaning="A route changed.",
    ),
    AccountEvent(
        name="vpc-changed",
        control="4.14",
        pattern=_calls(
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
            "DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc "
            "DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink"
        ),
        severity=Severity.LOW,
        meaning="A VPC or a peering changed.",
    ),
    AccountEvent(
        name="organization-changed",
        control="4.15",
        pattern=_calls(
            "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy "
            "DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy "
            "DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization MoveAccount "
            "RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
            "organizations",
        ),
        severity=Severity.MEDIUM,
        meaning="The organisation changed.",
    ),
)
"""A deployment changes policies, groups and routes too: those tell, and wake nobody."""
