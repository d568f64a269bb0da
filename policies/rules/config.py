"""AWS Config: what the account's resources looked like at any time."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_RECORDER: Final = "aws:cfg/recorder:Recorder"
_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
_CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
_ROLES: Final = ("aws:iam/serviceLinkedRole:ServiceLinkedRole", "aws:iam/role:Role")
_SERVICE: Final = "config.amazonaws.com"

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html#config-1"


@rule(
    name="config-account-records",
    title="The account records the configuration of its resources in every region",
    severity=Severity.MEDIUM,
    controls=("Config.1", "CIS 3.3"),
    types=(STACK_TYPE,),
    why="Without a record nobody can say what was changed when, and Security Hub sees nothing.",
    fix="""
        recorder = aws.cfg.Recorder("recorder", role_arn=role.arn)
        channel = aws.cfg.DeliveryChannel("channel", s3_bucket_name=bucket.bucket)
        aws.cfg.RecorderStatus(
            "recorder",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(depends_on=[channel]),
        )
    """,
    link=_FSBP,
)
def account_records(_stack: Resource, stack: Stack) -> Problems:
    """A recorder records nothing before a status starts it, and needs a place to deliver to."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if not holds_everywhere(stack, _RECORDER, lambda _recorder: True):
        yield "it has no Recorder in every region of the stack"
    if not holds_everywhere(stack, _STATUS, _is_on):
        yield "it has no RecorderStatus that is enabled in every region of the stack"
    if not holds_everywhere(stack, _CHANNEL, lambda _channel: True):
        yield "it has no DeliveryChannel in every region of the stack"


def _is_on(status: Resource) -> bool:
    return status.flag("isEnabled", default=False)


@rule(
    name="config-account-records-global-types",
    title="One recorder of the account records users, roles and the other global resources",
    severity=Severity.MEDIUM,
    controls=("Config.1", "CIS 3.3"),
    types=(STACK_TYPE,),
    why="Who may do what is the part of the configuration that an intruder changes first.",
    fix="""
        aws.cfg.Recorder(
            "recorder",
            role_arn=role.arn,
            recording_group={"all_supported": True, "include_global_resource_types": True},
        )
    """,
    link=_FSBP,
)
def account_records_global_types(_stack: Resource, stack: Stack) -> Problems:
    """They are left out where nothing is said. One region is enough, as they are the same in all."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if any_holds(
        lambda recorder: recorder.flag("recordingGroup.includeGlobalResourceTypes", default=False),
        stack.all(_RECORDER),
    ):
        return None
    return "no Recorder includes global resource types"


@rule(
    name="config-recorder-all-types",
    title="Recorders record every type of resource",
    severity=Severity.MEDIUM,
    controls=("Config.1", "CIS 3.3"),
    types=(_RECORDER,),
    why="What is not recorded is where a change goes unseen.",
    fix="""
        aws.cfg.Recorder("recorder", role_arn=role.arn, recording_group={"all_supported": True})
    """,
    link=_FSBP,
)
def recorder_all_types(recorder: Resource) -> Problems:
    """It records every type, and those of tomorrow, where nothing is said."""
    if not recorder.flag("recordingGroup.allSupported", default=True):
        return "recording_group.all_supported is off"
    return None


@rule(
    name="config-recorder-started",
    title="Recorders are started",
    severity=Severity.MEDIUM,
    controls=("Config.1", "CIS 3.3"),
    types=(_STATUS,),
    why="A recorder that is stopped looks like one and records nothing.",
    fix="""
        aws.cfg.RecorderStatus("recorder", name=recorder.name, is_enabled=True)
    """,
    link=_FSBP,
)
def recorder_started(status: Resource) -> Problems:
    """The type requires the property."""
    return None if _is_on(status) else "is_enabled is off"


@rule(
    name="config-recorder-service-role",
    title="Recorders use the role that AWS keeps for them",
    severity=Severity.MEDIUM,
    controls=("Config.1",),
    types=(_RECORDER,),
    why="A role of one's own lacks the permissions for new types, and then they are not recorded.",
    fix="""
        role = aws.iam.ServiceLinkedRole("config", aws_service_name="config.amazonaws.com")
        aws.cfg.Recorder("recorder", role_arn=role.arn)
    """,
    link=_FSBP,
)
def recorder_service_role(recorder: Resource, stack: Stack) -> Problems:
    """By its declaration in the stack, or else by the role's path."""
    for role in stack.behind(recorder, "roleArn", _ROLES):
        if role.text("awsServiceName") == _SERVICE:
            return None
        return "role_arn is not the service-linked role of AWS Config"
    if f"/aws-service-role/{_SERVICE}/" in recorder.text("roleArn"):
        return None
    return "role_arn is not the service-linked role of AWS Config"


@rule(
    name="config-channel-encrypted-with-key",
    title="The recorded configuration is encrypted with a KMS key",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_CHANNEL,),
    why="The history is a map of the account: with a key of one's own, reading it takes a right on the key.",
    fix="""
        aws.cfg.DeliveryChannel("channel", s3_bucket_name=bucket.bucket, s3_kms_key_arn=key.arn)
    """,
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html",
)
def channel_encrypted_with_key(channel: Resource) -> Problems:
    """That there is a key is enough; without one, S3's own encrypts."""
    return None if channel.is_present("s3KmsKeyArn") else "it has no s3_kms_key_arn"
