"""Databases: RDS instances, Aurora and Multi-AZ clusters, and what AWS keeps beside them."""

import re
from typing import Final

from policies.places import in_one_region
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.selections import is_selected
from policies.stack import Stack
from policies.stores import outside_window
from policies.subnets import any_reaches_internet
from policies.view import UNKNOWN, Resource, View, any_holds, one_holds

_INSTANCE: Final = "aws:rds/instance:Instance"
_CLUSTER: Final = "aws:rds/cluster:Cluster"
_MEMBER: Final = "aws:rds/clusterInstance:ClusterInstance"
_SNAPSHOT: Final = "aws:rds/snapshot:Snapshot"
_SNAPSHOT_COPY: Final = "aws:rds/snapshotCopy:SnapshotCopy"
_CLUSTER_SNAPSHOT: Final = "aws:rds/clusterSnapshot:ClusterSnapshot"
_CLUSTER_SNAPSHOT_COPY: Final = "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy"
_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
_CLUSTER_PARAMETERS: Final = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
_PROXY: Final = "aws:rds/proxy:Proxy"
_SUBSCRIPTION: Final = "aws:rds/eventSubscription:EventSubscription"
_COPIES: Final = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"


def _is_replica(instance: Resource) -> bool:
    """A replica takes its data, its users and its backups from its source."""
    return instance.is_present("replicateSourceDb")


def _is_restored(database: Resource) -> bool:
    """A database made from another one or from a backup takes its users from there."""
    sources = (
        "globalClusterIdentifier",
        "replicateSourceDb",
        "replicationSourceIdentifier",
        "restoreToPointInTime",
        "s3Import",
        "snapshotIdentifier",
    )
    return any(database.is_present(source) for source in sources)


# Encryption --------------------------------------------------------------------------------------------


@rule(
    name="rds-instance-storage-encrypted",
    title="RDS instances are encrypted at rest",
    severity=Severity.MEDIUM,
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
    if _is_replica(instance):
        return OUT_OF_SCOPE
    return None if instance.flag("storageEncrypted", default=False) else "storage_encrypted is not on"


@rule(
    name="rds-cluster-storage-encrypted",
    title="RDS clusters are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("RDS.27",),
    types=(_CLUSTER,),
    why="Whoever gets at the storage, a snapshot or a backup reads everything in the database.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-postgresql", storage_encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#rds-27",
)
def cluster_storage_encrypted(cluster: Resource) -> Problems:
    """The provider's default is not encrypted, except in the engine mode `serverless`."""
    if cluster.is_present("replicationSourceIdentifier"):
        return OUT_OF_SCOPE
    default = not cluster.is_present("storageEncrypted") and cluster.text("engineMode") == "serverless"
    return None if cluster.flag("storageEncrypted", default=default) else "storage_encrypted is not on"


@rule(
    name="rds-global-cluster-storage-encrypted",
    title="Aurora global databases are encrypted at rest",
    severity=Severity.MEDIUM,
    types=("aws:rds/globalCluster:GlobalCluster",),
    why="Its clusters in every region are encrypted as the global database is.",
    fix="""
        aws.rds.GlobalCluster("database", global_cluster_identifier="database", storage_encrypted=True)
    """,
    link="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-getting-started.html",
)
def global_cluster_storage_encrypted(cluster: Resource) -> Problems:
    """One that is made of a cluster takes that one's encryption; the provider's default is none."""
    if cluster.is_present("sourceDbClusterIdentifier"):
        return OUT_OF_SCOPE
    return None if cluster.flag("storageEncrypted", default=False) else "storage_encrypted is not on"


@rule(
    name="rds-storage-encrypted-with-own-key",
    title="RDS databases are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_INSTANCE, _CLUSTER),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.rds.Instance("database", storage_encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_GUIDE}/Overview.Encryption.Keys.html",
)
def storage_encrypted_with_own_key(database: Resource) -> Problems:
    """Without a key, AWS takes the account's `aws/rds`; made from another one or a backup, that one's."""
    if database.is_present("kmsKeyId"):
        return None
    return OUT_OF_SCOPE if _is_restored(database) else "it has no kms_key_id"


@rule(
    name="rds-performance-insights-encrypted-with-own-key",
    title="Performance Insights are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_INSTANCE, _CLUSTER, _MEMBER),
    why="Performance Insights show the text of SQL statements, with whatever stands in them.",
    fix="""
        aws.rds.Instance(
            "database", performance_insights_enabled=True, performance_insights_kms_key_id=key.arn
        )
    """,
    link=f"{_GUIDE}/USER_PerfInsights.access-control.html",
)
def performance_insights_encrypted_with_own_key(database: Resource) -> Problems:
    """Performance Insights are off by default; without a key, AWS takes the account's `aws/rds`."""
    if database.is_present("performanceInsightsKmsKeyId"):
        return None
    if not database.flag("performanceInsightsEnabled", default=False):
        return OUT_OF_SCOPE
    return "it has no performance_insights_kms_key_id"


@rule(
    name="rds-snapshot-encrypted",
    title="RDS snapshots are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("RDS.4",),
    types=(_SNAPSHOT, _CLUSTER_SNAPSHOT),
    why="A snapshot holds the whole database, and is easily copied and shared.",
    fix="""
        database = aws.rds.Instance("database", storage_encrypted=True)
        aws.rds.Snapshot(
            "snapshot", db_instance_identifier=database.identifier, db_snapshot_identifier="snapshot"
        )
    """,
    link=f"{_FSBP}#rds-4",
)
def snapshot_encrypted(snapshot: Resource, stack: Stack) -> Problems:
    """A snapshot is encrypted as its database is, which may be in this stack."""
    databases = (
        stack.behind(snapshot, "dbInstanceIdentifier", _INSTANCE)
        if snapshot.type == _SNAPSHOT
        else stack.behind(snapshot, "dbClusterIdentifier", _CLUSTER)
    )
    if any_holds(lambda database: not database.flag("storageEncrypted", default=False), databases):
        return "its database is not encrypted"
    for name in ("encrypted", "storageEncrypted"):
        if snapshot.outputs.raw(name) is False:
            return "it is not encrypted"
    return None


@rule(
    name="rds-snapshot-copy-encrypted",
    title="Copies of RDS snapshots are encrypted with a named key",
    severity=Severity.MEDIUM,
    controls=("RDS.4",),
    types=(_SNAPSHOT_COPY, _CLUSTER_SNAPSHOT_COPY),
    why="Without a key, the copy of a snapshot that is not encrypted is not encrypted either.",
    fix="""
        aws.rds.SnapshotCopy(
            "copy",
            source_db_snapshot_identifier=snapshot.db_snapshot_arn,
            target_db_snapshot_identifier="copy",
            kms_key_id=key.arn,
        )
    """,
    link=f"{_FSBP}#rds-4",
)
def snapshot_copy_encrypted(copy: Resource) -> Problems:
    """With a key, a copy is encrypted whether its source is or not."""
    return None if copy.is_present("kmsKeyId") else "it has no kms_key_id"


@rule(
    name="rds-snapshot-private",
    title="RDS snapshots are not public",
    severity=Severity.CRITICAL,
    controls=("RDS.1",),
    types=(_SNAPSHOT, _SNAPSHOT_COPY, _CLUSTER_SNAPSHOT, _CLUSTER_SNAPSHOT_COPY),
    why="Anybody with an AWS account can restore a public snapshot and read everything in it.",
    fix="""
        aws.rds.Snapshot("snapshot", shared_accounts=["111122223333"])
    """,
    link=f"{_FSBP}#rds-1",
)
def snapshot_private(snapshot: Resource) -> Problems:
    """A snapshot is shared with nobody by default."""
    if any_holds(lambda account: account.lower() == "all", snapshot.texts("sharedAccounts")):
        return "shared_accounts makes it public"
    return None


# Who reaches a database --------------------------------------------------------------------------------


@rule(
    name="rds-instance-not-public",
    title="RDS instances cannot be reached from the internet",
    severity=Severity.CRITICAL,
    controls=("RDS.2", "CIS 2.3.3"),
    types=(_INSTANCE, _MEMBER, "aws:rds/shardGroup:ShardGroup"),
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
    name="rds-cluster-not-public",
    title="Multi-AZ clusters cannot be reached from the internet",
    severity=Severity.CRITICAL,
    controls=("RDS.2",),
    types=(_CLUSTER,),
    why="A database with a public address is tried by everyone who has a list of leaked passwords.",
    fix="""
        aws.rds.Cluster(
            "database",
            engine="postgres",
            db_cluster_instance_class="db.m6gd.large",
            db_subnet_group_name=subnets.name,
            publicly_accessible=False,
        )
    """,
    link=f"{_FSBP}#rds-2",
)
def cluster_not_public(cluster: Resource) -> Problems:
    """By default public in the default subnet group. Of Aurora's clusters the instances say it."""
    if cluster.is_present("publiclyAccessible"):
        return "publicly_accessible is on" if cluster.flag("publiclyAccessible", default=False) else None
    if not cluster.is_present("dbClusterInstanceClass"):
        return OUT_OF_SCOPE
    if not cluster.is_present("dbSubnetGroupName"):
        return "publicly_accessible is not off, and it has no db_subnet_group_name"
    return None


@rule(
    name="rds-instance-in-vpc",
    title="RDS instances are in subnets that somebody chose",
    severity=Severity.HIGH,
    controls=("RDS.18",),
    types=(_INSTANCE,),
    why="Without a subnet group, an instance lands in the default VPC, whose subnets are public.",
    fix="""
        aws.rds.Instance("database", db_subnet_group_name=subnets.name)
    """,
    link=f"{_FSBP}#rds-18",
)
def instance_in_vpc(instance: Resource) -> Problems:
    """AWS takes the group `default` where none is given. A replica takes its source's."""
    if _is_replica(instance):
        return OUT_OF_SCOPE
    return None if instance.is_present("dbSubnetGroupName") else "it has no db_subnet_group_name"


@rule(
    name="rds-subnet-group-private",
    title="Databases are in subnets without a way to the internet",
    severity=Severity.HIGH,
    types=("aws:rds/subnetGroup:SubnetGroup",),
    why="In a subnet with a route to an internet gateway, one careless setting makes a database public.",
    fix="""
        aws.rds.SubnetGroup("subnets", subnet_ids=[subnet.id for subnet in isolated_subnets])
    """,
    link=f"{_GUIDE}/USER_VPC.Scenarios.html",
)
def subnet_group_private(group: Resource, stack: Stack) -> Problems:
    """A subnet has no route to the internet unless its route table has one."""
    if any_reaches_internet(group, "subnetIds", stack):
        return "one of its subnets has a route to an internet gateway"
    return None


@rule(
    name="rds-security-groups-named",
    title="Databases and their proxies have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_INSTANCE, _CLUSTER, _PROXY),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.rds.Instance("database", vpc_security_group_ids=[group.id])
    """,
    link=f"{_GUIDE}/Overview.RDSSecurityGroups.html",
)
def security_groups_named(database: Resource) -> Problems:
    """That one is given is enough; what it lets in is its own rules' matter."""
    return None if database.is_present("vpcSecurityGroupIds") else "it has no vpc_security_group_ids"


@rule(
    name="rds-default-port-not-used",
    title="Databases do not listen on their engine's default port",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("RDS.23",),
    types=(_INSTANCE, _CLUSTER),
    why="Whoever looks for databases tries the default ports first.",
    fix="""
        aws.rds.Instance("database", engine="postgres", port=5433)
    """,
    link=f"{_FSBP}#rds-23",
)
def default_port_not_used(database: Resource) -> Problems:
    """Without a port, AWS takes the engine's default. A replica without one takes its source's."""
    if not database.is_present("port"):
        return OUT_OF_SCOPE if _is_replica(database) else "it has no port, so that it is the engine's default"
    engine, port = database.text("engine"), database.number("port", default=0)
    ports = {number for name, number in _DEFAULT_PORTS if engine.startswith(name) or not engine}
    return "port is the engine's default" if port in ports else None


_DEFAULT_PORTS: Final = (
    ("aurora-mysql", 3306),
    ("aurora-postgresql", 5432),
    ("custom-oracle", 1521),
    ("custom-sqlserver", 1433),
    ("db2", 50000),
    ("mariadb", 3306),
    ("mysql", 3306),
    ("oracle", 1521),
    ("postgres", 5432),
    ("sqlserver", 1433),
)
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""


# Who signs in ------------------------------------------------------------------------------------------


@rule(
    name="rds-instance-iam-authentication",
    title="People and programs sign in to RDS instances by IAM",
    severity=Severity.MEDIUM,
    controls=("RDS.10",),
    types=(_INSTANCE,),
    why="A token of IAM is good for a quarter of an hour; a password for as long as nobody changes it.",
    fix="""
        aws.rds.Instance("database", engine="postgres", iam_database_authentication_enabled=True)
    """,
    link=f"{_FSBP}#rds-10",
)
def instance_iam_authentication(instance: Resource) -> Problems:
    """Off by default; only MariaDB, MySQL and PostgreSQL know it. A replica need not name its engine."""
    if instance.flag("iamDatabaseAuthenticationEnabled", default=False):
        return None
    if not instance.text("engine", default="postgres").startswith(("mariadb", "mysql", "postgres")):
        return OUT_OF_SCOPE
    return "iam_database_authentication_enabled is not on"


@rule(
    name="rds-cluster-iam-authentication",
    title="People and programs sign in to RDS clusters by IAM",
    severity=Severity.MEDIUM,
    controls=("RDS.12",),
    types=(_CLUSTER,),
    why="A token of IAM is good for a quarter of an hour; a password for as long as nobody changes it.",
    fix="""
        aws.rds.Cluster(
            "database", engine="aurora-postgresql", iam_database_authentication_enabled=True
        )
    """,
    link=f"{_FSBP}#rds-12",
)
def cluster_iam_authentication(cluster: Resource) -> Problems:
    """Off by default."""
    if cluster.flag("iamDatabaseAuthenticationEnabled", default=False):
        return None
    return "iam_database_authentication_enabled is not on"


_DEFAULT_NAMES: Final = ("admin", "administrator", "awsuser", "postgres", "root")


@rule(
    name="rds-cluster-administrator-renamed",
    title="The administrator of an RDS cluster has a name of one's own",
    severity=Severity.MEDIUM,
    controls=("RDS.24",),
    types=(_CLUSTER,),
    why="Whoever guesses passwords need not guess a name that is the default.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-postgresql", master_username="keeper")
    """,
    link=f"{_FSBP}#rds-24",
)
def cluster_administrator_renamed(cluster: Resource) -> Problems:
    """There is no default: AWS asks for a name, except where the cluster is made from another."""
    if _is_restored(cluster):
        return OUT_OF_SCOPE
    if cluster.text("masterUsername").lower() in _DEFAULT_NAMES:
        return "master_username is the default name"
    return None


@rule(
    name="rds-instance-administrator-renamed",
    title="The administrator of an RDS instance has a name of one's own",
    severity=Severity.MEDIUM,
    controls=("RDS.25",),
    types=(_INSTANCE,),
    why="Whoever guesses passwords need not guess a name that is the default.",
    fix="""
        aws.rds.Instance("database", username="keeper")
    """,
    link=f"{_FSBP}#rds-25",
)
def instance_administrator_renamed(instance: Resource) -> Problems:
    """There is no default: AWS asks for a name, except where the instance is made from another."""
    if instance.text("username").lower() in _DEFAULT_NAMES:
        return "username is the default name"
    return None


@rule(
    name="rds-password-not-in-program",
    title="The administrator's password does not pass through the program",
    severity=Severity.HIGH,
    types=(_INSTANCE, _CLUSTER),
    why="A password that is an input stays in Pulumi's state, and the next update undoes every rotation.",
    fix="""
        aws.rds.Instance("database", password_wo=password.result, password_wo_version=1)
        aws.rds.Instance("other", manage_master_user_password=True)
    """,
    link=f"{_GUIDE}/rds-secrets-manager.html",
)
def password_not_in_program(database: Resource) -> Problems:
    """Whatever the value is; `password_wo` is written once and never kept."""
    for name, written in (("password", "password"), ("masterPassword", "master_password")):
        if database.is_present(name):
            return f"{written} is an input: use {written}_wo or manage_master_user_password"
    return None


@rule(
    name="rds-instance-managed-password-without-replica",
    title="RDS manages the password only of instances without a replica",
    severity=Severity.MEDIUM,
    types=(_INSTANCE,),
    why="AWS refuses a read replica of an instance whose password it manages, in the middle of an update.",
    fix="""
        database = aws.rds.Instance("database", password_wo=password.result, password_wo_version=1)
        aws.rds.Instance("replica", replicate_source_db=database.identifier)
    """,
    link=f"{_GUIDE}/rds-secrets-manager.html#rds-secrets-manager-limitations",
)
def instance_managed_password_without_replica(instance: Resource, stack: Stack) -> Problems:
    """The password is not managed by default."""
    if not instance.flag("manageMasterUserPassword", default=False):
        return None
    if any(stack.beside(instance, _INSTANCE, by="replicateSourceDb")):
        return "manage_master_user_password is on, and it has a replica"
    return None


# Connections are encrypted -----------------------------------------------------------------------------


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
        aws.rds.Instance("database", engine="postgres", parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#rds-38",
)
def instance_postgres_tls(instance: Resource, stack: Stack) -> Problems:
    """Since version 15 `rds.force_ssl` is 1 by default."""
    return _refuses_plain(instance, stack, "postgres", "rds.force_ssl", on_since=15)


@rule(
    name="rds-instance-mysql-tls",
    title="RDS for MySQL refuses connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RDS.39",),
    types=(_INSTANCE,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        parameters = aws.rds.ParameterGroup(
            "parameters",
            family="mysql8.4",
            parameters=[{"name": "require_secure_transport", "value": "1"}],
        )
        aws.rds.Instance("database", engine="mysql", parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#rds-39",
)
def instance_mysql_tls(instance: Resource, stack: Stack) -> Problems:
    """`require_secure_transport` is off by default."""
    return _refuses_plain(instance, stack, "mysql", "require_secure_transport")


@rule(
    name="rds-instance-sqlserver-tls",
    title="RDS for SQL Server refuses connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RDS.41",),
    types=(_INSTANCE,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        parameters = aws.rds.ParameterGroup(
            "parameters",
            family="sqlserver-se-16.0",
            parameters=[{"name": "rds.force_ssl", "value": "1", "apply_method": "pending-reboot"}],
        )
        aws.rds.Instance("database", engine="sqlserver-se", parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#rds-41",
)
def instance_sqlserver_tls(instance: Resource, stack: Stack) -> Problems:
    """`rds.force_ssl` is 0 by default."""
    return _refuses_plain(instance, stack, "sqlserver", "rds.force_ssl")


@rule(
    name="rds-instance-mariadb-tls",
    title="RDS for MariaDB refuses connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RDS.44",),
    types=(_INSTANCE,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        parameters = aws.rds.ParameterGroup(
            "parameters",
            family="mariadb11.4",
            parameters=[{"name": "require_secure_transport", "value": "1"}],
        )
        aws.rds.Instance("database", engine="mariadb", parameter_group_name=parameters.name)
    """,
    link=f"{_FSBP}#rds-44",
)
def instance_mariadb_tls(instance: Resource, stack: Stack) -> Problems:
    """`require_secure_transport` is off by default."""
    return _refuses_plain(instance, stack, "mariadb", "require_secure_transport")


def _refuses_plain(
    instance: Resource, stack: Stack, engine: str, parameter: str, *, on_since: float = float("inf")
) -> Problems:
    """Whether a parameter is on: in a group of the stack, or by the engine's default since a version.

    A group of somebody else's, and an instance that does not name its engine, nobody here can judge.
    """
    if not instance.text("engine").startswith(engine):
        return OUT_OF_SCOPE
    for group in stack.behind(instance, "parameterGroupName", _PARAMETERS):
        if _is_on(group, parameter, default=_version(group.text("family")) >= on_since):
            return None
        return f"its parameter group leaves {parameter} off"
    if not instance.text("parameterGroupName", default="default.").startswith("default."):
        return OUT_OF_SCOPE
    newest = float("inf")
    if on_since == newest or _version(instance.text("engineVersion"), absent=newest) < on_since:
        return f"it has no parameter group with {parameter} on"
    return None


def _version(text: str, absent: float = 0) -> float:
    """The version in `postgres17` or `16.4`."""
    found = re.search(r"[0-9]+(\.[0-9]+)?", text)
    return float(found[0]) if found else absent


def _is_on(group: Resource, name: str, *, default: bool) -> bool:
    """Whether a parameter of a group is on; where the group does not name it, the default."""
    called = [parameter for parameter in group.objects("parameters") if _may_be_called(parameter, name)]
    if any_holds(lambda parameter: parameter.text("value").strip().lower() in _ON, called):
        return True
    return default and not called


_ON: Final = ("1", "on", "true")


def _may_be_called(parameter: View, name: str) -> bool:
    """Whether a parameter has a name, or one that is not known yet."""
    return parameter.raw("name") in (name, UNKNOWN)


@rule(
    name="rds-proxy-tls",
    title="RDS proxies refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("RDS.43",),
    types=(_PROXY,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        aws.rds.Proxy("proxy", require_tls=True)
    """,
    link=f"{_FSBP}#rds-43",
)
def proxy_tls(proxy: Resource) -> Problems:
    """Off by default."""
    return None if proxy.flag("requireTls", default=False) else "require_tls is not on"


@rule(
    name="rds-proxy-password-hashing",
    title="Clients of RDS proxies send their passwords well hashed",
    severity=Severity.MEDIUM,
    types=(_PROXY,),
    why="MD5 and SHA-1 of a password, once overheard, are soon the password.",
    fix="""
        aws.rds.Proxy(
            "proxy",
            auths=[{"secret_arn": secret.arn, "client_password_auth_type": "POSTGRES_SCRAM_SHA_256"}],
        )
    """,
    link=f"{_GUIDE}/rds-proxy-planning.html",
)
def proxy_password_hashing(proxy: Resource) -> Problems:
    """AWS's default is SCRAM for PostgreSQL and the safer of the two for SQL Server."""
    if any_holds(
        lambda auth: auth.text("clientPasswordAuthType") in ("POSTGRES_MD5", "MYSQL_NATIVE_PASSWORD"),
        proxy.objects("auths"),
    ):
        return "client_password_auth_type is a weak one"
    return None


@rule(
    name="rds-proxy-no-debug-logging",
    title="RDS proxies do not write SQL statements into their log",
    severity=Severity.MEDIUM,
    types=(_PROXY,),
    why="The debug log holds the text of every statement, with the data in it.",
    fix="""
        aws.rds.Proxy("proxy", debug_logging=False)
    """,
    link=f"{_GUIDE}/rds-proxy-creating.html",
)
def proxy_no_debug_logging(proxy: Resource) -> Problems:
    """Off by default."""
    return "debug_logging is on" if proxy.flag("debugLogging", default=False) else None


# Backups -----------------------------------------------------------------------------------------------


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
    if _is_replica(instance):
        return OUT_OF_SCOPE
    if instance.number("backupRetentionPeriod", default=0) < minimum_backup_retention_days:
        return f"backup_retention_period is below {minimum_backup_retention_days} days"
    return None


@rule(
    name="rds-cluster-backup-retention",
    title="RDS clusters keep automatic backups long enough",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="What is noticed after the last backup is gone cannot be restored.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-postgresql", backup_retention_period=30)
    """,
    link="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html",
)
def cluster_backup_retention(cluster: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is a day."""
    if cluster.number("backupRetentionPeriod", default=1) < minimum_backup_retention_days:
        return f"backup_retention_period is below {minimum_backup_retention_days} days"
    return None


@rule(
    name="rds-instance-in-backup-plan",
    title="A backup plan covers RDS instances",
    severity=Severity.MEDIUM,
    controls=("RDS.26",),
    types=(_INSTANCE,),
    why="Backups in a vault outlive the instance, and whoever may delete it cannot delete them.",
    fix="""
        aws.backup.Selection(
            "databases", plan_id=plan.id, iam_role_arn=role.arn, resources=[database.arn]
        )
    """,
    link=f"{_FSBP}#rds-26",
)
def instance_in_backup_plan(instance: Resource, stack: Stack) -> Problems:
    """Nothing is selected by default. A replica is backed up by its source."""
    if _is_replica(instance):
        return OUT_OF_SCOPE
    return None if is_selected(instance, stack) else "no backup plan of the stack selects it"


@rule(
    name="rds-cluster-in-backup-plan",
    title="A backup plan covers RDS clusters",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_CLUSTER,),
    why="Backups in a vault outlive the cluster, and whoever may delete it cannot delete them.",
    fix="""
        aws.backup.Selection(
            "databases", plan_id=plan.id, iam_role_arn=role.arn, resources=[cluster.arn]
        )
    """,
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
)
def cluster_in_backup_plan(cluster: Resource, stack: Stack) -> Problems:
    """Nothing is selected by default. A replica is backed up by its source."""
    if cluster.is_present("replicationSourceIdentifier"):
        return OUT_OF_SCOPE
    return None if is_selected(cluster, stack) else "no backup plan of the stack selects it"


@rule(
    name="rds-instance-backups-copied",
    title="Automatic backups of RDS instances are copied to another region",
    severity=Severity.MEDIUM,
    types=(_INSTANCE,),
    why="With a region, the backups in it are out of reach.",
    fix="""
        aws.rds.InstanceAutomatedBackupsReplication(
            "copies", source_db_instance_arn=database.arn, retention_period=30, region="us-east-2"
        )
    """,
    link=f"{_GUIDE}/USER_ReplicateBackups.html",
)
def instance_backups_copied(instance: Resource, stack: Stack, *, copies_to_other_region: bool) -> Problems:
    """Nothing is copied by default. A replica is backed up by its source."""
    if not copies_to_other_region or _is_replica(instance):
        return OUT_OF_SCOPE
    for copies in stack.beside(instance, _COPIES, by="sourceDbInstanceArn"):
        if not in_one_region(copies, instance):
            return None
    return "it has no InstanceAutomatedBackupsReplication in another region"


@rule(
    name="rds-backup-copies-retention",
    title="Copies of automatic backups are kept long enough",
    severity=Severity.MEDIUM,
    types=(_COPIES,),
    why="After the loss of a region, the copies are all there is.",
    fix="""
        aws.rds.InstanceAutomatedBackupsReplication(
            "copies", source_db_instance_arn=database.arn, retention_period=30, region="us-east-2"
        )
    """,
    link=f"{_GUIDE}/USER_ReplicateBackups.html",
)
def backup_copies_retention(copies: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """The provider's default is 7 days."""
    if copies.number("retentionPeriod", default=7) < minimum_backup_retention_days:
        return f"retention_period is below {minimum_backup_retention_days} days"
    return None


@rule(
    name="rds-final-snapshot",
    title="A database leaves a last snapshot when it is deleted",
    severity=Severity.MEDIUM,
    types=(_INSTANCE, _CLUSTER),
    why="Whoever deletes the wrong database has nothing else of its last hours.",
    fix="""
        aws.rds.Instance("database", skip_final_snapshot=False, final_snapshot_identifier="database-final")
    """,
    link=f"{_GUIDE}/USER_DeleteInstance.html",
)
def final_snapshot(database: Resource) -> Problems:
    """The provider takes one by default. A replica leaves none."""
    if _is_replica(database):
        return OUT_OF_SCOPE
    return "skip_final_snapshot is on" if database.flag("skipFinalSnapshot", default=False) else None


@rule(
    name="rds-backups-outlive-database",
    title="Automatic backups stay when their database is deleted",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_INSTANCE, _CLUSTER),
    why="Deleted with the instance, backups are no protection from deleting the instance.",
    fix="""
        aws.rds.Instance("database", delete_automated_backups=False)
    """,
    link=f"{_GUIDE}/USER_WorkingWithAutomatedBackups.Retaining.html",
)
def backups_outlive_database(database: Resource) -> Problems:
    """They are deleted by default. A replica has none."""
    if _is_replica(database):
        return OUT_OF_SCOPE
    if database.flag("deleteAutomatedBackups", default=True):
        return "delete_automated_backups is not off"
    return None


@rule(
    name="rds-aurora-mysql-backtrack",
    title="Aurora MySQL clusters can be turned back",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("RDS.14",),
    types=(_CLUSTER,),
    why="A statement that destroyed data is undone in minutes, where a restore takes hours.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-mysql", backtrack_window=86400)
    """,
    link=f"{_FSBP}#rds-14",
)
def aurora_mysql_backtrack(cluster: Resource) -> Problems:
    """Off by default; PostgreSQL does not know it."""
    if cluster.text("engine") not in ("aurora", "aurora-mysql"):
        return OUT_OF_SCOPE
    return None if cluster.number("backtrackWindow", default=0) > 0 else "backtrack_window is not set"


@rule(
    name="rds-cluster-copies-tags",
    title="Snapshots of RDS clusters carry the cluster's tags",
    severity=Severity.LOW,
    controls=("RDS.16", "RDS.47", "RDS.48"),
    types=(_CLUSTER,),
    why="What goes by tags, access and cost among it, does not see a snapshot without them.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-postgresql", copy_tags_to_snapshot=True)
    """,
    link=f"{_FSBP}#rds-16",
)
def cluster_copies_tags(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("copyTagsToSnapshot", default=False) else "copy_tags_to_snapshot is not on"


@rule(
    name="rds-instance-copies-tags",
    title="Snapshots of RDS instances carry the instance's tags",
    severity=Severity.LOW,
    controls=("RDS.17",),
    types=(_INSTANCE,),
    why="What goes by tags, access and cost among it, does not see a snapshot without them.",
    fix="""
        aws.rds.Instance("database", copy_tags_to_snapshot=True)
    """,
    link=f"{_FSBP}#rds-17",
)
def instance_copies_tags(instance: Resource) -> Problems:
    """Off by default."""
    return None if instance.flag("copyTagsToSnapshot", default=False) else "copy_tags_to_snapshot is not on"


# Protection, availability, upgrades --------------------------------------------------------------------


@rule(
    name="rds-cluster-deletion-protection",
    title="RDS clusters are protected from deletion",
    severity=Severity.LOW,
    controls=("RDS.7",),
    types=(_CLUSTER, "aws:rds/globalCluster:GlobalCluster"),
    why="One careless click or change of a program would delete the database.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-postgresql", deletion_protection=True)
    """,
    link=f"{_FSBP}#rds-7",
)
def cluster_deletion_protection(cluster: Resource) -> Problems:
    """Off by default."""
    return None if cluster.flag("deletionProtection", default=False) else "deletion_protection is not on"


@rule(
    name="rds-instance-deletion-protection",
    title="RDS instances are protected from deletion",
    severity=Severity.LOW,
    controls=("RDS.8",),
    types=(_INSTANCE,),
    why="One careless click or change of a program would delete the database.",
    fix="""
        aws.rds.Instance("database", deletion_protection=True)
    """,
    link=f"{_FSBP}#rds-8",
)
def instance_deletion_protection(instance: Resource) -> Problems:
    """Off by default. A replica can be made again."""
    if _is_replica(instance):
        return OUT_OF_SCOPE
    return None if instance.flag("deletionProtection", default=False) else "deletion_protection is not on"


@rule(
    name="rds-instance-multi-az",
    title="RDS instances have a standby in another availability zone",
    severity=Severity.MEDIUM,
    controls=("RDS.5",),
    types=(_INSTANCE,),
    why="With its zone, an instance without a standby is gone for hours, and so is the application.",
    fix="""
        aws.rds.Instance("database", multi_az=True)
    """,
    link=f"{_FSBP}#rds-5",
)
def instance_multi_az(instance: Resource) -> Problems:
    """Off by default. A replica needs none: its source has one."""
    if _is_replica(instance):
        return OUT_OF_SCOPE
    return None if instance.flag("multiAz", default=False) else "multi_az is not on"


@rule(
    name="rds-cluster-multi-az",
    title="Aurora clusters have instances in more than one availability zone",
    severity=Severity.MEDIUM,
    controls=("RDS.15",),
    types=(_CLUSTER,),
    why="A cluster of one instance is gone with its zone until another one has been made.",
    fix="""
        for number in range(2):
            aws.rds.ClusterInstance(f"database-{number}", cluster_identifier=cluster.id)
    """,
    link=f"{_FSBP}#rds-15",
)
def cluster_multi_az(cluster: Resource, stack: Stack) -> Problems:
    """Aurora puts a cluster's instances into different zones, unless they name one themselves."""
    if cluster.is_present("dbClusterInstanceClass") or cluster.text("engineMode") == "serverless":
        return OUT_OF_SCOPE
    found: list[Resource] = []
    for member in stack.beside(cluster, _MEMBER, by="clusterIdentifier"):
        found.append(member)
        zones = [other.raw("availabilityZone") for other in found]
        if len(found) > 1 and (None in zones or len({str(zone) for zone in zones}) > 1):
            return None
    return "it has no two instances in different availability zones"


@rule(
    name="rds-minor-version-upgrades",
    title="RDS instances take minor versions by themselves",
    severity=Severity.HIGH,
    controls=("RDS.13", "CIS 2.3.2"),
    types=(_INSTANCE, _MEMBER),
    why="Minor versions are where security holes of an engine are closed.",
    fix="""
        aws.rds.Instance("database", auto_minor_version_upgrade=True)
    """,
    link=f"{_FSBP}#rds-13",
)
def minor_version_upgrades(instance: Resource) -> Problems:
    """On by default."""
    if instance.flag("autoMinorVersionUpgrade", default=True):
        return None
    return "auto_minor_version_upgrade is off"


@rule(
    name="rds-cluster-minor-version-upgrades",
    title="RDS clusters take minor versions by themselves",
    severity=Severity.MEDIUM,
    controls=("RDS.35",),
    types=(_CLUSTER,),
    why="Minor versions are where security holes of an engine are closed.",
    fix="""
        aws.rds.Cluster("database", engine="postgres", auto_minor_version_upgrade=True)
    """,
    link=f"{_FSBP}#rds-35",
)
def cluster_minor_version_upgrades(cluster: Resource) -> Problems:
    """On by default."""
    if cluster.flag("autoMinorVersionUpgrade", default=True):
        return None
    return "auto_minor_version_upgrade is off"


@rule(
    name="rds-maintenance-window",
    title="Databases are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_INSTANCE,),
    why="Maintenance may restart a database; outside of the window nobody expects it.",
    fix="""
        aws.rds.Instance("database", maintenance_window="sun:02:00-sun:04:00")
    """,
    link=f"{_GUIDE}/USER_UpgradeDBInstance.Maintenance.html",
)
def instance_maintenance_window(instance: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(instance, "maintenanceWindow", maintenance_window)


@rule(
    name="rds-cluster-maintenance-window",
    title="Clusters are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_CLUSTER, _MEMBER),
    why="Maintenance may restart a database; outside of the window nobody expects it.",
    fix="""
        aws.rds.Cluster(
            "database", engine="aurora-postgresql", preferred_maintenance_window="sun:02:00-sun:04:00"
        )
    """,
    link="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.Maintenance.html",
)
def cluster_maintenance_window(cluster: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses."""
    return outside_window(cluster, "preferredMaintenanceWindow", maintenance_window)


# What is seen of a database ----------------------------------------------------------------------------


@rule(
    name="rds-enhanced-monitoring",
    title="The operating system of databases is monitored",
    severity=Severity.LOW,
    controls=("RDS.6",),
    types=(_INSTANCE, _MEMBER, _CLUSTER),
    why="Which process takes memory and processor, CloudWatch's own figures do not show.",
    fix="""
        aws.rds.Instance("database", monitoring_interval=60, monitoring_role_arn=role.arn)
    """,
    link=f"{_FSBP}#rds-6",
)
def enhanced_monitoring(database: Resource) -> Problems:
    """Off by default. Of Aurora's clusters the instances say it."""
    if database.number("monitoringInterval", default=0) > 0:
        return None
    if database.type == _CLUSTER and not database.is_present("dbClusterInstanceClass"):
        return OUT_OF_SCOPE
    return "monitoring_interval is 0"


@rule(
    name="rds-instance-exports-logs",
    title="RDS instances send their logs to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("RDS.9", "RDS.36", "RDS.40", "RDS.42"),
    types=(_INSTANCE,),
    why="On the instance, logs are kept for days, and are gone with it.",
    fix="""
        aws.rds.Instance(
            "database", engine="postgres", enabled_cloudwatch_logs_exports=["postgresql", "upgrade"]
        )
    """,
    link=f"{_FSBP}#rds-9",
)
def instance_exports_logs(instance: Resource) -> Problems:
    """None is sent by default. Of an instance that does not name its engine, its logs tell which it is."""
    engine = instance.text("engine")
    if not engine:
        exported = set(instance.texts("enabledCloudwatchLogsExports"))
        return None if exported - {"upgrade"} else "enabled_cloudwatch_logs_exports has no log of the engine"
    for name, logs in _LOGS.items():
        if engine.startswith((name, f"custom-{name}")):
            exported = set(instance.texts("enabledCloudwatchLogsExports"))
            missing = [log for log in logs if log not in exported]
            if missing:
                return f"enabled_cloudwatch_logs_exports lacks {', '.join(missing)}"
            return None
    return OUT_OF_SCOPE


_LOGS: Final = {
    "db2": ("diag.log", "notify.log"),
    "mariadb": ("audit", "error", "general", "slowquery"),
    "mysql": ("audit", "error", "general", "slowquery"),
    "oracle": ("alert", "audit", "listener", "trace"),
    "postgres": ("postgresql", "upgrade"),
    "sqlserver": ("agent", "error"),
}
"""What RDS.9 asks of each engine."""


@rule(
    name="rds-aurora-mysql-exports-audit-log",
    title="Aurora MySQL clusters send their audit log to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("RDS.34",),
    types=(_CLUSTER,),
    why="On the cluster alone, its administrator decides what is left of the log.",
    fix="""
        aws.rds.Cluster("database", engine="aurora-mysql", enabled_cloudwatch_logs_exports=["audit"])
    """,
    link=f"{_FSBP}#rds-34",
)
def aurora_mysql_exports_audit_log(cluster: Resource) -> Problems:
    """None is sent by default."""
    if cluster.text("engine") != "aurora-mysql":
        return OUT_OF_SCOPE
    if any_holds(lambda log: log == "audit", cluster.texts("enabledCloudwatchLogsExports")):
        return None
    return "enabled_cloudwatch_logs_exports lacks audit"


@rule(
    name="rds-aurora-postgres-exports-log",
    title="PostgreSQL clusters send their log to CloudWatch",
    severity=Severity.MEDIUM,
    controls=("RDS.37",),
    types=(_CLUSTER,),
    why="On the cluster, logs are kept for days, and are gone with it.",
    fix="""
        aws.rds.Cluster(
            "database", engine="aurora-postgresql", enabled_cloudwatch_logs_exports=["postgresql"]
        )
    """,
    link=f"{_FSBP}#rds-37",
)
def aurora_postgres_exports_log(cluster: Resource) -> Problems:
    """None is sent by default."""
    if cluster.text("engine") not in ("aurora-postgresql", "postgres"):
        return OUT_OF_SCOPE
    if any_holds(lambda log: log == "postgresql", cluster.texts("enabledCloudwatchLogsExports")):
        return None
    return "enabled_cloudwatch_logs_exports lacks postgresql"


@rule(
    name="rds-aurora-mysql-audits",
    title="Aurora MySQL clusters write an audit log",
    severity=Severity.MEDIUM,
    controls=("RDS.45",),
    types=(_CLUSTER,),
    why="Without it nobody can say who read or changed what.",
    fix="""
        parameters = aws.rds.ClusterParameterGroup(
            "parameters",
            family="aurora-mysql8.0",
            parameters=[
                {"name": "server_audit_logging", "value": "1"},
                {"name": "server_audit_events", "value": "CONNECT,QUERY_DCL,QUERY_DDL"},
            ],
        )
        aws.rds.Cluster(
            "database", engine="aurora-mysql", db_cluster_parameter_group_name=parameters.name
        )
    """,
    link=f"{_FSBP}#rds-45",
)
def aurora_mysql_audits(cluster: Resource, stack: Stack) -> Problems:
    """`server_audit_logging` is off by default. A group of somebody else's nobody here can judge."""
    if cluster.text("engine") != "aurora-mysql":
        return OUT_OF_SCOPE
    for group in stack.behind(cluster, "dbClusterParameterGroupName", _CLUSTER_PARAMETERS):
        on = _is_on(group, "server_audit_logging", default=False)
        return None if on else "its parameter group leaves server_audit_logging off"
    name = cluster.text("dbClusterParameterGroupName")
    if name and not name.startswith("default."):
        return OUT_OF_SCOPE
    return "it has no parameter group with server_audit_logging on"


# Who hears of it ---------------------------------------------------------------------------------------

_CRITICAL: Final = {
    "db-cluster": ("failure", "maintenance"),
    "db-instance": ("configuration change", "failure", "maintenance"),
    "db-parameter-group": ("configuration change",),
    "db-security-group": ("configuration change", "failure"),
}
"""The categories of events that the controls call critical, by the type of their source."""


@rule(
    name="rds-event-subscription-critical",
    title="Subscriptions to events of RDS include the critical ones",
    severity=Severity.LOW,
    controls=("RDS.19", "RDS.20"),
    types=(_SUBSCRIPTION,),
    why="Whoever subscribed believes to hear of every failure.",
    fix="""
        aws.rds.EventSubscription(
            "events",
            sns_topic=topic.arn,
            source_type="db-instance",
            event_categories=["configuration change", "failure", "maintenance"],
        )
    """,
    link=f"{_FSBP}#rds-20",
)
def event_subscription_critical(subscription: Resource) -> Problems:
    """It is enabled by default, and about every category where it names none."""
    if not subscription.flag("enabled", default=True):
        return "enabled is off"
    if not subscription.is_present("eventCategories"):
        return None
    wanted = _CRITICAL.get(subscription.text("sourceType"), ())
    given = {category.lower() for category in subscription.texts("eventCategories")}
    missing = [category for category in wanted if category not in given]
    return f"event_categories lacks {', '.join(missing)}" if missing else None


@rule(
    name="rds-cluster-events-subscribed",
    title="Somebody hears of the events of RDS clusters",
    severity=Severity.LOW,
    controls=("RDS.19",),
    types=(_CLUSTER,),
    why="A failover or a failure that nobody is told of is found by the users.",
    fix="""
        aws.rds.EventSubscription("events", sns_topic=topic.arn, source_type="db-cluster")
    """,
    link=f"{_FSBP}#rds-19",
)
def cluster_events_subscribed(cluster: Resource, stack: Stack) -> Problems:
    """A subscription without a source type is about all, one without sources about each of its type."""
    return _subscribed(cluster, stack, "db-cluster")


@rule(
    name="rds-instance-events-subscribed",
    title="Somebody hears of the events of RDS instances",
    severity=Severity.LOW,
    controls=("RDS.20",),
    types=(_INSTANCE,),
    why="A failover or a failure that nobody is told of is found by the users.",
    fix="""
        aws.rds.EventSubscription("events", sns_topic=topic.arn, source_type="db-instance")
    """,
    link=f"{_FSBP}#rds-20",
)
def instance_events_subscribed(instance: Resource, stack: Stack) -> Problems:
    """A subscription without a source type is about all, one without sources about each of its type."""
    return _subscribed(instance, stack, "db-instance")


@rule(
    name="rds-parameter-group-events-subscribed",
    title="Somebody hears of changes of parameter groups",
    severity=Severity.LOW,
    controls=("RDS.21",),
    types=(_PARAMETERS, _CLUSTER_PARAMETERS),
    why="One parameter turns TLS or auditing off for every database of the group.",
    fix="""
        aws.rds.EventSubscription("events", sns_topic=topic.arn, source_type="db-parameter-group")
    """,
    link=f"{_FSBP}#rds-21",
)
def parameter_group_events_subscribed(group: Resource, stack: Stack) -> Problems:
    """A subscription without a source type is about all, one without sources about each of its type."""
    return _subscribed(group, stack, "db-parameter-group")


@rule(
    name="rds-security-group-events-subscribed",
    title="Somebody hears of changes of databases' security groups",
    severity=Severity.LOW,
    controls=("RDS.22",),
    types=(_INSTANCE, _CLUSTER),
    why="One rule of a security group opens a database to a whole network.",
    fix="""
        aws.rds.EventSubscription("events", sns_topic=topic.arn, source_type="db-security-group")
    """,
    link=f"{_FSBP}#rds-22",
)
def security_group_events_subscribed(database: Resource, stack: Stack) -> Problems:
    """A subscription without a source type is about all."""
    return _subscribed(database, stack, "db-security-group")


def _subscribed(source: Resource, stack: Stack, kind: str) -> Problems:
    def is_about(subscription: Resource) -> bool:
        return subscription.text("sourceType") in ("", kind)

    def is_about_all(subscription: Resource) -> bool:
        return is_about(subscription) and not subscription.is_present("sourceIds")

    if one_holds(
        lambda: any_holds(is_about_all, stack.all(_SUBSCRIPTION)),
        lambda: any_holds(is_about, stack.beside(source, _SUBSCRIPTION, by="sourceIds")),
    ):
        return None
    return f"the stack has no event subscription with the source type {kind}"
