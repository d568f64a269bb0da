"""The daily `pg_dump`: a CodeBuild job inside the VPC, since a function's 15 minutes are too few."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, s3, scheduler

from components import archives, ports
from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.bucket import BucketArgs, PrivateBucket
from components.context import Context
from components.database_job import DatabaseJob, DatabaseJobArgs, JobPlace, JobSource
from components.encryption import Key
from components.iam import Statement, only_for, policy_document, trust_document, use_key

_USER = "dump"
"""A PostgreSQL user that reads everything, writes nothing and logs in by IAM."""
_SOURCE = "dump_job"
_SOURCE_KEY = "dump_job.zip"
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
    place: JobPlace
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
        self.source = self._source()
        self._job = DatabaseJob(
            name,
            context,
            DatabaseJobArgs(
                description="Dumps the database to S3.",
                source=self.source,
                buildspec="dump.yml",
                variables=self._variables(),
                statements=self._statements(),
                place=args.place,
                key=args.key,
                logs_key=args.logs_key,
            ),
            opts=self.child(),
        )
        self.project_name = self._job.project_name
        self._schedule()
        self._watch()
        self.register_outputs({"project_name": self.project_name})

    def _source(self) -> JobSource:
        """The archive of the job's programs, in a bucket of its own."""
        name, context, args = self.pulumi_resource_name, self.context, self._args
        bucket = PrivateBucket(
            f"{name}-source",
            context,
            BucketArgs(
                bucket_name=context.bucket_name(f"{name}-source"),
                key=args.key,
                access_logs=args.access_logs,
            ),
            opts=self.child(),
        )
        code = s3.BucketObjectv2(
            f"{name}-code",
            bucket=bucket.bucket,
            key=_SOURCE_KEY,
            source=pulumi.FileArchive(archives.archive(_SOURCE)),
            opts=self.child(),
        )
        return JobSource(
            location=pulumi.Output.concat(code.bucket, "/", code.key),
            arn=f"{bucket.bucket_arn}/{_SOURCE_KEY}",
        )

    def _variables(self) -> dict[str, pulumi.Input[str]]:
        """Plain facts in libpq's own names. The job asks IAM for a login that lasts 15 minutes."""
        args = self._args
        return {
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

    def _statements(self) -> list[Statement]:
        context, args = self.context, self._args
        return [
            Statement(
                actions=["s3:PutObject", "s3:AbortMultipartUpload"],
                resources=[f"{args.store.bucket_arn}/*"],
            ),
            use_key(context, args.key.alias),
            # The instance's own identifier in this ARN is AWS' invention and changes with a restore.
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
            Statement(actions=["rds-db:connect"], resources=[context.arn("rds-db", f"dbuser:*/{_USER}")]),
        ]

    def _schedule(self) -> None:
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
            policy=policy_document(
                Statement(actions=["codebuild:StartBuild"], resources=[self._job.project_arn])
            ),
            opts=self.child(),
        )
        scheduler.Schedule(
            name,
            name=schedule_name,
            schedule_expression=f"cron(0 {self._args.hour} * * ? *)",
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(arn=self._job.project.arn, role_arn=role.arn),
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
