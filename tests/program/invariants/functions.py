"""What AWS runs by itself: each function is declared, and with everything that it needs to be trusted."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from components import archives
from preview.graph import Resource
from preview.values import Asset
from tests.program.invariants.look import FUNCTION, LOG_GROUP, at
from tests.program.stacks import Built

_QUEUE: Final = "aws:sqs/queue:Queue"
_ROLE: Final = "aws:iam/role:Role"
_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_OBJECT: Final = "aws:s3/bucketObjectv2:BucketObjectv2"
_PROJECT: Final = "aws:codebuild/project:Project"
_LONGEST_SECONDS: Final = 900
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"""
_WATCHED: Final = {"Errors": "FunctionName", "ApproximateNumberOfMessagesVisible": "QueueName"}


def every_function_is_deployed_by_its_present_archive(stack: Built) -> Iterator[str]:
    """What is in `functions/` runs somewhere, each folder once, and nothing else does."""
    resources = (*stack.known.all(FUNCTION), *stack.known.all(_OBJECT))
    deployed = Counter(path for resource in resources for path in _archives(resource))
    for source in archives.sources():
        count = deployed.pop(archives.archive(source), 0)
        if count != 1:
            yield f"functions/{source}: {count} resources have its archive"
    yield from (f"{path} is the archive of nothing in functions/" for path in sorted(deployed))


def every_function_stands_alone(stack: Built) -> Iterator[str]:
    """Its role, log group and dead-letter queue are its own, and it is bounded in time and number."""
    names = {
        type_: Counter(at(one.inputs, "name") for one in stack.known.all(type_))
        for type_ in (_ROLE, LOG_GROUP, _QUEUE)
    }
    functions = stack.known.all(FUNCTION)
    used = [Counter(_own(function)[type_] for function in functions) for type_ in names]
    for function in functions:
        for (type_, name), others in zip(_own(function).items(), used, strict=True):
            if names[type_][name] != 1 or others[name] != 1:
                yield f"{function.urn}: {type_.rpartition(':')[2]} {name} is not its own"
        seconds, at_once = (function.inputs.get(key) for key in ("timeout", "reservedConcurrentExecutions"))
        if not isinstance(seconds, int) or not 0 < seconds <= _LONGEST_SECONDS:
            yield f"{function.urn}: its timeout is {seconds}"
        if not isinstance(at_once, int) or at_once < 1:
            yield f"{function.urn}: {at_once} of it may run at once"


def every_function_is_watched(stack: Built) -> Iterator[str]:
    """It rings when it fails, and when something waits in its dead-letter queue."""
    ringing = {
        (alarm.inputs.get("metricName"), key, at(alarm.inputs, "dimensions", key))
        for alarm in stack.known.all(_ALARM)
        if alarm.inputs.get("alarmActions")
        for key in _WATCHED.values()
    }
    for function in stack.known.all(FUNCTION):
        for metric, dimension in _WATCHED.items():
            of = _own(function)[_QUEUE] if dimension == "QueueName" else function.inputs.get("name")
            if (metric, dimension, of) not in ringing:
                yield f"{function.urn}: nothing rings on its {metric}"


def every_job_is_bounded(stack: Built) -> Iterator[str]:
    """A job of CodeBuild runs once at a time, ends, and has a role and a log group of its own."""
    projects = stack.known.all(_PROJECT)
    roles = Counter(project.inputs.get("serviceRole") for project in projects)
    groups = {at(group.inputs, "name") for group in stack.known.all(LOG_GROUP)}
    for project in projects:
        if project.inputs.get("concurrentBuildLimit") != 1 or not project.inputs.get("buildTimeout"):
            yield f"{project.urn}: it is not bounded"
        if roles[project.inputs.get("serviceRole")] != 1:
            yield f"{project.urn}: its role is not its own"
        if at(project.inputs, "logsConfig", "cloudwatchLogs", "groupName") not in groups:
            yield f"{project.urn}: its log group is not declared"


def _own(function: Resource) -> dict[str, Any]:
    """The names of what is to be a function's own, by type."""
    target = str(at(function.inputs, "deadLetterConfig", "targetArn"))
    return {
        _ROLE: re.sub(r"^.*/", "", str(function.inputs.get("role"))),
        LOG_GROUP: at(function.inputs, "loggingConfig", "logGroup"),
        _QUEUE: target.rpartition(":")[2],
    }


def _archives(resource: Resource) -> Iterator[str]:
    """The paths of a resource's archives, below the project's folder."""
    for key in ("code", "source"):
        asset = resource.inputs.get(key)
        if isinstance(asset, Asset) and asset.form == "path":
            yield str(asset.source)
