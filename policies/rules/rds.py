"""Databases: RDS instances and Aurora clusters."""

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_INSTANCE = "aws:rds/instance:Instance"
_FSBP = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"


@rule(
    name="rds-instance-storage-encrypted",
    title="RDS instances are encrypted at rest",
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    controls=("RDS.3", "CIS 2.3.1"),
    types=(_INSTANCE,),
    why="Whoever gets at the storage, a snapshot or a backup reads everything in the database.",
    fix="""
        aws.rds.Instance("database", storage_encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#rds-3",
)
def instance_storage_encrypted(instance: Resource) -> Problems:
    """A replica in the same region takes its source's encryption."""
    if instance.is_present("replicateSourceDb"):
        return OUT_OF_SCOPE
    return None if instance.flag("storageEncrypted", default=False) else "storage_encrypted is not on"


@rule(
    name="rds-instance-not-public",
    title="RDS instances cannot be reached from the internet",
    severity=Severity.CRITICAL,
    controls=("RDS.2", "CIS 2.3.3"),
    types=(_INSTANCE,),
    why="A database with a public address is tried by everyone who has a list of leaked passwords.",
    fix="""
        aws.rds.Instance("database", publicly_accessible=False)
    """,
    link=f"{_FSBP}#rds-2",
)
def instance_not_public(instance: Resource) -> Problems:
    """The provider's default is not public."""
    return "publicly_accessible is on" if instance.flag("publiclyAccessible", default=False) else None


@rule(
    name="rds-instance-backup-retention",
    title="RDS instances keep automatic backups long enough",
    severity=Severity.MEDIUM,
    controls=("RDS.11",),
    types=(_INSTANCE,),
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.rds.Instance("database", backup_retention_period=30)
    """,
    link=f"{_FSBP}#rds-11",
)
def instance_backup_retention(instance: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is no backups at all. A replica is backed up by its source."""
    if instance.is_present("replicateSourceDb"):
        return OUT_OF_SCOPE
    if instance.number("backupRetentionPeriod", default=0) < minimum_backup_retention_days:
        return f"backup_retention_period is below {minimum_backup_retention_days} days"
    return None


@rule(
    name="rds-instance-postgres-tls",
    title="RDS for PostgreSQL refuses connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RDS.38",),
    types=(_INSTANCE,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        parameters = aws.rds.ParameterGroup(
            "parameters",
            family="postgres17",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
        )
        aws.rds.Instance("database", parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#rds-38",
)
def instance_postgres_tls(instance: Resource, stack: Stack) -> Problems:
    """The default group of version 15 and later forces TLS; one that says otherwise is in this stack."""
    if not instance.text("engine").startswith("postgres"):
        return OUT_OF_SCOPE
    groups = stack.behind(instance, "parameterGroupName", "aws:rds/parameterGroup:ParameterGroup")
    if any_holds(_turns_tls_off, groups):
        return "its parameter group sets rds.force_ssl to 0"
    return None


def _turns_tls_off(group: Resource) -> bool:
    return any_holds(
        lambda parameter: parameter.text("name") == "rds.force_ssl" and parameter.text("value") == "0",
        group.objects("parameters"),
    )
