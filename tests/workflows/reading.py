"""The workflows and actions as data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.reading import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))


@dataclass(frozen=True)
class Job:
    """One job of a workflow."""

    workflow: str
    name: str
    content: Mapping[str, Any]

    @property
    def steps(self) -> Sequence[Mapping[str, Any]]:
        """Its steps."""
        return self.content["steps"]

    def using(self, action: str) -> list[Mapping[str, Any]]:
        """What it hands to an action, each time that it uses it."""
        return [step.get("with", {}) for step in self.steps if step.get("uses", "").startswith(action)]

    @property
    def environment(self) -> dict[str, str]:
        """Every variable that it or a step of it sets."""
        found: dict[str, str] = {**self.content.get("env", {})}
        for step in self.steps:
            found |= step.get("env", {})
        return found


@cache
def read(file: Path) -> dict[str, Any]:
    """A workflow or an action. What YAML takes for true is the word `on`."""
    content: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in content.items()}


def jobs(file: Path) -> list[Job]:
    """The jobs of a workflow."""
    return [Job(file.stem, name, content) for name, content in read(file)["jobs"].items()]


JOBS = [job for file in WORKFLOWS for job in jobs(file)]


def lines(file: Path) -> Iterator[str]:
    """The command lines of a workflow or an action; one that is continued is one."""
    content = read(file)
    steps = (
        [step for job in jobs(file) for step in job.steps] if "jobs" in content else content["runs"]["steps"]
    )
    for step in steps:
        for line in step.get("run", "").replace("\\\n", " ").splitlines():
            if line.strip():
                yield line.strip()
