"""`operations.yaml` says what the operations guide says: its figures, typed in again from the text."""

from datetime import time, timedelta

import pytest

from components.alarms import Severity
from components.window import Day
from infra.guide import BackupType, Guide, Recovery, Rotation
from infra.reading import read_guide


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide()


def test_key_metrics(guide: Guide) -> None:
    """Section "Key Metrics"."""
    written = {
        group: [(metric.name, str(metric.target)) for metric in metrics]
        for group, metrics in guide.metrics.groups().items()
    }
    assert written == {
        "application_health": [
            ("CPU usage", "< 70%"),
            ("Memory", "< 80%"),
            ("Error rate", "< 1%"),
            ("Response time (p99)", "< 2000ms"),
        ],
        "database_health": [
            ("Connection pool", "< 80%"),
            ("Query time (p99)", "< 500ms"),
            ("Slow queries", "< 5/min"),
            ("Replication lag", "< 1s"),
        ],
        "api_performance": [
            ("Request latency (p50)", "< 200ms"),
            ("Request latency (p99)", "< 2000ms"),
            ("Throughput", "> 100 req/s"),
            ("Error rate", "< 1%"),
        ],
    }


def test_alert_thresholds(guide: Guide) -> None:
    """Section "Alert Thresholds", in its own words."""
    assert [(alert.name, str(alert.threshold), alert.severity) for alert in guide.alerts] == [
        ("HighErrorRate", "error_rate > 5%", "Critical"),
        ("SlowQueries", "p99_query_time > 1000ms", "High"),
        ("DatabaseConnection", "connection_pool > 90%", "Critical"),
        ("HighLatency", "p99_latency > 3000ms", "High"),
        ("LowDiskSpace", "disk_free < 10%", "Critical"),
    ]


def test_severity_levels(guide: Guide) -> None:
    """Section "Severity Levels"."""
    assert [(severity.level, severity.name) for severity in guide.severities] == [
        ("P1", "Critical"),
        ("P2", "High"),
        ("P3", "Medium"),
        ("P4", "Low"),
    ]
    assert guide.severities[0].examples == (
        "System down",
        "Data loss",
        "Security breach",
        "All users affected",
    )
    assert guide.paging_severities == ("Critical", "High")


def test_severities_are_those_of_the_alarms(guide: Guide) -> None:
    assert [severity.name for severity in guide.severities] == list(Severity)


def test_on_call_escalation(guide: Guide) -> None:
    """Section "On-Call Escalation": at once, after 30 minutes, 1 hour and 2 hours."""
    assert [(level.level, level.role) for level in guide.escalation] == [
        ("L1", "On-call engineer"),
        ("L2", "Engineering lead"),
        ("L3", "Tech lead"),
        ("L4", "Executive"),
    ]
    assert guide.escalation_minutes == (0, 30, 60, 120)


def test_backup_schedule(guide: Guide) -> None:
    """Section "Backup Schedule": hourly, 30 days, full daily, incremental hourly, S3 across regions."""
    backup = guide.backup
    assert backup.retention == timedelta(days=30)
    assert backup.retention_days == 30
    assert {rule.type: rule.every for rule in backup.schedule} == {
        BackupType.FULL: "day",
        BackupType.INCREMENTAL: "hour",
    }
    assert (backup.location, backup.copies) == ("s3", "other_region")


def test_testing_recovery(guide: Guide) -> None:
    """Section "Testing Recovery": monthly, and the recovery time has something to be held against."""
    assert guide.backup.recovery_test == "month"
    assert {way: guide.backup.objective(way).rto for way in Recovery} == {
        Recovery.POINT_IN_TIME: timedelta(hours=1),
        Recovery.DUMP: timedelta(hours=4),
        Recovery.REGION: timedelta(hours=4),
    }


def test_planned_maintenance(guide: Guide) -> None:
    """Section "Planned Maintenance": Sundays 2-4 AM UTC, at most 2 hours, told 48 hours before."""
    maintenance = guide.maintenance
    window = maintenance.weekly
    assert (window.day, window.start, window.end) == (Day.SUNDAY, time(2), time(4))
    assert window.time_zone == "UTC"
    assert maintenance.max_duration == timedelta(hours=2)
    assert maintenance.notice == timedelta(hours=48)
    assert maintenance.team == ("On-call engineer", "Backup")


def test_environment_variables(guide: Guide) -> None:
    """Section "Environment Variables", in its four groups."""
    assert {
        group.name: [variable.name for variable in group.variables] for group in guide.secrets.groups
    } == {
        "database": ["DATABASE_URL", "DATABASE_SSL"],
        "authentication": ["NEXTAUTH_SECRET", "NEXTAUTH_URL", "JWT_SECRET"],
        "third-party": [
            "OPENAI_API_KEY",
            "SLACK_BOT_TOKEN",
            "SLACK_SIGNING_SECRET",
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
        ],
        "monitoring": ["LOG_LEVEL", "SENTRY_DSN", "DATADOG_API_KEY"],
    }
    values = {variable.name: variable.value for group in guide.secrets.groups for variable in group.variables}
    assert values["DATABASE_SSL"] == "true"
    assert values["LOG_LEVEL"] == "info"


def test_secrets_management(guide: Guide) -> None:
    """Section "Secrets Management": quarterly, and for every secret somebody or something does it."""
    assert timedelta(days=85) <= guide.secrets.rotation <= timedelta(days=92)
    secrets = [variable for group in guide.secrets.groups for variable in group.secrets]
    assert all(variable.rotation is not None for variable in secrets)
    assert {variable.name for variable in secrets if variable.rotation is Rotation.AUTOMATIC} == {
        "DATABASE_URL",
        "NEXTAUTH_SECRET",
        "JWT_SECRET",
    }


def test_deployment_procedures(guide: Guide) -> None:
    """Sections "Staging Deployment" and "Production Deployment"."""
    assert guide.deployment.watch == timedelta(minutes=30)
    assert [check.verifies for check in guide.deployment.smoke_checks] == [
        "Test user registration",
        "Test Slack integration",
        "Test chat functionality",
    ]


def test_contacts(guide: Guide) -> None:
    """Section "Contacts"."""
    contacts = guide.contacts
    assert contacts.on_call == "See PagerDuty schedule"
    assert contacts.tech_lead == "#syncup-tech"
    assert contacts.security == "security@example.com"
    assert contacts.database == "dba@example.com"
