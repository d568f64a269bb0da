"""The jobs that work on the database inside the VPC: started by hand and followed to their end.

Nothing of what they read or write passes through here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from operate.aws import code_of, is_missing
from operate.errors import GuardError, OperationError
from operate.stack import Stack

_POLL_SECONDS: Final = 5
_RUNS: Final = "IN_PROGRESS"
_GOOD: Final = "SUCCEEDED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """One run of a job, as CodeBuild has it."""

    id: str
    status: str
    """`IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `FAULT`, `TIMED_OUT` or `STOPPED`."""
    phase: str
    began: datetime
    ended: datetime | None
    variables: Mapping[str, str]
    """What it was told beside what its project says."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.status == _RUNS

    @property
    def good(self) -> bool:
        """Whether it has ended well."""
        return self.status == _GOOD


def latest(stack: Stack, project: str) -> Build | None:
    """The last run of a job, whether it goes on or not; None where it never ran.

    Args:
        stack: the stack.
        project: the job's.
    """
    ids = stack.client("codebuild").list_builds_for_project(projectName=project).get("ids", [])[:1]
    return _build(_asked(stack, ids[0])) if ids else None


def start(stack: Stack, project: str, what: str, variables: Mapping[str, str] | None = None) -> str:
    """Starts a job and returns the run's identifier.

    Args:
        stack: the stack.
        project: the job's.
        what: it does, in two words: "a dump".
        variables: what it is told, in its environment.

    Raises:
        GuardError: it runs already.
    """
    last = latest(stack, project)
    if last is not None and last.runs:
        raise GuardError(f"{what} of {stack.name} runs already: {last.id}")
    told = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in (variables or {}).items()]
    more: dict[str, Any] = {"environmentVariablesOverride": told} if told else {}
    try:
        started = stack.client("codebuild").start_build(projectName=project, **more)
    except ClientError as error:
        # The project admits one build at a time, and so decides between two that start at once.
        if code_of(error) == "AccountLimitExceededException":
            raise GuardError(f"{what} of {stack.name} runs already") from error
        raise
    return started["build"]["id"]


def follow(stack: Stack, identifier: str, what: str, say: Callable[[str], None]) -> Build:
    """Waits for the end of a run.

    Args:
        stack: the stack.
        identifier: of the run.
        what: it does, in two words: "the dump".
        say: is told of each phase as it begins.

    Returns:
        The run, which has ended well.

    Raises:
        OperationError: it failed, with the last that it said.
    """
    phase = ""
    while True:
        found = _asked(stack, identifier)
        build = _build(found)
        if build.phase != phase:
            phase = build.phase
            say(phase.lower().replace("_", " "))
        if not build.runs:
            break
        stack.clock.sleep(_POLL_SECONDS)
    if not build.good:
        raise OperationError(f"{what} {identifier} ended with {build.status}: {_why(stack, found)}")
    return build


def _asked(stack: Stack, identifier: str) -> Mapping[str, Any]:
    (found,) = stack.client("codebuild").batch_get_builds(ids=[identifier])["builds"]
    return found


def _build(found: Mapping[str, Any]) -> Build:
    variables = found.get("environment", {}).get("environmentVariables", ())
    return Build(
        id=found["id"],
        status=found["buildStatus"],
        phase=found.get("currentPhase", ""),
        began=found["startTime"],
        ended=found.get("endTime"),
        variables={one["name"]: one["value"] for one in variables},
    )


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
