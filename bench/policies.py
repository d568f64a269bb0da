"""Measures what the policy pack costs over production: in process, and over the engine's analyzer protocol.

Each resource is judged several times and its median counts, so that one pause of the machine does not.
Ends with status 1 where a figure is over its limit.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.__main__ import ROOT, ROUNDS, STACK, Ratio
from policies.evaluate import by_type
from policies.from_graph import stack_of
from policies.pack import read_pack
from policies.rule import Level
from preview.project import evaluate_project
from tests.policies.protocol import analyze, analyze_stack, configure, running

_MANY_RULES = 10


def main() -> int:
    """Measures everything, prints it, and returns the exit status."""
    resources = evaluate_project(ROOT, STACK).known.resources
    pack = read_pack(STACK)
    rules = by_type(rule for rule in pack.rules if pack.configuration.level(rule) is not Level.DISABLED)
    asked = {resource.urn: len(rules.get(resource.type, ())) for resource in resources}
    stack = stack_of(resources)
    in_process = _median(lambda: pack.judge(stack)) / len(resources)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(stack=STACK, preview=True, folder=Path(folder)) as c,
    ):
        configure(c)
        costs = {resource.urn: _median(lambda r=resource: analyze(c, r)) for resource in resources}
        whole = _median(lambda: analyze_stack(c, resources))
    many = [costs[urn] for urn, number in asked.items() if number >= _MANY_RULES]
    ratios = [
        Ratio(name="rules in process, for each resource", value=in_process, limit=1, unit="ms"),
        Ratio(
            name="analyzer protocol, for each resource, stack rules included",
            value=(sum(costs.values()) + whole) / len(resources),
            limit=4,
            unit="ms",
        ),
        Ratio(
            name=f"analyzer protocol, p95 of {len(many)} with {_MANY_RULES} rules or more",
            value=_percentile(many, 95),
            limit=20,
            unit="ms",
        ),
    ]
    times = sum(asked.values())
    told = f"{len(pack.rules)} rules, asked {times} times over {len(resources)} resources of {STACK}"
    sys.stdout.write("\n".join([told, *map(str, ratios)]) + "\n")
    return 0 if all(ratio.holds for ratio in ratios) else 1


def _median(measured: Callable[[], Any]) -> float:
    """What a call takes, in milliseconds."""
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        measured()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many of a hundred lie."""
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)] if values else 0


if __name__ == "__main__":
    sys.exit(main())
