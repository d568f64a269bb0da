"""What people hear of an update: the team in its channel, and whoever is on call where it needs somebody."""

from operate import json_api, slack
from operate.incident_services import Channels
from operate.stack import Stack


def tell(stack: Stack, to: Channels, text: str, thread: str = "") -> str:
    """Writes into the team's channel.

    Args:
        stack: whose channel it is.
        to: the channels.
        text: what to write.
        thread: Slack's name of the message that it belongs to; a new one where it is empty.

    Returns:
        Slack's name of the message.

    Raises:
        RemoteError: Slack refused, or could not be reached.
    """
    # https://docs.slack.dev/reference/methods/chat.postMessage
    body = {
        "channel": stack.outputs["slack-channel"],
        "text": slack.escaped(text),
        "unfurl_links": False,
        **({"thread_ts": thread} if thread else {}),
    }
    return slack.ask(to.chat(), "POST", "/chat.postMessage", body)["ts"]


def page(stack: Stack, to: Channels, key: str, text: str) -> None:
    """Wakes whoever is on call.

    Args:
        stack: what it is about.
        to: the channels.
        key: what PagerDuty knows it by: a second call with the same one wakes nobody again.
        text: what is wrong.

    Raises:
        RemoteError: PagerDuty refused, or could not be reached.
    """
    service, credential = to.pager()
    # https://developer.pagerduty.com/docs/send-alert-event
    body = {
        "routing_key": credential,
        "event_action": "trigger",
        "dedup_key": f"syncup-{stack.name}-{key}",
        "payload": {"summary": text[:1024], "source": stack.outputs["url"], "severity": "critical"},
    }
    json_api.call(service, "POST", "/v2/enqueue", body)
