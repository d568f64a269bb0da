"""GitHub as procedures use it: what it says of a commit, the threads of a repository, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from operate import json_api
from operate.errors import UsageError
from operate.json_api import Service

TOKEN_VARIABLE: Final = "GITHUB_TOKEN"  # noqa: S105 (its name)
REPOSITORY_VARIABLE: Final = "GITHUB_REPOSITORY"
_URL_VARIABLE: Final = "GITHUB_API_URL"
"""https://docs.github.com/en/actions/reference/workflows-and-actions/variables"""
_WORKFLOW: Final = "ci.yml"
"""The workflow that runs the tests."""
_PAGE: Final = 100
"""The most that GitHub hands out at once."""


def is_asked(environ: Mapping[str, str]) -> bool:
    """Whether the environment says of which repository, and lets it be asked."""
    return bool(environ.get(TOKEN_VARIABLE) and environ.get(REPOSITORY_VARIABLE))


def tests_of(commit: str, environ: Mapping[str, str]) -> str:
    """How the last run of the tests of a commit ended: `success`, `failure`, `in_progress`, `never ran`, ….

    Args:
        commit: its whole name.
        environ: the process's environment, in which `is_asked` holds.

    Raises:
        RemoteError: GitHub refuses, or cannot be reached.
    """
    # https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow
    path = f"actions/workflows/{_WORKFLOW}/runs?head_sha={commit}&per_page=1"
    runs: list[Mapping[str, str | None]] = Repository.of(environ).get(path).get("workflow_runs", [])
    if not runs:
        return "never ran"
    return runs[0].get("conclusion") or runs[0].get("status") or "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """One comment, or one issue, as far as it can be written anew."""

    number: int
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """One repository. A call raises `RemoteError` where GitHub refuses, or cannot be reached."""

    name: str
    """`owner/name`"""
    service: Service

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """The repository whose workflow runs.

        Raises:
            UsageError: the environment does not say which, or has no token for it.
        """
        for variable in (REPOSITORY_VARIABLE, TOKEN_VARIABLE):
            if not environ.get(variable):
                raise UsageError(f"{variable} is not set: this is for GitHub's workflows, which set it")
        service = Service(
            name="GitHub",
            url=environ.get(_URL_VARIABLE, "https://api.github.com"),
            headers={"Authorization": f"Bearer {environ[TOKEN_VARIABLE]}"},
            credential=TOKEN_VARIABLE,
        )
        return cls(name=environ[REPOSITORY_VARIABLE], service=service)

    def get(self, path: str) -> Any:
        """What GitHub answers to a question about the repository."""
        return json_api.call(self.service, "GET", f"/repos/{self.name}/{path}")

    def comments(self, number: int) -> Iterator[Thread]:
        """A workflow's own comments on an issue or a pull request, the oldest first."""
        # https://docs.github.com/en/rest/issues/comments
        for found in self._pages(f"issues/{number}/comments?"):
            if _is_own(found):
                yield Thread(number=found["id"], body=found["body"] or "")

    def issues(self, label: str) -> Iterator[Thread]:
        """A workflow's own open issues with a label."""
        # https://docs.github.com/en/rest/issues/issues
        for found in self._pages(f"issues?state=open&labels={label}&"):
            if _is_own(found) and "pull_request" not in found:
                yield Thread(number=found["number"], body=found["body"] or "")

    def comment(self, number: int, body: str) -> None:
        """Adds a comment."""
        self._send("POST", f"issues/{number}/comments", {"body": body})

    def edit_comment(self, comment: int, body: str) -> None:
        """Writes a comment anew."""
        self._send("PATCH", f"issues/comments/{comment}", {"body": body})

    def open_issue(self, title: str, body: str, label: str) -> int:
        """Opens an issue and returns its number."""
        return self._send("POST", "issues", {"title": title, "body": body, "labels": [label]})["number"]

    def edit_issue(self, number: int, body: str) -> None:
        """Writes an issue's text anew."""
        self._send("PATCH", f"issues/{number}", {"body": body})

    def close_issue(self, number: int) -> None:
        """Closes an issue: what it asked for is done."""
        self._send("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return json_api.call(self.service, method, f"/repos/{self.name}/{path}", body)

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        number = 1
        while True:
            found: list[Mapping[str, Any]] = self.get(f"{path}per_page={_PAGE}&page={number}")
            yield from found
            if len(found) < _PAGE:
                return
            number += 1


def _is_own(found: Mapping[str, Any]) -> bool:
    """Whether a workflow wrote it. Anybody may write a marker, and must not be answered in their own text."""
    # The user of an account that has been deleted is null.
    user: Mapping[str, Any] | None = found.get("user")
    return user is not None and user["login"] == "github-actions[bot]"
