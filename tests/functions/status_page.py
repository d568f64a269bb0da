"""StatusPage.io as far as alarms and maintenance need it, on a local server."""

import json
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.functions.server import Request, serving

KEY = "key-of-tests-alone"
PAGE = "kctbh9vrtdwd"
COMPONENTS = {"application": "8kbf7d35c070", "database": "b13yz5g2cw10", "api": "41wg86q5vc14"}


@dataclass
class StatusPage:
    """What the page shows, and how it is to fail."""

    url: str = ""
    components: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(COMPONENTS.values(), "operational")
    )
    incidents: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The newest first."""
    refusing: list[int] = field(default_factory=list[int])
    """Statuses of the next answers, before anything happens."""
    losing: set[str] = field(default_factory=set[str])
    """Methods whose next answer gets lost after all has happened."""
    asked: Counter[str] = field(default_factory=Counter[str])

    def shows(self, name: str) -> str:
        """The status of a component by its name."""
        return self.components[COMPONENTS[name]]

    def answer(self, request: Request) -> tuple[int, bytes]:
        """What a request is answered."""
        self.asked[request.method] += 1
        if self.refusing:
            return self.refusing.pop(0), b"no, and here is what you sent: " + str(request.headers).encode()
        if request.headers.get("Authorization") != f"OAuth {KEY}":
            return 401, b"no key"
        found = self._do(request.method, urlsplit(request.path).path, json.loads(request.body or b"{}"))
        if request.method in self.losing:
            self.losing.remove(request.method)
            return 502, b"<html>"
        return (404, b"") if found is None else (200, json.dumps(found).encode())

    def _do(self, method: str, path: str, body: Any) -> Any:
        parts = path.removeprefix(f"/pages/{PAGE}/").split("/")
        return (
            self._components(method, parts, body)
            if parts[0] == "components"
            else self._incidents(method, parts, body)
        )

    def _components(self, method: str, parts: list[str], body: Any) -> Any:
        match method, parts:
            case "GET", [_]:
                return [{"id": key, "status": status} for key, status in self.components.items()]
            case "PATCH", [_, identifier] if identifier in self.components:
                self.components[identifier] = body["component"]["status"]
                return {}
            case _:
                return None

    def _incidents(self, method: str, parts: list[str], body: Any) -> Any:
        match method, parts:
            case "GET", ["incidents"]:
                return self.incidents[:100]
            case "GET", ["incidents", "unresolved"]:
                over = ("resolved", "scheduled", "in_progress", "completed")
                return [one for one in self.incidents if one["status"] not in over]
            case "POST", ["incidents"]:
                self.incidents.insert(0, {"id": f"i{len(self.incidents)}", "updates": []})
                return self._change(self.incidents[0], body["incident"])
            case "PATCH", ["incidents", identifier]:
                (known,) = (one for one in self.incidents if one["id"] == identifier)
                return self._change(known, body["incident"])
            case _:
                return None

    def _change(self, known: dict[str, Any], new: dict[str, Any]) -> Any:
        known.update(new, impact=new.get("impact_override", known.get("impact")))
        if "body" in new:
            known["updates"].append(new["body"])
        self.components.update(new.get("components", {}))
        return known


@contextmanager
def status_page() -> Generator[StatusPage]:
    """The page until the block ends."""
    made = StatusPage()
    with serving(made.answer) as server:
        made.url = server.url
        yield made
