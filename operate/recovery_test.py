"""The guide's monthly recovery test, on demand, with the newest dump: and a report that is kept.

The job in the VPC restores the dump into a database that is dropped again; what is active is not touched.
What AWS Backup's own monthly test of an instance has come to stands beside it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from infra.guide import Guide, Recovery
from operate import backups, caller, job, postgres_checks, restore
from operate.errors import GuardError, OperationError
from operate.postgres_checks import Finding
from operate.restoring import Say
from operate.stack import Stack

_FOLDER: Final = "recovery-tests/"
_A_MONTH: Final = timedelta(days=35)
_ENDED: Final = ("COMPLETED", "FAILED", "ABORTED")


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a test has shown."""

    backup: str
    began: datetime
    who: str
    restore_seconds: float | None
    """How long the restore took; None where it came to nothing."""
    rto_seconds: float
    """How long it may take (`operations.yaml`)."""
    checks: Sequence[Finding]
    """The guide's four, and what AWS Backup's test of an instance has come to."""

    @property
    def fine(self) -> bool:
        """Whether nothing failed. What could not be looked at is told, and fails nothing."""
        return all(check.fine is not False for check in self.checks)


def run(stack: Stack, guide: Guide, name: str | None, say: Say) -> Report:
    """Tests a dump.

    Args:
        stack: the stack.
        guide: what is promised.
        name: the dump's; the newest one where it is None.
        say: is told how far it is.

    Raises:
        UsageError: that is no name of a dump.
        OperationError: there is no such dump.
        GuardError: a restore is running.
    """
    began, who = stack.clock.now(), caller.name(stack)
    name, kept = backups.verify(stack, _newest(stack) if name is None else name)
    wrong = [f"{check.name}: {check.says}" for check in kept if not check.fine]
    integrity = Finding(
        name="integrity",
        fine=not wrong,
        says="; ".join(wrong) or "; ".join(f"{check.name}: {check.says}" for check in kept),
    )
    promised = guide.backup.objective(Recovery.DUMP).rto
    took, checks = _restored(stack, name, promised, say)
    return Report(
        backup=name,
        began=began,
        who=who,
        restore_seconds=None if took is None else took.total_seconds(),
        rto_seconds=promised.total_seconds(),
        checks=[integrity, *checks, _instance(stack)],
    )


def keep(stack: Stack, report: Report) -> str:
    """Keeps a report among the records, and returns where."""
    bucket, key = stack.outputs["records-bucket"], f"{_FOLDER}{report.began:%Y-%m-%d-%H%M%S}.json"
    stack.client("s3").put_object(
        Bucket=bucket,
        Key=key,
        Body=json.dumps({**asdict(report), "fine": report.fine}, default=datetime.isoformat).encode(),
        ContentType="application/json",
        IfNoneMatch="*",
    )
    return f"s3://{bucket}/{key}"


def _newest(stack: Stack) -> str | None:
    """The newest dump that is complete; a half-made one is another alarm's business."""
    return next((one.name for one in backups.dumps(stack) if one.good), None)


def _restored(
    stack: Stack, name: str, promised: timedelta, say: Say
) -> tuple[timedelta | None, Sequence[Finding]]:
    """How long the restore took, and what procedure, time and consistency are like."""
    project = stack.outputs["restore-project"]
    told = restore.told(name, restore.TEST, restore.moment(stack))
    try:
        tables = postgres_checks.manifest_of(stack, name)
        build = job.follow(stack, job.start(stack, project, "a restore", told), "the test", say)
    except GuardError:
        raise
    except OperationError as error:
        return None, (
            Finding(name="procedure", fine=False, says=str(error)),
            Finding(name="time", fine=None, says="nothing was restored"),
            Finding(name="consistency", fine=None, says="nothing was restored"),
        )
    took = (build.ended or stack.clock.now()) - build.began
    return took, (
        Finding(name="procedure", fine=True, says=f"{name} was restored beside the database and dropped"),
        Finding(
            name="time",
            fine=took <= promised,
            says=f"{took.total_seconds():.0f} s, of {promised.total_seconds():.0f} s that are promised",
        ),
        Finding(
            name="consistency",
            fine=True,
            says=f"{len(tables)} tables, {sum(tables.values())} rows, as the manifest says",
        ),
    )


def _instance(stack: Stack) -> Finding:
    """The last of AWS Backup's own tests, of the month that is over."""
    last = max(_tests(stack), key=lambda one: one["CreationDate"], default=None)
    if last is None:
        return Finding(
            name="instance", fine=None, says=f"AWS Backup has tested none for {_A_MONTH.days} days"
        )
    verdict = last.get("ValidationStatus", "no verdict yet")
    says = last.get("ValidationStatusMessage") or last.get("StatusMessage") or verdict.lower()
    day = f"{last['CreationDate']:%Y-%m-%d}"
    if last["Status"] == "COMPLETED" and verdict not in ("SUCCESSFUL", "FAILED", "TIMED_OUT"):
        return Finding(name="instance", fine=None, says=f"restored on {day}, {verdict.lower()}")
    good = last["Status"] == "COMPLETED" and verdict == "SUCCESSFUL"
    return Finding(name="instance", fine=good, says=f"on {day}: {says}")


def _tests(stack: Stack) -> Iterator[Mapping[str, Any]]:
    pages = (
        stack.client("backup")
        .get_paginator("list_restore_jobs")
        .paginate(ByResourceType="RDS", ByCreatedAfter=stack.clock.now() - _A_MONTH)
    )
    # AWS appends an identifier of its own to the plan's name.
    plan = f":restore-testing-plan:{stack.outputs['recovery-test-plan']}-"
    for page in pages:
        for one in page["RestoreJobs"]:
            if plan in one.get("CreatedBy", {}).get("RestoreTestingPlanArn", "") and one["Status"] in _ENDED:
                yield one
