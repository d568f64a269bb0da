"""Graph databases: Neptune clusters, their instances and snapshots."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.stores import bare_snapshot, outside_window, short_backup_retention
from policies.subnets import any_reaches_internet
from policies.view import Resource, any_holds

_CLUSTER: Final = "aws:neptune/cluster:Cluster"
_MEMBER: Final = "aws:neptune/clusterInstance:ClusterInstance"
_GLOBAL: Final = "aws:neptune/globalCluster:GlobalCluster"
_SNAPSHOT: Final = "aws:neptune/clusterSnapshot:ClusterSnapshot"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/neptune-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/neptune/latest/userguide"


@rule(
    name="neptune-cluster-encrypted-at-rest",
    title="Neptune clusters are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("Neptune.1",),
    types=(_CLUSTER, _GLOBAL),
    why="Whoever gets at the storage, a snapshot or a backup reads everything in the database.",
    fix="""
        aws.neptune.Cluster("graph", storage_encrypted=True, kms_key_arn=key.arn)
    """,
    link=f"{_FSBP}#neptune-1",
)
def cluster_encrypted_at_rest(cluster: Resource) -> Problems:
    """Off by default. What is made of another takes that one's encryption."""
    if cluster.is_present("sourceDbClusterIdentifier") or cluster.is_present("replicationSourceIdentifier"):
        return OUT_OF_SCOPE
    return None if cluster.flag("storageEncrypted", default=False) else "storage_encrypted is not on"


@rule(
    name="neptune-cluster-encrypted-with-own-key",
    title="Neptune clusters are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_CLUSTER,),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.neptune.Cluster("graph", storage_encrypted=True, kms_key_arn=key.arn)
    """,
    link=f"{_GUIDE}/encrypt.html",
)
def cluster_encrypted_with_own_key(cluster: Resource) -> Problems:
    """Without a key, AWS takes one of its own; made from another one or a backup, that one's."""
    if cluster.is_present("kmsKeyArn"):
        return None
    sources = ("globalClusterIdentifier", "replicationSourceIdentifier", "snapshotIdentifier")
    return OUT_OF_SCOPE if any(map(cluster.is_present, sources)) else "it has no kms_key_arn"


@rule(
    name="neptune-cluster-exports-audit-log",
    title="Neptune clusters send their audit log to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("Neptune.2",),
    types=(_CLUSTER,),
    why="Without it nobody can say who read or changed what.",
    fix="""
        aws.neptune.Cluster("graph", enable_cloudwatch_logs_exports=["audit"])
    """,
    link=f"{_FSBP}#neptune-2",
)
def cluster_exports_audit_log(cluster: Resource) -> Problems:
    """None is sent by default."""
    if any_holds(lambda log: log == "audit", cluster.texts("enableCloudwatchLogsExports")):
        return None
    return "enable_cloudwatch_logs_exports lacks audit"


@rule(
    name="neptune-cluster-deletion-protection",
    title="Neptune clusters are protected from deletion",
    severity=Severity.LOW,
    controls=("Neptune.4",),
    types=(_CLUSTER, _GLOBAL),
    why="One careless click or change of a program would delete the database.",
    fix="""
        aws.neptune.Cluster("graph", deletion_protection=True)
    """,
    link=f"{_FSBP}#neptune-4",
)
def cluster_deletion_protection(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("deletionProtection", default=False) else "deletion_protection is not on"


@rule(
    name="neptune-cluster-backup-retention",
    title="Neptune clusters keep automatic backups long enough",
    severity=Severity.MEDIUM,
    controls=("Neptune.5",),
    types=(_CLUSTER,),
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.neptune.Cluster("graph", backup_retention_period=30)
    """,
    link=f"{_FSBP}#neptune-5",
)
def cluster_backup_retention(cluster: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is a day."""
    return short_backup_retention(cluster, minimum_backup_retention_days)


@rule(
    name="neptune-snapshot-encrypted",
    title="Neptune snapshots are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("Neptune.6",),
    types=(_SNAPSHOT,),
    why="A snapshot holds the whole database, and is easily copied and shared.",
    fix="""
        graph = aws.neptune.Cluster("graph", storage_encrypted=True)
        aws.neptune.ClusterSnapshot(
            "snapshot", db_cluster_identifier=graph.id, db_cluster_snapshot_identifier="snapshot"
        )
    """,
    link=f"{_FSBP}#neptune-6",
)
def snapshot_encrypted(snapshot: Resource, stack: Stack) -> Problems:
    """A snapshot is encrypted as its cluster is, which may be in this stack."""
    return bare_snapshot(snapshot, stack, _CLUSTER)


@rule(
    name="neptune-cluster-iam-authentication",
    title="People and programs sign in to Neptune by IAM",
    severity=Severity.MEDIUM,
    controls=("Neptune.7",),
    types=(_CLUSTER,),
    why="Neptune knows no passwords: without IAM, everything that reaches it reads and writes.",
    fix="""
        aws.neptune.Cluster("graph", iam_database_authentication_enabled=True)
    """,
    link=f"{_FSBP}#neptune-7",
)
def cluster_iam_authentication(cluster: Resource) -> Problems:
    """Off by default."""
    if cluster.flag("iamDatabaseAuthenticationEnabled", default=False):
        return None
    return "iam_database_authentication_enabled is not on"


@rule(
    name="neptune-cluster-copies-tags",
    title="Snapshots of Neptune clusters carry the cluster's tags",
    severity=Severity.LOW,
    controls=("Neptune.8",),
    types=(_CLUSTER,),
    why="What goes by tags, access and cost among it, does not see a snapshot without them.",
    fix="""
        aws.neptune.Cluster("graph", copy_tags_to_snapshot=True)
    """,
    link=f"{_FSBP}#neptune-8",
)
def cluster_copies_tags(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("copyTagsToSnapshot", default=False) else "copy_tags_to_snapshot is not on"


@rule(
    name="neptune-cluster-multi-az",
    title="Neptune clusters have instances in more than one availability zone",
    severity=Severity.MEDIUM,
    controls=("Neptune.9",),
    types=(_CLUSTER,),
    why="A cluster of one instance is gone with its zone until another one has been made.",
    fix="""
        for number in range(2):
            aws.neptune.ClusterInstance(f"graph-{number}", cluster_identifier=graph.id)
    """,
    link=f"{_FSBP}#neptune-9",
)
def cluster_multi_az(cluster: Resource, stack: Stack) -> Problems:
    """Neptune puts a cluster's instances into different zones, unless they name one themselves."""
    found: list[Resource] = []
    for member in stack.beside(cluster, _MEMBER, by="clusterIdentifier"):
        found.append(member)
        zones = [other.raw("availabilityZone") for other in found]
        if len(found) > 1 and (None in zones or len({str(zone) for zone in zones}) > 1):
            return None
    return "it has no two instances in different availability zones"


@rule(
    name="neptune-instance-not-public",
    title="Neptune instances cannot be reached from the internet",
    severity=Severity.CRITICAL,
    types=(_MEMBER,),
    why="A database with a public address is tried by everyone.",
    fix="""
        aws.neptune.ClusterInstance("graph", cluster_identifier=graph.id, publicly_accessible=False)
    """,
    link=f"{_GUIDE}/neptune-public-endpoints.html",
)
def instance_not_public(instance: Resource) -> Problems:
    """The provider's default is not public."""
    return "publicly_accessible is on" if instance.flag("publiclyAccessible", default=False) else None


@rule(
    name="neptune-minor-version-upgrades",
    title="Neptune instances take minor versions by themselves",
    severity=Severity.MEDIUM,
    types=(_MEMBER,),
    why="Minor versions are where security holes of an engine are closed.",
    fix="""
        aws.neptune.ClusterInstance(
            "graph", cluster_identifier=graph.id, auto_minor_version_upgrade=True
        )
    """,
    link=f"{_GUIDE}/cluster-maintenance.html",
)
def minor_version_upgrades(instance: Resource) -> Problems:
    """On by default."""
    if instance.flag("autoMinorVersionUpgrade", default=True):
        return None
    return "auto_minor_version_upgrade is off"


@rule(
    name="neptune-final-snapshot",
    title="A Neptune cluster leaves a last snapshot when it is deleted",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="Whoever deletes the wrong cluster has nothing else of its last hours.",
    fix="""
        aws.neptune.Cluster(
            "graph", skip_final_snapshot=False, final_snapshot_identifier="graph-final"
        )
    """,
    link=f"{_GUIDE}/manage-console-instances-delete.html",
)
def final_snapshot(cluster: Resource) -> Problems:
    """The provider takes one by default."""
    return "skip_final_snapshot is on" if cluster.flag("skipFinalSnapshot", default=False) else None


@rule(
    name="neptune-subnet-group-private",
    title="Neptune clusters are in subnets without a way to the internet",
    severity=Severity.HIGH,
    types=("aws:neptune/subnetGroup:SubnetGroup",),
    why="In a subnet with a route to an internet gateway, one careless setting makes a database public.",
    fix="""
        aws.neptune.SubnetGroup("subnets", subnet_ids=[subnet.id for subnet in isolated_subnets])
    """,
    link=f"{_GUIDE}/get-started-vpc.html",
)
def subnet_group_private(group: Resource, stack: Stack) -> Problems:
    """A subnet has no route to the internet unless its route table has one."""
    if any_reaches_internet(group, "subnetIds", stack):
        return "one of its subnets has a route to an internet gateway"
    return None


@rule(
    name="neptune-maintenance-window",
    title="Neptune is maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_CLUSTER, _MEMBER),
    why="Maintenance may restart a database; outside of the window nobody expects it.",
    fix="""
        aws.neptune.Cluster("graph", preferred_maintenance_window="sun:02:00-sun:04:00")
    """,
    link=f"{_GUIDE}/cluster-maintenance.html",
)
def neptune_maintenance_window(cluster: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(cluster, "preferredMaintenanceWindow", maintenance_window)
