"""Break-glass: a shell without SSH, for when the VPN or the bastion fails. Every session leaves its text."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, iam, ssm

from components.alarms import AlarmRoute, Severity
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, policy_document, use_key
from components.log_group import log_group
from components.managed_instance import session_log_group_name

_PREFERENCES = "SSM-SessionManagerRunShell"
"""The one name under which Session Manager looks for the region's preferences. Where somebody has saved
preferences by hand before, it exists: `pulumi import` it.
https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-default-session-document.html"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionManagerArgs:
    """How sessions are kept, and who hears of one."""

    key: Key
    """Encrypts sessions on their way and at rest."""
    log_retention_days: int
    alarms: AlarmRoute


class SessionManager(Component):
    """The region's session preferences, and the permission to open a session.

    Guarantees: a session is encrypted, ends when idle, its text is kept, and its start is told to the
    topic of the severity Medium.
    """

    def __init__(
        self,
        name: str,
        context: Context,
        args: SessionManagerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("syncup:access:SessionManager", name, context, opts)
        logs = log_group(
            self,
            "sessions",
            name=session_log_group_name(context),
            key=args.key,
            retention_days=args.log_retention_days,
        )
        ssm.Document(
            f"{name}-preferences",
            name=_PREFERENCES,
            document_type="Session",
            document_format="JSON",
            content=pulumi.Output.json_dumps(
                {
                    "schemaVersion": "1.0",
                    "description": f"How sessions run in {context.environment}",
                    "sessionType": "Standard_Stream",
                    "inputs": {
                        "kmsKeyId": args.key.arn,
                        "cloudWatchLogGroupName": logs.name,
                        "cloudWatchEncryptionEnabled": True,
                        "cloudWatchStreamingEnabled": True,
                        "s3BucketName": "",
                        "s3KeyPrefix": "",
                        "s3EncryptionEnabled": True,
                        "idleSessionTimeout": "20",
                        "maxSessionDuration": "120",
                        "runAsEnabled": False,
                        "runAsDefaultUser": "",
                    },
                }
            ),
            opts=self.child(),
        )
        self.policy_name = context.name("break-glass", limit=128)
        iam.Policy(
            f"{name}-break-glass",
            name=self.policy_name,
            description="Opens Session Manager sessions on the environment's instances, in an emergency.",
            policy=policy_document(*_break_glass(context, args.key.alias)),
            opts=self.child(),
        )
        self._tell(args.alarms)
        self.register_outputs({"policy_name": self.policy_name})

    def _tell(self, alarms: AlarmRoute) -> None:
        """Nobody opens a session unnoticed."""
        name = self.pulumi_resource_name
        rule = cloudwatch.EventRule(
            f"{name}-started",
            description=f"A session was opened. Runbook: {alarms.runbook('session-opened')}",
            event_pattern=json.dumps(
                {
                    "source": ["aws.ssm"],
                    "detail-type": ["AWS API Call via CloudTrail"],
                    "detail": {"eventSource": ["ssm.amazonaws.com"], "eventName": ["StartSession"]},
                }
            ),
            opts=self.child(),
        )
        cloudwatch.EventTarget(
            f"{name}-started",
            rule=rule.name,
            arn=alarms.topics.topic(Severity.MEDIUM),
            opts=self.child(),
        )


def _break_glass(context: Context, key_alias: str) -> list[Statement]:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html."""
    own_sessions = context.arn("ssm", "session/${aws:userid}-*")
    return [
        Statement(
            actions=["ssm:StartSession"],
            resources=[context.arn("ec2", "instance/*")],
            conditions={"StringEquals": {"ssm:resourceTag/Environment": context.environment}},
        ),
        Statement(actions=["ssm:StartSession"], resources=[context.arn("ssm", f"document/{_PREFERENCES}")]),
        Statement(
            actions=["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
            resources=[own_sessions],
        ),
        use_key(context, key_alias, "kms:GenerateDataKey"),
        # Descriptions take no resource:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Statement(actions=["ec2:DescribeInstances", "ssm:DescribeInstanceInformation"]),
    ]
