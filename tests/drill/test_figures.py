"""The table says what was measured, what is promised, and where the one misses the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from drill.figures import Recovered, figures, table
from infra.guide import Recovery
from infra.reading import read_guide

OBJECTIVES = read_guide().backup.objectives
PROMISED = next(objective for objective in OBJECTIVES if objective.way is Recovery.DUMP)
JUST = Recovered(lost=PROMISED.rpo, took=PROMISED.rto)
_A_MOMENT = timedelta(milliseconds=1)


def test_every_way_back_that_is_promised_has_both_figures() -> None:
    found = figures(OBJECTIVES, JUST)
    assert [(one.way, one.name) for one in found] == [
        (way.value.replace("_", " "), name) for way in Recovery for name in ("RPO", "RTO")
    ]
    assert [one.way for one in found if one.measured is not None] == ["dump", "dump"]


def test_what_just_keeps_its_promise_is_fine() -> None:
    assert all(one.fine for one in figures(OBJECTIVES, JUST))


@pytest.mark.parametrize(
    ("measured", "missed"),
    [
        (replace(JUST, lost=JUST.lost + _A_MOMENT), "RPO"),
        (replace(JUST, took=JUST.took + _A_MOMENT), "RTO"),
    ],
)
def test_what_is_missed_is_marked(measured: Recovered, missed: str) -> None:
    found = figures(OBJECTIVES, measured)
    assert [one.name for one in found if not one.fine] == [missed]
    marked = [line for line in table(found) if "MISSED" in line]
    assert len(marked) == 1
    assert missed in marked[0]


def test_what_was_not_measured_says_so() -> None:
    lines = table(figures(OBJECTIVES, JUST))
    assert sum("not here" in line for line in lines) == 2 * (len(Recovery) - 1)
