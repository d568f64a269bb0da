"""What the rules of databases decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import rds
from tests.policies.kit import MAIN, SIDE, Case, Side, arn, backup_selection, judged, reference

_KEY = arn("kms", "key/1a2b3c4d")
_TOPIC = arn("sns", "topic")
_INSTANCE = "aws:rds/instance:Instance"
_CLUSTER = "aws:rds/cluster:Cluster"
_MEMBER = "aws:rds/clusterInstance:ClusterInstance"
_REPLICA = [{"replicateSourceDb": "source"}]
_WINDOW = {"maintenance_window": "sun:02:00-sun:04:00"}


def _group(family: str, name: str, value: str) -> Side:
    return Side(
        "aws:rds/parameterGroup:ParameterGroup",
        family=family,
        parameters=[{"name": "other", "value": "1"}, {"name": name, "value": value}],
    )


def _cluster_group(value: str) -> Side:
    return Side(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        family="aurora-mysql8.0",
        parameters=[{"name": "server_audit_logging", "value": value}],
    )


def _tls(rule: Any, engine: str, family: str, parameter: str) -> tuple[Case, ...]:
    """By a group of the stack that turns it on, turns it off, and leaves it as it is."""
    base = {"engine": engine, "parameterGroupName": SIDE}
    on = [_group(family, parameter, "1")]
    return tuple(
        Case(
            rule,
            base=base,
            compliant_beside=on,
            violating_beside=[_group(family, name, "0")],
            # Without it in this stack, it is somebody else's.
            absent=None,
            out_of_scope=[{"engine": "db2-se"}],
        )
        for name in (parameter, "another")
    )


def _subscription(kind: str, **given: Any) -> Side:
    return Side("aws:rds/eventSubscription:EventSubscription", snsTopic=_TOPIC, sourceType=kind, **given)


def _subscribed(rule: Any, kind: str, **base: Any) -> tuple[Case, ...]:
    of_type = [_subscription(kind)]
    return (
        Case(rule, base=base, compliant_beside=of_type),
        Case(
            rule,
            base=base,
            compliant_beside=of_type,
            violating_beside=[_subscription("db-snapshot")],
            # One that names no type is about all of them.
            absent=None,
        ),
    )


def _subscribed_by_source(rule: Any, kind: str, **base: Any) -> Case:
    return Case(
        rule,
        base=base,
        compliant_beside=[_subscription(kind, sourceIds=[MAIN])],
        violating_beside=[_subscription(kind, sourceIds=["another"])],
        # One that names no source is about all of them.
        absent=None,
    )


def _table(*routes: dict[str, str]) -> list[Side]:
    """A subnet, its association, and its route table."""
    return [
        Side("aws:ec2/subnet:Subnet", vpcId="vpc-1"),
        Side(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            subnetId=reference(1),
            routeTableId=reference(3),
        ),
        Side("aws:ec2/routeTable:RouteTable", vpcId="vpc-1", routes=list(routes)),
    ]


_OUT = {"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1a2b3c4d"}
_NAT = {"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1a2b3c4d"}
_PRIVATE = _table(_NAT)

_COPIES = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"


def _member(**given: Any) -> Side:
    return Side(_MEMBER, clusterIdentifier=MAIN, engine="aurora-mysql", **given)


ENCRYPTION = (
    Case(
        rds.instance_storage_encrypted,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.cluster_storage_encrypted,
        base={"engine": "aurora-mysql"},
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        more_compliant=[{"engineMode": "serverless"}],
        out_of_scope=[{"replicationSourceIdentifier": "source"}],
    ),
    Case(
        rds.global_cluster_storage_encrypted,
        compliant={"storageEncrypted": True},
        violating={"storageEncrypted": False},
        out_of_scope=[{"sourceDbClusterIdentifier": "source"}],
    ),
    *(
        Case(
            rds.storage_encrypted_with_own_key,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"kmsKeyId": _KEY},
            unknown=Verdict.COMPLIANT,
            out_of_scope=[{"snapshotIdentifier": "snapshot"}],
        )
        for token in (_INSTANCE, _CLUSTER)
    ),
    Case(
        rds.performance_insights_encrypted_with_own_key,
        base={"performanceInsightsEnabled": True},
        compliant={"performanceInsightsKmsKeyId": _KEY},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"performanceInsightsEnabled": False}],
    ),
    Case(
        rds.snapshot_encrypted,
        base={"dbInstanceIdentifier": SIDE},
        compliant_beside=[Side(_INSTANCE, storageEncrypted=True)],
        violating_beside=[Side(_INSTANCE, storageEncrypted=False)],
        # The database may be in another stack.
        absent=None,
    ),
    Case(
        rds.snapshot_encrypted,
        type="aws:rds/clusterSnapshot:ClusterSnapshot",
        base={"dbClusterIdentifier": SIDE},
        compliant_beside=[Side(_CLUSTER, engine="aurora-mysql", storageEncrypted=True)],
        violating_beside=[Side(_CLUSTER, engine="aurora-mysql", storageEncrypted=False)],
        absent=None,
    ),
    Case(rds.snapshot_copy_encrypted, compliant={"kmsKeyId": _KEY}, unknown=Verdict.COMPLIANT),
    Case(
        rds.snapshot_private,
        compliant={"sharedAccounts": ["111122223333"]},
        violating={"sharedAccounts": ["111122223333", "all"]},
        absent=Verdict.COMPLIANT,
    ),
)

ACCESS = (
    *(
        Case(
            rds.instance_not_public,
            type=token,
            base={"engine": "aurora-mysql"} if token == _MEMBER else {},
            compliant={"publiclyAccessible": False},
            violating={"publiclyAccessible": True},
            absent=Verdict.COMPLIANT,
        )
        for token in (_INSTANCE, _MEMBER)
    ),
    Case(
        rds.cluster_not_public,
        base={"engine": "postgres", "dbClusterInstanceClass": "db.m6gd.large", "dbSubnetGroupName": "own"},
        compliant={"publiclyAccessible": False},
        violating={"publiclyAccessible": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.cluster_not_public,
        base={"engine": "postgres", "dbClusterInstanceClass": "db.m6gd.large"},
        compliant={"dbSubnetGroupName": "own"},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"dbClusterInstanceClass": None}],
    ),
    Case(
        rds.instance_in_vpc,
        compliant={"dbSubnetGroupName": "own"},
        unknown=Verdict.COMPLIANT,
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.subnet_group_private,
        base={"subnetIds": [SIDE]},
        compliant_beside=_PRIVATE,
        violating_beside=_table(_OUT),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.subnet_group_private,
        base={"subnetIds": [SIDE]},
        beside=[*_PRIVATE, Side("aws:ec2/internetGateway:InternetGateway")],
        compliant_beside=[Side("aws:ec2/route:Route", routeTableId=reference(3))],
        violating_beside=[
            Side("aws:ec2/route:Route", routeTableId=reference(3), gatewayId=reference(4)),
        ],
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            rds.security_groups_named,
            type=token,
            base={"engine": "aurora-mysql"} if token == _CLUSTER else {},
            compliant={"vpcSecurityGroupIds": ["sg-1"]},
            unknown=Verdict.COMPLIANT,
        )
        for token in rds.security_groups_named.types
    ),
    Case(
        rds.default_port_not_used,
        base={"engine": "postgres"},
        compliant={"port": 5433},
        violating={"port": 5432},
        out_of_scope=[{"replicateSourceDb": "source", "port": None}],
    ),
    Case(
        rds.default_port_not_used,
        type=_CLUSTER,
        base={"engine": "aurora-mysql"},
        compliant={"port": 3307},
        violating={"port": 3306},
        more_compliant=[{"port": 5432}],
    ),
)

SIGN_IN = (
    Case(
        rds.instance_iam_authentication,
        base={"engine": "postgres"},
        compliant={"iamDatabaseAuthenticationEnabled": True},
        violating={"iamDatabaseAuthenticationEnabled": False},
        out_of_scope=[{"engine": "sqlserver-se"}],
    ),
    Case(
        rds.cluster_iam_authentication,
        base={"engine": "aurora-mysql"},
        compliant={"iamDatabaseAuthenticationEnabled": True},
        violating={"iamDatabaseAuthenticationEnabled": False},
    ),
    Case(
        rds.cluster_administrator_renamed,
        base={"engine": "aurora-mysql"},
        compliant={"masterUsername": "keeper"},
        violating={"masterUsername": "admin"},
        absent=Verdict.COMPLIANT,
        out_of_scope=[{"snapshotIdentifier": "snapshot"}],
    ),
    Case(
        rds.instance_administrator_renamed,
        compliant={"username": "keeper"},
        violating={"username": "Postgres"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.password_not_in_program,
        base={"passwordWo": "value"},
        violating={"password": "value"},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        rds.password_not_in_program,
        type=_CLUSTER,
        base={"engine": "aurora-mysql"},
        violating={"masterPassword": "value"},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        rds.instance_managed_password_without_replica,
        base={"manageMasterUserPassword": True},
        compliant_beside=[Side(_INSTANCE, replicateSourceDb="another")],
        violating_beside=[Side(_INSTANCE, replicateSourceDb=MAIN)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.instance_managed_password_without_replica,
        beside=[Side(_INSTANCE, replicateSourceDb=MAIN)],
        compliant={"manageMasterUserPassword": False},
        violating={"manageMasterUserPassword": True},
        absent=Verdict.COMPLIANT,
    ),
)

TLS = (
    *_tls(rds.instance_postgres_tls, "postgres", "postgres14", "rds.force_ssl"),
    *_tls(rds.instance_mysql_tls, "mysql", "mysql8.4", "require_secure_transport"),
    *_tls(rds.instance_sqlserver_tls, "sqlserver-se", "sqlserver-se-16.0", "rds.force_ssl"),
    *_tls(rds.instance_mariadb_tls, "mariadb", "mariadb11.4", "require_secure_transport"),
    Case(
        rds.instance_postgres_tls,
        base={"engine": "postgres", "parameterGroupName": SIDE},
        compliant_beside=[_group("postgres17", "another", "1")],
        violating_beside=[_group("postgres17", "rds.force_ssl", "0")],
        absent=None,
    ),
    Case(
        rds.instance_postgres_tls,
        base={"engine": "postgres"},
        compliant={"engineVersion": "15.4"},
        violating={"engineVersion": "14"},
        # AWS takes its newest.
        absent=Verdict.COMPLIANT,
        more_compliant=[{"parameterGroupName": "default.postgres17"}],
        out_of_scope=[{"parameterGroupName": "somebody-elses"}],
    ),
    Case(
        rds.proxy_tls,
        compliant={"requireTls": True},
        violating={"requireTls": False},
    ),
    Case(
        rds.proxy_password_hashing,
        compliant={"auths": [{"clientPasswordAuthType": "POSTGRES_SCRAM_SHA_256"}]},
        violating={"auths": [{"clientPasswordAuthType": "POSTGRES_MD5"}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.proxy_no_debug_logging,
        compliant={"debugLogging": False},
        violating={"debugLogging": True},
        absent=Verdict.COMPLIANT,
    ),
)

BACKUPS = (
    Case(
        rds.instance_backup_retention,
        compliant={"backupRetentionPeriod": 30},
        violating={"backupRetentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.cluster_backup_retention,
        base={"engine": "aurora-mysql"},
        compliant={"backupRetentionPeriod": 30},
        violating={"backupRetentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
    ),
    Case(
        rds.instance_in_backup_plan,
        compliant_beside=backup_selection([MAIN]),
        violating_beside=backup_selection(["arn:aws:rds:us-west-2:111122223333:db:another"]),
        out_of_scope=_REPLICA,
    ),
    Case(rds.instance_in_backup_plan, compliant_beside=backup_selection(["*"])),
    Case(
        rds.cluster_in_backup_plan,
        base={"engine": "aurora-mysql"},
        compliant_beside=backup_selection([MAIN]),
        violating_beside=backup_selection(["arn:aws:rds:us-west-2:111122223333:cluster:another"]),
        out_of_scope=[{"replicationSourceIdentifier": "source"}],
    ),
    Case(
        rds.instance_in_backup_plan,
        beside=backup_selection(
            [], selectionTags=[{"type": "STRINGEQUALS", "key": "Backup", "value": "yes"}]
        ),
        compliant={"tags": {"Backup": "yes"}},
        violating={"tags": {"Backup": "no"}},
    ),
    Case(
        rds.instance_backups_copied,
        base={"region": "us-west-2"},
        compliant_beside=[Side(_COPIES, sourceDbInstanceArn=MAIN, region="us-east-2")],
        violating_beside=[Side(_COPIES, sourceDbInstanceArn=MAIN, region="us-west-2")],
        # Its own ARN may tell the region.
        absent=None,
        unknown=None,
        settings={"copies_to_other_region": True},
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.instance_backups_copied,
        compliant_beside=[Side(_COPIES, sourceDbInstanceArn=MAIN, region="us-east-2")],
        settings={"copies_to_other_region": True},
    ),
    Case(
        rds.backup_copies_retention,
        compliant={"retentionPeriod": 30},
        violating={"retentionPeriod": 29},
        settings={"minimum_backup_retention_days": 30},
    ),
    *(
        Case(
            rds.final_snapshot,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"skipFinalSnapshot": False},
            violating={"skipFinalSnapshot": True},
            absent=Verdict.COMPLIANT,
            out_of_scope=_REPLICA if token == _INSTANCE else [],
        )
        for token in (_INSTANCE, _CLUSTER)
    ),
    *(
        Case(
            rds.backups_outlive_database,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"deleteAutomatedBackups": False},
            violating={"deleteAutomatedBackups": True},
            out_of_scope=_REPLICA if token == _INSTANCE else [],
        )
        for token in (_INSTANCE, _CLUSTER)
    ),
    Case(
        rds.aurora_mysql_backtrack,
        base={"engine": "aurora-mysql"},
        compliant={"backtrackWindow": 3600},
        violating={"backtrackWindow": 0},
        out_of_scope=[{"engine": "aurora-postgresql"}],
    ),
    Case(
        rds.cluster_copies_tags,
        base={"engine": "aurora-mysql"},
        compliant={"copyTagsToSnapshot": True},
        violating={"copyTagsToSnapshot": False},
    ),
    Case(
        rds.instance_copies_tags,
        compliant={"copyTagsToSnapshot": True},
        violating={"copyTagsToSnapshot": False},
    ),
)

OPERATION = (
    *(
        Case(
            rds.cluster_deletion_protection,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"deletionProtection": True},
            violating={"deletionProtection": False},
        )
        for token in rds.cluster_deletion_protection.types
    ),
    Case(
        rds.instance_deletion_protection,
        compliant={"deletionProtection": True},
        violating={"deletionProtection": False},
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.instance_multi_az,
        compliant={"multiAz": True},
        violating={"multiAz": False},
        out_of_scope=_REPLICA,
    ),
    Case(
        rds.cluster_multi_az,
        base={"engine": "aurora-mysql"},
        beside=[_member(availabilityZone="us-west-2a")],
        compliant_beside=[_member(availabilityZone="us-west-2b")],
        violating_beside=[_member(availabilityZone="us-west-2a")],
        # Where it names none, AWS puts it into another zone.
        absent=None,
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"engineMode": "serverless"}],
    ),
    Case(
        rds.cluster_multi_az,
        base={"engine": "aurora-mysql"},
        compliant_beside=[_member(), _member()],
        violating_beside=[_member()],
    ),
    *(
        Case(
            rds.minor_version_upgrades,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"autoMinorVersionUpgrade": True},
            violating={"autoMinorVersionUpgrade": False},
            absent=Verdict.COMPLIANT,
        )
        for token in (_INSTANCE, _MEMBER)
    ),
    Case(
        rds.cluster_minor_version_upgrades,
        base={"engine": "postgres"},
        compliant={"autoMinorVersionUpgrade": True},
        violating={"autoMinorVersionUpgrade": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        rds.instance_maintenance_window,
        compliant={"maintenanceWindow": "Sun:02:30-Sun:03:30"},
        violating={"maintenanceWindow": "sun:03:30-sun:04:30"},
        settings=_WINDOW,
    ),
    *(
        Case(
            rds.cluster_maintenance_window,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"preferredMaintenanceWindow": "sun:02:00-sun:04:00"},
            violating={"preferredMaintenanceWindow": "mon:02:00-mon:04:00"},
            settings=_WINDOW,
        )
        for token in (_CLUSTER, _MEMBER)
    ),
    *(
        Case(
            rds.enhanced_monitoring,
            type=token,
            base={"engine": "aurora-mysql"},
            compliant={"monitoringInterval": 60},
            violating={"monitoringInterval": 0},
        )
        for token in (_INSTANCE, _MEMBER)
    ),
    Case(
        rds.enhanced_monitoring,
        type=_CLUSTER,
        base={"engine": "postgres", "dbClusterInstanceClass": "db.m6gd.large"},
        compliant={"monitoringInterval": 60},
        violating={"monitoringInterval": 0},
        out_of_scope=[{"dbClusterInstanceClass": None}],
    ),
)

LOGS = (
    *(
        Case(
            rds.instance_exports_logs,
            base={"engine": engine},
            compliant={"enabledCloudwatchLogsExports": logs},
            violating={"enabledCloudwatchLogsExports": logs[1:]},
            out_of_scope=[{"engine": "custom"}],
        )
        for engine, logs in (
            ("postgres", ["postgresql", "upgrade"]),
            ("mysql", ["audit", "error", "general", "slowquery"]),
            ("mariadb", ["audit", "error", "general", "slowquery"]),
            ("oracle-ee", ["alert", "audit", "listener", "trace"]),
            ("sqlserver-se", ["agent", "error"]),
        )
    ),
    Case(
        rds.instance_exports_logs,
        compliant={"enabledCloudwatchLogsExports": ["postgresql", "upgrade"]},
        violating={"enabledCloudwatchLogsExports": ["upgrade"]},
    ),
    Case(
        rds.aurora_mysql_exports_audit_log,
        base={"engine": "aurora-mysql"},
        compliant={"enabledCloudwatchLogsExports": ["error", "audit"]},
        violating={"enabledCloudwatchLogsExports": ["error"]},
        out_of_scope=[{"engine": "aurora-postgresql"}],
    ),
    Case(
        rds.aurora_postgres_exports_log,
        base={"engine": "aurora-postgresql"},
        compliant={"enabledCloudwatchLogsExports": ["postgresql"]},
        violating={"enabledCloudwatchLogsExports": []},
        out_of_scope=[{"engine": "aurora-mysql"}],
    ),
    Case(
        rds.aurora_mysql_audits,
        base={"engine": "aurora-mysql", "dbClusterParameterGroupName": SIDE},
        compliant_beside=[_cluster_group("1")],
        violating_beside=[_cluster_group("0")],
        # Without it in this stack, it is somebody else's.
        absent=None,
        out_of_scope=[{"engine": "aurora-postgresql"}, {"dbClusterParameterGroupName": "somebody-elses"}],
    ),
)

EVENTS = (
    Case(
        rds.event_subscription_critical,
        base={"sourceType": "db-instance", "snsTopic": _TOPIC},
        compliant={"eventCategories": ["configuration change", "failure", "maintenance", "failover"]},
        violating={"eventCategories": ["failover"]},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"sourceType": "db-snapshot", "eventCategories": ["deletion"]}],
    ),
    Case(
        rds.event_subscription_critical,
        base={"sourceType": "db-cluster"},
        compliant={"enabled": True},
        violating={"enabled": False},
        absent=Verdict.COMPLIANT,
    ),
    *_subscribed(rds.cluster_events_subscribed, "db-cluster", engine="aurora-mysql"),
    *_subscribed(rds.instance_events_subscribed, "db-instance"),
    *_subscribed(rds.parameter_group_events_subscribed, "db-parameter-group"),
    *_subscribed(rds.security_group_events_subscribed, "db-security-group"),
    _subscribed_by_source(rds.cluster_events_subscribed, "db-cluster", engine="aurora-mysql"),
    _subscribed_by_source(rds.instance_events_subscribed, "db-instance"),
)

test_cases = judged((*ENCRYPTION, *ACCESS, *SIGN_IN, *TLS, *BACKUPS, *OPERATION, *LOGS, *EVENTS))
