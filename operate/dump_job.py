"""The job that dumps the database, started by hand and followed to its end.

The dump goes from the database to S3 inside the VPC; nothing of it passes through here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from operate import backups
from operate.aws import code_of, is_missing
from operate.backups import Backup
from operate.errors import GuardError, OperationError
from operate.stack import Stack

_POLL_SECONDS: Final = 5
_RUNS: Final = "IN_PROGRESS"


def running(stack: Stack) -> str | None:
    """The identifier of the dump that runs now, if one does."""
    codebuild = stack.client("codebuild")
    latest = codebuild.list_builds_for_project(projectName=stack.outputs["dump-project"]).get("ids", [])[:1]
    if not latest:
        return None
    (build,) = codebuild.batch_get_builds(ids=latest)["builds"]
    return build["id"] if build["buildStatus"] == _RUNS else None


def start(stack: Stack) -> str:
    """Starts a dump and returns its identifier.

    Raises:
        GuardError: one runs already; two would only slow each other down.
    """
    runs = running(stack)
    if runs is not None:
        raise GuardError(f"a dump of {stack.name} runs already: {runs}")
    try:
        started = stack.client("codebuild").start_build(projectName=stack.outputs["dump-project"])
    except ClientError as error:
        # The project admits one build at a time, and so decides between two that start at once.
        if code_of(error) == "AccountLimitExceededException":
            raise GuardError(f"a dump of {stack.name} runs already") from error
        raise
    return started["build"]["id"]


def follow(stack: Stack, identifier: str, say: Callable[[str], None]) -> Backup:
    """Waits for the end of a dump.

    Args:
        stack: the stack.
        identifier: of the build.
        say: is told of each phase as it begins.

    Returns:
        What was made.

    Raises:
        OperationError: the dump failed, with the last that it said.
    """
    phase = ""
    while True:
        (build,) = stack.client("codebuild").batch_get_builds(ids=[identifier])["builds"]
        if build.get("currentPhase", "") != phase:
            phase = build["currentPhase"]
            say(phase.lower().replace("_", " "))
        if build["buildStatus"] != _RUNS:
            break
        stack.clock.sleep(_POLL_SECONDS)
    if build["buildStatus"] != "SUCCEEDED":
        raise OperationError(f"the dump {identifier} ended with {build['buildStatus']}: {_why(stack, build)}")
    made = next(
        (one for one in backups.dumps(stack) if one.good and one.made >= build["startTime"]),
        None,
    )
    if made is None:
        raise OperationError(f"the job {identifier} succeeded, but no complete dump of it is in the bucket")
    return made


def _why(stack: Stack, build: Mapping[str, Any]) -> str:
    """The last line of the job's log, or what CodeBuild says."""
    logs = build.get("logs", {})
    if logs.get("groupName") and logs.get("streamName"):
        try:
            answer = stack.client("logs").get_log_events(
                logGroupName=logs["groupName"], logStreamName=logs["streamName"], limit=50
            )
        except ClientError as error:
            if not is_missing(error):
                raise
        else:
            # CodeBuild's own lines say in brackets what it does.
            lines = [event["message"].strip() for event in answer["events"]]
            said = [line for line in lines if line and not line.startswith("[Container]")]
            if said:
                return said[-1]
    contexts = [context for phase in build.get("phases", ()) for context in phase.get("contexts", ())]
    return next((context["message"] for context in contexts if context.get("message")), "it does not say why")
