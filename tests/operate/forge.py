"""GitHub's issues, pull requests and comments of one repository, on a local server."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from operate.github import Repository
from tests.functions.server import Request, serving

REPOSITORY = "example/syncup-infrastructure"
HEAD = "a" * 40
TOKEN = "ghs-of-this-double-alone"  # noqa: S105 (no real one)
_BOT = "github-actions[bot]"


@dataclass
class Forge:
    """What the repository has."""

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    comments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    issues: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    changes: list[str] = field(default_factory=list[str])
    """What was written: method and path, in order."""
    failing: int = 0
    """The status that everything is answered with, where it is none of 0."""
    url: str = ""

    @property
    def environ(self) -> dict[str, str]:
        """What a workflow's environment says."""
        return {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": self.url}

    @property
    def repository(self) -> Repository:
        """The repository, as procedures have it."""
        return Repository.of(self.environ)

    def pull(
        self, number: int, *, repository: str | None = REPOSITORY, sha: str = HEAD, state: str = "open"
    ) -> None:
        """There is a pull request."""
        self.pulls[number] = {
            "number": number,
            "state": state,
            "head": {"sha": sha, "repo": None if repository is None else {"full_name": repository}},
            "base": {"repo": {"full_name": REPOSITORY}},
        }

    def said(self, number: int, body: str, *, by: str = _BOT) -> None:
        """There is a comment."""
        self.comments.append(
            {"id": 1000 + len(self.comments), "on": number, "body": body, "user": {"login": by}}
        )

    def opened(self, title: str, body: str, label: str, *, by: str = _BOT) -> None:
        """There is an open issue."""
        self.issues.append(
            {
                "number": 100 + len(self.issues),
                "title": title,
                "body": body,
                "state": "open",
                "labels": [{"name": label}],
                "user": {"login": by},
            }
        )

    def answer(self, request: Request) -> tuple[int, bytes]:
        """What a request is answered."""
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if self.failing:
            return self.failing, b"no, and here is your token: " + TOKEN.encode()
        address = urlsplit(request.path)
        base = f"/repos/{REPOSITORY}/"
        assert address.path.startswith(base)
        path = address.path.removeprefix(base)
        if request.method != "GET":
            self.changes.append(f"{request.method} {path}")
            found = self._change(request.method, path, json.loads(request.body))
        else:
            query = {key: values[0] for key, values in parse_qs(address.query).items()}
            found = self._read(path, query)
        return (404, b"{}") if found is None else (200, json.dumps(found).encode())

    def _read(self, path: str, query: Mapping[str, str]) -> Any:
        match path.split("/"):
            case ["pulls", number]:
                return self.pulls.get(int(number))
            case ["issues", number, "comments"]:
                return _page([one for one in self.comments if one["on"] == int(number)], query)
            case ["issues"]:
                assert query["state"] == "open"
                labelled = [
                    one
                    for one in self.issues
                    if one["state"] == "open" and {"name": query["labels"]} in one["labels"]
                ]
                return _page(labelled, query)
            case _:
                return None

    def _change(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        match [method, *path.split("/")]:
            case ["POST", "issues", number, "comments"]:
                self.said(int(number), body["body"])
                return self.comments[-1]
            case ["PATCH", "issues", "comments", number]:
                (comment,) = (one for one in self.comments if one["id"] == int(number))
                comment.update(body)
                return comment
            case ["POST", "issues"]:
                (label,) = body["labels"]
                self.opened(body["title"], body["body"], label)
                return self.issues[-1]
            case ["PATCH", "issues", number]:
                (issue,) = (one for one in self.issues if one["number"] == int(number))
                issue.update(body)
                return issue
            case _:
                return None


def _page(found: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    size, number = int(query["per_page"]), int(query["page"])
    return found[(number - 1) * size : number * size]


@contextmanager
def forge() -> Generator[Forge]:
    """GitHub until the block ends."""
    made = Forge()
    with serving(made.answer) as server:
        made.url = server.url
        yield made
