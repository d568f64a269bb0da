"""A dump by hand: one at a time, followed to its end."""

from datetime import timedelta
from typing import Any

import pytest

from operate import dump_job
from operate.backups import manifest_key
from operate.errors import GuardError, OperationError
from operate.stack import Stack
from tests.operate.double import NOW, Answer, Aws, Parameters, Time, error
from tests.operate.test_backups import entry, listing

NAME = "backup_2026_11_24_120030.sql.gz"


def build(status: str, phase: str, **changes: Any) -> dict[str, Any]:
    """The answer about a build."""
    return {
        "builds": [
            {
                "id": "syncup-staging-dump:1",
                "buildStatus": status,
                "currentPhase": phase,
                "startTime": NOW,
                **changes,
            }
        ]
    }


def succeeding() -> dict[str, Answer]:
    """A job that nobody has started, and that succeeds when somebody does."""
    steps = [build("SUCCEEDED", "COMPLETED"), build("IN_PROGRESS", "BUILD"), build("IN_PROGRESS", "BUILD")]
    steps += [build("IN_PROGRESS", "PROVISIONING")]
    left: list[Any] = []

    def start(_: Parameters) -> Any:
        left[:] = steps
        return {"build": {"id": "syncup-staging-dump:1"}}

    return {
        "codebuild.ListBuildsForProject": {"ids": ["syncup-staging-dump:0"]},
        "codebuild.StartBuild": start,
        "codebuild.BatchGetBuilds": lambda _: left.pop() if left else build("SUCCEEDED", "COMPLETED"),
        "s3.ListObjectsV2": listing(
            entry(NAME, timedelta(minutes=-1)), entry(manifest_key(NAME), timedelta(minutes=-1))
        ),
    }


def _run(stack: Stack) -> tuple[str, list[str]]:
    told: list[str] = []
    return dump_job.follow(stack, dump_job.start(stack), told.append).name, told


def test_a_dump_is_followed_phase_by_phase_and_named(stack: Stack, aws: Aws, time: Time) -> None:
    aws.answers.update(succeeding())
    assert _run(stack) == (NAME, ["provisioning", "build", "completed"])
    assert aws.changes == ["codebuild.StartBuild"]
    assert time.slept == [5, 5, 5]


def test_a_project_that_never_ran_can_start(stack: Stack, aws: Aws) -> None:
    aws.answers.update({**succeeding(), "codebuild.ListBuildsForProject": {}})
    assert _run(stack)[0] == NAME


def test_two_dumps_at_once_are_refused(stack: Stack, aws: Aws) -> None:
    aws.answers.update({**succeeding(), "codebuild.BatchGetBuilds": build("IN_PROGRESS", "BUILD")})
    with pytest.raises(GuardError, match="runs already: syncup-staging-dump:1"):
        dump_job.start(stack)
    assert aws.changes == []


def test_of_two_that_start_at_once_one_is_refused(stack: Stack, aws: Aws) -> None:
    aws.answers.update(
        {**succeeding(), "codebuild.StartBuild": error("AccountLimitExceededException", "one build")}
    )
    with pytest.raises(GuardError, match="runs already"):
        dump_job.start(stack)


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])
def test_a_failed_dump_says_what_the_job_said_last(stack: Stack, aws: Aws, status: str) -> None:
    log = {"groupName": "/aws/codebuild/syncup-staging-dump", "streamName": "1"}
    lines = ["[Container] Running command python3 dump.py\n", "dump: no rights\n", "[Container] Phase over\n"]
    aws.answers.update(
        {
            **succeeding(),
            "codebuild.StartBuild": {"build": {"id": "b:1"}},
            "codebuild.BatchGetBuilds": lambda _: build(status, "COMPLETED", logs=log),
            "logs.GetLogEvents": {"events": [{"message": line} for line in lines]},
        }
    )
    with pytest.raises(OperationError, match=f"ended with {status}: dump: no rights$"):
        _run(stack)


def test_a_dump_that_failed_before_it_had_a_log_says_what_aws_says(stack: Stack, aws: Aws) -> None:
    phases = [{"contexts": [{"message": "the subnet has no free address"}]}]
    log = {"groupName": "/aws/codebuild/syncup-staging-dump", "streamName": "1"}
    aws.answers.update(
        {
            **succeeding(),
            "codebuild.StartBuild": {"build": {"id": "b:1"}},
            "codebuild.BatchGetBuilds": lambda _: build("FAILED", "COMPLETED", logs=log, phases=phases),
            "logs.GetLogEvents": error("ResourceNotFoundException"),
        }
    )
    with pytest.raises(OperationError, match="the subnet has no free address"):
        _run(stack)


def test_a_green_job_without_a_dump_is_a_failure(stack: Stack, aws: Aws) -> None:
    old = entry("backup_2026_11_23_120000.sql.gz", timedelta(days=1))
    aws.answers.update({**succeeding(), "s3.ListObjectsV2": listing(old)})
    with pytest.raises(OperationError, match="no complete dump of it is in the bucket"):
        _run(stack)
    half = entry(NAME, timedelta(minutes=-1))
    aws.answers.update({**succeeding(), "s3.ListObjectsV2": listing(half)})
    with pytest.raises(OperationError, match="no complete dump of it is in the bucket"):
        _run(stack)
