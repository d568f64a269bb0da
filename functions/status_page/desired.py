"""What the page has to show, from the alarms' states and the clock. Nothing is asked or changed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from components.window import MaintenanceWindow
from operate.page_words import (
    BODIES,
    IMPACTS,
    INVESTIGATING,
    OPERATIONAL,
    RESOLVED,
    UNDER_MAINTENANCE,
    label,
    labelled,
)

ALARM: Final = "ALARM"
OK: Final = "OK"
"""CloudWatch's third state says that nobody knows."""
ALARMS: Final = "alarms"
MAINTENANCE: Final = "maintenance"
_BY_HAND: Final = "incident"
_SEVERITIES: Final = tuple(IMPACTS)
"""The worst first."""
_LADDER: Final = (OPERATIONAL, *(IMPACTS[severity][1] for severity in reversed(_SEVERITIES)))
"""The components' statuses that alarms know of, the best first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One alarm that users notice."""

    name: str
    region: str
    severity: str
    components: tuple[str, ...]
    """The names of those that it is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What there is to show, and when."""

    stack: str
    components: Mapping[str, str]
    """StatusPage's identifiers by name."""
    alarms: Sequence[Alarm]
    window: MaintenanceWindow
    notice: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """How a component is, as far as alarms tell."""

    severity: str | None
    """Of the worst alarm that rings."""
    certain: bool
    """Whether the state of each of its alarms is known."""

    @property
    def status(self) -> str:
        """The component's, in StatusPage's words."""
        return OPERATIONAL if self.severity is None else IMPACTS[self.severity][1]


def conditions(settings: Settings, states: Mapping[str, str]) -> dict[str, Condition]:
    """How each component is.

    Args:
        settings: which alarm is about what.
        states: CloudWatch's, by alarm; one that is not there is not known.
    """
    return {
        name: _condition([alarm for alarm in settings.alarms if name in alarm.components], states)
        for name in settings.components
    }


def _condition(alarms: Sequence[Alarm], states: Mapping[str, str]) -> Condition:
    ringing = [alarm.severity for alarm in alarms if states.get(alarm.name) == ALARM]
    return Condition(
        severity=min((one for one in ringing if one in _SEVERITIES), key=_SEVERITIES.index, default=None),
        certain=all(states.get(alarm.name) in (ALARM, OK) for alarm in alarms),
    )


def status(condition: Condition, shown: str, *, held: bool) -> str:
    """What a component has to show.

    It gets worse at once. It gets better only when every alarm is known to be so, and not while somebody
    else says on the page that something is wrong. Maintenance, and what people alone know, stays.

    Args:
        condition: how it is.
        shown: what it shows now.
        held: whether somebody else does.
    """
    if shown not in _LADDER:
        return shown
    better = _LADDER.index(condition.status) < _LADDER.index(shown)
    return shown if better and (held or not condition.certain) else condition.status


def spoken(settings: Settings, unresolved: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people have an incident of this stack open."""
    return any((labelled(one, _BY_HAND) or "").startswith(f"{settings.stack}/") for one in unresolved)


def held(settings: Settings, unresolved: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people, or another stack's alarms, have an incident open: stacks may share a page."""
    return any(
        labelled(one, _BY_HAND) or labelled(one, ALARMS) not in (None, settings.stack) for one in unresolved
    )


def own(settings: Settings, unresolved: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The incident that alarms have opened; None where there is none."""
    return next((one for one in unresolved if labelled(one, ALARMS) == settings.stack), None)


def incident(
    settings: Settings,
    found: Mapping[str, Condition],
    shown: Mapping[str, Any] | None,
    *,
    spoken: bool,
) -> dict[str, Any] | None:
    """What has to be said of an incident, None where nothing has.

    Args:
        settings: which stack this is.
        found: how the components are.
        shown: the incident that alarms have opened.
        spoken: whether people have one open: then there is no second one.
    """
    affected = {name: one.severity for name, one in found.items() if one.severity is not None}
    if not affected:
        if shown is None or not all(one.certain for one in found.values()):
            return None
        return {"status": RESOLVED, "body": BODIES[RESOLVED]}
    if shown is None and spoken:
        return None
    said = {
        "name": f"Problem with {_list(sorted(affected))}",
        "impact_override": IMPACTS[min(affected.values(), key=_SEVERITIES.index)][0],
        "component_ids": [settings.components[name] for name in sorted(affected)],
    }
    if shown is None:
        return {
            **said,
            "status": INVESTIGATING,
            "body": BODIES[INVESTIGATING],
            "metadata": label(ALARMS, settings.stack),
        }
    same = (shown["name"], shown.get("impact")) == (said["name"], said["impact_override"])
    return None if same else said


def maintenance(
    settings: Settings, latest: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[str | None, dict[str, Any]] | None:
    """What has to be announced: the identifier of what is to be changed, if any, and what to say.

    Args:
        settings: when the window is.
        latest: what the page knows; maintenance that has been announced is known by its day and its
            components, whichever stack has announced it.
        now: the time.

    Returns:
        None where nothing has to be said: it is too early, or it has been.
    """
    begin, end = settings.window.nearest(now)
    if now < begin - settings.notice:
        return None
    day = begin.astimezone(ZoneInfo(settings.window.time_zone)).date()
    name = " ".join([day.isoformat(), *sorted(settings.components.values())])
    times = {"scheduled_for": begin.isoformat(), "scheduled_until": end.isoformat()}
    shown = next((one for one in latest if labelled(one, MAINTENANCE) == name), None)
    if shown is None:
        return None, {
            **_announcement(settings, begun=now >= begin),
            **times,
            "metadata": label(MAINTENANCE, name),
        }
    moved = any(datetime.fromisoformat(shown[key]) != datetime.fromisoformat(at) for key, at in times.items())
    return (shown["id"], times) if moved and shown["status"] == "scheduled" else None


def _announcement(settings: Settings, *, begun: bool) -> dict[str, Any]:
    """StatusPage itself begins and ends what has been announced in time."""
    identifiers = list(settings.components.values())
    return {
        "name": "Planned maintenance",
        "status": "in_progress" if begun else "scheduled",
        "impact_override": "maintenance",
        "body": "We look after our servers. There may be short interruptions.",
        "component_ids": identifiers,
        **({"components": dict.fromkeys(identifiers, UNDER_MAINTENANCE)} if begun else {}),
        "scheduled_remind_prior": True,
        "scheduled_auto_in_progress": True,
        "scheduled_auto_completed": True,
        "auto_transition_to_maintenance_state": True,
        "auto_transition_to_operational_state": True,
    }


def _list(names: Sequence[str]) -> str:
    """`api, application and database`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
