"""What has to hold before the stack is changed: the guide's Pre-Deployment Checklist, item by item.

Each item is looked at whatever the others say, so that all that refuses is known at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from components import archives
from infra.guide import Guide
from operate import backups, git, github, good_revision, incidents, lock, refresh, secrets, tested
from operate.aws import in_one_line
from operate.backups import Backup, Kind
from operate.errors import GuardError, OperationError
from operate.git import Revision
from operate.incident_services import Channels
from operate.incidents import Incident
from operate.lock import Lock
from operate.refresh import Refresh
from operate.secrets import Secret
from operate.stack import Stack

if TYPE_CHECKING:
    from preview.engine import State

UPDATES: Final = "updates the stack"
"""Why an update holds the lock."""
_FRESH: Final = timedelta(hours=1)
"""The guide's backups are hourly."""
_LOOKED_AT: Final = 20
"""Incidents: older ones are over, or nobody's any more."""
_SHOWN: Final = 5
"""Files or names in a line."""
_NOT_MADE: Final = "the stack has never been made to its end"


class Verdict(StrEnum):
    """What an item says."""

    HOLDS = "holds"
    DUE = "due"
    """The update sees to it itself, before it changes anything."""
    SKIPPED = "skipped"
    """It cannot hold yet."""
    REFUSES = "refuses"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item of the checklist."""

    name: str
    verdict: Verdict
    says: str


Says = tuple[Verdict, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the items are about."""

    stack: Stack
    guide: Guide
    state: "State"
    channels: Channels
    directory: Path
    """The project's."""
    environ: Mapping[str, str]
    revision: Callable[[], Revision]
    """What lies there."""
    resume: bool
    """Whether whoever held the stack for an update is known to be gone."""


def look(asked: Asked) -> list[Item]:
    """Looks at every item. Changes nothing.

    Args:
        asked: what they are about.
    """
    return [_item(name, look_at, asked) for name, look_at in _LOOKS.items()]


def require(items: Sequence[Item]) -> None:
    """Whether the stack may be changed.

    Raises:
        GuardError: items refuse, with their names.
    """
    refusing = [item.name for item in items if item.verdict is Verdict.REFUSES]
    if refusing:
        raise GuardError(f"nothing was done: {', '.join(refusing)} refuse{'s' * (len(refusing) == 1)}")


def is_due(items: Sequence[Item], name: str) -> bool:
    """Whether the update has to see to an item."""
    return any(item.name == name and item.verdict is Verdict.DUE for item in items)


BACKUP: Final = "backup"
TEAM: Final = "team"


def reviewed(found: Revision) -> Says:
    """Code reviewed and approved: it is what the remote's main branch has, and nothing beside it."""
    commit = found.commit[:12]
    if found.changed:
        return Verdict.REFUSES, f"not committed: {_some(found.changed)}"
    if not found.merged:
        return Verdict.REFUSES, f"{commit} is not on origin's main branch: merge it first"
    return Verdict.HOLDS, f"{commit} is merged"


def newest(found: Revision, good: str | None, *, behind: bool) -> Says:
    """It does not take back what a later revision has brought, as an approval that comes late would."""
    if good is None:
        return Verdict.HOLDS, "no revision has been proved yet"
    if behind:
        return Verdict.REFUSES, (
            f"{found.commit[:12]} is older than {good[:12]}, which is there: revert what is to go"
        )
    return Verdict.HOLDS, f"not older than {good[:12]}, the last good one"


def tests_here(found: Revision, record: str | None) -> Says:
    """All tests passing, as this machine remembers it."""
    if record == found.tree:
        return Verdict.HOLDS, "passed here"
    return Verdict.REFUSES, f"no record that those of {found.commit[:12]} passed here: `make test`"


def tests_at_github(found: Revision, conclusion: str) -> Says:
    """All tests passing, as GitHub remembers it."""
    if conclusion == "success":
        return Verdict.HOLDS, "passed at GitHub"
    return Verdict.REFUSES, f"GitHub says of those of {found.commit[:12]}: {conclusion.replace('_', ' ')}"


def functions(missing: Sequence[str]) -> Says:
    """What AWS runs is built of the sources that lie here."""
    if missing:
        return Verdict.REFUSES, f"no archive of the present sources of {_some(missing)}: `make functions`"
    return Verdict.HOLDS, "their archives are those of the sources"


def no_doubt(state: "State", stack: str) -> Says:
    """Nothing that an interrupted update has begun is in doubt.

    What was being changed or deleted the refresh finds out by itself; whether something came to be made
    nobody can tell from outside.
    """
    begun = [one for one in state.pending if one.startswith("creating ")]
    if not begun:
        return Verdict.HOLDS, "nothing is in doubt"
    clear = f"pulumi refresh --stack {stack}"
    return Verdict.REFUSES, (
        f"interrupted while {_some(begun)}: where that does not exist in AWS, "
        f"`{clear} --clear-pending-creates` forgets it; where it does, "
        f"`{clear} --import-pending-creates 'URN ID'` takes it over"
    )


def lock_free(held: Lock | None, *, resume: bool) -> Says:
    """Nobody else holds the stack."""
    if held is None:
        return Verdict.HOLDS, "free"
    if is_ours(held, resume=resume):
        return Verdict.HOLDS, "goes on with an update that was interrupted"
    return Verdict.REFUSES, f"locked: {held}"


def is_ours(held: Lock, *, resume: bool) -> bool:
    """Whether the lock was left by an update at which nobody works any more."""
    return held.why == UPDATES and (held.left or resume)


def instances(last: Refresh | None, stack: str) -> Says:
    """No instances are being replaced."""
    if last is None or not last.is_under_way:
        return Verdict.HOLDS, "none are being replaced"
    return Verdict.REFUSES, (
        f"being replaced, {last.percent} % ({last.status}): wait, `syncup deployments list {stack}` shows it"
    )


def no_incident(recent: Sequence[Incident], worst: str) -> Says:
    """No incident of the worst severity is open."""
    opened = [one for one in recent if one.severity == worst and not one.status.over]
    if opened:
        return Verdict.REFUSES, "; ".join(f"{one.id} is open ({worst}: {one.title})" for one in opened)
    return Verdict.HOLDS, f"no {worst} is open"


def variables_set(found: Sequence[Secret], stack: str) -> Says:
    """Environment variables set: every secret of the guide has a value."""
    unset = [one.name for secret in found for one in secret.variables if not one.is_set]
    if unset:
        return Verdict.REFUSES, f"no value for {_some(unset)}: `syncup secrets update {stack} --key …`"
    return Verdict.HOLDS, "all have values"


def backup(made: Sequence[Backup], now: datetime) -> Says:
    """Backup created: there is one that is younger than an hour.

    A point in time does not count: it lasts no longer than the instance itself.
    """
    good = [one for one in made if one.good and one.kind is not Kind.TIME]
    newest = max(good, key=lambda one: one.made, default=None)
    if newest is None or now - newest.made >= _FRESH:
        last = f"the last is of {newest.made:%Y-%m-%d %H:%M} UTC" if newest else "there is none"
        return Verdict.DUE, f"{last}: one is made first"
    return Verdict.HOLDS, f"{newest.name}, {(now - newest.made) // timedelta(minutes=1)} min old"


def _item(name: str, look_at: Callable[[Asked], Says], asked: Asked) -> Item:
    try:
        with in_one_line():
            verdict, says = look_at(asked)
    except OperationError as error:
        verdict, says = Verdict.REFUSES, str(error)
    return Item(name=name, verdict=verdict, says=says)


def _newest(asked: Asked) -> Says:
    found, good = asked.revision(), good_revision.read(asked.stack)
    behind = good is not None and git.is_behind(asked.directory, found.commit, good)
    return newest(found, good, behind=behind)


def _tests(asked: Asked) -> Says:
    found = asked.revision()
    if github.is_asked(asked.environ):
        return tests_at_github(found, github.tests_of(found.commit, asked.environ))
    return tests_here(found, tested.recorded(asked.directory))


def _team(asked: Asked) -> Says:
    """Communication sent to team: it can be, and so can whoever is on call be woken if it goes wrong."""
    asked.channels.chat()
    asked.channels.pager()
    return Verdict.DUE, "is told when it begins"


def _once_made(look_at: Callable[[Asked], Says]) -> Callable[[Asked], Says]:
    """For what needs a stack that has its outputs."""
    return lambda asked: look_at(asked) if asked.state.made else (Verdict.SKIPPED, _NOT_MADE)


_LOOKS: Final[Mapping[str, Callable[[Asked], Says]]] = {
    "reviewed": lambda asked: reviewed(asked.revision()),
    "newest": _once_made(_newest),
    "tests": _tests,
    "functions": lambda _: functions(archives.missing()),
    "engine": lambda asked: no_doubt(asked.state, asked.stack.name),
    "lock": lambda asked: lock_free(lock.holder(asked.stack), resume=asked.resume),
    "incidents": _once_made(
        lambda asked: no_incident(incidents.recent(asked.stack, _LOOKED_AT), asked.guide.severities[0].level)
    ),
    "instances": _once_made(lambda asked: instances(refresh.latest(asked.stack), asked.stack.name)),
    "variables": _once_made(
        lambda asked: variables_set(secrets.view(asked.stack, asked.guide), asked.stack.name)
    ),
    BACKUP: _once_made(lambda asked: backup(backups.found(asked.stack), asked.stack.clock.now())),
    TEAM: _once_made(_team),
}
"""In the order in which they are shown."""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
