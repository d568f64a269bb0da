"""OpenSearch Service, by its own API and by the older one of Elasticsearch."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Problems, Severity, rule
from policies.view import Resource, any_holds, each, every_holds, one_holds, several
from policies.windows import weekly

_DOMAIN: Final = "aws:opensearch/domain:Domain"
_OLD_DOMAIN: Final = "aws:elasticsearch/domain:Domain"
_DOMAINS: Final = (_DOMAIN, _OLD_DOMAIN)
_SERVERLESS: Final = "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy"

_NODES: Final = 3
_OLD_TLS: Final = ("", "Policy-Min-TLS-1-0-2019-07", "Policy-Min-TLS-1-2-2019-07")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/opensearch-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide"


@rule(
    name="opensearch-domain-encrypted",
    title="Domains are encrypted at rest",
    severity=Severity.MEDIUM,
    controls=("Opensearch.1", "ES.1"),
    types=_DOMAINS,
    why="Whoever gets at the disks or a snapshot reads every document.",
    fix="""
        aws.opensearch.Domain("search", encrypt_at_rest={"enabled": True, "kms_key_id": key.arn})
    """,
    link=f"{_FSBP}#opensearch-1",
)
def domain_encrypted(domain: Resource) -> Problems:
    """It is off by default."""
    return None if domain.flag("encryptAtRest.enabled", default=False) else "encrypt_at_rest is not on"


@rule(
    name="opensearch-domain-encrypted-with-own-key",
    title="Domains are encrypted with a key of one's own",
    severity=Severity.LOW,
    types=_DOMAINS,
    why="AWS's key cannot be revoked, nor its policy limited.",
    fix="""
        aws.opensearch.Domain("search", encrypt_at_rest={"enabled": True, "kms_key_id": key.arn})
    """,
    link=f"{_GUIDE}/encryption-at-rest.html",
)
def domain_encrypted_with_own_key(domain: Resource) -> Problems:
    """Without a key, AWS takes its own."""
    named = domain.is_present("encryptAtRest.kmsKeyId")
    return None if named else "encrypt_at_rest has no kms_key_id"


@rule(
    name="opensearch-domain-in-vpc",
    title="Domains are in a VPC",
    severity=Severity.CRITICAL,
    controls=("Opensearch.2", "ES.2"),
    types=_DOMAINS,
    why="Outside of a VPC, a domain has a public address, and its policy is all that protects it.",
    fix="""
        aws.opensearch.Domain(
            "search",
            vpc_options={"subnet_ids": [subnet_a.id, subnet_b.id], "security_group_ids": [group.id]},
        )
    """,
    link=f"{_FSBP}#opensearch-2",
)
def domain_in_vpc(domain: Resource) -> Problems:
    """It is outside by default, and cannot be moved afterwards."""
    return None if domain.is_present("vpcOptions.subnetIds") else "it has no vpc_options"


@rule(
    name="opensearch-domain-security-groups-named",
    title="Domains in a VPC have security groups of their own",
    severity=Severity.MEDIUM,
    types=_DOMAINS,
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.opensearch.Domain(
            "search",
            vpc_options={"subnet_ids": [subnet_a.id, subnet_b.id], "security_group_ids": [group.id]},
        )
    """,
    link=f"{_GUIDE}/vpc.html",
)
def domain_security_groups_named(domain: Resource) -> Problems:
    """Outside of a VPC, there are none."""
    if not domain.is_present("vpcOptions.subnetIds"):
        return OUT_OF_SCOPE
    named = domain.is_present("vpcOptions.securityGroupIds")
    return None if named else "vpc_options has no security_group_ids"


@rule(
    name="opensearch-domain-encrypted-between-nodes",
    title="Domains encrypt what their nodes send each other",
    severity=Severity.MEDIUM,
    controls=("Opensearch.3", "ES.3"),
    types=_DOMAINS,
    why="Documents that cross the network without TLS can be read on the way.",
    fix="""
        aws.opensearch.Domain("search", node_to_node_encryption={"enabled": True})
    """,
    link=f"{_FSBP}#opensearch-3",
)
def domain_encrypted_between_nodes(domain: Resource) -> Problems:
    """It is off by default."""
    on = domain.flag("nodeToNodeEncryption.enabled", default=False)
    return None if on else "node_to_node_encryption is not on"


def _publishes(domain: Resource, kind: str) -> bool:
    """Whether a domain publishes a log; what is named is on unless it is turned off."""
    return any_holds(
        lambda log: every_holds(
            lambda: log.text("logType") == kind, lambda: log.flag("enabled", default=True)
        ),
        domain.objects("logPublishingOptions"),
    )


@rule(
    name="opensearch-domain-logs-errors",
    title="Domains log errors",
    severity=Severity.MEDIUM,
    controls=("Opensearch.4", "ES.4"),
    types=_DOMAINS,
    why="Without the log, nobody can say why searches fail, or what somebody tried.",
    fix="""
        aws.opensearch.Domain("search", log_publishing_options=[
            {"log_type": "ES_APPLICATION_LOGS", "cloudwatch_log_group_arn": log_group.arn},
        ])
    """,
    link=f"{_FSBP}#opensearch-4",
)
def domain_logs_errors(domain: Resource) -> Problems:
    """Nothing is logged by default."""
    logs = _publishes(domain, "ES_APPLICATION_LOGS")
    return None if logs else "log_publishing_options does not name ES_APPLICATION_LOGS"


@rule(
    name="opensearch-domain-logs-audit",
    title="Domains log who did what",
    severity=Severity.MEDIUM,
    controls=("Opensearch.5", "ES.5"),
    types=_DOMAINS,
    why="Without the log, nobody can say afterwards who read or changed which documents.",
    fix="""
        aws.opensearch.Domain("search", log_publishing_options=[
            {"log_type": "AUDIT_LOGS", "cloudwatch_log_group_arn": log_group.arn},
        ])
    """,
    link=f"{_FSBP}#opensearch-5",
)
def domain_logs_audit(domain: Resource) -> Problems:
    """Nothing is logged by default."""
    logs = _publishes(domain, "AUDIT_LOGS")
    return None if logs else "log_publishing_options does not name AUDIT_LOGS"


@rule(
    name="opensearch-domain-data-nodes",
    title="Domains have three data nodes or more, in several availability zones",
    severity=Severity.MEDIUM,
    controls=("Opensearch.6", "ES.6"),
    types=_DOMAINS,
    why="With fewer nodes, the loss of one loses documents, or stops the domain.",
    fix="""
        aws.opensearch.Domain("search", cluster_config={
            "instance_type": "r7g.large.search",
            "instance_count": 3,
            "zone_awareness_enabled": True,
            "zone_awareness_config": {"availability_zone_count": 3},
        })
    """,
    link=f"{_FSBP}#opensearch-6",
)
def domain_data_nodes(domain: Resource) -> Problems:
    """One node in one zone is the default."""
    yield from several(
        lambda: (
            f"cluster_config.instance_count is below {_NODES}"
            if domain.number("clusterConfig.instanceCount", default=1) < _NODES
            else None
        ),
        lambda: None if _is_spread(domain) else "cluster_config.zone_awareness_enabled is not on",
    )


def _is_spread(domain: Resource) -> bool:
    return one_holds(
        lambda: domain.flag("clusterConfig.zoneAwarenessEnabled", default=False),
        lambda: domain.flag("clusterConfig.multiAzWithStandbyEnabled", default=False),
    )


@rule(
    name="opensearch-domain-dedicated-masters",
    title="Domains have three dedicated master nodes or more",
    severity=Severity.MEDIUM,
    controls=("ES.7",),
    types=_DOMAINS,
    why="Data nodes that are busy with searches lose the cluster's state, and two masters cannot agree.",
    fix="""
        aws.opensearch.Domain("search", cluster_config={
            "dedicated_master_enabled": True,
            "dedicated_master_type": "m7g.large.search",
            "dedicated_master_count": 3,
        })
    """,
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/es-controls.html#es-7",
)
def domain_dedicated_masters(domain: Resource) -> Problems:
    """There are none by default."""
    if not domain.flag("clusterConfig.dedicatedMasterEnabled", default=False):
        return "cluster_config.dedicated_master_enabled is not on"
    if domain.number("clusterConfig.dedicatedMasterCount", default=0) < _NODES:
        return f"cluster_config.dedicated_master_count is below {_NODES}"
    return None


@rule(
    name="opensearch-domain-fine-grained-access",
    title="Domains know who asks, and what each may see",
    severity=Severity.HIGH,
    controls=("Opensearch.7",),
    types=_DOMAINS,
    why="Without it, whoever reaches the domain reads and deletes everything in it.",
    fix="""
        aws.opensearch.Domain("search", advanced_security_options={
            "enabled": True,
            "internal_user_database_enabled": False,
            "master_user_options": {"master_user_arn": role.arn},
        })
    """,
    link=f"{_FSBP}#opensearch-7",
)
def domain_fine_grained_access(domain: Resource) -> Problems:
    """It is off by default; anonymous access lets everyone past it."""
    options = domain.object("advancedSecurityOptions")
    yield from several(
        lambda: (
            None if options.flag("enabled", default=False) else "advanced_security_options.enabled is not on"
        ),
        lambda: (
            "advanced_security_options.anonymous_auth_enabled is on"
            if options.flag("anonymousAuthEnabled", default=False)
            else None
        ),
    )


@rule(
    name="opensearch-domain-tls",
    title="Domains answer over HTTPS alone, with the latest TLS policy",
    severity=Severity.MEDIUM,
    controls=("Opensearch.8", "ES.8"),
    types=_DOMAINS,
    why="Plain HTTP and old versions of TLS can be read and changed on the way.",
    fix="""
        aws.opensearch.Domain("search", domain_endpoint_options={
            "enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-PFS-2023-10",
        })
    """,
    link=f"{_FSBP}#opensearch-8",
)
def domain_tls(domain: Resource) -> Problems:
    """The provider enforces HTTPS by default, with a policy that accepts TLS 1.0."""
    options = domain.object("domainEndpointOptions")
    yield from several(
        lambda: (
            None
            if options.flag("enforceHttps", default=True)
            else "domain_endpoint_options.enforce_https is off"
        ),
        lambda: (
            "domain_endpoint_options.tls_security_policy is not the latest"
            if options.text("tlsSecurityPolicy") in _OLD_TLS
            else None
        ),
    )


@rule(
    name="opensearch-domain-software-updates",
    title="Domains take software updates by themselves",
    severity=Severity.LOW,
    types=(_DOMAIN,),
    why="An update that waits for somebody leaves its holes open until then.",
    fix="""
        aws.opensearch.Domain("search", software_update_options={"auto_software_update_enabled": True})
    """,
    link=f"{_GUIDE}/service-software.html",
)
def domain_software_updates(domain: Resource) -> Problems:
    """They wait by default."""
    on = domain.flag("softwareUpdateOptions.autoSoftwareUpdateEnabled", default=False)
    return None if on else "software_update_options.auto_software_update_enabled is not on"


@rule(
    name="opensearch-domain-off-peak-window",
    title="Domains are updated at the time of day of the maintenance window",
    severity=Severity.LOW,
    types=(_DOMAIN,),
    why="An update moves all data to new nodes, which slows every search while users are there.",
    fix="""
        aws.opensearch.Domain("search", off_peak_window_options={
            "enabled": True, "off_peak_window": {"window_start_time": {"hours": 2, "minutes": 0}},
        })
    """,
    link=f"{_GUIDE}/off-peak.html",
)
def domain_off_peak_window(domain: Resource, *, maintenance_window: str) -> Problems:
    """It opens every day for ten hours, in UTC; without a time, AWS chooses one."""
    window = weekly(maintenance_window)
    if window is None:
        return OUT_OF_SCOPE
    start = "offPeakWindowOptions.offPeakWindow.windowStartTime"
    if not domain.is_present(f"{start}.hours"):
        return "off_peak_window_options states no window_start_time"
    hour, minute = domain.number(f"{start}.hours", default=0), domain.number(f"{start}.minutes", default=0)
    if window.holds_time_of_day(int(hour), int(minute)):
        return None
    return "off_peak_window_options opens at another time than maintenance_window"


@rule(
    name="opensearch-collection-not-public",
    title="Serverless collections cannot be reached from the internet",
    severity=Severity.HIGH,
    types=(_SERVERLESS,),
    why="A public collection has the access policy alone between its documents and everyone.",
    fix="""
        aws.opensearch.ServerlessSecurityPolicy("network", type="network", policy=json.dumps([{
            "Rules": [{"ResourceType": "collection", "Resource": ["collection/search"]}],
            "AllowFromPublic": False,
            "SourceVPCEs": [endpoint_id],
        }]))
    """,
    link=f"{_GUIDE}/serverless-network.html",
)
def collection_not_public(security_policy: Resource) -> Problems:
    """A network policy always says so; those of encryption are another type."""
    if security_policy.text("type") != "network":
        return OUT_OF_SCOPE
    return each(
        lambda part: (
            f"{part.where()} allows access from the internet"
            if part.flag("AllowFromPublic", default=False)
            else None
        ),
        security_policy.document("policy").objects(()),
    )
