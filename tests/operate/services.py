"""PagerDuty, Slack and StatusPage as far as incidents need them, on one local server."""

import json
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from operate.incident_services import CHAT_VARIABLE, PAGE_VARIABLE, PAGER_VARIABLE, Addresses
from tests.functions.server import Request, serving

CREDENTIALS = {PAGER_VARIABLE: "pager-key", CHAT_VARIABLE: "xoxb-chat-token", PAGE_VARIABLE: "page-key"}
"""Of these doubles alone."""


@dataclass
class Services:
    """What the three know, and how they are to fail."""

    events: list[Any] = field(default_factory=list[Any])
    """What PagerDuty took."""
    messages: list[Any] = field(default_factory=list[Any])
    """What is in Slack."""
    page: dict[str, Any] = field(default_factory=dict[str, Any])
    """The status page's incidents."""
    failing: dict[str, int] = field(default_factory=dict[str, int])
    """Status by the beginning of a path: refused before anything happens."""
    losing: set[str] = field(default_factory=set[str])
    """Beginnings of paths whose answers get lost once, after all has happened."""
    asked: Counter[str] = field(default_factory=Counter[str])
    addresses: Addresses = field(default_factory=Addresses)

    def answer(self, request: Request) -> tuple[int, bytes]:
        """What a request is answered."""
        path = urlsplit(request.path).path
        self.asked[path] += 1
        for beginning, status in self.failing.items():
            if path.startswith(beginning):
                return status, b"no, and here is what you sent: " + request.body
        status, found = self._do(request, path)
        for beginning in list(self.losing):
            if path.startswith(beginning):
                self.losing.remove(beginning)
                return 502, b"<html>"
        return status, json.dumps(found).encode()

    def _do(self, request: Request, path: str) -> tuple[int, Any]:
        body: Any = json.loads(request.body) if request.body else {}
        if path == "/v2/enqueue":
            if body["routing_key"] != CREDENTIALS[PAGER_VARIABLE]:
                return 400, "no key"
            self.events.append(body)
            return 202, {"status": "success"}
        if path.startswith("/api/"):
            if request.headers["Authorization"] != f"Bearer {CREDENTIALS[CHAT_VARIABLE]}":
                return 200, {"ok": False, "error": "invalid_auth"}
            return 200, self._slack(path, body, parse_qs(urlsplit(request.path).query))
        if request.headers["Authorization"] != f"OAuth {CREDENTIALS[PAGE_VARIABLE]}":
            return 401, "no key"
        return 200, self._page(request.method, path, body)

    def _slack(self, path: str, body: Any, query: dict[str, list[str]]) -> Any:
        if path == "/api/chat.postMessage":
            message = {**body, "ts": f"{1000 + len(self.messages)}.0001"}
            self.messages.append(message)
            return {"ok": True, "ts": message["ts"], "channel": body["channel"]}
        thread = query.get("ts", [""])[0]
        found = [
            message
            for message in self.messages
            if (
                message.get("thread_ts") == thread or message["ts"] == thread
                if thread
                else "thread_ts" not in message
            )
        ]
        # Two pages, as Slack may hand out.
        start = int(query.get("cursor", ["0"])[0])
        more = str(start + 1) if start + 1 < len(found) else ""
        return {"ok": True, "messages": found[start : start + 1], "response_metadata": {"next_cursor": more}}

    def _page(self, method: str, path: str, body: Any) -> Any:
        if method == "GET":
            return list(self.page.values())
        new = body["incident"]
        identifier = path.rpartition("/")[2] if method == "PATCH" else f"page-{len(self.page)}"
        known = self.page.setdefault(identifier, {"id": identifier, "updates": []})
        known.update(new, impact=new["impact_override"])
        known["updates"].append((new["status"], new["body"]))
        return known


@contextmanager
def services() -> Generator[Services]:
    """The services until the block ends."""
    made = Services()
    with serving(made.answer) as server:
        made.addresses = Addresses(pager=server.url, chat=f"{server.url}/api", page=f"{server.url}/v1")
        yield made
