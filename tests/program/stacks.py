"""The whole program, evaluated once a stack for all tests of a process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import infra.program
from infra.environment import load
from infra.fixtures import LOOKUPS
from infra.reading import ROOT, Project, read_project, stack_configuration
from preview.evaluate import evaluate
from preview.graph import Graph

PROJECT = "syncup"
STACKS = ("production", "recovery", "staging")


@dataclass(frozen=True, kw_only=True)
class Built:
    """A stack: what it was asked for, and what the program made of it."""

    project: Project
    unknown: Graph
    """As in a first preview: what only the cloud will know is unknown."""
    known: Graph
    """With plausible values for it."""

    @property
    def region(self) -> str:
        return self.project.settings.region

    @property
    def name(self) -> str:
        return self.project.settings.stack


@cache
def built(stack: str) -> Built:
    """A stack as its file says."""
    return build(stack, configuration(stack))


def build(stack: str, config: Mapping[str, str]) -> Built:
    """A stack as a configuration says that is no file's."""
    return Built(
        project=read_project(stack, config.get),
        unknown=graph(stack, config),
        known=graph(stack, config, known=True),
    )


def graph(stack: str, config: Mapping[str, str], *, known: bool = False, root: Path = ROOT) -> Graph:
    """What the program declares with the guide that lies in a folder."""
    with patch.object(infra.program, "load", partial(load, root)):
        return evaluate(
            infra.program.main, project=PROJECT, stack=stack, config=config, known=known, invokes=LOOKUPS
        )


def configuration(stack: str, **changes: Mapping[str, Any]) -> dict[str, str]:
    """A stack's configuration with other values in some sections: `database={"replica": False}`."""
    config = dict(stack_configuration(stack))
    for section, values in changes.items():
        key = f"{PROJECT}:{section}"
        config[key] = json.dumps({**json.loads(config[key]), **values})
    return config
