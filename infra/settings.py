"""A stack's settings: what `Pulumi.<stack>.yaml` says, as types.

What has to fit together across sections is in `infra/settings_rules.py`, the reading in `infra/reading.py`.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from infra.primitives import (
    AccountId,
    CacheNodeType,
    Cidr,
    DailyWindow,
    DatabaseClass,
    DomainName,
    HttpsUrl,
    ImageId,
    InstanceType,
    Instant,
    Region,
    SearchInstanceType,
    SlackChannel,
    Timestamp,
    TimeZone,
    pattern,
)
from infra.validation import Section


class Nat(StrEnum):
    """How private subnets reach the internet."""

    PER_ZONE = "per_zone"
    SINGLE = "single"


class EnvironmentSettings(Section):
    """Where the environment has its copies, and whether its data is protected from deletion."""

    recovery_region: Region
    """Where backups and secrets are copied to."""
    global_region: Literal["us-east-1"]
    """CloudFront's home: https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html"""
    protect: bool
    """Whether what holds data is protected from deletion."""


class NetworkSettings(Section):
    """The VPC."""

    cidr: Cidr
    """The range of the VPC, /16 to /22, apart from every other one that it may meet."""
    zones: tuple[str, ...] = Field(min_length=2, examples=["[us-west-2a, us-west-2b, us-west-2c]"])
    """Availability zones of the region: three in production."""
    nat: Nat


class BastionSettings(Section):
    """The one host that people reach by SSH."""

    instance_type: InstanceType
    image_id: ImageId
    """An Amazon Linux 2023 image of the region and the type's architecture."""


class AccessSettings(Section):
    """How people get in."""

    client_cidr: Cidr
    """The addresses of VPN clients."""
    saml_metadata: Annotated[
        str,
        pattern(r"[\w-][\w.-]*(/[\w-][\w.-]*)*\.xml", "a path below the project's folder, ending in .xml"),
    ] = Field(examples=["access/identity-provider.xml"])
    """The identity provider's metadata, a file below the project's folder."""
    session_hours: Literal[8, 10, 12, 24]
    """https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-max-duration.html"""
    bastion: BastionSettings


class ApplicationSettings(Section):
    """The application's instances."""

    instance_types: tuple[InstanceType, ...] = Field(min_length=2, examples=["[m7g.large, m6g.large]"])
    """In order of preference; the next is taken where AWS has none of the first."""
    image_id: ImageId
    """An Amazon Linux 2023 image of the region and the types' architecture."""
    min_size: int = Field(ge=1, le=100)
    """Instances, however little there is to do."""
    max_size: int = Field(ge=1, le=100)
    """Instances, however much there is to do."""
    root_volume_gib: int = Field(ge=8, le=16384)


class GenerationSource(StrEnum):
    """What a generation of the database is made from."""

    NOTHING = "nothing"
    SNAPSHOT = "snapshot"
    POINT_IN_TIME = "point_in_time"
    REPLICATED_BACKUP = "replicated_backup"


class GenerationSettings(Section):
    """One database instance and where its data comes from."""

    from_: GenerationSource = Field(alias="from")
    source: str | None = Field(default=None, min_length=1)
    """Snapshot identifier, generation or instance identifier, or the replicated backup's `ab-…`."""
    at: Timestamp | None = None
    """The point in time, UTC: `2024-01-15 14:30:00`. Absent: the latest restorable time."""


GenerationName = Annotated[str, pattern(r"g[1-9]\d{0,3}", "a generation's name such as g1")]


class DatabaseSettings(Section):
    """The database's generations and their size."""

    engine_version: Annotated[str, pattern(r"1[3-9]", 'PostgreSQL\'s major version, such as "17"')] = Field(
        examples=['"17"']
    )
    """PostgreSQL's major version; AWS chooses the minor one."""
    instance_class: DatabaseClass
    storage_gib: int = Field(ge=20, le=65536)
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
    max_storage_gib: int = Field(ge=20, le=65536)
    """How far storage may grow by itself."""
    multi_az: bool
    """Whether there is a standby in another zone."""
    replica: bool
    """Whether the active instance has a read replica."""
    backup_window: DailyWindow
    """UTC. Outside the guide's maintenance window."""
    active: GenerationName = Field(examples=["g1"])
    """The one generation that the application uses."""
    generations: dict[GenerationName, GenerationSettings] = Field(
        min_length=1, examples=["g1: { from: nothing }"]
    )


class VaultLockSettings(Section):
    """For how long the locked vaults keep whatever is put into them, in days."""

    min_days: int = Field(ge=1, le=36500)
    """No recovery point is kept for less: at most the guide's retention."""
    max_days: int = Field(ge=1, le=36500)
    """No recovery point is kept for longer: at least the guide's retention."""


class BackupSettings(Section):
    """How hard backups are to delete."""

    vault_lock: VaultLockSettings
    lock_mode: Literal["governance", "compliance"]
    """Nobody can undo compliance mode."""


class CacheSettings(Section):
    """The cache."""

    engine: Literal["valkey", "redis"]
    engine_version: Annotated[str, pattern(r"\d\.\d", 'major and minor version, such as "8.1"')] = Field(
        examples=['"8.1"']
    )
    """At creation: minor versions are AWS's afterwards."""
    node_type: CacheNodeType
    replicas: int = Field(ge=1, le=5)
    """Beside the primary, in other zones."""
    snapshot_retention_days: int = Field(ge=1, le=35)
    snapshot_window: DailyWindow
    """UTC. Outside the guide's maintenance window."""


class EdgeSettings(Section):
    """Where users arrive."""

    domain: DomainName
    """What users type."""
    hosted_zone_id: Annotated[str, pattern(r"Z[A-Z0-9]{1,31}", "a Route 53 zone's id, which begins with Z")]
    """The domain's zone in Route 53, `Z…`."""
    front_end: Literal["application", "vercel"]
    """What serves the pages. The API is always the application's."""
    vercel_domain: DomainName | None = None
    """Where Vercel serves the pages; only with `front_end: vercel`."""
    requests_per_5_minutes: int = Field(ge=10, le=2_000_000_000)
    """By one address, before it is blocked.
    https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""


class SearchSettings(Section):
    """The index of logs."""

    engine_version: Annotated[
        str, pattern(r"OpenSearch_\d\.\d{1,2}", "the engine and its version, such as OpenSearch_2.19")
    ] = Field(examples=["OpenSearch_2.19"])
    retention_days: int = Field(ge=1, le=365)
    """For how long logs can be searched; CloudWatch keeps them longer."""
    instance_type: SearchInstanceType
    data_nodes: int = Field(ge=2, le=80)
    """One a zone or more; over two zones an even number."""
    master_type: SearchInstanceType
    master_nodes: Literal[3, 5]
    """https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-dedicatedmasternodes.html"""
    volume_gib: int = Field(ge=10, le=24576)
    """Of each data node."""


_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def _log_retention(days: int) -> int:
    """What CloudWatch accepts.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    """
    if days not in _RETENTION_DAYS:
        longer = next((known for known in _RETENTION_DAYS if known > days), _RETENTION_DAYS[-1])
        raise ValueError(f"CloudWatch has no such retention, write {longer}")
    return days


class LogSettings(Section):
    """For how long logs are kept, and where they are searched."""

    retention_days: Annotated[int, AfterValidator(_log_retention)]
    """One of the lengths that CloudWatch has: 30, 90, 365, …."""
    search: SearchSettings


class DatadogSettings(Section):
    """The Datadog account. Its keys come from the environment, never from here."""

    site: Literal[
        "datadoghq.com",
        "us3.datadoghq.com",
        "us5.datadoghq.com",
        "datadoghq.eu",
        "ap1.datadoghq.com",
        "ap2.datadoghq.com",
        "ddog-gov.com",
    ]
    """https://docs.datadoghq.com/getting_started/site/"""
    integration: bool
    """Whether Datadog reads the account's CloudWatch metrics: one stack an account says yes."""
    external_id: Annotated[str, pattern(r"[0-9a-f]{32}", "the AWS external id that Datadog generated")] = (
        Field(examples=["0123456789abcdef0123456789abcdef"])
    )
    """Datadog made it, in its list of AWS accounts. No secret."""


StatusPageId = Annotated[str, pattern(r"[a-z0-9]{12}", "StatusPage.io's id, twelve small letters and digits")]


class StatusPageSettings(Section):
    """The page on StatusPage.io and its components, by what they stand for."""

    page_id: StatusPageId
    """Twelve small letters and digits."""
    components: dict[str, StatusPageId]
    """Identifiers by what they stand for: `application`, `database`, `api`."""


class SlackSettings(Section):
    """Where notices are posted."""

    workspace: Annotated[str, pattern(r"[a-z0-9-]+", "the workspace's name as in its address")] = Field(
        examples=["syncup"]
    )
    """Under this name Datadog knows it."""
    workspace_id: Annotated[str, pattern(r"T[A-Z0-9]{8,}", "a Slack workspace's id, such as T0123ABCDEF")]
    """`T…`"""
    channel_id: Annotated[str, pattern(r"[CG][A-Z0-9]{8,}", "a Slack channel's id, such as C0123ABCDEF")]
    """`C…`"""
    channel: SlackChannel


class MonitoringSettings(Section):
    """Where people look."""

    runbooks_url: HttpsUrl
    """Where alarms find their runbooks: the folder `docs/runbooks`."""
    dashboards: bool
    """Whether the dashboards are made, in CloudWatch and Datadog."""
    datadog: DatadogSettings
    status_page: StatusPageSettings
    slack: SlackSettings


Person = Annotated[str, pattern(r"P[A-Z0-9]{5,13}", "a PagerDuty user's id, which begins with P")]


class OnCallSettings(Section):
    """Who is called."""

    time_zone: TimeZone
    rotation_start: Instant
    """When the first person's first turn begins."""
    rotation_days: int = Field(ge=1, le=365)
    """How long a turn lasts."""
    people: dict[str, tuple[Person, ...]]
    """By level of the guide's escalation; the people of a level take turns."""


class Owner(StrEnum):
    """Who runs an account-wide control."""

    HERE = "here"
    ORGANISATION = "organisation"


class AuditSettings(Section):
    """Which account-wide controls are this stack's, and which the organisation's."""

    trail: Owner
    """CloudTrail, and the alarms of the CIS benchmark."""
    guardduty: Owner
    """Threat detection."""
    security_hub: Owner
    """AWS' best practices and CIS 3.0."""
    access_analyzer: Owner
    """What is shared with other accounts."""
    config: Owner
    """The history of every resource's configuration."""
    inspector: Owner
    """Known vulnerabilities in what runs."""
    account_defaults: Owner
    """Encryption, no public buckets or images, IMDSv2."""


def _one_account(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(ids) != 1:
        raise ValueError("one environment is one account, write exactly one")
    return ids


class Settings(Section):
    """Everything in which the environments differ. The aliases are Pulumi's configuration keys."""

    model_config = ConfigDict(
        alias_generator=lambda name: f"syncup:{name}", frozen=True, extra="forbid", strict=True
    )

    stack: SkipJsonSchema[
        Annotated[
            str,
            pattern(r"[a-z][a-z0-9]{1,11}", "2 to 12 small letters and digits: names in AWS begin with it"),
        ]
    ] = Field(alias="stack")
    """No key of the file, and so none to be suggested."""
    region: Region = Field(alias="aws:region")
    account_ids: Annotated[tuple[AccountId, ...], AfterValidator(_one_account)] = Field(
        alias="aws:allowedAccountIds", examples=['["111122223333"]']
    )
    environment: EnvironmentSettings
    network: NetworkSettings
    access: AccessSettings
    application: ApplicationSettings
    database: DatabaseSettings
    backups: BackupSettings
    cache: CacheSettings
    edge: EdgeSettings
    logs: LogSettings
    monitoring: MonitoringSettings
    on_call: OnCallSettings
    audit: AuditSettings

    @property
    def account_id(self) -> str:
        """The environment's AWS account: twelve digits."""
        return self.account_ids[0]

    @classmethod
    def configuration_keys(cls) -> tuple[str, ...]:
        """The configuration keys that there are."""
        keys: list[Any] = [field.alias for name, field in cls.model_fields.items() if name != "stack"]
        return tuple(keys)
