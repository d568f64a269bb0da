"""Document databases: DocumentDB clusters, their instances and snapshots."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.stores import bare_snapshot, outside_window, short_backup_retention
from policies.subnets import any_reaches_internet
from policies.view import Resource, any_holds

_CLUSTER: Final = "aws:docdb/cluster:Cluster"
_MEMBER: Final = "aws:docdb/clusterInstance:ClusterInstance"
_ELASTIC: Final = "aws:docdb/elasticCluster:ElasticCluster"
_GLOBAL: Final = "aws:docdb/globalCluster:GlobalCluster"
_SNAPSHOT: Final = "aws:docdb/clusterSnapshot:ClusterSnapshot"
_PARAMETERS: Final = "aws:docdb/clusterParameterGroup:ClusterParameterGroup"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/documentdb-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/documentdb/latest/developerguide"


@rule(
    name="docdb-cluster-encrypted-at-rest",
    title="DocumentDB clusters are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("DocumentDB.1",),
    types=(_CLUSTER, _GLOBAL),
    why="Whoever gets at the storage, a snapshot or a backup reads everything in the database.",
    fix="""
        aws.docdb.Cluster("documents", storage_encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#documentdb-1",
)
def cluster_encrypted_at_rest(cluster: Resource) -> Problems:
    """Off by default. A global cluster that is made of another takes that one's encryption."""
    if cluster.is_present("sourceDbClusterIdentifier"):
        return OUT_OF_SCOPE
    return None if cluster.flag("storageEncrypted", default=False) else "storage_encrypted is not on"


@rule(
    name="docdb-cluster-encrypted-with-own-key",
    title="DocumentDB clusters are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_CLUSTER, _ELASTIC),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.docdb.Cluster("documents", storage_encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_GUIDE}/encryption-at-rest.html",
)
def cluster_encrypted_with_own_key(cluster: Resource) -> Problems:
    """Without a key, AWS takes one of its own; made from a backup, that one's."""
    if cluster.is_present("kmsKeyId"):
        return None
    sources = ("globalClusterIdentifier", "restoreToPointInTime", "snapshotIdentifier")
    return OUT_OF_SCOPE if any(map(cluster.is_present, sources)) else "it has no kms_key_id"


@rule(
    name="docdb-cluster-backup-retention",
    title="DocumentDB clusters keep automatic backups long enough",
    severity=Severity.MEDIUM,
    controls=("DocumentDB.2",),
    types=(_CLUSTER, _ELASTIC),
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.docdb.Cluster("documents", backup_retention_period=30)
    """,
    link=f"{_FSBP}#documentdb-2",
)
def cluster_backup_retention(cluster: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is a day."""
    return short_backup_retention(cluster, minimum_backup_retention_days)


@rule(
    name="docdb-cluster-exports-audit-log",
    title="DocumentDB clusters send their audit log to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("DocumentDB.4",),
    types=(_CLUSTER,),
    why="Without it nobody can say who read or changed what.",
    fix="""
        aws.docdb.Cluster("documents", enabled_cloudwatch_logs_exports=["audit"])
    """,
    link=f"{_FSBP}#documentdb-4",
)
def cluster_exports_audit_log(cluster: Resource) -> Problems:
    """None is sent by default."""
    if any_holds(lambda log: log == "audit", cluster.texts("enabledCloudwatchLogsExports")):
        return None
    return "enabled_cloudwatch_logs_exports lacks audit"


@rule(
    name="docdb-cluster-deletion-protection",
    title="DocumentDB clusters are protected from deletion",
    severity=Severity.MEDIUM,
    controls=("DocumentDB.5",),
    types=(_CLUSTER, _GLOBAL),
    why="One careless click or change of a program would delete the database.",
    fix="""
        aws.docdb.Cluster("documents", deletion_protection=True)
    """,
    link=f"{_FSBP}#documentdb-5",
)
def cluster_deletion_protection(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("deletionProtection", default=False) else "deletion_protection is not on"


@rule(
    name="docdb-cluster-encrypted-in-transit",
    title="DocumentDB clusters refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("DocumentDB.6",),
    types=(_PARAMETERS,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        aws.docdb.ClusterParameterGroup(
            "parameters", family="docdb5.0", parameters=[{"name": "tls", "value": "enabled"}]
        )
    """,
    link=f"{_FSBP}#documentdb-6",
)
def cluster_encrypted_in_transit(group: Resource) -> Problems:
    """On by default: only a group turns it off."""
    if any_holds(
        lambda parameter: parameter.text("name") == "tls" and parameter.text("value").lower() == "disabled",
        group.objects("parameters"),
    ):
        return "it turns tls off"
    return None


@rule(
    name="docdb-snapshot-encrypted",
    title="DocumentDB snapshots are encrypted at rest",
    severity=Severity.MEDIUM,
    types=(_SNAPSHOT,),
    why="A snapshot holds the whole database, and is easily copied and shared.",
    fix="""
        documents = aws.docdb.Cluster("documents", storage_encrypted=True)
        aws.docdb.ClusterSnapshot(
            "snapshot",
            db_cluster_identifier=documents.id,
            db_cluster_snapshot_identifier="snapshot",
        )
    """,
    link=f"{_GUIDE}/backup_restore-create_manual_cluster_snapshot.html",
)
def snapshot_encrypted(snapshot: Resource, stack: Stack) -> Problems:
    """A snapshot is encrypted as its cluster is, which may be in this stack."""
    return bare_snapshot(snapshot, stack, _CLUSTER)


@rule(
    name="docdb-final-snapshot",
    title="A DocumentDB cluster leaves a last snapshot when it is deleted",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="Whoever deletes the wrong cluster has nothing else of its last hours.",
    fix="""
        aws.docdb.Cluster(
            "documents", skip_final_snapshot=False, final_snapshot_identifier="documents-final"
        )
    """,
    link=f"{_GUIDE}/db-cluster-delete.html",
)
def final_snapshot(cluster: Resource) -> Problems:
    """The provider takes one by default."""
    return "skip_final_snapshot is on" if cluster.flag("skipFinalSnapshot", default=False) else None


@rule(
    name="docdb-security-groups-named",
    title="DocumentDB clusters have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_CLUSTER, _ELASTIC),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.docdb.Cluster("documents", vpc_security_group_ids=[group.id])
    """,
    link=f"{_GUIDE}/security.html",
)
def security_groups_named(cluster: Resource) -> Problems:
    """That one is given is enough; what it lets in is its own rules' matter."""
    return None if cluster.is_present("vpcSecurityGroupIds") else "it has no vpc_security_group_ids"


@rule(
    name="docdb-subnet-group-private",
    title="DocumentDB clusters are in subnets without a way to the internet",
    severity=Severity.HIGH,
    types=("aws:docdb/subnetGroup:SubnetGroup",),
    why="In a subnet with a route to an internet gateway, one careless rule opens the database.",
    fix="""
        aws.docdb.SubnetGroup("subnets", subnet_ids=[subnet.id for subnet in isolated_subnets])
    """,
    link=f"{_GUIDE}/document-db-subnet-groups.html",
)
def subnet_group_private(group: Resource, stack: Stack) -> Problems:
    """A subnet has no route to the internet unless its route table has one."""
    if any_reaches_internet(group, "subnetIds", stack):
        return "one of its subnets has a route to an internet gateway"
    return None


@rule(
    name="docdb-maintenance-window",
    title="DocumentDB is maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_CLUSTER, _MEMBER, _ELASTIC),
    why="Maintenance may restart a database; outside of the window nobody expects it.",
    fix="""
        aws.docdb.Cluster("documents", preferred_maintenance_window="sun:02:00-sun:04:00")
    """,
    link=f"{_GUIDE}/db-instance-maintain.html",
)
def docdb_maintenance_window(cluster: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(cluster, "preferredMaintenanceWindow", maintenance_window)
