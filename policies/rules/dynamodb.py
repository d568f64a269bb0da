"""Tables: DynamoDB, its replicas in other regions, and the accelerator in front of it."""

from typing import Final

from policies.rule import Level, Problems, Severity, rule
from policies.selections import is_selected
from policies.stack import Stack
from policies.stores import outside_window
from policies.view import Resource, View, any_holds, each

_TABLE: Final = "aws:dynamodb/table:Table"
_REPLICA: Final = "aws:dynamodb/tableReplica:TableReplica"
_ACCELERATOR: Final = "aws:dax/cluster:Cluster"
_SCALABLE: Final = "aws:appautoscaling/target:Target"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


@rule(
    name="dynamodb-table-scales",
    title="Tables scale with what is asked of them",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.1",),
    types=(_TABLE,),
    why="A table at its limit turns requests away, whoever makes them.",
    fix="""
        aws.dynamodb.Table("orders", billing_mode="PAY_PER_REQUEST")
    """,
    link=f"{_FSBP}#dynamodb-1",
)
def table_scales(table: Resource, stack: Stack) -> Problems:
    """The provider's default is a fixed capacity, unless Application Auto Scaling changes it."""
    if table.text("billingMode", default="PROVISIONED") == "PAY_PER_REQUEST":
        return None
    if any_holds(lambda target: _is_of(target, table, stack), stack.all(_SCALABLE)):
        return None
    return "billing_mode is not PAY_PER_REQUEST, and it has no Target of Application Auto Scaling"


def _is_of(target: Resource, table: Resource, stack: Stack) -> bool:
    """Whether a target, `table/orders`, is about a table; an unknown one, by where it comes from."""
    found = stack.refers(target, "resourceId", table)
    return bool(found) or target.text("resourceId") == f"table/{table.text('name')}"


@rule(
    name="dynamodb-table-point-in-time-recovery",
    title="Tables can be restored to any moment",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.2",),
    types=(_TABLE,),
    why="Without it, what a faulty release overwrote is gone.",
    fix="""
        aws.dynamodb.Table("orders", point_in_time_recovery={"enabled": True})
    """,
    link=f"{_FSBP}#dynamodb-2",
)
def table_point_in_time_recovery(table: Resource) -> Problems:
    """Off by default."""
    if table.flag("pointInTimeRecovery.enabled", default=False):
        return None
    return "point_in_time_recovery.enabled is not on"


@rule(
    name="dynamodb-replica-point-in-time-recovery",
    title="Replicas of tables can be restored to any moment",
    severity=Severity.MEDIUM,
    types=(_TABLE, _REPLICA),
    why="After the loss of a region, a replica is the table.",
    fix="""
        aws.dynamodb.TableReplica("orders", global_table_arn=table.arn, point_in_time_recovery=True)
    """,
    link=f"{_GUIDE}/globaltables-bestpractices.html",
)
def replica_point_in_time_recovery(table: Resource) -> Problems:
    """Off by default, whatever the table says."""
    if table.type == _REPLICA:
        return _unrecoverable(table)
    return each(_unrecoverable, table.objects("replicas"))


def _unrecoverable(replica: View) -> str | None:
    on = replica.flag("pointInTimeRecovery", default=False)
    return None if on else f"{_of_replicas(replica)}point_in_time_recovery is not on"


def _of_replicas(replica: View) -> str:
    return "" if isinstance(replica, Resource) else "replicas: "


@rule(
    name="dynamodb-table-recovery-period",
    title="Tables can be restored to a moment long enough ago",
    severity=Severity.MEDIUM,
    types=(_TABLE,),
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.dynamodb.Table(
            "orders", point_in_time_recovery={"enabled": True, "recovery_period_in_days": 35}
        )
    """,
    link=f"{_GUIDE}/PointInTimeRecovery_Howitworks.html",
)
def table_recovery_period(table: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """35 days by default, which are also the most."""
    wanted = min(minimum_backup_retention_days, _LONGEST_DAYS)
    if table.number("pointInTimeRecovery.recoveryPeriodInDays", default=_LONGEST_DAYS) < wanted:
        return f"point_in_time_recovery.recovery_period_in_days is below {wanted} days"
    return None


_LONGEST_DAYS: Final = 35


@rule(
    name="dynamodb-table-in-backup-plan",
    title="A backup plan covers tables",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.4",),
    types=(_TABLE,),
    why="Backups in a vault outlive the table, and whoever may delete it cannot delete them.",
    fix="""
        aws.backup.Selection("tables", plan_id=plan.id, iam_role_arn=role.arn, resources=[table.arn])
    """,
    link=f"{_FSBP}#dynamodb-4",
)
def table_in_backup_plan(table: Resource, stack: Stack) -> Problems:
    """Nothing is selected by default."""
    return None if is_selected(table, stack) else "no backup plan of the stack selects it"


@rule(
    name="dynamodb-table-deletion-protection",
    title="Tables are protected from deletion",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.6",),
    types=(_TABLE,),
    why="One careless click or change of a program would delete the table.",
    fix="""
        aws.dynamodb.Table("orders", deletion_protection_enabled=True)
    """,
    link=f"{_FSBP}#dynamodb-6",
)
def table_deletion_protection(table: Resource) -> Problems:
    """Off by default."""
    if table.flag("deletionProtectionEnabled", default=False):
        return None
    return "deletion_protection_enabled is not on"


@rule(
    name="dynamodb-table-encrypted-with-own-key",
    title="Tables are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_TABLE,),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.dynamodb.Table(
            "orders", server_side_encryption={"enabled": True, "kms_key_arn": key.arn}
        )
    """,
    link=f"{_GUIDE}/encryption.howitworks.html",
)
def table_encrypted_with_own_key(table: Resource) -> Problems:
    """By default AWS takes a key of its own that nobody sees."""
    if table.flag("serverSideEncryption.enabled", default=False):
        if table.is_present("serverSideEncryption.kmsKeyArn"):
            return None
        return "server_side_encryption has no kms_key_arn"
    return "server_side_encryption.enabled is not on"


@rule(
    name="dynamodb-accelerator-encrypted-at-rest",
    title="Accelerators of tables are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.3",),
    types=(_ACCELERATOR,),
    why="What a table encrypts would lie in the cache in front of it in plain text.",
    fix="""
        aws.dax.Cluster("cache", server_side_encryption={"enabled": True})
    """,
    link=f"{_FSBP}#dynamodb-3",
)
def accelerator_encrypted_at_rest(cluster: Resource) -> Problems:
    """Off by default."""
    if cluster.flag("serverSideEncryption.enabled", default=False):
        return None
    return "server_side_encryption.enabled is not on"


@rule(
    name="dynamodb-accelerator-encrypted-in-transit",
    title="Accelerators of tables refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("DynamoDB.7",),
    types=(_ACCELERATOR,),
    why="Without TLS, data crosses the network readable.",
    fix="""
        aws.dax.Cluster("cache", cluster_endpoint_encryption_type="TLS")
    """,
    link=f"{_FSBP}#dynamodb-7",
)
def accelerator_encrypted_in_transit(cluster: Resource) -> Problems:
    """Off by default."""
    if cluster.text("clusterEndpointEncryptionType", default="NONE").upper() == "TLS":
        return None
    return "cluster_endpoint_encryption_type is not TLS"


@rule(
    name="dynamodb-accelerator-maintenance-window",
    title="Accelerators of tables are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_ACCELERATOR,),
    why="Maintenance restarts nodes; outside of the window nobody expects it.",
    fix="""
        aws.dax.Cluster("cache", maintenance_window="sun:02:00-sun:04:00")
    """,
    link=f"{_GUIDE}/DAX.cluster-management.html",
)
def accelerator_maintenance_window(cluster: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(cluster, "maintenanceWindow", maintenance_window)
