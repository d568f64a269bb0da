"""Judges the database that the monthly recovery test has restored, and tells AWS Backup.

Every end that is not proof is a failure: the function fails then, is tried again, and rings.
"""

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from checks import SCHEDULER_DATABASE, Findings, UnsoundError, beats, examine
from postgresql import Connection, DatabaseError, connect
from tls import instance_trust

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_USER: Final = "validator"
_RESERVE_SECONDS: Final = 60.0
"""Left for the statement that runs when the time is up, and for the result."""


class RestoreError(Exception):
    """The restored database has not proven itself. The message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """The calls that the function makes: boto3's clients."""

    backup: Any
    rds: Any
    cloudwatch: Any


def validate(
    event: Mapping[str, Any],
    gateway: Gateway,
    database: str,
    namespace: str,
    seconds_left: Callable[[], float],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Findings:
    """Examines the database of one restore job and reports the verdict.

    Args:
        event: AWS Backup's "Restore Job State Change".
        gateway: to AWS.
        database: the database's name.
        namespace: of the figures in CloudWatch.
        seconds_left: until the function would be stopped.
        now: the time.

    Raises:
        RestoreError: the restore failed, or the database is unsound. AWS Backup knows it then.
        postgresql.DatabaseError: the database cannot be reached, or refuses the validator; likewise.
    """
    identifier = event["detail"]["restoreJobId"]
    job = gateway.backup.describe_restore_job(RestoreJobId=identifier)
    if job["Status"] != "COMPLETED":
        raise RestoreError(
            f"restore {identifier} is {job['Status']}: {job.get('StatusMessage', 'no reason given')}"
        )
    try:
        findings = _examine(job, gateway, database, seconds_left)
    except (UnsoundError, DatabaseError) as error:
        _tell(gateway, identifier, "FAILED", str(error))
        raise RestoreError(f"restore {identifier}: {error}") from None
    took, proven = job["CompletionDate"] - job["CreationDate"], now() - job["CreationDate"]
    _publish(gateway, namespace, findings, restored=took, proven=proven)
    _tell(gateway, identifier, "SUCCESSFUL", f"{findings}, restored in {took}, proven after {proven}")
    _log.info("restore %s is sound: %s, restored in %s, proven after %s", identifier, findings, took, proven)
    return findings


def handler(event: Mapping[str, Any], context: Any) -> None:
    """What Lambda calls. The environment says `DATABASE_NAME` and `METRIC_NAMESPACE`."""
    session: Any = boto3.Session()
    gateway = Gateway(
        backup=session.client("backup"), rds=session.client("rds"), cloudwatch=session.client("cloudwatch")
    )
    validate(
        event,
        gateway,
        os.environ["DATABASE_NAME"],
        os.environ["METRIC_NAMESPACE"],
        lambda: context.get_remaining_time_in_millis() / 1000,
    )


def _examine(
    job: Mapping[str, Any], gateway: Gateway, database: str, seconds_left: Callable[[], float]
) -> Findings:
    identifier = job["CreatedResourceArn"].rpartition(":")[2]
    (instance,) = gateway.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    host, port = instance["Endpoint"]["Address"], instance["Endpoint"]["Port"]
    token = gateway.rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=_USER)
    patience = max(1, int(seconds_left() - _RESERVE_SECONDS))

    def session(name: str) -> AbstractContextManager[Connection]:
        return connect((host, port), name, _USER, token, instance_trust(), patience_seconds=patience)

    with session(SCHEDULER_DATABASE) as scheduler:
        beating = beats(scheduler)
    with session(database) as connection:
        return examine(
            connection,
            job["RecoveryPointCreationDate"],
            lambda: seconds_left() - _RESERVE_SECONDS,
            beating=beating,
        )


def _tell(gateway: Gateway, identifier: str, status: str, message: str) -> None:
    """AWS Backup takes a verdict once: one that it has already is left as it is.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutRestoreValidationResult.html
    """
    try:
        gateway.backup.put_restore_validation_result(
            RestoreJobId=identifier, ValidationStatus=status, ValidationStatusMessage=message[:1024]
        )
    except (ClientError, BotoCoreError):
        if status == "SUCCESSFUL":
            raise
        # The verdict itself must not be lost over this: it fails the function, which rings.
        _log.exception("AWS Backup did not take the verdict on restore %s", identifier)


def _publish(
    gateway: Gateway, namespace: str, findings: Findings, *, restored: timedelta, proven: timedelta
) -> None:
    figures: dict[str, tuple[float, str]] = {
        "RestoreDuration": (restored.total_seconds(), "Seconds"),
        # Until the application might have the database: what the RTO promises.
        "RecoveryDuration": (proven.total_seconds(), "Seconds"),
        "RestoredTables": (findings.tables_read, "Count"),
        "RestoredRows": (findings.rows, "Count"),
    }
    if findings.behind is not None:
        figures["RestoredDataAge"] = (findings.behind.total_seconds(), "Seconds")
    gateway.cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": figure, "Value": value, "Unit": unit} for figure, (value, unit) in figures.items()
        ],
    )
