"""The operations guide as types: what `operations.yaml` says.

What has to fit together inside the guide is in `infra/guide_rules.py`.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, PlainValidator

from components.backup_schedule import Every
from components.threshold import Limit, Threshold
from components.window import Day, MaintenanceWindow
from infra.durations import Duration
from infra.primitives import EmailAddress, SlackChannel, TimeZone, pattern
from infra.validation import Section

Parsed = TypeVar("Parsed")


def _parsed(parse: Callable[[str], Parsed], example: str) -> PlainValidator:
    """Text that `parse` understands."""

    def read(value: Any) -> Parsed:
        if not isinstance(value, str):
            raise ValueError(f"write text such as {example!r}")  # noqa: TRY004 (pydantic reports this one)
        return parse(value)

    return PlainValidator(read, json_schema_input_type=str)


Target = Annotated[Limit, _parsed(Limit.parse, "< 70%"), Field(examples=['"< 70%"'])]
AlertThreshold = Annotated[
    Threshold, _parsed(Threshold.parse, "error_rate > 5%"), Field(examples=["error_rate > 5%"])
]
ClockTime = Annotated[
    str,
    pattern(r"([01]\d|2[0-3]):[0-5]\d", 'a time of day in quotes, such as "02:00"'),
    Field(examples=['"02:00"']),
]
Word = Annotated[str, pattern(r"\S(.*\S)?", "some words")]


class KeyMetric(Section):
    """One line of the guide's Key Metrics."""

    name: Word
    metric: str
    """A name of `components.metrics.CATALOGUE`."""
    target: Target
    """Comparison, number and unit."""


class KeyMetrics(Section):
    """The guide's Key Metrics, in its three groups."""

    application_health: tuple[KeyMetric, ...] = Field(min_length=1)
    database_health: tuple[KeyMetric, ...] = Field(min_length=1)
    api_performance: tuple[KeyMetric, ...] = Field(min_length=1)

    def groups(self) -> dict[str, tuple[KeyMetric, ...]]:
        """The groups by name, in the guide's order."""
        return {name: getattr(self, name) for name in type(self).model_fields}


SeverityName = Literal["Critical", "High", "Medium", "Low"]
"""The values of `components.alarms.Severity`, which cannot be named here: it loads Pulumi."""


class Alert(Section):
    """One entry of the guide's Alert Thresholds."""

    name: Annotated[
        str, pattern(r"([A-Z][a-z0-9]+)+", "a name of words without spaces, such as HighErrorRate")
    ] = Field(examples=["HighErrorRate"])
    """Its runbook has the same name in small letters: `high-error-rate`."""
    threshold: AlertThreshold
    """A metric, and from where on it rings."""
    severity: SeverityName


class SeverityLevel(Section):
    """One of the guide's Severity Levels."""

    level: Annotated[str, pattern(r"P[1-9]", "P1, P2, …")]
    name: SeverityName
    pages: bool
    """Whether somebody is woken."""
    examples: tuple[Word, ...] = Field(min_length=1)


class EscalationLevel(Section):
    """One line of the guide's On-Call Escalation."""

    level: Annotated[str, pattern(r"L[1-9]", "L1, L2, …")]
    role: Word
    after: Duration
    """Since the alert, as the guide counts."""


class BackupType(StrEnum):
    """The guide's types of backup."""

    FULL = "full"
    INCREMENTAL = "incremental"


class BackupRule(Section):
    """How often one type of backup is made."""

    type: BackupType
    every: Every


class Recovery(StrEnum):
    """The ways back."""

    POINT_IN_TIME = "point_in_time"
    """A new generation of the database, in its own region."""
    DUMP = "dump"
    """A dump, into a new database on the same server."""
    REGION = "region"
    """The stack `recovery`, from what is replicated to the other region."""


class Objective(Section):
    """What is promised of one way back, and measured by the recovery tests."""

    way: Recovery
    rpo: Duration
    """Recovery point objective: how much of the past may be lost at most."""
    rto: Duration
    """Recovery time objective: how long it may take at most, from the decision until users are served."""


class Backup(Section):
    """The guide's Backup Schedule."""

    retention: Duration
    """The rolling window, for whatever kind of backup."""
    schedule: tuple[BackupRule, ...] = Field(min_length=1)
    location: Literal["s3"]
    copies: Literal["other_region"]
    recovery_test: Literal["month"]
    objectives: tuple[Objective, ...] = Field(min_length=1)
    """One for each way back."""

    def objective(self, way: Recovery) -> Objective:
        """What is promised of a way back."""
        return next(objective for objective in self.objectives if objective.way is way)

    @property
    def retention_days(self) -> int:
        """The retention in whole days."""
        return self.retention.days

    @property
    def every(self) -> tuple[Every, ...]:
        """How often backups are made, one for each type."""
        return tuple(rule.every for rule in self.schedule)


class WindowTimes(Section):
    """When the maintenance window is open, every week."""

    day: Day
    """On which it begins."""
    start: ClockTime
    end: ClockTime
    timezone: TimeZone
    """In which the times are meant."""


class Maintenance(Section):
    """The guide's Planned Maintenance."""

    window: WindowTimes
    max_duration: Duration
    """The window may not be longer."""
    notice: Duration
    """How long before the window people are told."""
    team: tuple[Word, ...] = Field(min_length=1)
    """Who is on duty."""

    @property
    def weekly(self) -> MaintenanceWindow:
        """The window in every form that a service wants."""
        times = self.window
        return MaintenanceWindow.parse(
            day=times.day, start=times.start, end=times.end, time_zone=times.timezone
        )


class Rotation(StrEnum):
    """Who changes a secret's value."""

    AUTOMATIC = "automatic"
    PERSON = "person"


class Variable(Section):
    """One of the guide's Environment Variables."""

    name: Annotated[str, pattern(r"[A-Z][A-Z0-9_]*", "a name in capitals, such as DATABASE_URL")]
    secret: bool
    rotation: Rotation | None = None
    """For a secret only, and for every secret."""
    value: str | None = None
    """For what is no secret and the same everywhere. Absent: the environment decides."""


class SecretGroup(Section):
    """One group of the guide's Environment Variables: one secret in Secrets Manager."""

    name: Literal["database", "authentication", "third-party", "monitoring"]
    variables: tuple[Variable, ...] = Field(min_length=1)

    @property
    def secrets(self) -> tuple[Variable, ...]:
        """The variables whose values nobody may see."""
        return tuple(variable for variable in self.variables if variable.secret)


class Secrets(Section):
    """The guide's Environment Variables and Secrets Management."""

    rotation: Duration
    """The longest that a secret keeps its value: quarterly, says the guide."""
    groups: tuple[SecretGroup, ...] = Field(min_length=1)

    def group(self, name: str) -> SecretGroup:
        """The group of that name; raises KeyError where there is none."""
        return {group.name: group for group in self.groups}[name]


class SmokeCheck(Section):
    """One thing that is tried after a deployment."""

    name: Annotated[str, pattern(r"[a-z]+(-[a-z]+)*", "a name in small letters, such as registration")]
    verifies: Word
    """In the guide's words."""
    request: Annotated[str, pattern(r"(GET|POST) /\S*", "a method and a path, such as GET /api/health")]
    """What is asked of the application (docs/application-contract.md)."""
    expect: int = Field(ge=100, le=599)
    """The HTTP status of the answer."""
    within: Target
    """How fast the answer comes: `< 2000ms`."""


class Deployment(Section):
    """The guide's Deployment Procedures."""

    watch: Duration
    """For how long error rates are watched after a deployment."""
    smoke_checks: tuple[SmokeCheck, ...] = Field(min_length=1)


class Contacts(Section):
    """The guide's Contacts."""

    on_call: Word
    tech_lead: SlackChannel
    security: EmailAddress
    database: EmailAddress


class Guide(Section):
    """The operations guide."""

    metrics: KeyMetrics
    alerts: tuple[Alert, ...] = Field(min_length=1)
    severities: tuple[SeverityLevel, ...] = Field(min_length=1)
    escalation: tuple[EscalationLevel, ...] = Field(min_length=1)
    backup: Backup
    maintenance: Maintenance
    deployment: Deployment
    secrets: Secrets
    contacts: Contacts

    @property
    def paging_severities(self) -> tuple[str, ...]:
        """The severities for which somebody is woken."""
        return tuple(severity.name for severity in self.severities if severity.pages)

    @property
    def escalation_minutes(self) -> tuple[int, ...]:
        """When each level is called, in minutes since the alert."""
        return tuple(level.after // timedelta(minutes=1) for level in self.escalation)
