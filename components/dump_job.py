"""The daily `pg_dump`: a CodeBuild job inside the VPC, since a function's 15 minutes are too few."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import codebuild, iam, s3, scheduler

from components import archives, ports
from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, trust_document, use_key
from components.log_group import log_group

_USER = "dump"
"""A PostgreSQL user that reads everything, writes nothing and logs in by IAM."""
_SOURCE = "dump_job"
_SOURCE_KEY = "dump_job.zip"
_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
"""Amazon Linux 2023: its packages come from S3, which the job reaches without the internet."""
_TIMEOUT_MINUTES = 4 * 60
_QUEUED_MINUTES = 60
_SILENCE_HOURS = 26
"""A day, and two hours for a dump that takes longer than yesterday's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DumpJobArgs:
    """What is dumped, where to, and where the job runs."""

    hour: int
    """Of every day, UTC."""
    database_address: pulumi.Input[str]
    database_name: str
    database_major_version: str
    """Whose client programs the job installs: they dump servers of their own version and older ones."""
    store: PrivateBucket
    """Where the dumps go."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    key: Key
    """Encrypts dumps and the job's source."""
    logs_key: Key
    access_logs: PrivateBucket
    alarms: AlarmRoute


class DumpJob(Component):
    """The job, its schedule and its alarms.

    Guarantees that at most one dump runs, that the job can add dumps but neither read nor delete them,
    that it holds no password, and that a failure rings as well as a day without a dump.
    """

    def __init__(
        self, name: str, context: Context, args: DumpJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:DumpJob", name, context, opts)
        self._args = args
        self.project_name = context.name(name)
        self.project_arn = context.arn("codebuild", f"project/{self.project_name}")
        self._log_group_name = f"/aws/codebuild/{self.project_name}"
        source = PrivateBucket(
            f"{name}-source",
            context,
            BucketArgs(
                bucket_name=context.bucket_name(f"{name}-source"),
                key=args.key,
                access_logs=args.access_logs,
            ),
            opts=self.child(),
        )
        project = self._project(source)
        self._schedule(project)
        self._watch()
        self.register_outputs({"project_name": self.project_name})

    def _project(self, source: PrivateBucket) -> codebuild.Project:
        name, args = self.pulumi_resource_name, self._args
        code = s3.BucketObjectv2(
            f"{name}-code",
            bucket=source.bucket,
            key=_SOURCE_KEY,
            source=pulumi.FileArchive(archives.archive(_SOURCE)),
            opts=self.child(),
        )
        logs = log_group(self, "logs", name=self._log_group_name, key=args.logs_key)
        role, permissions = self._role(source)
        return codebuild.Project(
            f"{name}-project",
            name=self.project_name,
            description="Dumps the database to S3.",
            service_role=role.arn,
            source=codebuild.ProjectSourceArgs(
                type="S3", location=pulumi.Output.concat(code.bucket, "/", code.key)
            ),
            artifacts=codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
            environment=codebuild.ProjectEnvironmentArgs(
                type="ARM_CONTAINER",
                compute_type="BUILD_GENERAL1_SMALL",
                image=_IMAGE,
                environment_variables=self._variables(),
            ),
            vpc_config=codebuild.ProjectVpcConfigArgs(
                vpc_id=args.vpc_id,
                subnets=list(args.subnet_ids),
                security_group_ids=[args.security_group_id],
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

    def _variables(self) -> list[codebuild.ProjectEnvironmentEnvironmentVariableArgs]:
        """Plain facts in libpq's own names. The job asks IAM for a login that lasts 15 minutes."""
        args = self._args
        variables: dict[str, pulumi.Input[str]] = {
            "DUMP_BUCKET": args.store.bucket_name,
            "PGHOST": args.database_address,
            "PGPORT": str(ports.POSTGRESQL),
            "PGDATABASE": args.database_name,
            "PGUSER": _USER,
            "PGSSLMODE": "verify-full",
            # From the job's own archive.
            "PGSSLROOTCERT": "rds-ca.pem",
            "POSTGRESQL_MAJOR": args.database_major_version,
        }
        return [
            codebuild.ProjectEnvironmentEnvironmentVariableArgs(name=name, value=value, type="PLAINTEXT")
            for name, value in variables.items()
        ]

    def _role(self, source: PrivateBucket) -> tuple[iam.Role, iam.RolePolicy]:
        name, context = self.pulumi_resource_name, self.context
        role = iam.Role(
            f"{name}-role",
            name=context.name(name, limit=64),
            description="Dumps the database to S3.",
            assume_role_policy=trust_document(
                "codebuild.amazonaws.com", conditions=only_for(context, self.project_arn)
            ),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(*self._statements(source), *_network_interfaces(context)),
            opts=self.child(),
        )
        return role, permissions

    def _statements(self, source: PrivateBucket) -> list[Statement]:
        context, args = self.context, self._args
        return [
            Statement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[context.arn("logs", f"log-group:{self._log_group_name}:*")],
            ),
            Statement(
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[f"{source.bucket_arn}/{_SOURCE_KEY}"],
            ),
            Statement(
                actions=["s3:PutObject", "s3:AbortMultipartUpload"],
                resources=[f"{args.store.bucket_arn}/*"],
            ),
            use_key(context, args.key.alias),
            # The instance's own identifier in this ARN is AWS' invention and changes with a restore.
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
            Statement(actions=["rds-db:connect"], resources=[context.arn("rds-db", f"dbuser:*/{_USER}")]),
        ]

    def _schedule(self, project: codebuild.Project) -> None:
        name, context = f"{self.pulumi_resource_name}-daily", self.context
        schedule_name = context.name(name, limit=64)
        role = iam.Role(
            f"{name}-role",
            name=schedule_name,
            description="Starts the daily dump.",
            # The group, not the schedule: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
            assume_role_policy=trust_document(
                "scheduler.amazonaws.com",
                conditions=only_for(context, context.arn("scheduler", "schedule-group/default")),
            ),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(Statement(actions=["codebuild:StartBuild"], resources=[self.project_arn])),
            opts=self.child(),
        )
        scheduler.Schedule(
            name,
            name=schedule_name,
            schedule_expression=f"cron(0 {self._args.hour} * * ? *)",
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(arn=project.arn, role_arn=role.arn),
            opts=self.child(depends_on=[permissions]),
        )

    def _watch(self) -> None:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/cloudwatch_metrics-codebuild.html."""
        metric_alarm(
            self,
            "failed",
            route=self._args.alarms,
            severity=Severity.HIGH,
            runbook="dump-failed",
            description="A dump of the database failed.",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            missing_data="notBreaching",
            metric=self._metric("FailedBuilds"),
        )
        metric_alarm(
            self,
            "missing",
            route=self._args.alarms,
            severity=Severity.HIGH,
            runbook="dump-failed",
            description=f"No dump of the database has succeeded for {_SILENCE_HOURS} hours.",
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=3600,
            evaluation_periods=_SILENCE_HOURS,
            missing_data="breaching",
            metric=self._metric("SucceededBuilds"),
        )

    def _metric(self, name: str) -> Metric:
        return Metric(
            namespace="AWS/CodeBuild",
            name=name,
            statistic="Sum",
            dimensions={"ProjectName": self.project_name},
        )


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
