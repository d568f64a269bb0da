"""What a preview has left comes onto its own pull request, once, and a fork's words are words."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from operate import preview_comments
from operate.errors import OperationError, RemoteError
from operate.preview_comments import Left, Run
from preview.render_markdown import LIMIT, marker
from tests.operate.forge import HEAD, REPOSITORY, TOKEN, Forge, forge

FORK = "somebody/syncup-infrastructure"
STACKS = ("staging", "production", "recovery")
OWN = Run(head_sha=HEAD, head_repository=REPOSITORY)
FOREIGN = Run(head_sha=HEAD, head_repository=FORK)
EVIL = """**Safe.** @everyone see https://evil.example.com and #1

```
<img src=x onerror=alert(1)> ``````
</details> <!-- syncup preview production -->
\u202etxt.exe
"""


@pytest.fixture
def github() -> Iterator[Forge]:
    """GitHub, with a pull request of the repository's own, and one of a fork."""
    with forge() as found:
        found.pull(7)
        found.pull(8, repository=FORK)
        yield found


def _said(text: str, stack: str = "staging") -> str:
    return f"{text}\n\n{marker(stack)}\n"


def _leave(folder: Path, *, number: str = "7", text: str | bytes = "", stack: str = "staging") -> Path:
    artifact = folder / f"preview-{stack}"
    artifact.mkdir(parents=True)
    (artifact / "number").write_text(f"{number}\n", encoding="utf-8")
    content = text or _said("**Nothing to destroy.**", stack)
    (artifact / "comment.md").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def _post(github: Forge, run: Run, *left: Left) -> list[str]:
    return list(preview_comments.post(github.repository, run, left))


def _left(text: str, number: int = 7, stack: str = "staging") -> Left:
    return Left(stack=stack, number=number, text=_said(text, stack))


# One comment, in place ----------------------------------------------------------------------------------


def test_the_first_time_there_is_a_comment(github: Forge) -> None:
    assert _post(github, OWN, _left("**Safe.**")) == ["staging: pull request 7 has a comment"]
    assert [one["body"] for one in github.comments] == [_said("**Safe.**")]


def test_later_the_comment_is_written_anew_also_where_it_becomes_empty(github: Forge) -> None:
    _post(github, OWN, _left("**Destroys the database.**"))
    said = _post(github, OWN, _left("**No changes.**"))
    assert said == ["staging: the comment on pull request 7 was written anew"]
    assert [one["body"] for one in github.comments] == [_said("**No changes.**")]


def test_what_says_so_already_is_left_alone(github: Forge) -> None:
    _post(github, OWN, _left("**Safe.**"))
    github.changes.clear()
    assert _post(github, OWN, _left("**Safe.**")) == [
        "staging: the comment on pull request 7 says so already"
    ]
    assert github.changes == []


def test_each_stack_has_a_comment_of_its_own(github: Forge) -> None:
    for text in ("first", "second"):
        _post(github, OWN, _left(text), _left(text, stack="production"))
    assert [one["body"] for one in github.comments] == [
        _said("second"),
        _said("second", "production"),
    ]


def test_it_is_found_behind_a_hundred_others(github: Forge) -> None:
    for number in range(150):
        github.said(7, f"talk {number}", by="anna")
    github.said(7, _said("**Old.**"))
    _post(github, OWN, _left("**New.**"))
    assert len(github.comments) == 151
    assert github.comments[-1]["body"] == _said("**New.**")


def test_a_marker_in_somebody_elses_comment_is_nothing(github: Forge) -> None:
    github.said(7, _said("I am the bot"), by="mallory")
    _post(github, OWN, _left("**Safe.**"))
    assert [one["body"] for one in github.comments] == [_said("I am the bot"), _said("**Safe.**")]


# Only its own pull request -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "number"),
    [(FOREIGN, 7), (OWN, 8), (Run(head_sha=HEAD, head_repository="third/party"), 8)],
    ids=["a fork on ours", "ours on a fork's", "a fork on another's"],
)
def test_nobody_writes_on_another_pull_request(github: Forge, run: Run, number: int) -> None:
    with pytest.raises(OperationError, match=f"pull request {number} comes from .*: nothing was written"):
        _post(github, run, _left("**Safe.**", number))
    assert github.changes == []


def test_a_fork_that_is_gone_is_nobodys(github: Forge) -> None:
    github.pull(9, repository=None)
    with pytest.raises(OperationError, match="comes from None"):
        _post(github, FOREIGN, _left("**Safe.**", 9))


def test_a_pull_request_that_does_not_exist_is_a_line(github: Forge) -> None:
    with pytest.raises(RemoteError, match="GitHub answers 404"):
        _post(github, OWN, _left("**Safe.**", 404))


def test_a_preview_of_an_older_commit_writes_nothing(github: Forge) -> None:
    github.pull(7, sha="b" * 40)
    assert _post(github, OWN, _left("**Safe.**")) == [
        "staging: pull request 7 has moved on, its next preview writes"
    ]
    assert github.changes == []


def test_nothing_is_written_on_what_is_closed(github: Forge) -> None:
    github.pull(7, state="closed")
    assert _post(github, OWN, _left("**Safe.**")) == [
        "staging: pull request 7 is closed, nothing was written"
    ]
    assert github.changes == []


def test_a_refusal_names_the_variable_and_not_the_token(github: Forge) -> None:
    github.failing = 403
    with pytest.raises(RemoteError, match="GITHUB_TOKEN") as caught:
        _post(github, OWN, _left("**Safe.**"))
    assert TOKEN not in str(caught.value)


# A fork's words ------------------------------------------------------------------------------------------


def test_a_forks_text_is_shown_as_text(github: Forge) -> None:
    _post(github, FOREIGN, _left(EVIL, 8))
    (comment,) = github.comments
    lines: list[str] = comment["body"].splitlines()
    assert "what this fork's code says of itself" in lines[0]
    assert "nobody has checked" in lines[0]
    # The block ends before the marker, and nowhere else.
    assert lines[2] == "```text"
    assert [number for number, line in enumerate(lines) if "```" in line] == [2, len(lines) - 3]
    assert lines[3].startswith("**Safe.** @everyone")
    assert "\u202e" not in comment["body"]
    assert lines[-2:] == ["", marker("staging")]


def test_a_forks_long_text_leaves_room_for_what_stands_around_it(github: Forge) -> None:
    for text in ("`" * (LIMIT - 100), "x\n" * (LIMIT // 2 - 100)):
        _post(github, FOREIGN, _left(text, 8))
        assert len(github.comments[0]["body"]) < LIMIT


# What has been left --------------------------------------------------------------------------------------


def test_what_is_left_is_read_by_stack(tmp_path: Path) -> None:
    _leave(tmp_path, stack="production", number="12")
    _leave(tmp_path)
    (tmp_path / "preview-moon").mkdir()
    found = preview_comments.read(tmp_path, STACKS)
    assert [(one.stack, one.number) for one in found] == [("staging", 7), ("production", 12)]
    assert preview_comments.read(tmp_path / "preview-moon", STACKS) == []


@pytest.mark.parametrize("number", ["", "0", "-7", "7; rm", "7\n8", "../7", "1" * 10, "seven", "\uff17"])
def test_a_number_is_a_number(tmp_path: Path, number: str) -> None:
    with pytest.raises(OperationError, match="preview-staging/number"):
        preview_comments.read(_leave(tmp_path, number=number), STACKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Safe.**", "does not end as a comment on staging does"),
        (_said("**Safe.**", "production"), "does not end as a comment on staging does"),
        (_said("x" * LIMIT), f"{LIMIT} are the most"),
        (b"\xff\xfe" + _said("**Safe.**").encode(), "is no text"),
        (b"x" * (4 * LIMIT + 1), "bytes"),
    ],
    ids=["no marker", "another's marker", "too long", "no text", "far too long"],
)
def test_a_comment_has_the_form_and_size_of_one(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(OperationError, match=said):
        preview_comments.read(_leave(tmp_path, text=text), STACKS)


def test_a_file_is_no_link_to_another(tmp_path: Path) -> None:
    folder = _leave(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(_said("token"), encoding="utf-8")
    (folder / "preview-staging" / "comment.md").unlink()
    with pytest.raises(OperationError, match=r"comment\.md is missing, or is no file"):
        preview_comments.read(folder, STACKS)
    (folder / "preview-staging" / "comment.md").symlink_to(secret)
    with pytest.raises(OperationError, match=r"comment\.md is missing, or is no file"):
        preview_comments.read(folder, STACKS)


def test_the_run_is_what_github_says_it_is(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    run = {"head_sha": HEAD, "head_repository": {"full_name": FORK}, "event": "pull_request"}
    event.write_text(json.dumps({"workflow_run": run}), encoding="utf-8")
    assert preview_comments.run_of(event) == FOREIGN
    event.write_text(json.dumps({"workflow_run": {**run, "event": "push"}}), encoding="utf-8")
    with pytest.raises(OperationError, match="ran for 'push', and not for a pull request"):
        preview_comments.run_of(event)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"workflow_run": null}', '{"workflow_run": {"head_sha": 1}}']
)
def test_another_event_is_refused_in_a_line(tmp_path: Path, text: str) -> None:
    event = tmp_path / "event.json"
    event.write_text(text, encoding="utf-8")
    with pytest.raises(OperationError, match="is no event of a workflow that has run"):
        preview_comments.run_of(event)
    with pytest.raises(OperationError, match="is no event of a workflow that has run"):
        preview_comments.run_of(tmp_path / "nowhere")
