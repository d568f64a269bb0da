"""Runs a Pulumi program without an engine and records what it declares.

The SDK is handed a resource monitor of our own through its public `Settings`, so the program runs
unchanged. One evaluation either has preview semantics, in which whatever the cloud computes is
unknown, or gives every computed output a plausible known value.
"""

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from typing import Any

import pulumi.runtime

from preview.graph import Graph, Resource
from preview.monitor import Engine, Monitor
from preview.values import UNKNOWN

Program = Callable[[], Any]


def evaluate(
    program: Program,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None = None,
    known: bool = False,
    invokes: Mapping[str, Mapping[str, Any]] | None = None,
) -> Graph:
    """Runs `program` once and returns what it declared.

    The SDK keeps its state in context variables; each evaluation has a context of its own, so one
    never sees another's.

    Args:
        program: declares resources, like the body of a `__main__.py`.
        project: the project's name.
        stack: the stack's name.
        config: configuration by full key (`aws:region`), as text.
        known: False gives preview semantics, with computed outputs unknown; True gives every
            computed output a plausible value.
        invokes: the answers to lookups, by function token.

    Raises:
        preview.monitor.ProgramError: for what an engine would refuse. Whatever else the program
            raises passes through.
    """
    monitor = Monitor(project, stack, outputs=_plausible if known else _computed, invokes=invokes or {})
    settings = pulumi.runtime.Settings(
        project=project, stack=stack, monitor=monitor, engine=Engine(), dry_run=not known, parallel=1
    )

    def run() -> None:
        pulumi.runtime.configure(settings)
        pulumi.runtime.set_all_config(dict(config or {}))
        with asyncio.Runner() as runner:
            runner.run(pulumi.runtime.run_in_stack(program))

    contextvars.copy_context().run(run)
    return monitor.graph()


def _computed(resource: Resource) -> tuple[Any, Mapping[str, Any]]:
    """Preview semantics: inputs are known, the identifier and everything computed is not."""
    return UNKNOWN, resource.inputs


def _plausible(resource: Resource) -> tuple[Any, Mapping[str, Any]]:
    """Known outputs of the right type for everything that the provider computes."""
    return f"{resource.name}-id", {"arn": f"arn:aws:plausible:::{resource.name}", **resource.inputs}
