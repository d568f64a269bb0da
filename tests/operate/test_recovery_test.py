"""The monthly test of recovery: a dump is proven, what is active is not touched, and a report is kept."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.guide import Guide
from infra.reading import read_guide
from operate import recovery_test
from operate.aws import in_one_line
from operate.errors import GuardError, OperationError, UsageError
from operate.recovery_test import Report
from operate.stack import Stack
from tests.operate import recovering
from tests.operate.double import NOW, Aws, Time, error
from tests.operate.recovering import HALF, NAME, OTHER, World
from tests.operate.test_backups import HEAD, listing

PLAN = "arn:aws:backup:us-west-2:444455556666:restore-testing-plan:syncup_staging_recovery_test-0a1b"


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide()


@pytest.fixture
def world(aws: Aws, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    found = recovering.standing(tmp_path, aws, time, monkeypatch)
    found.tests = [_tested(ValidationStatus="SUCCESSFUL", ValidationStatusMessage="9 of 9 tables read")]
    return found


def _tested(**changes: Any) -> dict[str, Any]:
    """One of AWS Backup's own tests."""
    return {
        "RestoreJobId": "1",
        "CreationDate": NOW - timedelta(days=23),
        "Status": "COMPLETED",
        "CreatedBy": {"RestoreTestingPlanArn": PLAN},
        **changes,
    }


def _run(stack: Stack, guide: Guide, name: str | None = None) -> Report:
    with in_one_line():
        return recovery_test.run(stack, guide, name, lambda _: None)


def _says(report: Report) -> dict[str, tuple[bool | None, str]]:
    return {check.name: (check.fine, check.says) for check in report.checks}


def test_the_newest_whole_dump_is_tested_as_the_guide_wants(
    stack: Stack, world: World, guide: Guide, aws: Aws
) -> None:
    report = _run(stack, guide)
    assert (report.backup, report.who, report.began) == (NAME, "anna", NOW)
    assert (report.restore_seconds, report.rto_seconds) == (60, 4 * 3600)
    assert report.fine
    says = _says(report)
    assert list(says) == ["integrity", "procedure", "time", "consistency", "instance"]
    assert says["time"] == (True, "60 s, of 14400 s that are promised")
    assert says["consistency"] == (True, "2 tables, 507 rows, as the manifest says")
    assert says["instance"] == (True, "on 2026-11-01: 9 of 9 tables read")
    (asked,) = aws.named("codebuild.StartBuild")
    told = {one["name"]: one["value"] for one in asked["environmentVariablesOverride"]}
    assert (told["RESTORE_DUMP"], told["RESTORE_PURPOSE"]) == (NAME, "test")


def test_the_application_and_its_database_are_not_touched(
    stack: Stack, world: World, guide: Guide, aws: Aws
) -> None:
    _run(stack, guide)
    assert aws.changes == ["codebuild.StartBuild"]
    assert (world.group.instances, world.lock, world.set_up) == (["i-1", "i-2"], None, [])


def test_another_dump_can_be_named(stack: Stack, world: World, guide: Guide) -> None:
    assert _run(stack, guide, OTHER).backup == OTHER
    assert world.started == 1


def test_a_dump_that_does_not_restore_fails_the_test_and_says_why(
    stack: Stack, world: World, guide: Guide
) -> None:
    world.ends, world.says = "FAILED", "restore: psql ended with 3: ERROR: no space left"
    report = _run(stack, guide)
    says = _says(report)
    assert not report.fine
    assert says["procedure"][0] is False
    assert says["procedure"][1].endswith("restore: psql ended with 3: ERROR: no space left")
    assert says["time"] == says["consistency"] == (None, "nothing was restored")
    assert report.restore_seconds is None


def test_a_restore_that_takes_longer_than_promised_fails_the_test(
    stack: Stack, world: World, guide: Guide
) -> None:
    world.minutes = 4 * 60 + 1
    report = _run(stack, guide)
    assert _says(report)["time"] == (False, "14460 s, of 14400 s that are promised")
    assert not report.fine


@pytest.mark.usefixtures("world")
def test_a_dump_that_is_not_as_it_was_made_fails_the_test(stack: Stack, guide: Guide, aws: Aws) -> None:
    aws.answers["s3.HeadObject"] = {**HEAD, "ReplicationStatus": "FAILED"}
    report = _run(stack, guide)
    assert _says(report)["integrity"] == (False, "replica: failed")
    assert not report.fine


def test_a_half_made_dump_that_is_named_fails_the_test_without_a_restore(
    stack: Stack, world: World, guide: Guide
) -> None:
    report = _run(stack, guide, HALF)
    assert _says(report)["integrity"][0] is False
    assert _says(report)["procedure"] == (
        False,
        f"{HALF} has no manifest: `syncup backup list staging` shows what there is",
    )
    assert world.started == 0


@pytest.mark.parametrize(
    ("tests", "fine", "says"),
    [
        ([], None, "AWS Backup has tested none for 35 days"),
        ([_tested(Status="RUNNING")], None, "AWS Backup has tested none for 35 days"),
        ([_tested(CreatedBy={})], None, "AWS Backup has tested none for 35 days"),
        ([_tested(Status="FAILED", StatusMessage="no subnet")], False, "on 2026-11-01: no subnet"),
        (
            [_tested(ValidationStatus="FAILED", ValidationStatusMessage="no tables")],
            False,
            "on 2026-11-01: no tables",
        ),
        ([_tested(ValidationStatus="TIMED_OUT")], False, "on 2026-11-01: timed_out"),
        ([_tested(ValidationStatus="VALIDATING")], None, "restored on 2026-11-01, validating"),
        (
            [
                _tested(ValidationStatus="FAILED", CreationDate=NOW - timedelta(days=30)),
                _tested(ValidationStatus="SUCCESSFUL"),
            ],
            True,
            "on 2026-11-01: successful",
        ),
    ],
)
def test_what_the_monthly_test_of_an_instance_has_come_to_stands_beside_it(
    stack: Stack, world: World, guide: Guide, *, tests: list[dict[str, Any]], fine: bool | None, says: str
) -> None:
    world.tests = tests
    report = _run(stack, guide)
    assert _says(report)["instance"] == (fine, says)
    assert report.fine is (fine is not False)


def test_the_report_is_kept_whole_and_once(stack: Stack, world: World, guide: Guide, aws: Aws) -> None:
    report = _run(stack, guide)
    where = recovery_test.keep(stack, report)
    key = "recovery-tests/2026-11-24-120000.json"
    assert where == f"s3://syncup-staging-records-444455556666-us-west-2/{key}"
    kept = json.loads(world.records[key])
    assert (kept["backup"], kept["fine"], kept["restore_seconds"]) == (NAME, True, 60)
    assert kept["checks"][0]["name"] == "integrity"
    assert aws.changes == ["codebuild.StartBuild", "s3.PutObject"]


@pytest.mark.parametrize("name", ["", "latest", f"{NAME}; true"])
def test_what_is_no_name_is_refused(stack: Stack, world: World, guide: Guide, name: str) -> None:
    with pytest.raises(UsageError, match="write a name such as"):
        _run(stack, guide, name)
    assert world.started == 0


@pytest.mark.usefixtures("world")
def test_a_stack_without_a_whole_dump_says_so(stack: Stack, guide: Guide, aws: Aws) -> None:
    aws.answers["s3.ListObjectsV2"] = listing()
    with pytest.raises(OperationError, match="has no dump yet: `syncup backup create staging`"):
        _run(stack, guide)


@pytest.mark.usefixtures("world")
def test_while_a_restore_runs_it_is_refused(stack: Stack, guide: Guide, aws: Aws) -> None:
    aws.answers["codebuild.StartBuild"] = error("AccountLimitExceededException")
    with pytest.raises(GuardError, match="a restore of staging runs already"):
        _run(stack, guide)
