"""Measures the preview beside its yardsticks, in one run on one machine, and prints the ratios.

Absolute times say more about a machine than about a program; a ratio of two processes that take turns
holds anywhere. Ends with status 1 where a ratio is over its limit.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.services import RESOURCES_EACH
from preview.sdk_types import class_of

ROOT = Path(__file__).parent.parent
ROUNDS = 5
STACK = "production"
SERVICES = 100
"""With its resources a program of about production's size."""
MAXRSS_PER_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024
"""macOS counts bytes where Linux counts kilobytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """A measured figure and the most it may be."""

    name: str
    value: float
    limit: float
    unit: str = "times"

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "" if self.holds else "   OVER THE LIMIT"
        return f"{self.name:<62}{self.value:>8.2f} {self.unit:<5} at most {self.limit:g} {self.unit}{verdict}"


class Cost(NamedTuple):
    """What a process cost."""

    seconds: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s of processor time, {self.peak_mib:.0f} MiB at its peak"


def main() -> int:
    """Measures everything, prints it, and returns the exit status."""
    with tempfile.TemporaryDirectory() as bytecode:
        bench = _Bench(bytecode)
        classes = bench.classes_used()
        modules = {module for module, _ in classes}
        preview, comment, loading, once, tenfold = bench.side_by_side(
            ["-m", "cli", "preview", STACK],
            ["-m", "cli", "preview", STACK, "--against", "HEAD", "--format", "markdown", "--allow-data-loss"],
            ["-c", loading_program(classes)],
            ["-m", "bench.services", str(SERVICES)],
            ["-m", "bench.services", str(10 * SERVICES)],
        )
    resources = SERVICES * RESOURCES_EACH
    ratios = [
        Ratio(
            name=f"syncup preview {STACK} / loading its {len(modules)} modules of pulumi_aws",
            value=preview.seconds / loading.seconds,
            limit=3,
        ),
        Ratio(
            # Both evaluations are counted; side by side on two processors they take little longer than one.
            name=f"the comment on {STACK} against a revision / syncup preview {STACK}",
            value=comment.seconds / preview.seconds,
            limit=2.5,
        ),
        Ratio(name=f"peak memory of syncup preview {STACK}", value=preview.peak_mib, limit=320, unit="MiB"),
        Ratio(
            name=f"evaluating {10 * resources} resources / evaluating {resources}",
            value=tenfold.seconds / once.seconds,
            limit=10,
        ),
    ]
    lines = [
        f"syncup preview {STACK}: {preview}",
        f"the comment against a revision: {comment}",
        f"loading alone: {loading}",
        f"evaluating {resources} resources: {once}",
        f"evaluating {10 * resources} resources: {tenfold}",
        *map(str, ratios),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(ratio.holds for ratio in ratios) else 1


def loading_program(classes: Sequence[tuple[str, str]]) -> str:
    """A program that really loads modules: they are lazy until a class of theirs is touched.

    Args:
        classes: modules, and the names of classes in them.
    """
    return (
        "from importlib import import_module\n"
        f"for module, name in {list(classes)}:\n"
        "    getattr(import_module(module), name)"
    )


class _Bench:
    """Runs processes as they run once everything has been compiled, whatever the machine has on its disk."""

    def __init__(self, bytecode: str) -> None:
        self._environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": bytecode,
        }

    def classes_used(self) -> list[tuple[str, str]]:
        """The classes of pulumi_aws of which the stack declares resources."""
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            self._cost(["-m", "cli", "preview", STACK, "--format", "json", "--output", file.name])
            types = json.load(file)["totals"]["byType"]
        return sorted(class_of(token) for token in types if token.startswith("aws:"))

    def side_by_side(self, *commands: Sequence[str]) -> list[Cost]:
        """The median cost of each command. They take turns, so that what slows one slows the others."""
        rounds = [[self._cost(command) for command in commands] for _ in range(ROUNDS)]
        return [
            Cost(
                statistics.median(cost.seconds for cost in costs),
                statistics.median(cost.peak_mib for cost in costs),
            )
            for costs in zip(*rounds, strict=True)
        ]

    def _cost(self, arguments: Sequence[str]) -> Cost:
        """What a process of Python costs: processor time, which others disturb least, and memory.

        Raises:
            SystemExit: the process fails; with what it said.
        """
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(  # noqa: S603 (our own commands)
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            # `Popen.wait` does not tell what the process used.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                output.seek(0)
                sys.exit(f"python {' '.join(arguments)} failed\n{output.read().decode()}")
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MAXRSS_PER_MIB)


if __name__ == "__main__":
    sys.exit(main())
