"""Evaluates the program of another revision, beside the one that is here.

The revision is laid out as a worktree in a temporary folder, and evaluated in a process of its own, all of
whose modules are from there. Where its requirements differ it gets an environment of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from preview import carry, redact
from preview.carry import Carried
from preview.endings import interrupting

_REQUIREMENTS: Final = "requirements.txt"
_SCRIPT: Final = Path(carry.__file__)
_LONGEST: Final = 900
"""Seconds that an evaluation may take. A program that takes longer waits for something that never comes."""
_CREDENTIALS: Final = (
    "ACTIONS_",
    "AWS_",
    "DATADOG_",
    "DD_",
    "GH_",
    "GITHUB_",
    "PAGERDUTY_",
    "PULUMI_",
    "PYTHON",
    "SLACK_",
    "STATUSPAGE_",
)

Say = Callable[[str], None]


class RevisionError(Exception):
    """The other revision cannot be evaluated. The message is one line and says which, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A commit, and where in the repository the project is."""

    name: str
    """As somebody called it."""
    commit: str
    top: Path
    """The folder of the repository."""
    inner: str
    """The project's folder in it; empty where it is the same."""

    @property
    def title(self) -> str:
        """The name, and the commit where it says more."""
        short = self.commit[:9]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"


def find(directory: Path, name: str) -> Revision:
    """The revision of a name: a branch, a tag, a commit, `HEAD~1`.

    Args:
        directory: the project's folder.
        name: what somebody calls it.

    Raises:
        RevisionError: there is no such revision here, or no repository.
    """
    try:
        top = Path(_git(directory, "rev-parse", "--show-toplevel"))
    except RevisionError as error:
        raise RevisionError(f"there is no revision {name} here: {error}") from None
    inner = _git(directory, "rev-parse", "--show-prefix")
    try:
        commit = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except RevisionError:
        shallow = _git(directory, "rev-parse", "--is-shallow-repository") == "true"
        remedy = (
            "this clone is shallow: `git fetch --unshallow` brings the rest (in a workflow: fetch-depth: 0)"
            if shallow
            else "`git log --oneline` lists those that there are"
        )
        raise RevisionError(f"there is no revision {name} here: {remedy}") from None
    return Revision(name=name, commit=commit, top=top, inner=inner)


def is_dirty(directory: Path) -> bool:
    """Whether files differ from the last commit."""
    return bool(_git(directory, "status", "--porcelain", "--untracked-files=no"))


@contextmanager
def evaluating(revision: Revision, stack: str, salt: bytes, say: Say) -> Generator[Callable[[], Carried]]:
    """Evaluates a revision in the background; the function that it yields waits for what it declares.

    Args:
        revision: which one.
        stack: the stack's name.
        salt: of the digests that stand for secrets.
        say: is told of what takes time.

    Raises:
        RevisionError: it cannot be laid out; from the function, that it cannot be evaluated.
    """
    with (
        interrupting(),
        tempfile.TemporaryDirectory(prefix="preview-") as folder,
        _laid_out(revision, folder) as worktree,
    ):
        project = worktree / revision.inner
        python = _interpreter(revision, project, Path(folder) / "environment", say)
        output, complaints = Path(folder) / "declared.json", Path(folder) / "complaints"
        asked = {"directory": str(project), "stack": stack, "salt": salt.hex(), "output": str(output)}
        request = Path(folder) / "asked.json"
        request.write_text(json.dumps(asked), encoding="utf-8")
        with (
            complaints.open("w", encoding="utf-8") as said,
            subprocess.Popen(  # noqa: S603 (our own script)
                [python, "-I", "-B", str(_SCRIPT), str(request)],
                cwd=project,
                env={k: v for k, v in os.environ.items() if not k.startswith(_CREDENTIALS)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            ) as process,
        ):
            try:
                yield lambda: _declared(revision, process, output, complaints)
            finally:
                process.kill()


def _declared(
    revision: Revision, process: "subprocess.Popen[bytes]", output: Path, complaints: Path
) -> Carried:
    """What the process has written, once it has ended."""
    try:
        process.wait(_LONGEST)
    except subprocess.TimeoutExpired:
        raise RevisionError(f"{revision.title}: its program takes more than {_LONGEST} seconds") from None
    if process.returncode or not output.is_file():
        lines = complaints.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"its evaluation ended with status {process.returncode}"
        raise RevisionError(f"{revision.title}: {redact.message(why)}")
    declared: Carried = json.loads(output.read_text(encoding="utf-8"))
    if "error" in declared:
        raise RevisionError(f"{revision.title}: {' '.join(redact.message(str(declared['error'])).split())}")
    return declared


@contextmanager
def _laid_out(revision: Revision, folder: str) -> Generator[Path]:
    """The files of a revision in a folder, which the repository knows of only meanwhile."""
    worktree = Path(folder) / "worktree"
    # No hook of the repository has anything to do with it.
    quiet = ("-c", "core.hooksPath=/dev/null")
    _git(revision.top, *quiet, "worktree", "add", "--detach", "--quiet", str(worktree), revision.commit)
    try:
        yield worktree
    finally:
        _git(revision.top, "worktree", "remove", "--force", str(worktree))


def _interpreter(revision: Revision, project: Path, folder: Path, say: Say) -> str:
    """The Python with a revision's requirements: this one, where they are the same."""
    theirs, ours = project / _REQUIREMENTS, revision.top / revision.inner / _REQUIREMENTS
    if not theirs.is_file() or (ours.is_file() and theirs.read_bytes() == ours.read_bytes()):
        return sys.executable
    say(f"{revision.title} has other requirements: installing them in an environment of their own")
    venv.create(folder)
    python = str(folder / "bin" / "python")
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "--quiet",
        "--disable-pip-version-check",
        "install",
    )
    _run([*pip, "--no-compile", "--require-hashes", "--requirement", str(theirs)], project, revision.title)
    return python


def _git(directory: Path, *arguments: str) -> str:
    return _run(["git", *arguments], directory, "git")


def _run(command: Sequence[str], directory: Path, what: str) -> str:
    try:
        ended = subprocess.run(command, cwd=directory, check=False, capture_output=True, text=True)  # noqa: S603
    except OSError as error:
        raise RevisionError(f"{command[0]} cannot be run: {error.strerror}") from error
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"{command[0]} ended with status {ended.returncode}"]
        raise RevisionError(f"{what}: {lines[-1]}")
    return ended.stdout.strip()
