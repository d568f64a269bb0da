"""The record of the last revision whose tests passed here: `build/tested`, which `make test` writes.

    python -m operate.tested COMMAND…

runs the tests and writes down git's name of the files that they passed with, committed or not. So the
record holds for a commit of exactly these files. What changed while they ran is not written down.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from infra.reading import ROOT
from operate.errors import OperationError
from operate.git import tree_as_it_is

_RECORD: Final = Path("build") / "tested"


def recorded(directory: Path) -> str | None:
    """Git's name of the files whose tests passed last, or None where there is no record.

    Args:
        directory: the project's folder.
    """
    file = directory / _RECORD
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None


def run(directory: Path, command: list[str]) -> int:
    """Runs the tests, and keeps a record where they pass.

    Args:
        directory: the project's folder.
        command: what runs them.

    Returns:
        The command's own status.
    """
    before = _tree(directory)
    status = subprocess.run(command, cwd=directory, check=False).returncode  # noqa: S603 (the Makefile's)
    if status == 0 and before is not None and before == _tree(directory):
        file = directory / _RECORD
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{before}\n", encoding="utf-8")
    return status


def _tree(directory: Path) -> str | None:
    """None where there is no checkout: the tests run all the same."""
    with tempfile.TemporaryDirectory() as aside:
        try:
            return tree_as_it_is(directory, Path(aside) / "index")
        except OperationError:
            return None


if __name__ == "__main__":
    sys.exit(run(ROOT, sys.argv[1:]))
