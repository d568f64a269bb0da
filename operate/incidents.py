"""Incidents: their numbers, their states and their timelines, kept in S3.

One object an incident, `incidents/INC123.json`, changed only as it was read (`If-Match`): of two people
who act at once neither loses what the other wrote. A number is given once, also where an incident's
object has been deleted.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from operate import caller
from operate.aws import code_of
from operate.errors import OperationError, UsageError
from operate.stack import Stack

ID: Final = re.compile(r"INC[1-9]\d{0,8}")
_FOLDER: Final = "incidents/"
_KEY: Final = re.compile(rf"{_FOLDER}INC(\d+)\.json")
_TAKEN: Final = ("PreconditionFailed", "ConditionalRequestConflict")
"""Somebody else was quicker."""
_ATTEMPTS: Final = 50
"""More than ever act at once."""
TITLE_LIMIT: Final = 200


class Status(StrEnum):
    """How far an incident is: the guide's Incident Response Steps."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    MITIGATING = "mitigating"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def over(self) -> bool:
        """Whether the problem is gone."""
        return self in (Status.RESOLVED, Status.CLOSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    who: str
    severity: str
    status: Status
    says: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC  {self.severity}  {self.status}  {self.who}: {self.says}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What each channel has heard; what it has not, the next command tells it."""

    pager: str = ""
    """The last event that PagerDuty took."""
    page: str = ""
    """What the status page shows: its status and impact."""
    thread: str = ""
    """Slack's name of the first message, below which the others are."""
    entries: int = 0
    """How many entries of the timeline are in Slack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """Who is telling the channels now. One at a time, so that nothing is told twice."""

    who: str
    mark: str
    """Tells this telling from all others."""
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One incident."""

    id: str
    title: str
    timeline: Sequence[Entry]
    told: Told = field(default_factory=Told)
    turn: Turn | None = None

    @property
    def severity(self) -> str:
        """The latest."""
        return self.timeline[-1].severity

    @property
    def status(self) -> Status:
        """The latest."""
        return self.timeline[-1].status

    @property
    def began(self) -> datetime:
        """When it was opened."""
        return self.timeline[0].at

    @property
    def ended(self) -> datetime | None:
        """Since when the problem is gone; None while it is not."""
        if not self.status.over:
            return None
        since = self.timeline[-1].at
        for entry in reversed(self.timeline):
            if not entry.status.over:
                break
            since = entry.at
        return since


def create(stack: Stack, title: str, severity: str) -> Incident:
    """Opens an incident under the next number.

    Args:
        stack: the stack that has the problem.
        title: one line that says what is wrong.
        severity: `P1` to `P4`.

    Raises:
        UsageError: there is no title, or it is more than a line.
    """
    title = titled(title)
    entry = Entry(
        at=stack.clock.now(),
        who=caller.name(stack),
        severity=severity,
        status=Status.OPEN,
        says=f"opened: {title}",
    )
    number = max(numbers(stack), default=0)
    for _ in range(_ATTEMPTS):
        number += 1
        incident = Incident(id=f"INC{number}", title=title, timeline=(entry,))
        # An answer that got lost on its way makes our own incident look like somebody else's.
        if write(stack, incident, {"IfNoneMatch": "*"}) or _found(stack, incident.id) == incident:
            return incident
    raise OperationError("too many incidents are being opened at once: try again")


def titled(text: str) -> str:
    """A title as an incident takes it.

    Raises:
        UsageError: there is none, or it is more than a line.
    """
    title = text.strip()
    if not title or len(title) > TITLE_LIMIT or not title.isprintable():
        raise UsageError(f"the title is one line of 1 to {TITLE_LIMIT} characters that says what is wrong")
    return title


def read(stack: Stack, identifier: str) -> Incident:
    """The incident of that identifier.

    Raises:
        UsageError: that is no identifier.
        OperationError: there is no such incident.
    """
    return fetch(stack, identifier)[0]


def recent(stack: Stack, limit: int) -> list[Incident]:
    """The latest incidents, the newest first.

    Args:
        stack: the stack.
        limit: how many at most.
    """
    latest = sorted(set(numbers(stack)), reverse=True)[:limit]
    return [incident for incident in (_found(stack, f"INC{number}") for number in latest) if incident]


def update(
    stack: Stack, identifier: str, *, status: Status | None, severity: str | None, says: str
) -> Incident:
    """Adds an entry to the timeline.

    Args:
        stack: the stack.
        identifier: the incident's.
        status: how far it is now; None leaves it as it is.
        severity: the severity from now on; None leaves it as it is.
        says: what happened, for the team.

    Raises:
        OperationError: there is no such incident, or it is closed.
    """
    who, at = caller.name(stack), stack.clock.now()

    def add(incident: Incident) -> Incident:
        if any(
            (one.at, one.who, one.says) == (at, who, says)
            and status in (None, one.status)
            and severity in (None, one.severity)
            for one in incident.timeline
        ):
            return incident  # it is in there: only the answer got lost
        if incident.status is Status.CLOSED:
            raise OperationError(
                f"{identifier} is closed: `syncup incident create {stack.name}` opens another one"
            )
        entry = Entry(
            at=at,
            who=who,
            severity=severity or incident.severity,
            status=status or incident.status,
            says=says,
        )
        return replace(incident, timeline=(*incident.timeline, entry))

    return change(stack, identifier, add)


def change(stack: Stack, identifier: str, how: Callable[[Incident], Incident]) -> Incident:
    """Changes an incident as it is now, however many do so at once.

    Args:
        stack: the stack.
        identifier: the incident's.
        how: makes the new one from the present one; what it raises leaves everything as it is.
    """
    for _ in range(_ATTEMPTS):
        found, tag = fetch(stack, identifier)
        changed = how(found)
        if changed == found or write(stack, changed, {"IfMatch": tag}):
            return changed
    raise OperationError(f"too many change {identifier} at once: try again")


def note(stack: Stack, identifier: str, how: Callable[[Told], Told]) -> Incident:
    """Keeps what a channel has heard, at once, so that an interruption costs nothing."""
    return change(stack, identifier, lambda incident: replace(incident, told=how(incident.told)))


def keep_postmortem(stack: Stack, identifier: str, text: str) -> str:
    """Keeps a post-mortem beside the timeline and returns where. An earlier one stays as a version."""
    bucket, key = stack.outputs["records-bucket"], f"{_FOLDER}{identifier}-postmortem.md"
    stack.client("s3").put_object(
        Bucket=bucket, Key=key, Body=text.encode(), ContentType="text/markdown; charset=utf-8"
    )
    return f"s3://{bucket}/{key}"


def numbers(stack: Stack) -> Iterator[int]:
    """All numbers that were ever given: versions and delete markers outlive an object."""
    pages = (
        stack.client("s3")
        .get_paginator("list_object_versions")
        .paginate(Bucket=stack.outputs["records-bucket"], Prefix=f"{_FOLDER}INC")
    )
    for page in pages:
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if found := _KEY.fullmatch(entry["Key"]):
                yield int(found[1])


def _found(stack: Stack, identifier: str) -> Incident | None:
    try:
        return read(stack, identifier)
    except _NoSuchIncidentError:
        return None


class _NoSuchIncidentError(OperationError):
    """There is no such incident, or no more."""


def fetch(stack: Stack, identifier: str) -> tuple[Incident, str]:
    """The incident, and the tag by which a change shows that it knows this state."""
    if ID.fullmatch(identifier) is None:
        raise UsageError(f"{identifier!r} is no incident: write an identifier such as INC123")
    try:
        answer = stack.client("s3").get_object(
            Bucket=stack.outputs["records-bucket"], Key=f"{_FOLDER}{identifier}.json"
        )
    except ClientError as error:
        if code_of(error) == "NoSuchKey":
            raise _NoSuchIncidentError(
                f"there is no incident {identifier}: `syncup incident list {stack.name}` shows what there is"
            ) from error
        raise
    try:
        return _incident(json.loads(answer["Body"].read())), answer["ETag"]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise OperationError(
            f"{_FOLDER}{identifier}.json in {stack.outputs['records-bucket']} is not what this command "
            "writes: its earlier versions are kept"
        ) from error


def write(stack: Stack, incident: Incident, condition: Mapping[str, str]) -> bool:
    """Writes the incident, unless somebody else was quicker."""
    try:
        stack.client("s3").put_object(
            Bucket=stack.outputs["records-bucket"],
            Key=f"{_FOLDER}{incident.id}.json",
            Body=json.dumps(asdict(incident), default=datetime.isoformat, ensure_ascii=False).encode(),
            ContentType="application/json",
            **condition,
        )
    except ClientError as error:
        if code_of(error) in _TAKEN:
            return False
        raise
    return True


def _incident(found: Mapping[str, Any]) -> Incident:
    return Incident(
        id=found["id"],
        title=found["title"],
        timeline=tuple(
            Entry(
                at=datetime.fromisoformat(entry["at"]),
                who=entry["who"],
                severity=entry["severity"],
                status=Status(entry["status"]),
                says=entry["says"],
            )
            for entry in found["timeline"]
        ),
        told=Told(**found["told"]),
        turn=_turn(found["turn"]),
    )


def _turn(found: Mapping[str, Any] | None) -> Turn | None:
    if found is None:
        return None
    return Turn(who=found["who"], mark=found["mark"], since=datetime.fromisoformat(found["since"]))
