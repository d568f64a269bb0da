"""Whether the tests of a commit have passed is GitHub's to say, in its own words."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from operate import github
from operate.errors import RemoteError
from tests.functions.server import Request, serving

COMMIT = "0" * 40


def _asked(answer: Callable[[Request], tuple[int, bytes]]) -> str:
    with serving(answer) as server:
        environ = {
            "GITHUB_TOKEN": "token",
            "GITHUB_REPOSITORY": "example/syncup",
            "GITHUB_API_URL": server.url,
        }
        assert github.is_asked(environ)
        return github.tests_of(COMMIT, environ)


def _runs(*runs: dict[str, Any]) -> Callable[[Request], tuple[int, bytes]]:
    def answer(request: Request) -> tuple[int, bytes]:
        asked = urlsplit(request.path)
        assert asked.path == "/repos/example/syncup/actions/workflows/ci.yml/runs"
        assert parse_qs(asked.query)["head_sha"] == [COMMIT]
        assert request.headers["Authorization"] == "Bearer token"
        return 200, json.dumps({"workflow_runs": runs}).encode()

    return answer


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([{"status": "completed", "conclusion": "success"}], "success"),
        ([{"status": "completed", "conclusion": "failure"}], "failure"),
        ([{"status": "in_progress", "conclusion": None}], "in_progress"),
        ([], "never ran"),
    ],
)
def test_the_last_run_of_the_tests_counts(runs: list[dict[str, Any]], said: str) -> None:
    assert _asked(_runs(*runs)) == said


def test_a_refusal_names_the_variable_and_not_the_token() -> None:
    with pytest.raises(RemoteError, match="GITHUB_TOKEN") as caught:
        _asked(lambda _: (403, b"token"))
    assert "token" not in str(caught.value)


def test_without_token_or_repository_github_is_not_asked() -> None:
    assert not github.is_asked({})
    assert not github.is_asked({"GITHUB_TOKEN": "token"})
    assert not github.is_asked({"GITHUB_TOKEN": "", "GITHUB_REPOSITORY": "example/syncup"})
