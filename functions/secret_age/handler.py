"""Publishes how many days ago each secret got its current value. Reads dates, never a value."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What is measured and where the measures go."""

    secrets: tuple[str, ...]
    namespace: str
    metric: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            secrets=tuple(environment["SECRETS"].split(",")),
            namespace=environment["METRIC_NAMESPACE"],
            metric=environment["METRIC_NAME"],
        )


class Gateway:
    """The two calls that the function makes."""

    def __init__(self, secretsmanager: Any, cloudwatch: Any) -> None:
        """Takes boto3's clients."""
        self._secretsmanager = secretsmanager
        self._cloudwatch = cloudwatch

    def versions(self, secret: str) -> Iterable[Mapping[str, Any]]:
        """The secret's versions that carry a label, page by page: boto3 has no paginator for them."""
        page = self._secretsmanager.list_secret_version_ids(SecretId=secret)
        yield from page.get("Versions", [])
        while page.get("NextToken"):
            page = self._secretsmanager.list_secret_version_ids(SecretId=secret, NextToken=page["NextToken"])
            yield from page.get("Versions", [])

    def publish(self, settings: Settings, secret: str, age_days: float, now: datetime) -> None:
        """Puts one data point."""
        self._cloudwatch.put_metric_data(
            Namespace=settings.namespace,
            MetricData=[
                {
                    "MetricName": settings.metric,
                    "Dimensions": [{"Name": "SecretName", "Value": secret}],
                    "Timestamp": now,
                    "Value": age_days,
                    "Unit": "None",
                }
            ],
        )


def current_since(versions: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the current value was set; None where the secret has none yet."""
    for version in versions:
        if "AWSCURRENT" in version.get("VersionStages", []):
            return version["CreatedDate"]
    return None


def measure(gateway: Gateway, settings: Settings, now: datetime) -> dict[str, float]:
    """Publishes and returns the age of each secret in days; of one without a value nothing, which rings."""
    ages: dict[str, float] = {}
    for secret in settings.secrets:
        since = current_since(gateway.versions(secret))
        if since is None:
            _log.warning("%s has no value yet", secret)
            continue
        ages[secret] = (now - since) / timedelta(days=1)
        gateway.publish(settings, secret, ages[secret], now)
        _log.info("%s is %.1f days old", secret, ages[secret])
    return ages


def handler(_event: Mapping[str, Any], _context: object) -> None:
    """What Lambda calls."""
    session: Any = boto3.Session()
    gateway = Gateway(
        secretsmanager=session.client("secretsmanager"), cloudwatch=session.client("cloudwatch")
    )
    measure(gateway, Settings.from_environment(os.environ), datetime.now(UTC))
