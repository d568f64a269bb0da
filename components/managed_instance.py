"""What Systems Manager's agent on an instance may do: register, patch, and carry break-glass sessions.

No Pulumi here. AWS' own policy for the purpose, AmazonSSMManagedInstanceCore, also reads every
parameter of the account; this one does not.
"""

from collections.abc import Sequence

from components.context import Context
from components.iam import Statement, use_key


def session_log_group_name(context: Context) -> str:
    """Where the text of every session is kept."""
    return f"/{context.project}/{context.environment}/sessions"


def managed_instance(context: Context, session_key_alias: str) -> Sequence[Statement]:
    """Permissions of an instance that Systems Manager manages.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html

    Args:
        context: the environment.
        session_key_alias: the alias of the key that encrypts sessions on their way.
    """
    sessions = context.arn("logs", f"log-group:{session_log_group_name(context)}:*")
    return (
        # The agent speaks for its own instance, which it cannot name in advance; the channels know no
        # resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsessionmanagermessagegatewayservice.html
        Statement(
            sid="Register",
            actions=[
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
        ),
        Statement(
            sid="PatchAndReport",
            actions=[
                "ssm:DescribeAssociation",
                "ssm:DescribeDocument",
                "ssm:GetDeployablePatchSnapshotForInstance",
                "ssm:GetDocument",
                "ssm:GetManifest",
                "ssm:ListAssociations",
                "ssm:ListInstanceAssociations",
                "ssm:PutComplianceItems",
                "ssm:PutConfigurePackageResult",
                "ssm:PutInventory",
                "ssm:UpdateAssociationStatus",
                "ssm:UpdateInstanceAssociationStatus",
            ],
        ),
        Statement(
            sid="KeepSessions",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[sessions],
        ),
        # The agent looks for the group among all before it writes.
        Statement(
            sid="FindSessions",
            actions=["logs:DescribeLogGroups"],
            resources=[context.arn("logs", "log-group:*")],
        ),
        use_key(context, session_key_alias, "kms:Decrypt"),
    )
