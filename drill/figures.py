"""What a drill has measured, and the table that says whether it is within what is promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from infra.durations import spelled
from infra.guide import Objective, Recovery


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a recovery has cost."""

    lost: timedelta
    """Of the past: from the last row that is there again to the last one before the damage."""
    took: timedelta
    """From the decision until users are served."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One figure beside what is promised of it."""

    way: str
    name: str
    measured: timedelta | None
    """None where this drill does not go that way."""
    promised: timedelta

    @property
    def fine(self) -> bool:
        """Whether it is within what is promised. What was not measured fails nothing."""
        return self.measured is None or self.measured <= self.promised


def figures(objectives: Sequence[Objective], dump: Recovered) -> list[Figure]:
    """RPO and RTO of every way back that is promised, with those that were measured.

    Args:
        objectives: the guide's.
        dump: what the recovery from a dump has cost.
    """
    found: list[Figure] = []
    for objective in objectives:
        measured = dump if objective.way is Recovery.DUMP else None
        way = objective.way.value.replace("_", " ")
        lost, took = (measured.lost, measured.took) if measured else (None, None)
        found.append(Figure(way=way, name="RPO", measured=lost, promised=objective.rpo))
        found.append(Figure(way=way, name="RTO", measured=took, promised=objective.rto))
    return found


def table(found: Sequence[Figure]) -> list[str]:
    """The figures as lines, a head first."""
    lines = [f"{'way back':<16}{'':<6}{'measured':>12}{'promised':>12}"]
    for figure in found:
        measured = "not here" if figure.measured is None else seconds(figure.measured)
        verdict = "" if figure.fine else "   MISSED"
        lines.append(f"{figure.way:<16}{figure.name:<6}{measured:>12}{spelled(figure.promised):>12}{verdict}")
    return lines


def seconds(length: timedelta) -> str:
    """A length as it was measured."""
    return f"{length.total_seconds():.1f} s"
