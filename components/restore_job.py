"""The restore of a dump: a CodeBuild job inside the VPC, so that data never leaves it. `syncup` starts it."""

from dataclasses import dataclass

import pulumi

from components import ports, secrets
from components.base import Component
from components.bucket import PrivateBucket
from components.context import Context
from components.database_job import DatabaseJob, DatabaseJobArgs, JobPlace, JobSource
from components.encryption import Key
from components.iam import Statement, secret_arn, use_key


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreJobArgs:
    """What is restored, where from, and where the job runs."""

    source: JobSource
    """The dump job's: one archive has both programs."""
    database_address: pulumi.Input[str]
    database_name: str
    database_major_version: str
    store: PrivateBucket
    """Where the dumps are."""
    place: JobPlace
    key: Key
    """Encrypts the dumps."""
    secrets_key: Key
    logs_key: Key


class RestoreJob(Component):
    """The job. Nothing starts it by itself, and nobody says in it which dump: whoever starts it does.

    Guarantees that it reads dumps and can neither add nor delete one, and that of all secrets it reads the
    master user's alone, who has to be logged in to make and to rename a database.
    """

    def __init__(
        self, name: str, context: Context, args: RestoreJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:backup:RestoreJob", name, context, opts)
        job = DatabaseJob(
            name,
            context,
            DatabaseJobArgs(
                description="Restores a dump into a database of its own, and replaces the active one by it.",
                source=args.source,
                buildspec="restore.yml",
                variables={
                    "DUMP_BUCKET": args.store.bucket_name,
                    "SECRETS_PREFIX": f"{context.project}/{context.environment}",
                    "PGHOST": args.database_address,
                    "PGPORT": str(ports.POSTGRESQL),
                    "PGDATABASE": args.database_name,
                    "PGSSLMODE": "verify-full",
                    # From the job's own archive.
                    "PGSSLROOTCERT": "rds-ca.pem",
                    "POSTGRESQL_MAJOR": args.database_major_version,
                },
                statements=[
                    Statement(actions=["s3:GetObject"], resources=[f"{args.store.bucket_arn}/backup_*"]),
                    Statement(
                        actions=["secretsmanager:GetSecretValue"],
                        resources=[secret_arn(context, context.secret_name(secrets.MASTER))],
                    ),
                    use_key(context, args.key.alias, "kms:Decrypt"),
                    use_key(context, args.secrets_key.alias, "kms:Decrypt"),
                ],
                place=args.place,
                key=args.key,
                logs_key=args.logs_key,
            ),
            opts=self.child(),
        )
        self.project_name = job.project_name
        self.register_outputs({"project_name": self.project_name})
