"""What is wrong in a file that people write, said in one line each."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Mistake:
    """One mistake: where it stands and what would be right."""

    file: str
    line: int
    """Counted from 1; 0 where the file has no line for it."""
    text: str
    """Key, value, what is wrong and what would be right."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.text}"


class ConfigurationError(Exception):
    """The files that people write have mistakes. Its text is one line each, in the files' own order."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))
