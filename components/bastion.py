"""The one host from which people reach the database."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, iam

from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, policy_document, trust_document
from components.managed_instance import managed_instance

_LOGIN = "ec2-user"
"""The image's own user: https://docs.aws.amazon.com/linux/al2023/ug/connecting-to-instances.html"""

TUNNEL_DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
"""What a session may do that `syncup` opens for a way to the database."""

_USER_DATA = """#cloud-config
packages:
  - postgresql17
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class BastionArgs:
    """What the bastion is and where it stands."""

    subnet_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    instance_type: str
    image_id: str
    """An Amazon Linux 2023 image of the region and of the type's architecture."""
    volume_key: Key
    session_key: Key
    database_users: Sequence[str]
    """The database's users that people become there; they log in by IAM, without a password."""
    alarms: AlarmRoute


class Bastion(Component):
    """A host without public address and without lasting SSH keys.

    Guarantees: whoever signs in brings a key that EC2 Instance Connect has put there for a minute, by
    the permission of a policy that people's roles are given; the host itself may log in to the database
    as the stated users and otherwise only be managed.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-connect-methods.html
    """

    def __init__(
        self, name: str, context: Context, args: BastionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:access:Bastion", name, context, opts)
        self.purpose = {"Purpose": context.name(name)}
        """The tags by which people's permission and the patches find it."""
        instance = ec2.Instance(
            f"{name}-host",
            ami=args.image_id,
            instance_type=args.instance_type,
            subnet_id=args.subnet_id,
            vpc_security_group_ids=[args.security_group_id],
            associate_public_ip_address=False,
            iam_instance_profile=self._profile(args).name,
            user_data=_USER_DATA,
            user_data_replace_on_change=True,
            metadata_options=ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=ec2.InstanceRootBlockDeviceArgs(
                volume_type="gp3", encrypted=True, kms_key_id=args.volume_key.arn
            ),
            maintenance_options=ec2.InstanceMaintenanceOptionsArgs(auto_recovery="default"),
            monitoring=True,
            ebs_optimized=True,
            tags=self.purpose,
            opts=self.child(),
        )
        self.instance_id = instance.id
        self.private_ip = instance.private_ip
        self.policy_name = context.name("bastion-login", limit=128)
        iam.Policy(
            f"{name}-login",
            name=self.policy_name,
            description="Signs in to the bastion by SSH, through the VPN.",
            policy=policy_document(*self._login(), *self._tunnel(args.database_users)),
            opts=self.child(),
        )
        metric_alarm(
            self,
            "status",
            route=args.alarms,
            severity=Severity.MEDIUM,
            runbook="bastion-unreachable",
            description="The bastion fails its status checks: nobody reaches the database by hand.",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=5,
            missing_data="breaching",
            metric=Metric(
                namespace="AWS/EC2",
                name="StatusCheckFailed",
                statistic="Maximum",
                dimensions={"InstanceId": self.instance_id},
            ),
        )
        self.register_outputs({"instance_id": self.instance_id, "private_ip": self.private_ip})

    def _profile(self, args: BastionArgs) -> iam.InstanceProfile:
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="The bastion's own permissions.",
            # EC2 sends no source account or ARN when it assumes an instance's role; the instance that
            # gets it is chosen by whoever may pass the role.
            assume_role_policy=trust_document("ec2.amazonaws.com"),
            opts=self.child(),
        )
        # A restored database has another resource identifier, and the permission has to survive a
        # restore; users of this name exist in this environment's databases alone.
        users = self._users(args.database_users)
        iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(
                *managed_instance(context, args.session_key.alias),
                Statement(sid="LogInToTheDatabase", actions=["rds-db:connect"], resources=users),
            ),
            opts=self.child(),
        )
        return iam.InstanceProfile(
            f"{name}-profile", name=context.name(name, limit=64), role=role.name, opts=self.child()
        )

    def _login(self) -> list[Statement]:
        """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-connect-configure-IAM-role.html."""
        tags = {f"aws:ResourceTag/{key}": value for key, value in self.purpose.items()}
        return [
            Statement(
                actions=["ec2-instance-connect:SendSSHPublicKey"],
                resources=[self.context.arn("ec2", "instance/*")],
                conditions={"StringEquals": {"ec2:osuser": _LOGIN, **tags}},
            ),
            # Finding the host: descriptions take no resource.
            Statement(actions=["ec2:DescribeInstances"]),
        ]

    def _tunnel(self, database_users: Sequence[str]) -> list[Statement]:
        """A port of the person's computer that leads to the database, and no shell.

        https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
        """
        context = self.context
        document = f"arn:{context.partition}:ssm:{context.region}::document/{TUNNEL_DOCUMENT}"
        return [
            Statement(
                actions=["ssm:StartSession"],
                resources=[context.arn("ec2", "instance/*")],
                conditions={
                    "StringEquals": {f"ssm:resourceTag/{key}": value for key, value in self.purpose.items()},
                    # Without it, who names no document gets a shell.
                    "BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"},
                },
            ),
            Statement(actions=["ssm:StartSession"], resources=[document]),
            Statement(
                actions=["ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
                resources=[context.arn("ssm", "session/${aws:userid}-*")],
            ),
            Statement(actions=["rds-db:connect"], resources=self._users(database_users)),
        ]

    def _users(self, names: Sequence[str]) -> list[str]:
        return [self.context.arn("rds-db", f"dbuser:*/{name}") for name in names]
