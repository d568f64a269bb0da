"""Slack: one thread an incident, one message an entry of its timeline.

Slack takes every message that it is sent. So one whose answer got lost is looked for first.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from operate import incidents, slack
from operate.incident_services import Channels
from operate.incidents import Incident, Told
from operate.json_api import Service
from operate.stack import Stack


def bring(stack: Stack, identifier: str, to: Channels) -> Iterator[str]:
    """Brings the channel to what the timeline says, and says what it wrote."""
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
            answer = slack.ask(
                service, "POST", "/chat.postMessage", _message(stack, incident, number, channel)
            )
            name = answer["ts"]
            yield "opened a thread" if number == 0 else f"wrote {entry.says!r}"
        told = replace(told, thread=told.thread or name, entries=number + 1)
        incident = incidents.note(stack, identifier, _in_slack(told.thread, told.entries))


def _in_slack(thread: str, entries: int) -> Callable[[Told], Told]:
    return lambda told: replace(told, thread=thread, entries=entries)


def _message(stack: Stack, incident: Incident, number: int, channel: str) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    entry = incident.timeline[number]
    text = (
        f"*{incident.id} ({entry.severity}) {stack.name}: {slack.escaped(incident.title)}*"
        if number == 0
        else f"{incident.id} ({entry.severity}, {entry.status}), {entry.who}: {slack.escaped(entry.says)}"
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
        answer = slack.ask(service, "GET", path)
        for message in answer.get("messages", ()):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("id") == incident.id:
                found[int(payload["entry"])] = message["ts"]
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            return found
