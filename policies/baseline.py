"""A baseline: what was found on the day the pack was introduced. It stays visible, and blocks no more.

Each entry names a rule, a resource and one problem, so that a further problem of the same resource blocks.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from infra.mistakes import ConfigurationError, Mistake
from policies.evaluate import Judgement, Verdict

FILE: Final = Path(__file__).parent / "baseline.json"
"""The pack's own, where it has one."""

Entry = tuple[str, str, str]
"""The rule's name, the resource's URN and the problem."""

Baseline = frozenset[Entry]

_KEYS: Final = ("rule", "resource", "problem")


def entries(judgement: Judgement) -> frozenset[Entry]:
    """What a judgement would be recorded as; a rule that failed is never recorded."""
    if judgement.verdict is not Verdict.VIOLATED or judgement.broken:
        return frozenset()
    return frozenset((judgement.rule.name, judgement.urn, problem) for problem in judgement.problems)


def write_baseline(judgements: Iterable[Judgement], path: Path) -> int:
    """Records today's violations; gives their number.

    Raises:
        OSError: the file cannot be written.
    """
    found = sorted({entry for judgement in judgements for entry in entries(judgement)})
    recorded = [dict(zip(_KEYS, entry, strict=True)) for entry in found]
    path.write_text(json.dumps({"findings": recorded}, indent=2) + "\n", encoding="utf-8")
    return len(found)


def read_baseline(path: Path) -> Baseline:
    """Reads a recorded baseline; nothing where there is no file.

    Raises:
        ConfigurationError: the file is none.
    """
    if not path.exists():
        return frozenset()
    try:
        recorded = cast("list[dict[str, Any]]", json.loads(path.read_text(encoding="utf-8"))["findings"])
        return frozenset((str(e["rule"]), str(e["resource"]), str(e["problem"])) for e in recorded)
    except (KeyError, TypeError, ValueError):
        text = "it is no baseline: record one with `syncup policy check STACK --record-baseline`"
        raise ConfigurationError([Mistake(path.name, 0, text)]) from None
