"""The revision that lies in the project's folder: which it is, whether it is clean, whether it is merged."""

import os
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operate.errors import OperationError, RemoteError

_MERGED: Final = "refs/remotes/origin/main"
_WITHIN_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """What lies in the project's folder."""

    commit: str
    tree: str
    """Git's name of the files as they were committed."""
    changed: Sequence[str]
    """The files that differ from them, and those that nobody has added."""
    merged: bool
    """Whether the commit is on the remote's main branch."""


def revision(directory: Path, environ: Mapping[str, str] = os.environ) -> Revision:
    """The revision that lies in a folder.

    Whether it is merged, the remote is asked: a job of GitHub's has it from its own checkout, elsewhere
    the main branch is fetched first.

    Args:
        directory: the project's folder.
        environ: the process's environment.

    Raises:
        OperationError: the folder is no checkout, or knows nothing of the remote's main branch.
        RemoteError: the remote cannot be asked.
    """
    commit = _git(directory, "rev-parse", "HEAD")
    if environ.get("GITHUB_ACTIONS") != "true":
        fetched = _run(directory, "fetch", "--quiet", "--no-tags", "origin", f"+main:{_MERGED}")
        if fetched.returncode:
            raise RemoteError(f"whether {commit[:12]} is merged cannot be asked of origin: {_said(fetched)}")
    merged = _run(directory, "merge-base", "--is-ancestor", commit, _MERGED)
    if merged.returncode not in (0, 1):
        raise OperationError(f"{directory} knows no main branch of origin: check it out from there")
    return Revision(
        commit=commit,
        tree=_git(directory, "rev-parse", "HEAD^{tree}"),
        changed=[line[3:] for line in _git(directory, "status", "--porcelain").splitlines()],
        merged=merged.returncode == 0,
    )


def is_behind(directory: Path, commit: str, other: str) -> bool:
    """Whether a commit is what another one was built on; False where that is not known here.

    Args:
        directory: the project's folder.
        commit: the older one, perhaps.
        other: the newer one.
    """
    return commit != other and not _run(directory, "merge-base", "--is-ancestor", commit, other).returncode


def tree_as_it_is(directory: Path, index: Path) -> str:
    """Git's name of the files as they lie in a folder now, committed or not.

    Args:
        directory: the project's folder.
        index: a file that does not exist yet, for git to work with.

    Raises:
        OperationError: the folder is no checkout.
    """
    aside = {"GIT_INDEX_FILE": str(index)}
    _git(directory, "read-tree", "HEAD", **aside)
    _git(directory, "add", "--all", **aside)
    return _git(directory, "write-tree", **aside)


@contextmanager
def worktree(directory: Path, commit: str) -> Generator[Path]:
    """The files of another commit, in a folder of their own, until the block ends.

    Args:
        directory: the project's folder.
        commit: whose files.

    Raises:
        OperationError: this checkout does not have the commit.
    """
    with tempfile.TemporaryDirectory(prefix="syncup-") as aside:
        folder = Path(aside) / "project"
        added = _run(directory, "worktree", "add", "--quiet", "--detach", str(folder), commit)
        if added.returncode:
            raise OperationError(f"{directory} does not have {commit[:12]}: {_said(added)}")
        try:
            yield folder
        finally:
            _run(directory, "worktree", "remove", "--force", str(folder))


def _git(directory: Path, *arguments: str, **environ: str) -> str:
    ended = _run(directory, *arguments, **environ)
    if ended.returncode:
        raise OperationError(f"{directory} is no checkout that git can read: {_said(ended)}")
    return ended.stdout.rstrip("\n")


def _run(directory: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 (the arguments are ours)
            ["git", *arguments],  # noqa: S607 (whichever git is on PATH)
            cwd=directory,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **environ},
            check=False,
            capture_output=True,
            text=True,
            timeout=_WITHIN_SECONDS,
        )
    except FileNotFoundError as error:
        raise OperationError("git is not on PATH: it says which revision this is") from error
    except subprocess.TimeoutExpired as error:
        raise RemoteError(f"git {arguments[0]} did not end within {_WITHIN_SECONDS} s") from error


def _said(ended: "subprocess.CompletedProcess[str]") -> str:
    lines = ended.stderr.strip().splitlines()
    return lines[-1] if lines else f"git ends with {ended.returncode}"
