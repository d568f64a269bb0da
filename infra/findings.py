"""What a rule across fields finds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from infra.yaml_file import KeyPath


@dataclass(frozen=True, slots=True)
class Finding:
    """A value that fits by itself, but not with the others."""

    path: KeyPath
    """Where the value stands in its file."""
    problem: str
    """What is wrong and what would be right; key and value are put before it."""


def refusals(path: KeyPath, check: Callable[[], object]) -> Iterator[Finding]:
    """What a function of a component says against a value by raising `ValueError`."""
    try:
        check()
    except ValueError as error:
        yield Finding(path, str(error))


def repeated(values: Sequence[object], path: Callable[[int], KeyPath]) -> Iterator[Finding]:
    """Values of a list that stood in it before."""
    for index, value in enumerate(values):
        if value in values[:index]:
            yield Finding(path(index), "it is listed twice, keep one")


def in_order(names: Iterable[str], letter: str, path: Callable[[int], KeyPath]) -> Iterator[Finding]:
    """Names that do not count `L1, L2, L3, …`."""
    for index, name in enumerate(names):
        if name != f"{letter}{index + 1}":
            yield Finding(path(index), f"the levels are out of order, write {letter}{index + 1}")
            return
