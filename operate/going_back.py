"""Going back from an update that has not proved itself, where no data is lost by it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from operate import git, good_revision
from operate.errors import OperationError
from operate.program import Program, Say, require_clean
from operate.stack import Stack

_REQUIREMENTS: Final = "requirements.txt"
_LENT: Final = (".venv", "build")
"""What no commit has. An archive in `build` is named after its sources: those of others do no harm."""


@contextmanager
def way_back(
    stack: Stack, directory: Path, commit: str, at: Callable[[Path], Program], say: Say
) -> Generator[tuple[str, Program]]:
    """The last good revision, and its program, if applying it destroys and replaces nothing that holds data.

    Args:
        stack: the stack.
        directory: the project's folder.
        commit: the revision to go back from.
        at: the program in another folder.
        say: is told where it goes.

    Raises:
        OperationError: it is a person's to decide.
    """
    good = good_revision.read(stack)
    if good is None:
        raise OperationError("no earlier update has been proved")
    if good == commit:
        raise OperationError(f"{commit[:12]} is the last good revision itself")
    say(f"goes back to {good[:12]}")
    with git.worktree(directory, good) as folder:
        _lend(directory, folder)
        program = at(folder)
        require_clean(program.preview())
        yield good, program


def _lend(directory: Path, folder: Path) -> None:
    """Makes a checkout one that an engine can run.

    Raises:
        OperationError: it needs other packages than these, which may read the state otherwise.
    """
    if (directory / _REQUIREMENTS).read_bytes() != (folder / _REQUIREMENTS).read_bytes():
        raise OperationError(f"the last good revision has another {_REQUIREMENTS}")
    for name in _LENT:
        if (directory / name).exists():
            (folder / name).symlink_to(directory / name)
