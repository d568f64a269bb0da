"""Caches: ElastiCache replication groups, single clusters, serverless caches, and their users."""

from typing import Final

from policies.provenance import is_text_of_program
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.stores import outside_window
from policies.subnets import any_reaches_internet
from policies.view import Resource

_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
_CLUSTER: Final = "aws:elasticache/cluster:Cluster"
_SERVERLESS: Final = "aws:elasticache/serverlessCache:ServerlessCache"
_USER: Final = "aws:elasticache/user:User"
_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg"


def _is_member(cache: Resource) -> bool:
    """A cluster of a replication group, and a group of a global one, take its settings."""
    return cache.is_present("replicationGroupId" if cache.type == _CLUSTER else "globalReplicationGroupId")


def _is_memcached(cache: Resource) -> bool:
    return cache.text("engine").lower() == "memcached"


# Encryption and sign-in --------------------------------------------------------------------------------


@rule(
    name="elasticache-group-encrypted-at-rest",
    title="Caches are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("ElastiCache.4",),
    types=(_GROUP,),
    why="Whoever gets at a disk or a snapshot of the cache reads what is in it, sessions among it.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", at_rest_encryption_enabled=True, kms_key_id=key.arn
        )
    """,
    link=f"{_FSBP}#elasticache-4",
)
def group_encrypted_at_rest(group: Resource) -> Problems:
    """Off by default for Redis, which is the default engine, and on for Valkey."""
    if _is_member(group):
        return OUT_OF_SCOPE
    if group.is_present("atRestEncryptionEnabled"):
        encrypted = group.flag("atRestEncryptionEnabled", default=False)
    else:
        encrypted = group.text("engine", default="redis").lower() == "valkey"
    return None if encrypted else "at_rest_encryption_enabled is not on"


@rule(
    name="elasticache-encrypted-with-own-key",
    title="Caches are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_GROUP, _SERVERLESS),
    why="AWS's own key can neither be shared with another account nor be taken away from anybody.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", at_rest_encryption_enabled=True, kms_key_id=key.arn
        )
    """,
    link=f"{_GUIDE}/at-rest-encryption.html",
)
def encrypted_with_own_key(cache: Resource) -> Problems:
    """Without a key, AWS takes one of its own."""
    if cache.is_present("kmsKeyId"):
        return None
    return OUT_OF_SCOPE if _is_member(cache) else "it has no kms_key_id"


@rule(
    name="elasticache-group-encrypted-in-transit",
    title="Caches refuse connections without TLS",
    severity=Severity.MEDIUM,
    controls=("ElastiCache.5",),
    types=(_GROUP,),
    why="Without TLS, passwords and data cross the network readable.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache",
            description="sessions",
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
        )
    """,
    link=f"{_FSBP}#elasticache-5",
)
def group_encrypted_in_transit(group: Resource) -> Problems:
    """Off by default; where it is on, plain connections are refused unless TLS is only preferred."""
    if _is_member(group):
        return OUT_OF_SCOPE
    if not group.flag("transitEncryptionEnabled", default=False):
        return "transit_encryption_enabled is not on"
    if group.text("transitEncryptionMode", default="required").lower() != "required":
        return "transit_encryption_mode is not required"
    return None


@rule(
    name="elasticache-cluster-encrypted-in-transit",
    title="Memcached clusters refuse connections without TLS",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="Without TLS, data crosses the network readable.",
    fix="""
        aws.elasticache.Cluster("cache", engine="memcached", transit_encryption_enabled=True)
    """,
    link=f"{_GUIDE}/in-transit-encryption-mc.html",
)
def cluster_encrypted_in_transit(cluster: Resource) -> Problems:
    """Off by default. Only Memcached's clusters know it, others belong into a replication group."""
    if not _is_memcached(cluster):
        return OUT_OF_SCOPE
    if cluster.flag("transitEncryptionEnabled", default=False):
        return None
    return "transit_encryption_enabled is not on"


@rule(
    name="elasticache-cluster-in-group",
    title="Redis and Valkey run in replication groups",
    severity=Severity.MEDIUM,
    types=(_CLUSTER,),
    why="A single cluster knows no encryption, neither at rest nor in transit, no passwords and no failover.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", num_cache_clusters=2, automatic_failover_enabled=True
        )
    """,
    link=f"{_GUIDE}/Replication.html",
)
def cluster_in_group(cluster: Resource) -> Problems:
    """Memcached knows no replication. A cluster without an engine is a member, or restored."""
    if _is_memcached(cluster):
        return OUT_OF_SCOPE
    return None if _is_member(cluster) else "it is a cluster by itself"


@rule(
    name="elasticache-authentication",
    title="Caches ask who is there",
    severity=Severity.MEDIUM,
    controls=("ElastiCache.6",),
    types=(_GROUP, _SERVERLESS),
    why="Without a password, everything that reaches the cache reads and deletes all that is in it.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", user_group_ids=[users.user_group_id]
        )
    """,
    link=f"{_FSBP}#elasticache-6",
)
def authentication(cache: Resource) -> Problems:
    """Nobody is asked by default. Before version 6 there is a token, since then there are users."""
    if any(cache.is_present(name) for name in ("authToken", "authTokenWo", "userGroupId", "userGroupIds")):
        return None
    if _is_member(cache) or _is_memcached(cache):
        return OUT_OF_SCOPE
    return "it has neither user groups nor an auth_token"


@rule(
    name="elasticache-user-has-password",
    title="Users of caches need a password",
    severity=Severity.MEDIUM,
    types=(_USER,),
    why="A user without a password lets in whoever knows its name.",
    fix="""
        aws.elasticache.User(
            "application",
            user_id="application",
            user_name="application",
            engine="valkey",
            access_string="on ~app:* -@all +@read +@write",
            authentication_mode={"type": "iam"},
        )
    """,
    link=f"{_GUIDE}/Clusters.RBAC.html",
)
def user_has_password(user: Resource) -> Problems:
    """AWS asks for a password, unless told that none is needed."""
    if user.flag("noPasswordRequired", default=False):
        return "no_password_required is on"
    if user.text("authenticationMode.type").lower() == "no-password-required":
        return "authentication_mode.type asks for no password"
    return None


@rule(
    name="elasticache-user-limited",
    title="No user of a cache may do everything",
    severity=Severity.MEDIUM,
    types=(_USER,),
    why="Whoever takes over the application should not reconfigure the cache, or empty it.",
    fix="""
        aws.elasticache.User(
            "application",
            user_id="application",
            user_name="application",
            engine="valkey",
            access_string="on ~app:* -@all +@read +@write",
            authentication_mode={"type": "iam"},
        )
    """,
    link=f"{_GUIDE}/Clusters.RBAC.html#Access-string",
)
def user_limited(user: Resource) -> Problems:
    """There is no default: every user has an access string. The last word about a thing counts."""
    if allows_everything(user.text("accessString")):
        return "access_string allows every command on every key"
    return None


def allows_everything(access: str) -> bool:
    """Whether an access string allows every command on every key; its last word about a thing counts."""
    words = access.lower().split()
    keys = commands = False
    for word in words:
        if word in ("~*", "allkeys", "resetkeys", "%rw~*"):
            keys = word != "resetkeys"
        elif word in ("+@all", "allcommands", "-@all", "nocommands"):
            commands = word in ("+@all", "allcommands")
        elif word.startswith("-@"):
            # What is taken away again, `-@dangerous`, is what this is about.
            commands = False
    return keys and commands and "off" not in words


@rule(
    name="elasticache-password-not-in-program",
    title="Passwords of caches are not written into the program",
    severity=Severity.HIGH,
    types=(_GROUP, _USER),
    why="Who reads the program, its history or Pulumi's state has the password.",
    fix="""
        aws.elasticache.User(
            "application",
            user_id="application",
            user_name="application",
            engine="valkey",
            access_string="on ~app:* -@all +@read +@write",
            authentication_mode={"type": "password", "passwords": [password.result]},
            opts=pulumi.ResourceOptions(ignore_changes=["authenticationMode"]),
        )
    """,
    link=f"{_GUIDE}/User-Secrets-Manager.html",
)
def password_not_in_program(cache: Resource, _stack: Stack) -> Problems:
    """Which resource a value comes from is known only with the stack."""
    for path, written in _PASSWORDS.items():
        if is_text_of_program(cache, path):
            return f"{written} is a text of the program or of its configuration"
    return None


_PASSWORDS: Final = {
    "authToken": "auth_token",
    "authenticationMode.passwords": "authentication_mode.passwords",
    "passwords": "passwords",
}


# Who reaches a cache -----------------------------------------------------------------------------------


@rule(
    name="elasticache-own-subnet-group",
    title="Caches are in subnets that somebody chose",
    severity=Severity.HIGH,
    controls=("ElastiCache.7",),
    types=(_GROUP, _CLUSTER),
    why="Without a subnet group, a cache lands in the default VPC, whose subnets are public.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", subnet_group_name=subnets.name
        )
    """,
    link=f"{_FSBP}#elasticache-7",
)
def own_subnet_group(cache: Resource) -> Problems:
    """AWS takes the group `default` where none is given."""
    if cache.type == _CLUSTER and _is_member(cache):
        return OUT_OF_SCOPE
    if not cache.is_present("subnetGroupName"):
        return "it has no subnet_group_name"
    return "subnet_group_name is the default one" if cache.raw("subnetGroupName") == "default" else None


@rule(
    name="elasticache-subnet-group-private",
    title="Caches are in subnets without a way to the internet",
    severity=Severity.HIGH,
    types=("aws:elasticache/subnetGroup:SubnetGroup",),
    why="In a subnet with a route to an internet gateway, one careless rule opens the cache.",
    fix="""
        aws.elasticache.SubnetGroup("subnets", subnet_ids=[subnet.id for subnet in isolated_subnets])
    """,
    link=f"{_GUIDE}/SubnetGroups.html",
)
def subnet_group_private(group: Resource, stack: Stack) -> Problems:
    """A subnet has no route to the internet unless its route table has one."""
    if any_reaches_internet(group, "subnetIds", stack):
        return "one of its subnets has a route to an internet gateway"
    return None


@rule(
    name="elasticache-security-groups-named",
    title="Caches have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_GROUP, _CLUSTER, _SERVERLESS),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", security_group_ids=[group.id]
        )
    """,
    link=f"{_GUIDE}/elasticache-vpc-accessing.html",
)
def security_groups_named(cache: Resource) -> Problems:
    """That one is given is enough; what it lets in is its own rules' matter."""
    if cache.is_present("securityGroupIds") or cache.is_present("securityGroupNames"):
        return None
    if cache.type == _CLUSTER and _is_member(cache):
        return OUT_OF_SCOPE
    return "it has no security_group_ids"


# Availability and backups ------------------------------------------------------------------------------


@rule(
    name="elasticache-group-failover",
    title="Caches fail over by themselves",
    severity=Severity.MEDIUM,
    controls=("ElastiCache.3",),
    types=(_GROUP,),
    why="Without failover, the loss of the primary node is the loss of the cache until somebody acts.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", num_cache_clusters=2, automatic_failover_enabled=True
        )
    """,
    link=f"{_FSBP}#elasticache-3",
)
def group_failover(group: Resource) -> Problems:
    """Off by default."""
    if group.flag("automaticFailoverEnabled", default=False):
        return None
    return "automatic_failover_enabled is not on"


@rule(
    name="elasticache-group-multi-az",
    title="The nodes of a cache are in several availability zones",
    severity=Severity.MEDIUM,
    types=(_GROUP,),
    why="With its zone, a cache in one zone is gone with every replica.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache",
            description="sessions",
            num_cache_clusters=2,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
        )
    """,
    link=f"{_GUIDE}/AutoFailover.html",
)
def group_multi_az(group: Resource) -> Problems:
    """Off by default."""
    return None if group.flag("multiAzEnabled", default=False) else "multi_az_enabled is not on"


@rule(
    name="elasticache-backup-retention",
    title="Snapshots of caches are kept long enough",
    severity=Severity.HIGH,
    controls=("ElastiCache.1",),
    types=(_GROUP, _CLUSTER, _SERVERLESS),
    why="What is noticed after the last snapshot is gone cannot be restored.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", snapshot_retention_limit=30
        )
    """,
    link=f"{_FSBP}#elasticache-1",
)
def backup_retention(cache: Resource, *, minimum_backup_retention_days: int) -> Problems:
    """None are taken by default. Memcached and members of a group have none."""
    if _is_memcached(cache) or (cache.type == _CLUSTER and _is_member(cache)):
        return OUT_OF_SCOPE
    # AWS keeps none longer.
    wanted = min(minimum_backup_retention_days, 35)
    if cache.number("snapshotRetentionLimit", default=0) < wanted:
        return f"snapshot_retention_limit is below {wanted} days"
    return None


@rule(
    name="elasticache-final-snapshot",
    title="A cache leaves a last snapshot when it is deleted",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_GROUP,),
    why="Whoever deletes the wrong cache has nothing else of its last hours.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", final_snapshot_identifier="cache-final"
        )
    """,
    link=f"{_GUIDE}/backups-final.html",
)
def final_snapshot(group: Resource) -> Problems:
    """None is taken where it has no name."""
    return None if group.is_present("finalSnapshotIdentifier") else "it has no final_snapshot_identifier"


# Upkeep ------------------------------------------------------------------------------------------------


@rule(
    name="elasticache-minor-version-upgrades",
    title="Caches take minor versions by themselves",
    severity=Severity.HIGH,
    controls=("ElastiCache.2",),
    types=(_GROUP, _CLUSTER),
    why="Minor versions are where security holes of an engine are closed.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", auto_minor_version_upgrade=True
        )
    """,
    link=f"{_FSBP}#elasticache-2",
)
def minor_version_upgrades(cache: Resource) -> Problems:
    """On by default."""
    if cache.flag("autoMinorVersionUpgrade", default=True):
        return None
    return "auto_minor_version_upgrade is off"


@rule(
    name="elasticache-maintenance-window",
    title="Caches are maintained inside the maintenance window",
    severity=Severity.LOW,
    types=(_GROUP, _CLUSTER),
    why="Maintenance may fail a cache over; outside of the window nobody expects it.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache", description="sessions", maintenance_window="sun:02:00-sun:04:00"
        )
    """,
    link=f"{_GUIDE}/maintenance-window.html",
)
def cache_maintenance_window(cache: Resource, *, maintenance_window: str) -> Problems:
    """Without one, AWS chooses. A member has its group's."""
    if maintenance_window and cache.type == _CLUSTER and _is_member(cache):
        return OUT_OF_SCOPE
    return outside_window(cache, "maintenanceWindow", maintenance_window)


@rule(
    name="elasticache-exports-logs",
    title="Caches deliver their logs",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_GROUP,),
    why="Slow commands and failovers are nowhere else to be seen.",
    fix="""
        aws.elasticache.ReplicationGroup(
            "cache",
            description="sessions",
            log_delivery_configurations=[{
                "destination": group.name,
                "destination_type": "cloudwatch-logs",
                "log_format": "json",
                "log_type": "slow-log",
            }],
        )
    """,
    link=f"{_GUIDE}/Log_Delivery.html",
)
def exports_logs(group: Resource) -> Problems:
    """None is delivered by default."""
    if group.is_present("logDeliveryConfigurations"):
        return None
    return "it has no log_delivery_configurations"
