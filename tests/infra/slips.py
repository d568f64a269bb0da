"""Slips of the pen: an edit of a file that people write, and the one line that answers it."""

from pathlib import Path
from typing import NamedTuple

from tests.infra import project


class Slip(NamedTuple):
    """One slip."""

    old: str
    new: str
    said: str
    """Without file and line."""
    place: str = ""
    """What stands in the line that is named, where that is not the edited one."""

    @property
    def name(self) -> str:
        return (self.new or f"without {self.old}").strip().splitlines()[-1].strip()


def assert_answered(slip: Slip, file: str, folder: Path) -> None:
    """The slip is answered with its line, and with nothing else."""
    root = project.copy(folder)
    text = project.edit(root / file, slip.old, slip.new)
    place = slip.place or slip.new.splitlines()[0]
    line = text[: text.index(place)].count("\n") + 1
    assert project.mistakes(root) == [f"{file}:{line}: {slip.said}"]
