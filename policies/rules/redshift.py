"""Warehouses: Redshift clusters and Redshift Serverless."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.stores import outside_window
from policies.view import Resource, View, any_holds

_CLUSTER: Final = "aws:redshift/cluster:Cluster"
_PARAMETERS: Final = "aws:redshift/parameterGroup:ParameterGroup"
_LOGGING: Final = "aws:redshift/logging:Logging"
_NAMESPACE: Final = "aws:redshiftserverless/namespace:Namespace"
_WORKGROUP: Final = "aws:redshiftserverless/workgroup:Workgroup"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/redshift-controls.html"
_SERVERLESS: Final = (
    "https://docs.aws.amazon.com/securityhub/latest/userguide/redshiftserverless-controls.html"
)
_GUIDE: Final = "https://docs.aws.amazon.com/redshift/latest/mgmt"


@rule(
    name="redshift-not-public",
    title="Warehouses cannot be reached from the internet",
    severity=Severity.CRITICAL,
    controls=("Redshift.1", "RedshiftServerless.3"),
    types=(_CLUSTER, _WORKGROUP),
    why="A database with a public address is tried by everyone who has a list of leaked passwords.",
    fix="""
        aws.redshift.Cluster("warehouse", publicly_accessible=False)
    """,
    link=f"{_FSBP}#redshift-1",
)
def not_public(warehouse: Resource) -> Problems:
    """The provider's default is not public."""
    return "publicly_accessible is on" if warehouse.flag("publiclyAccessible", default=False) else None


@rule(
    name="redshift-cluster-encrypted-in-transit",
    title="Warehouses refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("Redshift.2",),
    types=(_CLUSTER,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        parameters = aws.redshift.ParameterGroup(
            "parameters",
            family="redshift-2.0",
            parameters=[{"name": "require_ssl", "value": "true"}],
        )
        aws.redshift.Cluster("warehouse", cluster_parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#redshift-2",
)
def cluster_encrypted_in_transit(cluster: Resource, stack: Stack) -> Problems:
    """`require_ssl` is on in the default group of `redshift-2.0`, off in that of `redshift-1.0`.

    A group of somebody else's nobody here can judge.
    """
    for group in stack.behind(cluster, "clusterParameterGroupName", _PARAMETERS):
        on = any_holds(_requires_tls, group.objects("parameters"))
        return None if on else "its parameter group does not turn require_ssl on"
    name = cluster.text("clusterParameterGroupName")
    if name == "default.redshift-1.0":
        return "its parameter group does not turn require_ssl on"
    return OUT_OF_SCOPE if name and not name.startswith("default.") else None


def _requires_tls(parameter: View) -> bool:
    return parameter.text("name") == "require_ssl" and parameter.text("value").lower() in ("1", "on", "true")


@rule(
    name="redshift-workgroup-encrypted-in-transit",
    title="Serverless warehouses refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RedshiftServerless.2",),
    types=(_WORKGROUP,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        aws.redshiftserverless.Workgroup(
            "warehouse", config_parameters=[{"parameter_key": "require_ssl", "parameter_value": "true"}]
        )
    """,
    link=f"{_SERVERLESS}#redshiftserverless-2",
)
def workgroup_encrypted_in_transit(workgroup: Resource) -> Problems:
    """Workgroups that are made now require it, unless they say otherwise."""
    if any_holds(
        lambda parameter: (
            parameter.text("parameterKey") == "require_ssl"
            and parameter.text("parameterValue").lower() == "false"
        ),
        workgroup.objects("configParameters"),
    ):
        return "config_parameters turns require_ssl off"
    return None


@rule(
    name="redshift-cluster-backup-retention",
    title="Warehouses keep automatic snapshots long enough",
    severity=Severity.MEDIUM,
    controls=("Redshift.3",),
    types=(_CLUSTER,),
    why="What is noticed after the last snapshot is gone cannot be restored.",
    fix="""
        aws.redshift.Cluster("warehouse", automated_snapshot_retention_period=30)
    """,
    link=f"{_FSBP}#redshift-3",
)
def cluster_backup_retention(cluster: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is a day."""
    # AWS keeps none longer.
    wanted = min(minimum_backup_retention_days, 35)
    if cluster.number("automatedSnapshotRetentionPeriod", default=1) < wanted:
        return f"automated_snapshot_retention_period is below {wanted} days"
    return None


@rule(
    name="redshift-cluster-audit-log",
    title="Warehouses log who did what",
    severity=Severity.MEDIUM,
    controls=("Redshift.4",),
    types=(_CLUSTER,),
    why="Without it nobody can say who read or changed what.",
    fix="""
        aws.redshift.Logging(
            "log",
            cluster_identifier=warehouse.id,
            log_destination_type="cloudwatch",
            log_exports=["connectionlog", "userlog", "useractivitylog"],
        )
    """,
    link=f"{_FSBP}#redshift-4",
)
def cluster_audit_log(cluster: Resource, stack: Stack) -> Problems:
    """Off by default."""
    return None if any(stack.beside(cluster, _LOGGING, by="clusterIdentifier")) else "it has no Logging"


@rule(
    name="redshift-namespace-exports-logs",
    title="Serverless warehouses send their logs to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("RedshiftServerless.6",),
    types=(_NAMESPACE,),
    why="Without them nobody can say who read or changed what.",
    fix="""
        aws.redshiftserverless.Namespace("warehouse", log_exports=["connectionlog", "userlog"])
    """,
    link=f"{_SERVERLESS}#redshiftserverless-6",
)
def namespace_exports_logs(namespace: Resource) -> Problems:
    """None is sent by default."""
    exported = set(namespace.texts("logExports"))
    missing = [log for log in ("connectionlog", "userlog") if log not in exported]
    return f"log_exports lacks {', '.join(missing)}" if missing else None


@rule(
    name="redshift-cluster-upgrades",
    title="Warehouses take new versions by themselves",
    severity=Severity.MEDIUM,
    controls=("Redshift.6",),
    types=(_CLUSTER,),
    why="New versions are where security holes of an engine are closed.",
    fix="""
        aws.redshift.Cluster("warehouse", allow_version_upgrade=True)
    """,
    link=f"{_FSBP}#redshift-6",
)
def cluster_upgrades(cluster: Resource) -> Problems:
    """On by default."""
    return None if cluster.flag("allowVersionUpgrade", default=True) else "allow_version_upgrade is off"


@rule(
    name="redshift-enhanced-vpc-routing",
    title="What warehouses load and unload stays in the VPC",
    severity=Severity.MEDIUM,
    controls=("Redshift.7", "RedshiftServerless.1"),
    types=(_CLUSTER, _WORKGROUP),
    why="Without it, copies of tables leave past every rule and every log of the network.",
    fix="""
        aws.redshift.Cluster("warehouse", enhanced_vpc_routing=True)
    """,
    link=f"{_FSBP}#redshift-7",
)
def enhanced_vpc_routing(warehouse: Resource) -> Problems:
    """Off by default."""
    return None if warehouse.flag("enhancedVpcRouting", default=False) else "enhanced_vpc_routing is not on"


@rule(
    name="redshift-administrator-renamed",
    title="The administrator of a warehouse has a name of one's own",
    severity=Severity.MEDIUM,
    controls=("Redshift.8", "RedshiftServerless.5"),
    types=(_CLUSTER, _NAMESPACE),
    why="Whoever guesses passwords need not guess a name that is the default.",
    fix="""
        aws.redshift.Cluster("warehouse", master_username="keeper")
    """,
    link=f"{_FSBP}#redshift-8",
)
def administrator_renamed(warehouse: Resource) -> Problems:
    """A cluster has no default; of a namespace it is `admin`."""
    serverless = warehouse.type == _NAMESPACE
    name = warehouse.text("adminUsername" if serverless else "masterUsername", "admin" if serverless else "")
    written = "admin_username" if serverless else "master_username"
    return f"{written} is the default name" if name.lower() in ("admin", "awsuser") else None


@rule(
    name="redshift-cluster-encrypted-at-rest",
    title="Warehouses are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("Redshift.10",),
    types=(_CLUSTER,),
    why="Whoever gets at the storage or a snapshot reads everything in the warehouse.",
    fix="""
        aws.redshift.Cluster("warehouse", encrypted="true", kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#redshift-10",
)
def cluster_encrypted_at_rest(cluster: Resource) -> Problems:
    """On by default."""
    return None if cluster.flag("encrypted", default=True) else "encrypted is off"


@rule(
    name="redshift-encrypted-with-own-key",
    title="Warehouses are encrypted with a key of one's own",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("RedshiftServerless.4",),
    types=(_CLUSTER, _NAMESPACE),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.redshift.Cluster("warehouse", encrypted="true", kms_key_id=key.arn)
    """,
    link=f"{_SERVERLESS}#redshiftserverless-4",
)
def encrypted_with_own_key(warehouse: Resource) -> Problems:
    """Without a key, AWS takes one of its own."""
    return None if warehouse.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="redshift-cluster-multi-az",
    title="Warehouses are in two availability zones",
    severity=Severity.MEDIUM,
    controls=("Redshift.18",),
    types=(_CLUSTER,),
    why="With its zone, a warehouse in one zone is gone until it has been restored.",
    fix="""
        aws.redshift.Cluster("warehouse", node_type="ra3.large", number_of_nodes=2, multi_az=True)
    """,
    link=f"{_FSBP}#redshift-18",
)
def cluster_multi_az(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("multiAz", default=False) else "multi_az is not on"


@rule(
    name="redshift-final-snapshot",
    title="A warehouse leaves a last snapshot when it is deleted",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="Whoever deletes the wrong warehouse has nothing else of its last hours.",
    fix="""
        aws.redshift.Cluster(
            "warehouse", skip_final_snapshot=False, final_snapshot_identifier="warehouse-final"
        )
    """,
    link=f"{_GUIDE}/working-with-snapshots.html",
)
def final_snapshot(cluster: Resource) -> Problems:
    """The provider takes one by default."""
    return "skip_final_snapshot is on" if cluster.flag("skipFinalSnapshot", default=False) else None


@rule(
    name="redshift-maintenance-window",
    title="Warehouses are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_CLUSTER,),
    why="Maintenance restarts a warehouse; outside of the window nobody expects it.",
    fix="""
        aws.redshift.Cluster("warehouse", preferred_maintenance_window="sun:02:00-sun:04:00")
    """,
    link=f"{_GUIDE}/managing-cluster-considerations.html",
)
def warehouse_maintenance_window(cluster: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(cluster, "preferredMaintenanceWindow", maintenance_window)
