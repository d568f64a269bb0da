"""Slack's own way to answer and to write, for whoever tells it something."""

from collections.abc import Mapping
from typing import Any

from operate import json_api
from operate.errors import RemoteError
from operate.json_api import Service


def ask(service: Service, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """One call. Slack says in the body whether it did what it was asked to.

    Raises:
        RemoteError: it did not, or could not be reached.
    """
    answer = json_api.call(service, method, path, body)
    if not answer.get("ok"):
        raise RemoteError(f"Slack refuses {path.partition('?')[0][1:]}: {answer.get('error', 'no reason')}")
    return answer


def escaped(text: str) -> str:
    """A text that neither calls people nor makes links.

    https://docs.slack.dev/messaging/formatting-message-text/
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
