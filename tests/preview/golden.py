"""The comments that recorded events make: `python -m tests.preview.golden` writes them anew."""

from functools import cache
from pathlib import Path
from typing import Final

from preview.events import plan_of, read_log
from preview.plan import Plan
from preview.render_markdown import render

DATA: Final = Path(__file__).with_name("data")
"""Events of a small shop under the real engine, with secrets planted in it."""
GOLDEN: Final = Path(__file__).with_name("golden")
NAMES: Final = tuple(sorted(path.stem for path in DATA.glob("*.jsonl")))


@cache
def plan_of_log(name: str) -> Plan:
    """The plan of a recording."""
    return plan_of("shop", "dev", read_log(DATA / f"{name}.jsonl"))


def comment(name: str) -> str:
    """The comment of a recording."""
    return render(plan_of_log(name))


if __name__ == "__main__":
    for each in NAMES:
        (GOLDEN / f"{each}.md").write_text(comment(each), encoding="utf-8")
