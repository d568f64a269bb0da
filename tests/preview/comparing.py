"""Two small programs, compared as two revisions are."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi

from preview.carry import Carried, carried
from preview.compare import compared
from preview.declared import declared as read
from preview.evaluate import evaluate
from preview.plan import Change, Plan

Declare = Callable[[pulumi.ResourceOptions], Any]
SALT = b"salt"


def evaluated(program: Callable[[], Any]) -> SimpleNamespace:
    """Both evaluations of a program, as of a project."""
    graphs = [evaluate(program, project="shop", stack="dev", known=known) for known in (False, True)]
    return SimpleNamespace(project="shop", stack="dev", graph=graphs[0], known=graphs[1])


def carry(program: Callable[[], Any], directory: Path = Path(), salt: bytes = SALT) -> Carried:
    """What a program declares, as it comes out of another process."""
    return json.loads(json.dumps(carried(evaluated(program), directory, salt)))


def comparison(
    before: Callable[[], Any], after: Callable[[], Any], *, there: Path = Path(), here: Path = Path()
) -> Plan:
    """The plan of going from one program to another, each with its project's folder."""
    now = evaluated(after)
    return compared(
        "shop",
        "dev",
        before=read(carry(before, there)),
        after=read(json.loads(json.dumps(carried(now, here, SALT)))),
        graph=now.graph,
        against="abc123",
    )


def change_of(plan: Plan, name: str) -> Change:
    """The change of the resource of a name."""
    (found,) = [resource for resource in plan.graph.resources if resource.name == name]
    return plan.changes[found.urn]
