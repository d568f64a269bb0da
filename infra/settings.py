"""A stack's settings: what `Pulumi.<stack>.yaml` says, typed and checked before anything is declared.

The only reader of Pulumi configuration.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Cidr = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+\.\d+/\d+$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
ImageId = Annotated[str, StringConstraints(pattern=r"^ami-[0-9a-f]{17}$")]
DomainName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
DailyWindow = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""`hh:mm-hh:mm` in UTC, as RDS and ElastiCache spell it."""


class Section(BaseModel):
    """A section of the stack file: frozen, strict, no key that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Nat(StrEnum):
    """How private subnets reach the internet."""

    PER_ZONE = "per_zone"
    SINGLE = "single"


class EnvironmentSettings(Section):
    recovery_region: Region
    global_region: Region
    protect: bool


class NetworkSettings(Section):
    cidr: Cidr
    zones: list[str] = Field(min_length=2)
    nat: Nat


class BastionSettings(Section):
    instance_type: str
    image_id: ImageId


class AccessSettings(Section):
    client_cidr: Cidr
    saml_metadata: str
    session_hours: Literal[8, 10, 12, 24]
    bastion: BastionSettings


class ApplicationSettings(Section):
    instance_types: list[str] = Field(min_length=2)
    image_id: ImageId
    min_size: int = Field(ge=1)
    max_size: int = Field(ge=1)
    root_volume_gib: int = Field(ge=8)


class GenerationSource(StrEnum):
    """What a generation of the database is made from."""

    NOTHING = "nothing"
    SNAPSHOT = "snapshot"
    POINT_IN_TIME = "point_in_time"
    REPLICATED_BACKUP = "replicated_backup"


class GenerationSettings(Section):
    from_: GenerationSource = Field(alias="from")
    source: str | None = None
    """Snapshot identifier, generation or instance identifier, or resource id of the replicated backup."""
    at: str | None = None
    """The point in time, UTC: `2024-01-15 14:30:00`. Absent: the latest restorable time."""


class DatabaseSettings(Section):
    engine_version: str
    instance_class: str
    storage_gib: int
    max_storage_gib: int
    multi_az: bool
    replica: bool
    backup_window: DailyWindow
    active: str
    generations: dict[str, GenerationSettings]


class VaultLockSettings(Section):
    min_days: int
    max_days: int


class BackupSettings(Section):
    vault_lock: VaultLockSettings
    lock_mode: Literal["governance", "compliance"]


class CacheSettings(Section):
    engine: Literal["valkey", "redis"]
    engine_version: str
    node_type: str
    replicas: int = Field(ge=1, le=5)
    snapshot_retention_days: int = Field(ge=1, le=35)
    snapshot_window: DailyWindow


class EdgeSettings(Section):
    domain: DomainName
    hosted_zone_id: str
    front_end: Literal["application", "vercel"]
    vercel_domain: DomainName | None = None
    requests_per_5_minutes: int = Field(ge=100)


class SearchSettings(Section):
    instance_type: str
    data_nodes: int
    master_nodes: int
    volume_gib: int


class LogSettings(Section):
    retention_days: int
    search: SearchSettings


class DatadogSettings(Section):
    site: str
    integration: bool


class StatusPageSettings(Section):
    page_id: str
    components: dict[str, str]


class SlackSettings(Section):
    workspace_id: str
    channel_id: str
    channel: str


class MonitoringSettings(Section):
    runbooks_url: str
    dashboards: bool
    datadog: DatadogSettings
    status_page: StatusPageSettings
    slack: SlackSettings


class OnCallSettings(Section):
    time_zone: str
    rotation_start: str
    rotation_days: int
    people: dict[str, list[str]]


class Owner(StrEnum):
    """Who runs an account-wide control."""

    HERE = "here"
    ORGANISATION = "organisation"


class AuditSettings(Section):
    trail: Owner
    guardduty: Owner
    security_hub: Owner
    access_analyzer: Owner
    config: Owner
    inspector: Owner
    account_defaults: Owner


class Settings(Section):
    """Everything in which the environments differ."""

    stack: str
    account_id: AccountId
    region: Region
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
