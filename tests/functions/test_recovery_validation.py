"""The validation of a restore: sound, or a failure that rings and that AWS Backup knows of."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local import front
from local.certificates import Certificates
from tests.functions.folder import modules
from tests.functions.postgres import DATABASE, PASSWORD, Postgres

POINT = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
EVENT = {"detail": {"restoreJobId": "ABC", "status": "COMPLETED"}}
ARN = "arn:aws:rds:us-west-2:111122223333:db:awsbackup-restore-test-1"


class Aws:
    """As much of AWS Backup, RDS and CloudWatch as the function asks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.job: dict[str, Any] = {
            "Status": "COMPLETED",
            "CreatedResourceArn": ARN,
            "CreationDate": POINT + timedelta(hours=1),
            "CompletionDate": POINT + timedelta(hours=1, minutes=25),
            "RecoveryPointCreationDate": POINT,
        }
        self.verdicts: list[tuple[str, str]] = []
        self.figures: dict[str, float] = {}

    def describe_restore_job(self, **request: Any) -> Any:
        assert request == {"RestoreJobId": "ABC"}
        return self.job

    def put_restore_validation_result(self, **request: Any) -> None:
        self.verdicts.append((request["ValidationStatus"], request["ValidationStatusMessage"]))

    def describe_db_instances(self, **request: Any) -> Any:
        assert request == {"DBInstanceIdentifier": "awsbackup-restore-test-1"}
        return {"DBInstances": [{"Endpoint": {"Address": "127.0.0.1", "Port": self.port}}]}

    def generate_db_auth_token(self, **request: Any) -> str:
        assert request == {"DBHostname": "127.0.0.1", "Port": self.port, "DBUsername": "validator"}
        return PASSWORD

    def put_metric_data(self, **request: Any) -> None:
        assert request["Namespace"] == "SyncUp/Backups"
        self.figures |= {datum["MetricName"]: datum["Value"] for datum in request["MetricData"]}


class Validation:
    """The function with its surroundings."""

    def __init__(self, module: Any, aws: Aws, server: Postgres) -> None:
        self.module, self.aws, self.server = module, aws, server
        self.seconds, self.database = 900.0, DATABASE
        self.now = POINT + timedelta(hours=1, minutes=31)

    def run(self) -> Any:
        gateway = self.module.Gateway(backup=self.aws, rds=self.aws, cloudwatch=self.aws)
        return self.module.validate(
            EVENT, gateway, self.database, "SyncUp/Backups", lambda: self.seconds, now=lambda: self.now
        )

    def sql(self, *statements: str) -> None:
        self.server.run(*statements, database=DATABASE)


@pytest.fixture(name="validation")
def _validation(rds: Postgres, tls: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Validation]:
    monkeypatch.setenv("DATABASE_CA", str(tls.authority))
    with (
        front.postgresql(rds.port, tls.server) as port,
        modules("recovery_validation", "handler") as (module,),
    ):
        rds.run(
            f"CREATE ROLE validator LOGIN PASSWORD '{PASSWORD}'",
            "GRANT pg_read_all_data TO validator",
            "CREATE TABLE meetings AS SELECT 'meeting ' || n AS title FROM generate_series(1, 500) n",
            'CREATE TABLE "Odd ""one" (id int)',
            "ANALYZE",
            database=DATABASE,
        )
        yield Validation(module, Aws(port), rds)


def test_a_sound_database_is_reported_with_its_figures(validation: Validation) -> None:
    validation.run()
    ((status, message),) = validation.aws.verdicts
    assert status == "SUCCESSFUL"
    assert message == (
        "2 of 2 tables read, 500 rows, 0 indexes checked, restored in 0:25:00, proven after 0:31:00"
    )
    assert validation.aws.figures == {
        "RestoreDuration": 1500,
        "RecoveryDuration": 1860,
        "RestoredTables": 2,
        "RestoredRows": 500,
    }


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_failed_restore_fails_the_function_with_aws_reason(validation: Validation, status: str) -> None:
    validation.aws.job |= {"Status": status, "StatusMessage": "no subnet"}
    with pytest.raises(validation.module.RestoreError, match=f"restore ABC is {status}: no subnet"):
        validation.run()
    assert validation.aws.verdicts == []


def _unsound(validation: Validation, why: str) -> None:
    with pytest.raises(validation.module.RestoreError, match=why):
        validation.run()
    ((status, message),) = validation.aws.verdicts
    assert status == "FAILED"
    assert message
    assert validation.aws.figures == {}


def test_a_table_that_has_lost_its_rows_is_unsound(validation: Validation) -> None:
    validation.sql("DELETE FROM meetings")
    _unsound(validation, "public.meetings is empty and had about 500 rows")


def test_a_database_without_tables_is_unsound(validation: Validation) -> None:
    validation.sql("DROP SCHEMA public CASCADE")
    _unsound(validation, "the database has no tables")


def test_a_login_that_fails_is_unsound(validation: Validation) -> None:
    validation.sql("ALTER ROLE validator NOLOGIN")
    _unsound(validation, "validator at 127.0.0.1")


def test_a_damaged_page_is_unsound(validation: Validation, rds: Postgres) -> None:
    # A copy of the files, of which no page is in the server's memory yet.
    rds.run(f"CREATE DATABASE damaged TEMPLATE {DATABASE} STRATEGY file_copy")
    query = "SELECT pg_relation_filepath('meetings')"
    ((path,),) = rds.run(query, database="damaged")
    file = rds.log.parent / "data" / path
    content = bytearray(file.read_bytes())
    content[8000] ^= 0xFF
    file.write_bytes(content)
    validation.database = "damaged"
    _unsound(validation, "public.meetings cannot be read.*invalid page")


@pytest.mark.parametrize("late", [timedelta(minutes=5), timedelta(hours=2)], ids=["fresh", "old"])
def test_data_may_not_end_long_before_the_point(
    validation: Validation, monkeypatch: pytest.MonkeyPatch, late: timedelta
) -> None:
    # An extension that every server has stands in for the scheduler.
    monkeypatch.setattr(sys.modules["checks"], "_SCHEDULER", "plpgsql")
    validation.sql(
        "CREATE SCHEMA operations",
        f"CREATE TABLE operations.heartbeat AS SELECT timestamptz '{POINT - late}' AS at",
    )
    if late > timedelta(hours=1):
        _unsound(validation, "the data ends 2:00:00 before the recovery point")
    else:
        validation.run()
        assert validation.aws.figures["RestoredDataAge"] == 300


def test_what_there_was_no_time_to_read_is_told(validation: Validation) -> None:
    validation.seconds = 60.0
    validation.run()
    assert validation.aws.verdicts[0][1].startswith("0 of 2 tables read")
