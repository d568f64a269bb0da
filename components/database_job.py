"""A CodeBuild job inside the VPC that works on the database: what dumping and restoring have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import codebuild, iam

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, trust_document
from components.log_group import log_group

_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
"""Amazon Linux 2023: its packages come from S3, which the job reaches without the internet."""
_TIMEOUT_MINUTES = 4 * 60
_QUEUED_MINUTES = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSource:
    """The archive with a job's programs, in S3."""

    location: pulumi.Input[str]
    """`bucket/key`."""
    arn: str
    """The object's, known in advance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobPlace:
    """Where jobs run."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseJobArgs:
    """What the job does, with what, and what it may."""

    description: str
    source: JobSource
    buildspec: str
    """The file in the archive that says what runs."""
    variables: Mapping[str, pulumi.Input[str]]
    """Of its environment. Everybody who may look at the project sees them."""
    statements: Sequence[Statement]
    """What it may do beside running: its own log, its source and its place in the VPC are given."""
    place: JobPlace
    key: Key
    """Encrypts what CodeBuild keeps of it."""
    logs_key: Key


class DatabaseJob(Component):
    """The project, its role and its log.

    Guarantees that one build runs at a time, inside the VPC and with an end, and that the role can be
    assumed by this project alone.
    """

    def __init__(
        self, name: str, context: Context, args: DatabaseJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:DatabaseJob", name, context, opts)
        self._args = args
        self.project_name = context.name(name)
        self.project_arn = context.arn("codebuild", f"project/{self.project_name}")
        self._log_group_name = f"/aws/codebuild/{self.project_name}"
        self.project = self._project()
        self.register_outputs({"project_name": self.project_name})

    def _project(self) -> codebuild.Project:
        name, args = self.pulumi_resource_name, self._args
        logs = log_group(self, "logs", name=self._log_group_name, key=args.logs_key)
        role, permissions = self._role()
        return codebuild.Project(
            f"{name}-project",
            name=self.project_name,
            description=args.description,
            service_role=role.arn,
            source=codebuild.ProjectSourceArgs(
                type="S3", location=args.source.location, buildspec=args.buildspec
            ),
            artifacts=codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
            environment=codebuild.ProjectEnvironmentArgs(
                type="ARM_CONTAINER",
                compute_type="BUILD_GENERAL1_SMALL",
                image=_IMAGE,
                environment_variables=[
                    codebuild.ProjectEnvironmentEnvironmentVariableArgs(
                        name=variable, value=value, type="PLAINTEXT"
                    )
                    for variable, value in args.variables.items()
                ],
            ),
            vpc_config=codebuild.ProjectVpcConfigArgs(
                vpc_id=args.place.vpc_id,
                subnets=list(args.place.subnet_ids),
                security_group_ids=[args.place.security_group_id],
            ),
            logs_config=codebuild.ProjectLogsConfigArgs(
                cloudwatch_logs=codebuild.ProjectLogsConfigCloudwatchLogsArgs(
                    status="ENABLED", group_name=logs.name
                )
            ),
            encryption_key=args.key.arn,
            build_timeout=_TIMEOUT_MINUTES,
            queued_timeout=_QUEUED_MINUTES,
            concurrent_build_limit=1,
            # CodeBuild tries the role's rights in the VPC when the project is made.
            opts=self.child(depends_on=[permissions]),
        )

    def _role(self) -> tuple[iam.Role, iam.RolePolicy]:
        name, context, args = self.pulumi_resource_name, self.context, self._args
        role = iam.Role(
            f"{name}-role",
            name=_role_name(name, context),
            description=args.description,
            assume_role_policy=trust_document(
                "codebuild.amazonaws.com", conditions=only_for(context, self.project_arn)
            ),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(
                Statement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[context.arn("logs", f"log-group:{self._log_group_name}:*")],
                ),
                Statement(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=[args.source.arn]),
                *args.statements,
                *_network_interfaces(context),
            ),
            opts=self.child(),
        )
        return role, permissions


def job_role_arn(name: str, context: Context) -> str:
    """The ARN of a job's role, for the policies of what it reads."""
    return context.global_arn("iam", f"role/{_role_name(name, context)}")


def _role_name(name: str, context: Context) -> str:
    return context.name(name, limit=64)


def _network_interfaces(context: Context) -> list[Statement]:
    """What CodeBuild does with the job's role to put it into the VPC.

    https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
    """
    interfaces, subnets, groups = (
        context.arn("ec2", f"{kind}/*") for kind in ("network-interface", "subnet", "security-group")
    )
    return [
        Statement(actions=["ec2:CreateNetworkInterface"], resources=[interfaces, subnets, groups]),
        Statement(actions=["ec2:DeleteNetworkInterface"], resources=[interfaces]),
        Statement(
            actions=["ec2:CreateNetworkInterfacePermission"],
            resources=[interfaces],
            conditions={"StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"}},
        ),
        # EC2's descriptions take no resource:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Statement(
            actions=[
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            resources=["*"],
        ),
    ]
