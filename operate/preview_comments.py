"""The comment that a preview leaves on its pull request: one a stack, written anew in place.

The preview runs the pull request's own code, so it may not write comments. It leaves files, and a second
workflow, which runs the base branch's code alone, reads them. What a fork's code has written is nobody's
word: it is held against the pull request and shown as text, in which nothing formats, links or mentions.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operate.errors import OperationError
from operate.github import Repository
from preview.markdown import block
from preview.render_markdown import LIMIT, marker

_FOLDER: Final = "preview-"
"""The beginning of an artifact's name; the stack's is behind it."""
_COMMENT: Final = "comment.md"
_NUMBER: Final = "number"
_MOST_BYTES: Final = 4 * LIMIT
"""Of a comment, whose letters may have four bytes each."""
_NOT_CHECKED: Final = (
    "**{stack}: what this fork's code says of itself.** It ran without credentials, and nobody has checked "
    "what it says: read the change."
)
_ROOM: Final = 1_000
"""Characters for what stands around a fork's text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The run of the preview that has ended, as GitHub says it. None of it is the run's own word."""

    head_sha: str
    head_repository: str
    """`owner/name`; a fork's where it is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What a preview has left for one stack. All of it is the run's own word."""

    stack: str
    number: int
    """Of the pull request that it says it is for."""
    text: str


def run_of(event: Path) -> Run:
    """The run that an event of `workflow_run` is about.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run

    Raises:
        OperationError: it is no such event, or the run was for no pull request.
    """
    try:
        run: Any = json.loads(event.read_text(encoding="utf-8"))["workflow_run"]
        kind = run["event"]
        found = Run(head_sha=run["head_sha"], head_repository=run["head_repository"]["full_name"])
    except (OSError, ValueError, KeyError, TypeError):
        raise OperationError(f"{event} is no event of a workflow that has run") from None
    if kind != "pull_request":
        raise OperationError(f"the workflow ran for {kind!r}, and not for a pull request")
    return found


def read(folder: Path, stacks: Sequence[str]) -> list[Left]:
    """What a preview has left, by stack.

    Args:
        folder: where its artifacts lie, each in a folder of its name: `preview-staging`.
        stacks: those that there are.

    Raises:
        OperationError: something in it has not the form, or not the size, that a preview gives it.
    """
    return [_left(folder / f"{_FOLDER}{stack}", stack) for stack in stacks if _is_there(folder, stack)]


def _is_there(folder: Path, stack: str) -> bool:
    return (folder / f"{_FOLDER}{stack}").is_dir()


def _left(folder: Path, stack: str) -> Left:
    number = _text(folder / _NUMBER, 20).strip()
    if not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        raise OperationError(f"{folder.name}/{_NUMBER} is no number of a pull request")
    text = _text(folder / _COMMENT, _MOST_BYTES)
    if len(text) > LIMIT:
        raise OperationError(f"{folder.name}/{_COMMENT} has {len(text)} characters, {LIMIT} are the most")
    if not text.rstrip().endswith(marker(stack)):
        raise OperationError(f"{folder.name}/{_COMMENT} does not end as a comment on {stack} does")
    return Left(stack=stack, number=int(number), text=text)


def _text(file: Path, most: int) -> str:
    name = f"{file.parent.name}/{file.name}"
    if file.is_symlink() or not file.is_file():
        raise OperationError(f"{name} is missing, or is no file")
    if file.stat().st_size > most:
        raise OperationError(f"{name} has {file.stat().st_size} bytes, {most} are the most")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise OperationError(f"{name} is no text") from None


def post(repository: Repository, run: Run, left: Sequence[Left]) -> Iterator[str]:
    """Writes the comments, and says of each in a line what became of it.

    Args:
        repository: the one whose workflow runs.
        run: the run that has left them.
        left: what it has left.

    Raises:
        OperationError: the run was not for the pull request that it names. Nothing is written.
        RemoteError: GitHub refuses, or cannot be reached.
    """
    for one in left:
        yield f"{one.stack}: {_post(repository, run, one)}"


def _post(repository: Repository, run: Run, left: Left) -> str:
    # https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
    pull: Mapping[str, Any] = repository.get(f"pulls/{left.number}")
    _require_its_own(repository, run, left, pull)
    if pull["state"] != "open":
        return f"pull request {left.number} is closed, nothing was written"
    if pull["head"]["sha"] != run.head_sha:
        return f"pull request {left.number} has moved on, its next preview writes"
    body = left.text if run.head_repository == repository.name else _foreign(left)
    for comment in repository.comments(left.number):
        if comment.body.rstrip().endswith(marker(left.stack)):
            if comment.body.strip() == body.strip():
                return f"the comment on pull request {left.number} says so already"
            repository.edit_comment(comment.number, body)
            return f"the comment on pull request {left.number} was written anew"
    repository.comment(left.number, body)
    return f"pull request {left.number} has a comment"


def _require_its_own(repository: Repository, run: Run, left: Left, pull: Mapping[str, Any]) -> None:
    """Whoever ran a preview may write on their own pull request, and on no other."""
    # The repository of a fork that has been deleted is null.
    fork: Mapping[str, str] | None = pull["head"]["repo"]
    source = fork and fork["full_name"]
    target = pull["base"]["repo"]["full_name"]
    if source != run.head_repository or target != repository.name:
        raise OperationError(
            f"pull request {left.number} comes from {source}, and the preview ran for {run.head_repository}: "
            "nothing was written"
        )


def _foreign(left: Left) -> str:
    """A fork's text as text."""
    text = left.text.rstrip().removesuffix(marker(left.stack)).rstrip()
    # A fence is longer than any inside: one of a thousand backticks would make the comment too long.
    lines = text[: LIMIT - _ROOM].replace("```", "\u02cb" * 3).splitlines()
    said = _NOT_CHECKED.format(stack=left.stack)
    return f"{said}\n\n{block(lines, 'text')}\n\n{marker(left.stack)}\n"
