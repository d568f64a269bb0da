"""Runs a Pulumi program without an engine and records what it declares.

The SDK is handed a resource monitor of our own through its public `Settings`, so the program runs
unchanged. One evaluation either has preview semantics, in which whatever the cloud computes is
unknown, or gives every computed output a plausible known value.
"""

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pulumi.runtime

from preview.check import check_properties
from preview.economy import SPARING
from preview.findings import Rule
from preview.graph import Graph, Resource
from preview.monitor import Engine, Monitor, Outputs
from preview.plausible import known_outputs
from preview.redact import secrets_of
from preview.values import UNKNOWN

Program = Callable[[], Any]

_ORGANISATION = "organization"
"""What the engine calls the organisation where the state is kept in a bucket."""


def evaluate(
    program: Program,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None = None,
    secret_keys: frozenset[str] = frozenset(),
    known: bool = False,
    provider: Outputs | None = None,
    invokes: Mapping[str, Mapping[str, Any]] | None = None,
    directory: Path | None = None,
    secrets: set[str] | None = None,
) -> Graph:
    """Runs `program` once and returns what it declared.

    The SDK keeps its state in context variables; each evaluation has a context of its own, so one
    never sees another's, and several may run at once in threads.

    Args:
        program: declares resources, like the body of a `__main__.py`.
        project: the project's name.
        stack: the stack's name.
        config: configuration by full key (`aws:region`), as text.
        secret_keys: the keys whose values are secret.
        known: False gives preview semantics, with computed outputs unknown; True gives every
            computed output a plausible value.
        provider: answers with what it really makes, where outputs are known; without it they are made up.
        invokes: the answers to lookups, by function token.
        directory: the project's folder; without it, the working directory.
        secrets: takes the secret texts of a program that fails, which its error may quote.

    Raises:
        preview.monitor.ProgramError: for what an engine would refuse. Whatever else the program
            raises passes through.
    """
    config = dict(config or {})
    directory = directory or Path.cwd()
    monitor = Monitor(
        project,
        stack,
        outputs=(provider or _known(config)) if known else _computed,
        invokes=invokes or {},
        directory=directory,
    )
    engine = Engine()
    settings = pulumi.runtime.Settings(
        project=project,
        stack=stack,
        organization=_ORGANISATION,
        monitor=monitor,
        engine=engine,
        dry_run=not known,
        root_directory=str(directory),
    )

    def run() -> None:
        pulumi.runtime.configure(settings)
        pulumi.runtime.set_all_config(config, list(secret_keys))
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_default_executor(_Inline())
            # A program that fails leaves tasks behind that nobody waits for any more.
            loop.set_exception_handler(lambda _loop, _context: None)
            runner.run(pulumi.runtime.run_in_stack(program))

    with SPARING:
        try:
            contextvars.copy_context().run(run)
        except Exception:
            if secrets is not None:
                secrets |= secrets_of(monitor.graph())
            raise
    return monitor.graph(tuple(engine.messages))


class _Inline(ThreadPoolExecutor):
    """Runs a call where it is made.

    The SDK hands every request to a thread, because an engine takes its time to answer. This monitor
    answers at once; without threads the order of the requests is always the same.
    """

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _computed(resource: Resource) -> tuple[Any, Mapping[str, Any]]:
    """Preview semantics: inputs are known, the identifier and everything computed is not."""
    return UNKNOWN, {} if _refused(resource) else resource.inputs


def _known(config: Mapping[str, str]) -> Outputs:
    """Known outputs of the right type for everything that the provider computes."""

    def outputs(resource: Resource) -> tuple[Any, Mapping[str, Any]]:
        return known_outputs(resource, config)

    return outputs


_NO_HINDRANCE: Final = frozenset({Rule.UNRESOLVED_TYPE, Rule.NOT_ALLOWED})


def _refused(resource: Resource) -> bool:
    """Whether a resource's inputs have other properties or types than its outputs could have.

    To hand such inputs back would make the SDK stumble, before the mistake can be reported.
    """
    return any(finding.rule not in _NO_HINDRANCE for finding in check_properties(resource))
