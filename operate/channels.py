"""Who hears of an incident: PagerDuty, Slack and the status page, kept in step with its timeline.

What each shall show follows from the incident alone; what it has heard is kept with the incident. So what
failed is told by the next command, and what was told is not told again. The credentials come from the
environment and never leave the headers, or the body that PagerDuty wants its key in.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from infra.guide import SeverityLevel
from operate import caller, incidents, json_api
from operate.aws import LOCAL
from operate.errors import GuardError, OperationError, RemoteError
from operate.incidents import Incident, Status, Told, Turn
from operate.json_api import Service
from operate.stack import Stack

PAGER_VARIABLE: Final = "PAGERDUTY_ROUTING_KEY"
CHAT_VARIABLE: Final = "SLACK_BOT_TOKEN"
PAGE_VARIABLE: Final = "STATUSPAGE_API_KEY"
TURN: Final = timedelta(minutes=2)
"""Longer than telling takes: whoever began before has been interrupted."""
_POLL_SECONDS: Final = 3
_PAGER_EVENTS: Final[Mapping[Status, str]] = {
    Status.OPEN: "trigger",
    Status.ACKNOWLEDGED: "acknowledge",
    Status.INVESTIGATING: "acknowledge",
    Status.MITIGATING: "acknowledge",
    Status.RESOLVED: "resolve",
    Status.CLOSED: "resolve",
}
_RESOLVE: Final = "resolve"
_PAGER_SEVERITIES: Final[Mapping[str, str]] = {"Critical": "critical", "High": "error"}
"""https://developer.pagerduty.com/docs/send-alert-event"""
_PAGE_STATUSES: Final[Mapping[Status, str]] = {
    Status.OPEN: "investigating",
    Status.ACKNOWLEDGED: "investigating",
    Status.INVESTIGATING: "investigating",
    Status.MITIGATING: "identified",
    Status.RESOLVED: "resolved",
    Status.CLOSED: "resolved",
}
_PAGE_IMPACTS: Final[Mapping[str, tuple[str, str]]] = {
    "Critical": ("critical", "major_outage"),
    "High": ("major", "partial_outage"),
    "Medium": ("minor", "degraded_performance"),
}
"""The incident's impact and the components' status. Of the lowest severity users notice nothing.
https://developer.statuspage.io/#operation/postPagesPageIdIncidents"""
_PAGE_WORDS: Final[Mapping[str, str]] = {
    "investigating": "We are looking into the problem.",
    "identified": "We know the cause and are working on a fix.",
    "resolved": "The problem is solved.",
}
"""What the public reads. What the team writes stays in the team."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the services are. Tests have their own."""

    pager: str = "https://events.pagerduty.com"
    chat: str = "https://slack.com/api"
    page: str = "https://api.statuspage.io/v1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Channels:
    """The three channels with the credentials that the environment has."""

    environ: Mapping[str, str]
    addresses: Addresses
    severities: Mapping[str, SeverityLevel]
    """The guide's, by level."""

    def pager(self) -> tuple[Service, str]:
        """PagerDuty, and the key that its body wants."""
        key = self._credential("PagerDuty", PAGER_VARIABLE)
        service = Service(name="PagerDuty", url=self.addresses.pager, headers={}, credential=PAGER_VARIABLE)
        return service, key

    def chat(self) -> Service:
        """Slack."""
        token = self._credential("Slack", CHAT_VARIABLE)
        headers = {"Authorization": f"Bearer {token}"}
        return Service(name="Slack", url=self.addresses.chat, headers=headers, credential=CHAT_VARIABLE)

    def page(self) -> Service:
        """StatusPage."""
        key = self._credential("StatusPage", PAGE_VARIABLE)
        headers = {"Authorization": f"OAuth {key}"}
        return Service(name="StatusPage", url=self.addresses.page, headers=headers, credential=PAGE_VARIABLE)

    def _credential(self, service: str, variable: str) -> str:
        value = self.environ.get(variable, "")
        if not value:
            raise OperationError(f"{service} needs {variable} in the environment")
        if not value.isascii() or not value.isprintable() or " " in value:
            # Such a header would be refused with a message that shows it.
            raise OperationError(f"{variable} in the environment is no credential of {service}")
        return value


def channels(
    severities: Sequence[SeverityLevel], environ: Mapping[str, str], addresses: Addresses | None = None
) -> Channels:
    """The channels.

    Args:
        severities: the guide's Severity Levels.
        environ: the process's environment.
        addresses: where the services are; their own where None.
    """
    return Channels(
        environ=environ,
        addresses=addresses or Addresses(),
        severities={level.level: level for level in severities},
    )


def tell(stack: Stack, identifier: str, to: Channels, say: Callable[[str], None]) -> Incident:
    """Brings every channel to what the incident's timeline says. Of several at once one tells.

    On the stack `local` nobody is told: it is for practice.

    Args:
        stack: the stack.
        identifier: the incident's.
        to: the channels.
        say: is told what was told.

    Returns:
        The incident as it is afterwards.

    Raises:
        RemoteError: a service refused or could not be reached; the others have been told.
        OperationError: a credential is missing; the others have been told.
        GuardError: somebody else tells the channels and does not come to an end.
    """
    if stack.name == LOCAL:
        say(f"{LOCAL} is for practice: PagerDuty, Slack and StatusPage are not told")
        return incidents.read(stack, identifier)
    failures: list[OperationError] = []
    with _turn(stack, identifier):
        for name, bring in (("PagerDuty", _pager), ("Slack", _chat), ("StatusPage", _page)):
            try:
                for words in bring(stack, identifier, to):
                    say(f"{name}: {words}")
            except OperationError as error:
                failures.append(error)
    if failures:
        again = f"`syncup incident update {stack.name} --id {identifier}` tells the rest"
        what = "; ".join(str(failure) for failure in failures)
        remote = any(isinstance(failure, RemoteError) for failure in failures)
        raise (RemoteError if remote else OperationError)(f"{identifier} is recorded, but {what}; {again}")
    return incidents.read(stack, identifier)


def _pager(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """PagerDuty knows an incident by its key, so that an event that is sent again changes nothing."""
    incident = incidents.read(stack, identifier)
    level = to.severities[incident.severity]
    heard = incident.told.pager
    # What does not wake anybody is none of the pager's business, or none any more.
    wanted = _PAGER_EVENTS[incident.status] if level.pages else _RESOLVE
    if wanted == heard or (wanted == _RESOLVE and not heard):
        return
    service, key = to.pager()
    first = wanted != _RESOLVE and heard in ("", _RESOLVE)
    for event in dict.fromkeys(["trigger", wanted] if first else [wanted]):
        body: dict[str, Any] = {
            "routing_key": key,
            "event_action": event,
            "dedup_key": f"syncup-{stack.name}-{identifier}",
        }
        if event == "trigger":
            body["payload"] = {
                "summary": f"{identifier} ({incident.severity}) {stack.name}: {incident.title}",
                "source": stack.outputs["url"],
                "severity": _PAGER_SEVERITIES.get(level.name, "warning"),
                "timestamp": incident.began.isoformat(),
            }
        json_api.call(service, "POST", "/v2/enqueue", body)
        _note(stack, identifier, lambda told, event=event: replace(told, pager=event))
        yield event


def _chat(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """Slack takes every message that it is sent. So one whose answer got lost is looked for first."""
    incident = incidents.read(stack, identifier)
    told = incident.told
    if told.entries >= len(incident.timeline):
        return
    service, channel = to.chat(), stack.outputs["slack-channel"]
    known = _messages(service, channel, incident)
    for number, entry in enumerate(incident.timeline):
        if number < told.entries:
            continue
        name = known.get(number)
        if name is None:
            answer = _slack(service, "POST", "/chat.postMessage", _message(stack, incident, number, channel))
            name = answer["ts"]
            yield "opened a thread" if number == 0 else f"wrote {entry.says!r}"
        told = replace(told, thread=told.thread or name, entries=number + 1)
        incident = _note(stack, identifier, _in_slack(told.thread, told.entries))


def _in_slack(thread: str, entries: int) -> Callable[[Told], Told]:
    return lambda told: replace(told, thread=thread, entries=entries)


def _message(stack: Stack, incident: Incident, number: int, channel: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    entry = incident.timeline[number]
    text = (
        f"*{incident.id} ({entry.severity}) {stack.name}: {_escaped(incident.title)}*"
        if number == 0
        else f"{incident.id} ({entry.severity}, {entry.status}), {entry.who}: {_escaped(entry.says)}"
    )
    body: dict[str, Any] = {
        "channel": channel,
        "text": text,
        "unfurl_links": False,
        "metadata": {"event_type": "syncup_incident", "event_payload": {"id": incident.id, "entry": number}},
    }
    if incident.told.thread:
        body["thread_ts"] = incident.told.thread
        # That it is over concerns also those who do not follow the thread.
        body["reply_broadcast"] = entry.status.over
    return body


def _escaped(text: str) -> str:
    """A text that neither calls people nor makes links.

    https://docs.slack.dev/messaging/formatting-message-text/
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _messages(service: Service, channel: str, incident: Incident) -> dict[int, str]:
    """The incident's messages that are in the channel: Slack's name by the number of the entry."""
    told = incident.told
    method = "/conversations.replies" if told.thread else "/conversations.history"
    place = {"ts": told.thread} if told.thread else {"oldest": str(incident.began.timestamp() - 1)}
    query = {"channel": channel, "include_all_metadata": "true", "limit": "200", **place}
    found: dict[int, str] = {}
    cursor = ""
    while True:
        path = f"{method}?{urlencode({**query, **({'cursor': cursor} if cursor else {})})}"
        answer = _slack(service, "GET", path)
        for message in answer.get("messages", ()):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("id") == incident.id:
                found[int(payload["entry"])] = message["ts"]
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            return found


def _slack(service: Service, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Slack says in the body whether it did what it was asked to."""
    answer = json_api.call(service, method, path, body)
    if not answer.get("ok"):
        raise RemoteError(f"Slack refuses {path.partition('?')[0][1:]}: {answer.get('error', 'no reason')}")
    return answer


def _page(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """The status page is asked what it shows, and brought to what it should."""
    incident = incidents.read(stack, identifier)
    name = to.severities[incident.severity].name
    status = _PAGE_STATUSES[incident.status]
    if name not in _PAGE_IMPACTS:
        # Users notice nothing, or no more.
        if not incident.told.page:
            return
        status, name = "resolved", json.loads(incident.told.page)[1]
    wanted = json.dumps([status, name])
    if wanted == incident.told.page:
        return
    service, page = to.page(), stack.outputs["status-page"]
    shown = _shown(service, page, stack, identifier)
    impact, component = _PAGE_IMPACTS[name]
    if shown is None and status == "resolved":
        _note(stack, identifier, lambda told: replace(told, page=wanted))
        return
    if shown is None or (shown["status"], shown.get("impact")) != (status, impact):
        body = {
            "name": incident.title,
            "status": status,
            "impact_override": impact,
            "body": _PAGE_WORDS[status],
            "components": dict.fromkeys(
                json.loads(stack.outputs["status-page-components"]).values(),
                "operational" if status == "resolved" else component,
            ),
            "metadata": {"syncup": {"incident": _label(stack, identifier)}},
        }
        path = f"/pages/{page}/incidents" + ("" if shown is None else f"/{shown['id']}")
        json_api.call(service, "POST" if shown is None else "PATCH", path, {"incident": body})
        yield f"shows {status} ({impact})"
    _note(stack, identifier, lambda told: replace(told, page=wanted))


def _shown(service: Service, page: str, stack: Stack, identifier: str) -> Mapping[str, Any] | None:
    """What the page shows of the incident. The newest come first, a hundred at a time."""
    number = 1
    while True:
        found = json_api.call(service, "GET", f"/pages/{page}/incidents?limit=100&page={number}")
        for one in found:
            metadata: Mapping[str, Any] = one.get("metadata") or {}
            if metadata.get("syncup", {}).get("incident") == _label(stack, identifier):
                return one
        if len(found) < 100:  # noqa: PLR2004 (a page that is not full is the last)
            return None
        number += 1


def _label(stack: Stack, identifier: str) -> str:
    return f"{stack.name}/{identifier}"


def _note(stack: Stack, identifier: str, how: Callable[[Told], Told]) -> Incident:
    """Keeps what a channel has heard, at once, so that an interruption costs nothing."""
    return incidents.change(stack, identifier, lambda incident: replace(incident, told=how(incident.told)))


@contextmanager
def _turn(stack: Stack, identifier: str) -> Generator[None]:
    """Waits until nobody else tells the channels of this incident, and lets nobody else begin."""
    mine = _take_turn(stack, identifier)
    try:
        yield
    finally:
        incidents.change(
            stack,
            identifier,
            lambda incident: replace(incident, turn=None) if incident.turn == mine else incident,
        )


def _take_turn(stack: Stack, identifier: str) -> Turn:
    who, mark = caller.name(stack), uuid4().hex
    end = stack.clock.now() + 2 * TURN
    while True:
        mine = Turn(who=who, mark=mark, since=stack.clock.now())

        def take(incident: Incident, mine: Turn = mine) -> Incident:
            taken = incident.turn is not None and mine.since - incident.turn.since < TURN
            return incident if taken else replace(incident, turn=mine)

        if incidents.change(stack, identifier, take).turn == mine:
            return mine
        if stack.clock.now() >= end:
            raise GuardError(f"somebody else tells the channels of {identifier}: try again in a minute")
        stack.clock.sleep(_POLL_SECONDS)
