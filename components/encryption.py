"""The customer-managed keys: one a purpose, so that access to one kind of data opens no other."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import kms

from components.base import Component
from components.context import Context
from components.iam import Statement, policy_document

_USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey")


@dataclass(frozen=True)
class Key:
    """A key and its alias. Policies name the alias, which is known before the key exists."""

    arn: pulumi.Output[str]
    alias: str


class Encryption(Component):
    """Every key of the environment, each rotated yearly and with an alias.

    Guarantees complete key policies in a first preview: the account administers, and each AWS
    service that must use a key by itself may do so for this account's resources alone.
    """

    def __init__(self, name: str, context: Context, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("syncup:security:Encryption", name, context, opts)
        home, recovery, world = context.region, context.recovery_region, context.global_region
        self.data = self._key("data", "the database, the cache, volumes and content", home, _data(context))
        self.logs = self._key("logs", "logs, notices and queues", home, _logs(context, home))
        self.secrets = self._key("secrets", "secrets", home)
        self.backups = self._key("backups", "backups", home)
        self.recovery_data = self._key("recovery-data", "replicated database backups", recovery)
        self.recovery_secrets = self._key("recovery-secrets", "replicated secrets", recovery)
        self.recovery_backups = self._key("recovery-backups", "copies of backups", recovery)
        self.recovery_logs = self._key(
            "recovery-logs", "notices of the recovery region", recovery, _logs(context, recovery)
        )
        self.global_logs = self._key(
            "global-logs", "logs and notices of the edge", world, _logs(context, world)
        )
        self.register_outputs({})

    def _key(self, purpose: str, description: str, region: str, services: Sequence[Statement] = ()) -> Key:
        context = self.context
        name = context.name(purpose)
        key = kms.Key(
            f"{self.pulumi_resource_name}-{purpose}",
            description=f"{name}: {description}",
            deletion_window_in_days=30,
            enable_key_rotation=True,
            policy=policy_document(_administration(context), *services),
            region=region,
            opts=self.child(),
        )
        alias = kms.Alias(
            f"{self.pulumi_resource_name}-{purpose}-alias",
            name=f"alias/{name}",
            target_key_id=key.key_id,
            region=region,
            opts=self.child(),
        )
        # Whoever uses the key waits for the alias too: policies are written in terms of it.
        arn = pulumi.Output.all(key.arn, alias.id).apply(lambda pair: str(pair[0]))
        return Key(arn=arn, alias=f"alias/{name}")


def _administration(context: Context) -> Statement:
    """The account itself: without it IAM policies could not grant use, and nobody could mend the key.

    In a key policy `kms:*` on `*` means this key alone:
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return Statement(
        sid="AccountAdministers",
        actions=["kms:*"],
        principals={"AWS": [context.global_arn("iam", "root")]},
    )


def _data(context: Context) -> Sequence[Statement]:
    """Auto Scaling starts instances with encrypted volumes; CloudFront reads the static content.

    The principal of the first is a service-linked role that AWS makes with the first group. A policy
    that names a role which does not exist yet is refused, a condition on its ARN is not.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    """
    scaling = context.global_arn(
        "iam", "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    by_scaling = {"kms:CallerAccount": context.account_id, "aws:PrincipalArn": scaling}
    return (
        Statement(
            sid="AutoScalingUses",
            actions=_USE,
            principals={"AWS": ["*"]},
            conditions={"StringEquals": by_scaling},
        ),
        Statement(
            sid="AutoScalingGrantsToVolumes",
            actions=["kms:CreateGrant"],
            principals={"AWS": ["*"]},
            conditions={"StringEquals": by_scaling, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        Statement(
            sid="CloudFrontReads",
            actions=["kms:Decrypt"],
            principals={"Service": ["cloudfront.amazonaws.com"]},
            conditions={
                "StringEquals": {"aws:SourceAccount": context.account_id},
                "ArnLike": {"aws:SourceArn": context.global_arn("cloudfront", "distribution/*")},
            },
        ),
    )


def _logs(context: Context, region: str) -> Sequence[Statement]:
    """What writes logs and notices: CloudWatch Logs, log delivery, the audit services, and through SNS.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    account = {"aws:SourceAccount": context.account_id}
    log_groups = context.arn("logs", "log-group:*", region=region)
    trails = context.arn("cloudtrail", "trail/*", region="*")
    topics = context.arn("sns", "*", region=region)
    return (
        Statement(
            sid="LogGroups",
            actions=_USE,
            principals={"Service": [f"logs.{region}.amazonaws.com"]},
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        ),
        Statement(
            sid="LogDelivery",
            actions=("kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"),
            principals={"Service": ["delivery.logs.amazonaws.com", "config.amazonaws.com"]},
            conditions={"StringEquals": account},
        ),
        Statement(
            sid="AuditTrail",
            actions=("kms:GenerateDataKey*", "kms:DescribeKey"),
            principals={"Service": ["cloudtrail.amazonaws.com"]},
            conditions={
                "StringEquals": account,
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails},
            },
        ),
        # SNS binds every use to the topic, which is a condition that all publishers meet;
        # `aws:SourceAccount` is not passed on by all of them.
        Statement(
            sid="NoticesThroughTopics",
            actions=("kms:Decrypt", "kms:GenerateDataKey*"),
            principals={
                "Service": [
                    "backup.amazonaws.com",
                    "cloudwatch.amazonaws.com",
                    "events.amazonaws.com",
                    "events.rds.amazonaws.com",
                ]
            },
            conditions={"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
        ),
    )
