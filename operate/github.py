"""What GitHub says of a commit: whether the tests of it have passed."""

from collections.abc import Mapping
from typing import Any, Final

from operate import json_api
from operate.json_api import Service

TOKEN_VARIABLE: Final = "GITHUB_TOKEN"  # noqa: S105 (its name)
REPOSITORY_VARIABLE: Final = "GITHUB_REPOSITORY"
_URL_VARIABLE: Final = "GITHUB_API_URL"
"""https://docs.github.com/en/actions/reference/workflows-and-actions/variables"""
_WORKFLOW: Final = "ci.yml"
"""The workflow that runs the tests."""


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
    service = Service(
        name="GitHub",
        url=environ.get(_URL_VARIABLE, "https://api.github.com"),
        headers={"Authorization": f"Bearer {environ[TOKEN_VARIABLE]}"},
        credential=TOKEN_VARIABLE,
    )
    # https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow
    path = f"/repos/{environ[REPOSITORY_VARIABLE]}/actions/workflows/{_WORKFLOW}/runs"
    answer: Any = json_api.call(service, "GET", f"{path}?head_sha={commit}&per_page=1")
    runs: list[Mapping[str, str | None]] = answer.get("workflow_runs", [])
    if not runs:
        return "never ran"
    return runs[0].get("conclusion") or runs[0].get("status") or "unknown"
