"""RDS, ElastiCache and OpenSearch."""

from collections.abc import Iterator, Mapping
from typing import Any

from preview.graph import Graph, Resource
from tests.policies.weakenings.documents import resource_policy
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    both,
    but_not,
    change,
    drop,
    has,
    items_where,
    only_first,
    relink,
    rewrite,
    together,
)
from tests.policies.weakenings.literals import PASSWORD
from tests.policies.weakenings.model import Kind, Weakening

GUIDE_BACKUPS = "guide: Backup Schedule, 30-day rolling window"
GUIDE_WINDOW = "guide: Planned Maintenance, Sundays 2-4 AM UTC"
GUIDE_DATABASE = "guide: Access Control, database access via bastion host"

_DATABASE = "aws:rds/instance:Instance"

instance = Target("RDS", _DATABASE)
parameters = Target("RDS", "aws:rds/parameterGroup:ParameterGroup")
subnets = Target("RDS", "aws:rds/subnetGroup:SubnetGroup")
proxy = Target("RDS", "aws:rds/proxy:Proxy")
copies = Target("RDS", "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication")
events = Target("RDS", "aws:rds/eventSubscription:EventSubscription")

cache = Target("ElastiCache", "aws:elasticache/replicationGroup:ReplicationGroup")
cache_subnets = Target("ElastiCache", "aws:elasticache/subnetGroup:SubnetGroup")
cache_user = Target("ElastiCache", "aws:elasticache/user:User")

search = Target("OpenSearch", "aws:opensearch/domain:Domain")

_replica = has("replicateSourceDb")
_primary = but_not(_replica)


def _has_replica(resource: Resource, graph: Graph) -> bool:
    identifier = resource.inputs.get("identifier")
    return any(other.inputs.get("replicateSourceDb") == identifier for other in graph.all(_DATABASE))


def _public_subnet(number: int) -> Output:
    """One of the subnets with a way to the internet, by the name that the network gives it."""

    def found(_target: Resource, graph: Graph) -> Resource:
        return [r for r in graph.all("aws:ec2/subnet:Subnet") if "public" in r.name][number]

    return Output("id", of=found)


def _managed_password() -> Iterator[Weakening]:
    without_own = together(drop("passwordWo"), drop("passwordWoVersion"))
    yield instance(
        Kind.AVAILABILITY,
        "the master password managed by RDS although there is a replica",
        "design: AWS refuses a read replica on such an instance",
        together(without_own, add("manageMasterUserPassword", True)),
        where=_has_replica,
    )
    yield instance(
        Kind.SECRET,
        "the master password in Pulumi's state",
        "guide: Access Control, credentials in Secrets Manager",
        together(without_own, add("password", PASSWORD)),
        where=_primary,
    )


RDS: tuple[Weakening, ...] = (
    *instance.off(
        Kind.ENCRYPTION,
        "storage not encrypted",
        "RDS.3, CIS 2.3.1",
        "storageEncrypted",
        False,
        where=_primary,
    ),
    instance(Kind.KEY, "storage under AWS's key instead of our own", "guide: encryption", drop("kmsKeyId")),
    instance(
        Kind.KEY,
        "performance insights under AWS's key instead of our own",
        "RDS best practices: performance insights show SQL text",
        drop("performanceInsightsKmsKeyId"),
    ),
    instance(Kind.PUBLIC, "publicly accessible", "RDS.2, CIS 2.3.3", add("publiclyAccessible", True)),
    instance(
        Kind.RETENTION,
        "backups kept for a week",
        GUIDE_BACKUPS,
        change("backupRetentionPeriod", 7),
        where=_primary,
    ),
    instance(
        Kind.RETENTION,
        "backups kept for a day less than the guide says",
        GUIDE_BACKUPS,
        change("backupRetentionPeriod", 29),
        where=_primary,
    ),
    *instance.off(
        Kind.RETENTION, "no automated backups", "RDS.11", "backupRetentionPeriod", 0, where=_primary
    ),
    *instance.off(
        Kind.PROTECTION, "no deletion protection", "RDS.8", "deletionProtection", False, where=_primary
    ),
    instance.unprotected(),
    instance(
        Kind.PROTECTION,
        "no final snapshot",
        "guide: Backup & Recovery",
        change("skipFinalSnapshot", True),
        where=_primary,
    ),
    *instance.off(
        Kind.PROTECTION,
        "backups deleted with the instance",
        "guide: Backup & Recovery",
        "deleteAutomatedBackups",
        True,
        where=_primary,
    ),
    *instance.off(
        Kind.AVAILABILITY,
        "in one availability zone",
        "RDS.5",
        "multiAz",
        False,
        where=both(_primary, has("multiAz", True)),
    ),
    *instance.off(
        Kind.AUTHENTICATION,
        "no sign-in by IAM",
        "RDS.10",
        "iamDatabaseAuthenticationEnabled",
        False,
    ),
    instance(
        Kind.UPGRADES, "no minor upgrades", "RDS.13, CIS 2.3.2", change("autoMinorVersionUpgrade", False)
    ),
    *instance.off(Kind.LOGGING, "no enhanced monitoring", "RDS.6", "monitoringInterval", 0),
    *instance.off(Kind.LOGGING, "no logs exported", "RDS.9, RDS.36", "enabledCloudwatchLogsExports", []),
    instance(
        Kind.LOGGING,
        "the upgrade log exported alone",
        "RDS.36",
        change("enabledCloudwatchLogsExports", ["upgrade"]),
    ),
    *instance.off(
        Kind.PROTECTION, "tags not copied to snapshots", "RDS.17", "copyTagsToSnapshot", False, where=_primary
    ),
    instance(
        Kind.WINDOW,
        "maintenance on Mondays",
        GUIDE_WINDOW,
        change("maintenanceWindow", "mon:10:00-mon:11:00"),
    ),
    instance(
        Kind.WINDOW,
        "maintenance longer than the window",
        GUIDE_WINDOW,
        change("maintenanceWindow", "sun:01:00-sun:05:00"),
    ),
    instance(Kind.WINDOW, "maintenance when AWS chooses", GUIDE_WINDOW, drop("maintenanceWindow")),
    instance(
        Kind.AUTHENTICATION,
        "the administrator called by the default name",
        "RDS.25",
        change("username", "postgres"),
    ),
    instance(
        Kind.ISOLATION,
        "in the default VPC",
        "RDS.18",
        drop("dbSubnetGroupName"),
        where=_primary,
    ),
    instance(
        Kind.ISOLATION, "in the VPC's default security group", GUIDE_DATABASE, drop("vpcSecurityGroupIds")
    ),
    *_managed_password(),
    instance(
        Kind.PUBLIC,
        "a snapshot of it shared with everybody",
        "RDS.1",
        beside(
            "aws:rds/snapshot:Snapshot",
            {
                "dbInstanceIdentifier": Output("identifier"),
                "dbSnapshotIdentifier": "shared",
                "sharedAccounts": ["all"],
            },
        ),
    ),
    instance.tagged(PASSWORD),
    parameters(
        Kind.TLS,
        "plain connections accepted",
        "RDS.38",
        rewrite("parameters", lambda given: [_with(p, "rds.force_ssl", "0") for p in given]),
    ),
    subnets(
        Kind.PUBLIC,
        "in subnets with a way to the internet",
        GUIDE_DATABASE,
        relink("subnetIds", [_public_subnet(0), _public_subnet(1)]),
    ),
    *proxy.off(Kind.TLS, "plain connections to the proxy accepted", "RDS.43", "requireTls", False),
    proxy(
        Kind.AUTHENTICATION,
        "passwords sent as MD5",
        "RDS best practices: SCRAM",
        change("auths.*.clientPasswordAuthType", "POSTGRES_MD5"),
    ),
    proxy(
        Kind.SECRET,
        "SQL text in the proxy's log",
        "RDS best practices: a proxy's debug log holds SQL text",
        change("debugLogging", True),
    ),
    proxy(Kind.ISOLATION, "in the VPC's default security group", GUIDE_DATABASE, drop("vpcSecurityGroupIds")),
    copies.deleted("guide: Backup Schedule, replicated across regions"),
    *copies.off(Kind.RETENTION, "copies kept for a week", GUIDE_BACKUPS, "retentionPeriod", 7),
    events.deleted("RDS.20, RDS.21, RDS.22"),
    events(Kind.ALERT, "not enabled", "RDS.20, RDS.21, RDS.22", add("enabled", False)),
    events(
        Kind.ALERT,
        "about the first of its categories alone",
        "RDS.20, RDS.22",
        only_first("eventCategories"),
    ),
)


def _with(parameter: Mapping[str, Any], name: str, value: str) -> Mapping[str, Any]:
    return {**parameter, "value": value} if parameter["name"] == name else parameter


ELASTICACHE: tuple[Weakening, ...] = (
    # Left out, encryption at rest is on: Valkey's default.
    cache(
        Kind.ENCRYPTION, "not encrypted at rest", "ElastiCache.4", change("atRestEncryptionEnabled", False)
    ),
    cache(Kind.KEY, "under AWS's key instead of our own", "guide: encryption", drop("kmsKeyId")),
    cache(
        Kind.TLS,
        "not encrypted in transit",
        "ElastiCache.5",
        together(change("transitEncryptionEnabled", False), drop("transitEncryptionMode")),
    ),
    cache(
        Kind.TLS,
        "not encrypted in transit, by leaving transitEncryptionEnabled out",
        "ElastiCache.5",
        together(drop("transitEncryptionEnabled"), drop("transitEncryptionMode")),
    ),
    cache(
        Kind.TLS,
        "plain connections accepted too",
        "ElastiCache.5",
        change("transitEncryptionMode", "preferred"),
    ),
    cache(Kind.AUTHENTICATION, "no users, so no passwords", "ElastiCache.6", drop("userGroupIds")),
    cache(Kind.UPGRADES, "no minor upgrades", "ElastiCache.2", change("autoMinorVersionUpgrade", False)),
    cache(
        Kind.AVAILABILITY,
        "no failover",
        "ElastiCache.3",
        together(change("automaticFailoverEnabled", False), change("multiAzEnabled", False)),
    ),
    cache(
        Kind.AVAILABILITY,
        "no failover, by leaving automaticFailoverEnabled out",
        "ElastiCache.3",
        together(drop("automaticFailoverEnabled"), drop("multiAzEnabled")),
    ),
    *cache.off(Kind.AVAILABILITY, "in one availability zone", "ElastiCache.3", "multiAzEnabled", False),
    *cache.off(Kind.RETENTION, "no snapshots", "ElastiCache.1", "snapshotRetentionLimit", 0),
    cache(Kind.RETENTION, "snapshots kept for a day", GUIDE_BACKUPS, change("snapshotRetentionLimit", 1)),
    cache(Kind.PROTECTION, "no final snapshot", "guide: Backup & Recovery", drop("finalSnapshotIdentifier")),
    cache.unprotected(),
    cache(Kind.ISOLATION, "in the default subnet group", "ElastiCache.7", drop("subnetGroupName")),
    cache(
        Kind.ISOLATION,
        "in the VPC's default security group",
        "guide: Access Control",
        drop("securityGroupIds"),
    ),
    cache(
        Kind.LOGGING,
        "no logs delivered",
        "ElastiCache best practices: logs",
        drop("logDeliveryConfigurations"),
    ),
    cache(
        Kind.WINDOW,
        "maintenance on Mondays",
        GUIDE_WINDOW,
        change("maintenanceWindow", "mon:10:00-mon:11:00"),
    ),
    cache(Kind.WINDOW, "maintenance when AWS chooses", GUIDE_WINDOW, drop("maintenanceWindow")),
    cache_subnets(
        Kind.PUBLIC,
        "in subnets with a way to the internet",
        "guide: Access Control",
        relink("subnetIds", [_public_subnet(0), _public_subnet(1)]),
    ),
    cache_user(
        Kind.WILDCARD,
        "may run every command on every key",
        "ElastiCache best practices: role-based access",
        change("accessString", "on ~* +@all"),
    ),
    cache_user(
        Kind.AUTHENTICATION,
        "needs no password",
        "ElastiCache.6",
        change("authenticationMode", {"type": "no-password-required"}),
    ),
    cache_user(
        Kind.AUTHENTICATION,
        "needs no password, in the older form",
        "ElastiCache.6",
        together(drop("authenticationMode"), add("noPasswordRequired", True)),
    ),
    cache_user(
        Kind.SECRET,
        "its password in the program's text",
        "guide: Access Control, credentials in Secrets Manager",
        change("authenticationMode", {"type": "password", "passwords": [PASSWORD]}),
    ),
)

_three_nodes = has("clusterConfig.instanceCount", 3)
_zones = has("clusterConfig.zoneAwarenessEnabled", True)

OPENSEARCH: tuple[Weakening, ...] = (
    *search.off(
        Kind.ENCRYPTION, "not encrypted at rest", "Opensearch.1", "encryptAtRest", {"enabled": False}
    ),
    search(
        Kind.KEY, "under AWS's key instead of our own", "guide: encryption", drop("encryptAtRest.kmsKeyId")
    ),
    *search.off(
        Kind.ENCRYPTION,
        "plain text between nodes",
        "Opensearch.3",
        "nodeToNodeEncryption",
        {"enabled": False},
    ),
    *search.off(Kind.TLS, "plain HTTP accepted", "Opensearch.8", "domainEndpointOptions.enforceHttps", False),
    search(
        Kind.TLS,
        "TLS 1.0 accepted",
        "Opensearch.8",
        change("domainEndpointOptions.tlsSecurityPolicy", "Policy-Min-TLS-1-0-2019-07"),
    ),
    search(
        Kind.TLS,
        "ciphers without forward secrecy",
        "Opensearch.8",
        change("domainEndpointOptions.tlsSecurityPolicy", "Policy-Min-TLS-1-2-2019-07"),
    ),
    search(
        Kind.TLS,
        "TLS 1.0 accepted, by leaving the TLS policy out",
        "Opensearch.8",
        drop("domainEndpointOptions.tlsSecurityPolicy"),
    ),
    search(Kind.TLS, "no options for its endpoint", "Opensearch.8", drop("domainEndpointOptions")),
    *search.off(
        Kind.AUTHENTICATION,
        "no fine-grained access",
        "Opensearch.7",
        "advancedSecurityOptions",
        {"enabled": False},
    ),
    search(
        Kind.AUTHENTICATION,
        "anonymous access",
        "Opensearch.7",
        add("advancedSecurityOptions.anonymousAuthEnabled", True),
    ),
    search(
        Kind.SECRET,
        "the administrator's password in the program's text",
        "guide: Access Control, credentials in Secrets Manager",
        together(
            change("advancedSecurityOptions.internalUserDatabaseEnabled", True),
            change(
                "advancedSecurityOptions.masterUserOptions",
                {"masterUserName": "master", "masterUserPassword": PASSWORD},
            ),
        ),
    ),
    search(Kind.PUBLIC, "outside of the VPC", "Opensearch.2", drop("vpcOptions")),
    *resource_policy(search, "accessPolicies", reads="es:ESHttpGet", public="Opensearch.2", conditions=False),
    search(
        Kind.LOGGING,
        "no audit log",
        "Opensearch.5",
        items_where("logPublishingOptions", lambda option: option["logType"] != "AUDIT_LOGS"),
    ),
    search(
        Kind.LOGGING,
        "no error log",
        "Opensearch.4",
        items_where("logPublishingOptions", lambda option: option["logType"] != "ES_APPLICATION_LOGS"),
    ),
    search(Kind.LOGGING, "no logs", "Opensearch.4, Opensearch.5", drop("logPublishingOptions")),
    search(
        Kind.LOGGING,
        "logs named and switched off",
        "Opensearch.4, Opensearch.5",
        add("logPublishingOptions.*.enabled", False),
    ),
    search(
        Kind.AVAILABILITY,
        "two data nodes",
        "Opensearch.6",
        together(
            change("clusterConfig.instanceCount", 2),
            change("clusterConfig.zoneAwarenessConfig.availabilityZoneCount", 2),
        ),
        where=_three_nodes,
    ),
    search(
        Kind.AVAILABILITY,
        "in one availability zone",
        "Opensearch.6",
        together(
            change("clusterConfig.zoneAwarenessEnabled", False), drop("clusterConfig.zoneAwarenessConfig")
        ),
        where=_zones,
    ),
    search(
        Kind.AVAILABILITY,
        "in one availability zone, by leaving zoneAwarenessEnabled out",
        "Opensearch.6",
        together(drop("clusterConfig.zoneAwarenessEnabled"), drop("clusterConfig.zoneAwarenessConfig")),
        where=_zones,
    ),
    *search.off(
        Kind.UPGRADES,
        "no software updates",
        "Opensearch.10",
        "softwareUpdateOptions.autoSoftwareUpdateEnabled",
        False,
    ),
    search(
        Kind.WINDOW,
        "updates at noon",
        GUIDE_WINDOW,
        change("offPeakWindowOptions.offPeakWindow.windowStartTime.hours", 12),
    ),
    search.unprotected(),
)

WEAKENINGS: tuple[Weakening, ...] = (*RDS, *ELASTICACHE, *OPENSEARCH)
