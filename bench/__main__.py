"""Measures the preview beside its yardsticks, in one run on one machine, and prints the ratios.

Absolute times say more about a machine than about a program; a ratio of two processes that run one after
the other holds anywhere. Ends with status 1 where a ratio is over its limit.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pulumi
from pulumi_aws import ec2, iam, sns, sqs

from preview.check import check
from preview.evaluate import evaluate
from preview.sdk_types import class_of

ROOT = Path(__file__).parent.parent
ROUNDS = 5
STACK = "production"
COPIES = 20
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
    classes = _classes_used()
    modules = {module for module, _ in classes}
    preview, loading = _side_by_side(
        [sys.executable, "-m", "cli", "preview", STACK],
        [sys.executable, "-c", _loading(classes)],
    )
    ratios = [
        Ratio(
            name=f"syncup preview {STACK} / loading its {len(modules)} modules of pulumi_aws",
            value=preview.seconds / loading.seconds,
            limit=3,
        ),
        Ratio(name=f"peak memory of syncup preview {STACK}", value=preview.peak_mib, limit=320, unit="MiB"),
        Ratio(name="evaluating ten times the resources / evaluating them once", value=_growth(), limit=10),
    ]
    lines = [f"syncup preview {STACK}: {preview}", f"loading alone: {loading}", *map(str, ratios)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(ratio.holds for ratio in ratios) else 1


def _classes_used() -> list[tuple[str, str]]:
    """The classes of pulumi_aws of which the stack declares resources."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        _cost([sys.executable, "-m", "cli", "preview", STACK, "--format", "json", "--output", file.name])
        types = json.load(file)["totals"]["byType"]
    return sorted(class_of(token) for token in types if token.startswith("aws:"))


def _loading(classes: Sequence[tuple[str, str]]) -> str:
    """A program that really loads the modules: they are lazy until a class of theirs is touched."""
    return (
        "from importlib import import_module\n"
        f"for module, name in {list(classes)}:\n"
        "    getattr(import_module(module), name)"
    )


def _side_by_side(*commands: Sequence[str]) -> list[Cost]:
    """The median cost of each command. They take turns, so that what slows one slows the others."""
    rounds = [[_cost(command) for command in commands] for _ in range(ROUNDS)]
    return [
        Cost(
            statistics.median(cost.seconds for cost in costs),
            statistics.median(cost.peak_mib for cost in costs),
        )
        for costs in zip(*rounds, strict=True)
    ]


def _cost(command: Sequence[str]) -> Cost:
    """What one process costs: its processor time, which other processes disturb least, and its memory.

    Raises:
        SystemExit: the process fails; with what it said.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output)  # noqa: S603 (our own commands)
        # `Popen.wait` does not tell what the process used.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed\n{output.read().decode()}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MAXRSS_PER_MIB)


def _growth() -> float:
    """How much longer ten times as many resources take."""
    once, tenfold = (
        statistics.median(_seconds(copies) for _ in range(ROUNDS)) for copies in (COPIES, 10 * COPIES)
    )
    return tenfold / once


def _seconds(copies: int) -> float:
    """The time to evaluate and check a program that declares so many services."""

    def program() -> None:
        for number in range(copies):
            _Service(f"service-{number}")

    start = time.process_time()
    graph = evaluate(program, project="bench", stack="bench")
    findings = check(graph, ROOT)
    if findings:
        sys.exit(f"the bench's own program is wrong: {findings[0]}")
    return time.process_time() - start


class _Service(pulumi.ComponentResource):
    """A few resources that refer to each other, as services have them."""

    def __init__(self, name: str) -> None:
        super().__init__("bench:index:Service", name)
        below = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(f"{name}-topic", tags={"Name": name}, opts=below)
        queue = sqs.Queue(f"{name}-queue", visibility_timeout_seconds=60, tags={"Name": name}, opts=below)
        sns.TopicSubscription(
            f"{name}-subscription", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=below
        )
        role = iam.Role(f"{name}-role", assume_role_policy="{}", tags={"Name": name}, opts=below)
        policy = pulumi.Output.json_dumps(
            {"Statement": [{"Action": "sqs:SendMessage", "Resource": queue.arn}]}
        )
        iam.RolePolicy(f"{name}-policy", role=role.name, policy=policy, opts=below)
        ingress = ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=443, to_port=443)
        group = ec2.SecurityGroup(f"{name}-group", ingress=[ingress], tags={"Name": name}, opts=below)
        self.register_outputs({"group": group.id})


if __name__ == "__main__":
    sys.exit(main())
