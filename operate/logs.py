"""Log lines by CloudWatch Logs Insights.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from operate.errors import RemoteError
from operate.stack import Stack

MOST: Final = 10_000
"""Lines that one query returns at most."""
_POLL_SECONDS: Final = 1
_PATIENCE_SECONDS: Final = 15 * 60
"""AWS ends a query after an hour; nobody waits that long for a list of lines."""
_LATE_SECONDS: Final = 60
"""A line is found some seconds after it was written: who follows looks back this far."""
FOLLOW_SECONDS: Final = 5

ERRORS: Final = 'filter level in ["error", "fatal"]'
REQUESTS: Final = "filter ispresent(status)"
"""A line about a request has the answer's status (docs/application-contract.md)."""
_ENDED: Final = ("Failed", "Cancelled", "Timeout", "Unknown")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a log."""

    at: str
    """As Insights has it: `2026-11-24 12:00:00.000`, in UTC."""
    stream: str
    """The instance that wrote it."""
    level: str
    message: str
    """The whole line, where it is not JSON."""
    pointer: str
    """Tells the line from all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Lines that say the same but for names and numbers."""

    count: int
    message: str
    """With placeholders."""
    first: str
    last: str
    example: str


def containing(text: str) -> str:
    """The filter for lines that contain a text, as it is written."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'filter @message like "{quoted}"'


def lines(stack: Stack, which: str, *, since: timedelta, limit: int) -> list[Line]:
    """The application's latest lines that a filter lets through, the oldest first.

    Args:
        stack: the stack.
        which: a filter of Insights' language.
        since: how far back.
        limit: how many at most.
    """
    now = stack.clock.now()
    return _between(stack, which, now - since, now, limit)


def follow(stack: Stack, which: str) -> Iterator[Line]:
    """The application's lines from now on, as they come. Ends when it is interrupted.

    A line is not missed for being found late, nor said twice.
    """
    began, seen = stack.clock.now(), dict[str, None]()
    while True:
        now = stack.clock.now()
        start = max(began, now - timedelta(seconds=_LATE_SECONDS))
        found = _between(stack, which, start, now, MOST)
        yield from (line for line in found if line.pointer not in seen)
        # What the next look can find again is what this one has found.
        seen = dict.fromkeys(line.pointer for line in found)
        stack.clock.sleep(FOLLOW_SECONDS)


def patterns(found: Sequence[Line]) -> list[Pattern]:
    """Lines grouped by what they say, the most frequent first."""
    groups: dict[str, list[Line]] = {}
    for line in found:
        groups.setdefault(pattern(line.message), []).append(line)
    made = [
        Pattern(
            count=len(group),
            message=message,
            first=min(line.at for line in group),
            last=max(line.at for line in group),
            example=group[-1].message,
        )
        for message, group in groups.items()
    ]
    return sorted(made, key=lambda one: (-one.count, one.message))


_PLACEHOLDERS: Final = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<email>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"(?<![\w<])\d+(?:\.\d+)?"), "<n>"),
)


def pattern(message: str) -> str:
    """A message without what differs from line to line."""
    for expression, placeholder in _PLACEHOLDERS:
        message = expression.sub(placeholder, message)
    return message


def _between(stack: Stack, which: str, start: datetime, end: datetime, limit: int) -> list[Line]:
    query = f"fields @timestamp, @logStream, @message | {which} | sort @timestamp desc | limit {limit}"
    group = stack.outputs["application-log-group"]
    rows = rows_of(stack, stack.client("logs"), group, query, start=start, end=end)
    return [_line(row) for row in reversed(rows)]


def rows_of(
    stack: Stack, logs: Any, group: str, query: str, *, start: datetime, end: datetime
) -> list[dict[str, str]]:
    """What a query finds, each row by its fields' names. A query that is given up is stopped.

    Raises:
        RemoteError: AWS gave the query up, or takes too long.
    """
    identifier = logs.start_query(
        logGroupName=group,
        startTime=int(start.timestamp()),
        endTime=int(end.timestamp()),
        queryString=query,
    )["queryId"]
    done = False
    try:
        for _ in range(_PATIENCE_SECONDS // _POLL_SECONDS):
            answer = logs.get_query_results(queryId=identifier)
            if answer["status"] == "Complete":
                done = True
                return [{cell["field"]: cell.get("value", "") for cell in row} for row in answer["results"]]
            if answer["status"] in _ENDED:
                done = True
                raise RemoteError(f"CloudWatch Logs gave the query up: {answer['status']}")
            stack.clock.sleep(_POLL_SECONDS)
    finally:
        if not done:
            logs.stop_query(queryId=identifier)
    raise RemoteError(f"CloudWatch Logs has not answered a query for {_PATIENCE_SECONDS // 60} minutes")


def _line(row: Mapping[str, str]) -> Line:
    said = _json(row["@message"])
    return Line(
        at=row["@timestamp"],
        stream=row.get("@logStream", ""),
        level=str(said.get("level", "")),
        message=_message(said) or row["@message"].rstrip(),
        pointer=row.get("@ptr", ""),
    )


def _json(text: str) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _message(said: Mapping[str, Any]) -> str:
    """What a line says, with the status of the answer where it is about a request."""
    message = str(said.get("message", ""))
    return f"{said['status']} {message}" if message and "status" in said else message
