"""Keeps the public status page in step with alarms and the maintenance window.

What wakes it says only that something may have changed: what the page has to show follows from the alarms
as they are now. So an event that is late, repeated or lost does no harm, and none can bring back an older
state; the schedule catches what no event tells.
"""

import json
import logging
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from desired import Alarm, Settings, conditions, held, incident, maintenance, own, spoken, status
from page import Page
from stored import SecretError, read, required

from components.tool_secrets import PAGE_KEY
from components.window import MaintenanceWindow
from operate.errors import OperationError, RemoteError
from operate.json_api import AnswerError, Service, is_credential

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

_ADDRESS: Final = "https://api.statuspage.io/v1"
_ATTEMPTS: Final = 5
_FIRST_PAUSE_SECONDS: Final = 2.0
_RESERVE_SECONDS: Final = 20.0
"""A round of questions and answers at their pace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Time:
    """The clock, as tests set it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    stopwatch: Callable[[], float] = time.monotonic


def handler(_event: Mapping[str, Any], context: Any) -> None:
    """Brings the page to what it should show.

    The environment says `STACK`, `PAGE_ID`, `COMPONENTS` (identifiers by name), `ALARMS`, `WINDOW`,
    `NOTICE_HOURS` and `SECRET`; the last is the name of the secret with the key.

    Raises:
        operate.errors.OperationError: StatusPage did not take it, for now or for good. It is due again.
        stored.SecretError: there is no key.
    """
    run(os.environ, boto3.Session(), lambda: context.get_remaining_time_in_millis() / 1000, Time())


def run(
    environment: Mapping[str, str], session: Any, seconds_left: Callable[[], float], clock: Time
) -> list[str]:
    """Does it, and says what changed.

    Args:
        environment: the function's.
        session: boto3's.
        seconds_left: until the function would be stopped.
        clock: the time.
    """
    settings = settings_of(environment)
    service = _service(environment, session.client("secretsmanager"))
    page = Page(service, environment["PAGE_ID"], clock.sleep, clock.stopwatch)
    attempt = 1
    while True:
        try:
            # From the beginning each time: what got through before an answer was lost is seen, not doubled.
            changed = bring(page, settings, lambda: states(settings, session), clock.now())
        except RemoteError as error:
            lasting = isinstance(error, AnswerError) and not error.passes
            pause = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311 (no cryptography)
            if lasting or attempt == _ATTEMPTS or seconds_left() < pause + _RESERVE_SECONDS:
                raise
            _log.warning("%s; once more in %.0f s", error, pause)
            clock.sleep(pause)
            attempt += 1
        else:
            for line in changed:
                _log.info(line)
            return changed


def bring(
    page: Page, settings: Settings, now_ringing: Callable[[], Mapping[str, str]], now: datetime
) -> list[str]:
    """Compares what the page shows with what it should, and changes the difference.

    Args:
        page: the page.
        settings: what it has to show.
        now_ringing: asks for the alarms' states.
        now: the time.

    Returns:
        What changed, a line each.
    """
    changed: list[str] = []
    begin, _ = settings.window.nearest(now)
    if now >= begin - settings.notice:
        announced = maintenance(settings, page.latest(), now)
        if announced is not None:
            identifier, said = announced
            changed.append(f"maintenance at {said['scheduled_for']} is announced")
            if identifier is None:
                page.open(said)
            else:
                page.change(identifier, said)
    # In the window alarms are muted, here as everywhere, and the page says so.
    return changed if now >= begin else [*changed, *_alarms(page, settings, now_ringing())]


def _alarms(page: Page, settings: Settings, ringing: Mapping[str, str]) -> list[str]:
    changed: list[str] = []
    found, shown, unresolved = conditions(settings, ringing), page.statuses(), page.unresolved()
    people, others = spoken(settings, unresolved), held(settings, unresolved)
    for name, condition in found.items():
        identifier = settings.components[name]
        if identifier not in shown:
            raise OperationError(
                f"the status page has no component {identifier}, which the settings call {name}"
            )
        wanted = status(condition, shown[identifier], held=others)
        if wanted != shown[identifier]:
            page.show(identifier, wanted)
            changed.append(f"{name} is {wanted}")
    ours = own(settings, unresolved)
    said = incident(settings, found, ours, spoken=people)
    if said is not None:
        if ours is None:
            page.open(said)
        else:
            page.change(ours["id"], said)
        changed.append(said.get("name", "the problem is over"))
    return changed


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Reads the function's environment; a missing variable is a KeyError that names it."""
    alarms = [
        Alarm(name=name, region=region, severity=about["severity"], components=tuple(about["components"]))
        for region, named in json.loads(environment["ALARMS"]).items()
        for name, about in named.items()
    ]
    return Settings(
        stack=environment["STACK"],
        components=json.loads(environment["COMPONENTS"]),
        alarms=alarms,
        window=MaintenanceWindow.parse(**json.loads(environment["WINDOW"])),
        notice=timedelta(hours=int(environment["NOTICE_HOURS"])),
    )


def states(settings: Settings, session: Any) -> dict[str, str]:
    """The alarms' states as CloudWatch has them now, by name."""
    found: dict[str, str] = {}
    for region in sorted({alarm.region for alarm in settings.alarms}):
        names = [alarm.name for alarm in settings.alarms if alarm.region == region]
        pages = session.client("cloudwatch", region_name=region).get_paginator("describe_alarms")
        for answer in pages.paginate(AlarmNames=names, AlarmTypes=["MetricAlarm"]):
            found |= {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"]}
    return found


def _service(environment: Mapping[str, str], secrets: Any) -> Service:
    (key,) = required(read(secrets, environment["SECRET"]), environment["SECRET"], PAGE_KEY)
    if not is_credential(key):
        raise SecretError(f"{environment['SECRET']}: {PAGE_KEY} is no key of StatusPage")
    return Service(
        name="StatusPage",
        url=environment.get("STATUSPAGE_URL", _ADDRESS),
        headers={"Authorization": f"OAuth {key}"},
        credential=f"{PAGE_KEY} in {environment['SECRET']}",
    )
