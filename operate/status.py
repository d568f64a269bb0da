"""The state of a stack at a glance, and whether it is healthy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from components.contract import HEALTH_PATH
from operate import alarms, application, database, http, lock
from operate.aws import is_missing
from operate.stack import Stack

_WELL: Final = "available"
"""What RDS and ElastiCache call it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of the system."""

    name: str
    fine: bool
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """The whole system."""

    stack: str
    release: str
    parts: Sequence[Part]
    alarms: Sequence[alarms.Alarm]

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return all(part.fine for part in self.parts)


def status(stack: Stack) -> Status:
    """Everything at a glance: what runs, how it is, and what rings."""
    rings = alarms.ringing(stack)
    return Status(
        stack=stack.name,
        release=_release(stack),
        parts=[*_running(stack), _alarms(rings), _lock(stack)],
        alarms=rings,
    )


def health(stack: Stack) -> Iterator[Part]:
    """Each check as it is made: what users reach first, then what stands behind it."""
    yield _page(stack)
    yield from _running(stack)
    rings = [alarm for alarm in alarms.ringing(stack) if alarm.severity == alarms.SEVERITIES[0]]
    yield Part(name="critical alarms", fine=not rings, says=_names(rings) or "none rings")


def _running(stack: Stack) -> Iterator[Part]:
    checks: Sequence[Callable[[Stack], Part]] = (_application, _database, _cache)
    for check in checks:
        yield check(stack)


def _page(stack: Stack) -> Part:
    answer = http.ask("GET", f"{stack.outputs['url']}{HEALTH_PATH}")
    said = answer.says if answer.status is None else f"{answer.status} in {answer.milliseconds:.0f} ms"
    return Part(name=f"GET {HEALTH_PATH}", fine=answer.status == 200, says=said)  # noqa: PLR2004 (HTTP's)


def _application(stack: Stack) -> Part:
    group = application.group(stack)
    said = f"{group.serving} of {group.wanted} instances serve, {group.least} are the least"
    if group.suspended:
        said += f"; suspended: {', '.join(group.suspended)}"
    return Part(name="application", fine=group.serving >= max(group.least, 1), says=said)


def _database(stack: Stack) -> Part:
    found = database.instances(stack)
    said = "; ".join(
        f"{one.identifier} {one.status}{f', waits for the window: {one.pending}' if one.pending else ''}"
        for one in found
    )
    return Part(name="database", fine=all(one.status == _WELL for one in found), says=said)


def _cache(stack: Stack) -> Part:
    found = database.cache(stack)
    return Part(
        name="cache", fine=found.status == _WELL, says=f"{found.group} {found.status}, {found.nodes} nodes"
    )


def _alarms(rings: Sequence[alarms.Alarm]) -> Part:
    return Part(name="alarms", fine=not rings, says=_names(rings) or "none rings")


def _names(rings: Sequence[alarms.Alarm]) -> str:
    return ", ".join(alarm.name for alarm in rings)


def _lock(stack: Stack) -> Part:
    held = lock.holder(stack)
    return Part(name="lock", fine=held is None, says=str(held) if held else "free")


def _release(stack: Stack) -> str:
    """The release that new instances start."""
    try:
        return stack.client("ssm").get_parameter(Name=stack.parameter("release"))["Parameter"]["Value"]
    except ClientError as error:
        if is_missing(error):
            return "none yet"
        raise
