"""The age of secrets: of the current version, in days, and of no value nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from tests.functions.folder import modules

DAY = datetime(2026, 11, 24, tzinfo=UTC)
ENVIRONMENT = {
    "SECRETS": "syncup/test/third-party,syncup/test/monitoring",
    "METRIC_NAMESPACE": "SyncUp/Secrets",
    "METRIC_NAME": "AgeDays",
}


@pytest.fixture(scope="module", name="handler")
def _handler() -> Iterator[ModuleType]:
    with modules("secret_age", "handler") as (handler,):
        yield handler


@pytest.fixture(name="clients")
def _clients() -> Iterator[tuple[Any, Any]]:
    with mock_aws():
        session: Any = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 (none)
            region_name="us-west-2",
        )
        yield session.client("secretsmanager"), session.client("cloudwatch")


def test_each_age_is_that_of_the_current_value(handler: ModuleType, clients: tuple[Any, Any]) -> None:
    secretsmanager, cloudwatch = clients
    secretsmanager.create_secret(Name="syncup/test/third-party", SecretString="old")
    secretsmanager.put_secret_value(SecretId="syncup/test/third-party", SecretString="new")
    secretsmanager.create_secret(Name="syncup/test/monitoring")
    settings = handler.Settings.from_environment(ENVIRONMENT)
    later = datetime.now(UTC) + timedelta(days=91)

    ages = handler.measure(handler.Gateway(secretsmanager, cloudwatch), settings, later)

    assert ages == {"syncup/test/third-party": pytest.approx(91, abs=0.01)}
    (metric,) = cloudwatch.list_metrics(Namespace="SyncUp/Secrets")["Metrics"]
    assert metric["MetricName"] == "AgeDays"
    assert metric["Dimensions"] == [{"Name": "SecretName", "Value": "syncup/test/third-party"}]


def test_an_older_or_a_pending_version_does_not_count(handler: ModuleType) -> None:
    versions = [
        {"VersionStages": ["AWSPENDING"], "CreatedDate": DAY},
        {"VersionStages": ["AWSPREVIOUS"], "CreatedDate": DAY - timedelta(days=200)},
        {"VersionStages": ["AWSCURRENT"], "CreatedDate": DAY - timedelta(days=50)},
    ]
    assert handler.current_since(versions) == DAY - timedelta(days=50)
    assert handler.current_since(versions[:2]) is None


def test_every_page_is_read(handler: ModuleType, clients: tuple[Any, Any]) -> None:
    secretsmanager, _ = clients
    stubbed: Any = Stubber(secretsmanager)
    pending = {"VersionStages": ["AWSPENDING"], "CreatedDate": DAY}
    current = {"VersionStages": ["AWSCURRENT"], "CreatedDate": DAY}
    stubbed.add_response(
        "list_secret_version_ids", {"Versions": [pending], "NextToken": "next"}, {"SecretId": "secret"}
    )
    stubbed.add_response(
        "list_secret_version_ids", {"Versions": [current]}, {"SecretId": "secret", "NextToken": "next"}
    )
    with stubbed:
        assert handler.current_since(handler.Gateway(*clients).versions("secret")) == DAY


def test_a_secret_that_does_not_exist_fails_instead_of_having_no_value(
    handler: ModuleType, clients: tuple[Any, Any]
) -> None:
    stubbed: Any = Stubber(clients[0])
    stubbed.add_client_error("list_secret_version_ids", "ResourceNotFoundException")
    settings = handler.Settings.from_environment(ENVIRONMENT)
    with stubbed, pytest.raises(clients[0].exceptions.ResourceNotFoundException):
        handler.measure(handler.Gateway(*clients), settings, DAY)
