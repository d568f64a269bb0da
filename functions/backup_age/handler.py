"""Publishes how old the database's replicated backup is: now less its latest restorable time."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What is measured and where the measure goes."""

    instance: str
    source_region: str
    recovery_region: str
    namespace: str
    metric: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            instance=environment["DATABASE_INSTANCE"],
            source_region=environment["SOURCE_REGION"],
            recovery_region=environment["RECOVERY_REGION"],
            namespace=environment["METRIC_NAMESPACE"],
            metric=environment["METRIC_NAME"],
        )


class Gateway:
    """The two calls that the function makes."""

    def __init__(self, rds: Any, cloudwatch: Any) -> None:
        """Takes boto3's clients: RDS of the recovery region, CloudWatch of the function's own."""
        self._rds = rds
        self._cloudwatch = cloudwatch

    def backups(self) -> Iterable[Mapping[str, Any]]:
        """All automated backups in the recovery region, those replicated from elsewhere included.

        RDS filters by instances that exist in the same region, and the source does not.
        """
        pages = self._rds.get_paginator("describe_db_instance_automated_backups").paginate()
        for page in pages:
            yield from page["DBInstanceAutomatedBackups"]

    def publish(self, settings: Settings, age_seconds: float, now: datetime) -> None:
        """Puts one data point."""
        self._cloudwatch.put_metric_data(
            Namespace=settings.namespace,
            MetricData=[
                {
                    "MetricName": settings.metric,
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": settings.instance}],
                    "Timestamp": now,
                    "Value": age_seconds,
                    "Unit": "Seconds",
                }
            ],
        )


def latest_restorable(
    backups: Iterable[Mapping[str, Any]], *, instance: str, source_region: str
) -> datetime | None:
    """The latest moment to which a replicated backup of the instance can be restored.

    An instance that was made anew under the same identifier has several backups: the latest counts.
    None where there is no backup, or none that is complete yet.
    """
    times = [
        backup["RestoreWindow"]["LatestTime"]
        for backup in backups
        if backup.get("DBInstanceIdentifier") == instance
        and backup.get("Region") == source_region
        and "LatestTime" in backup.get("RestoreWindow", {})
    ]
    return max(times, default=None)


def measure(gateway: Gateway, settings: Settings, now: datetime) -> float | None:
    """Publishes and returns the age in seconds; publishes nothing, which rings, where there is none."""
    latest = latest_restorable(
        gateway.backups(), instance=settings.instance, source_region=settings.source_region
    )
    if latest is None:
        _log.warning("%s has no complete backup in %s", settings.instance, settings.recovery_region)
        return None
    age_seconds = (now - latest).total_seconds()
    gateway.publish(settings, age_seconds, now)
    _log.info("the backup of %s is %.0f s old", settings.instance, age_seconds)
    return age_seconds


def handler(_event: Mapping[str, Any], _context: object) -> None:
    """What Lambda calls."""
    settings = Settings.from_environment(os.environ)
    session: Any = boto3.Session()
    gateway = Gateway(
        rds=session.client("rds", region_name=settings.recovery_region),
        cloudwatch=session.client("cloudwatch"),
    )
    measure(gateway, settings, datetime.now(UTC))
