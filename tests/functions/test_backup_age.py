"""The age of the replicated backup: of the right instance, the latest, or none at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.folder import modules

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ENVIRONMENT = {
    "DATABASE_INSTANCE": "syncup-test-g1",
    "SOURCE_REGION": "us-west-2",
    "RECOVERY_REGION": "us-east-2",
    "METRIC_NAMESPACE": "SyncUp/Backups",
    "METRIC_NAME": "ReplicatedBackupAge",
}


@pytest.fixture(scope="module", name="handler")
def _handler() -> Iterator[ModuleType]:
    with modules("backup_age", "handler") as (handler,):
        yield handler


def _backup(age: timedelta, *, instance: str = "syncup-test-g1", region: str = "us-west-2") -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": instance,
        "Region": region,
        "RestoreWindow": {"EarliestTime": NOW - timedelta(days=30), "LatestTime": NOW - age},
    }


def _client(service: str, region: str) -> Any:
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 (none)
    return session.client(service, region_name=region)


def _stubbed(client: Any) -> Any:
    return Stubber(client)


def _measure(handler: ModuleType, backups: list[dict[str, Any]], published: float | None) -> float | None:
    """Runs the function against AWS' own models of requests and answers."""
    rds, cloudwatch = _client("rds", "us-east-2"), _client("cloudwatch", "us-west-2")
    described, measured = _stubbed(rds), _stubbed(cloudwatch)
    with described, measured:
        described.add_response(
            "describe_db_instance_automated_backups", {"DBInstanceAutomatedBackups": backups}, {}
        )
        if published is not None:
            datum = {
                "MetricName": "ReplicatedBackupAge",
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "syncup-test-g1"}],
                "Timestamp": ANY,
                "Value": published,
                "Unit": "Seconds",
            }
            measured.add_response(
                "put_metric_data", {}, {"Namespace": "SyncUp/Backups", "MetricData": [datum]}
            )
        settings = handler.Settings.from_environment(ENVIRONMENT)
        age = handler.measure(handler.Gateway(rds, cloudwatch), settings, NOW)
        described.assert_no_pending_responses()
        measured.assert_no_pending_responses()
    return age


def test_the_age_is_now_less_the_latest_restorable_time(handler: ModuleType) -> None:
    assert _measure(handler, [_backup(timedelta(minutes=7))], 420) == 420


def test_other_instances_and_this_regions_own_backups_do_not_count(handler: ModuleType) -> None:
    backups = [
        _backup(timedelta(minutes=1), instance="syncup-test-g2"),
        _backup(timedelta(minutes=2), region="us-east-2"),
        _backup(timedelta(minutes=9)),
    ]
    assert _measure(handler, backups, 540) == 540


def test_without_a_complete_backup_nothing_is_published(handler: ModuleType) -> None:
    first_still_copying: dict[str, Any] = {**_backup(timedelta()), "RestoreWindow": {}}
    assert _measure(handler, [], None) is None
    assert _measure(handler, [first_still_copying], None) is None


@given(ages=st.lists(st.integers(min_value=0, max_value=10**7), min_size=1))
def test_of_several_backups_the_latest_counts(handler: ModuleType, ages: list[int]) -> None:
    backups = [_backup(timedelta(seconds=age)) for age in ages]
    latest = handler.latest_restorable(backups, instance="syncup-test-g1", source_region="us-west-2")
    assert latest == NOW - timedelta(seconds=min(ages))


def test_every_page_is_read(handler: ModuleType) -> None:
    rds = _client("rds", "us-east-2")
    with _stubbed(rds) as described:
        first = {"Marker": "next", "DBInstanceAutomatedBackups": [_backup(timedelta(minutes=9))]}
        second = {"DBInstanceAutomatedBackups": [_backup(timedelta(minutes=3))]}
        described.add_response("describe_db_instance_automated_backups", first, {})
        described.add_response("describe_db_instance_automated_backups", second, {"Marker": "next"})
        assert len(list(handler.Gateway(rds, None).backups())) == 2


def test_a_missing_setting_is_named(handler: ModuleType) -> None:
    with pytest.raises(KeyError, match="DATABASE_INSTANCE"):
        handler.Settings.from_environment({})
