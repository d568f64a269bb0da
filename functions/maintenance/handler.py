"""What maintenance does by itself in the guide's window: the tasks of `syncup maintenance`, by the same code.

The scheduler rings every quarter of an hour. Each time it is looked what is due now, so that a run which
was stopped, repeated or left out does no harm, and a window that has more to do than one run goes on with it.
"""

import json
import logging
import os
import ssl
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from postgresql import opened
from stored import SecretError, read, required
from tls import endpoint, instance_trust

from components.window import MaintenanceWindow
from operate import cache_script, maintenance_database, maintenance_indexes, maintenance_logs
from operate.aws import Clients
from operate.clock import Clock
from operate.errors import GuardError, OperationError
from operate.maintenance import Outcome, Result, Rules, Task, allowed_until, work
from operate.outputs import Outputs
from operate.session import Session
from operate.stack import Stack

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

USER: Final = "maintenance"
"""Logs in by IAM and works as the owner (`functions/database_setup`)."""
_RESERVE: Final = timedelta(seconds=60)
"""Left for tidying up and for the figures."""
_FAILURES: Final = (OperationError, SecretError, ClientError, BotoCoreError, OSError, RuntimeError)


class MaintenanceError(Exception):
    """Something that was due could not be done. The message says what."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where everything is."""

    database: tuple[str, int]
    database_name: str
    cache: tuple[str, int]
    cache_secret: str
    retention_days: int
    """How long the program's own log groups remember."""
    namespace: str
    """Of the figures in CloudWatch."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Place":
        """Reads the function's environment; a missing variable is a KeyError that names it."""
        return cls(
            database=endpoint(environment["DATABASE_ENDPOINT"]),
            database_name=environment["DATABASE_NAME"],
            cache=endpoint(environment["CACHE_ENDPOINT"]),
            cache_secret=environment["CACHE_SECRET"],
            retention_days=int(environment["LOG_RETENTION_DAYS"]),
            namespace=environment["METRIC_NAMESPACE"],
        )


def handler(_event: Mapping[str, Any], context: Any) -> None:
    """Does what is due, as long as the window and the function's own time last.

    Raises:
        MaintenanceError: a task failed. What came after it was done all the same.
    """
    stack = stack_of(os.environ, Clock())
    run(
        stack,
        rules_of(os.environ),
        Place.from_environment(os.environ),
        timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )


def run(stack: Stack, rules: Rules, place: Place, left: timedelta) -> list[Result]:
    """Does it, and says how each task went.

    Args:
        stack: which one, with its clients.
        rules: when maintenance may run.
        place: where everything is.
        left: until the function would be stopped.
    """
    now = stack.clock.now()
    if not rules.window.contains(now):
        # The scheduler rings beside the window too.
        return []
    try:
        until = min(allowed_until(stack, rules, force=False), now + left - _RESERVE)
    except GuardError as error:
        _log.warning("%s", error)
        _publish(stack, place, {"Waited": 1})
        return []
    results: list[Result] = []
    for result in _everything(stack, place, until):
        _log.info("%s: %s (%.1f s) %s", result.outcome, result.what, result.seconds, result.says)
        results.append(result)
    _publish(stack, place, _figures(results))
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if failed:
        raise MaintenanceError(
            f"{len(failed)} of {len(results)} failed, the first: {failed[0].what}: {failed[0].says}"
        )
    return results


def _everything(stack: Stack, place: Place, until: datetime) -> Iterator[Result]:
    parts: Sequence[tuple[str, Callable[[], Iterator[Result]]]] = (
        ("tables", lambda: _in_database(stack, place, until, maintenance_database)),
        ("indexes", lambda: _in_database(stack, place, until, maintenance_indexes)),
        ("cache", lambda: _cache(stack, place, until)),
        ("logs", lambda: _logs(stack, place, until)),
    )
    for name, part in parts:
        began = stack.clock.now()
        try:
            yield from part()
        except _FAILURES as error:
            # Another part may work where this one does not.
            seconds = (stack.clock.now() - began).total_seconds()
            yield Result(what=name, outcome=Outcome.FAILED, seconds=seconds, says=str(error))


def _in_database(stack: Stack, place: Place, until: datetime, kind: Any) -> Iterator[Result]:
    left = until - stack.clock.now()
    if left <= timedelta():
        return
    with _session(stack, place, instance_trust(), left) as session:
        due: list[Task] = list(kind.tasks(session))

        def do(task: Task, within: timedelta) -> tuple[Outcome, str]:
            return kind.do(session, task, within)

        yield from work(stack, due, until, do)


@contextmanager
def _session(stack: Stack, place: Place, trust: ssl.SSLContext, left: timedelta) -> Generator[Session]:
    token = stack.client("rds").generate_db_auth_token(*place.database, USER)
    # A statement ends by its own limit: the server may be silent for longer than that.
    patience = int((left + _RESERVE).total_seconds())
    with opened(
        place.database, place.database_name, USER, token, trust, patience_seconds=patience
    ) as session:
        found = Session(session, f"{USER} at {place.database[0]}")
        found.as_owner()
        yield found


def _cache(stack: Stack, place: Place, until: datetime) -> Iterator[Result]:
    def walk(_: Task, within: timedelta) -> tuple[Outcome, str]:
        name = place.cache_secret
        user, password = required(read(stack.client("secretsmanager"), name), name, "username", "password")
        host, port = place.cache
        environment = {"CACHE_HOST": host, "CACHE_PORT": str(port)}
        with cache_script.Cache({**environment, "CACHE_USERNAME": user, "CACHE_PASSWORD": password}) as cache:
            seen = cache_script.clean(cache, within.total_seconds())
        outcome = Outcome.DONE if seen["complete"] else Outcome.STOPPED
        return outcome, f"{seen['keys']} keys, {seen['expired']} expired, {seen['without_expiry']} never will"

    return work(
        stack,
        [Task(what="walk through the cache", why="what has expired gives its memory back")],
        until,
        walk,
    )


def _logs(stack: Stack, place: Place, until: datetime) -> Iterator[Result]:
    """On the instances the system rotates by itself; here are the groups that AWS makes and never empties."""
    groups = {f"bound {group.name}": group for group in maintenance_logs.endless(stack)}

    def bound(task: Task, _: timedelta) -> tuple[Outcome, str]:
        maintenance_logs.bound(stack, groups[task.what], place.retention_days)
        return Outcome.DONE, f"forgets after {place.retention_days} days"

    tasks = [Task(what=what, why="it would keep everything for ever") for what in groups]
    return work(stack, tasks, until, bound)


def _figures(results: Sequence[Result]) -> dict[str, float]:
    outcomes = {
        f"Tasks{outcome.title()}": float(sum(result.outcome is outcome for result in results))
        for outcome in Outcome
    }
    return {**outcomes, "WorkedSeconds": sum(result.seconds for result in results)}


def _publish(stack: Stack, place: Place, figures: Mapping[str, float]) -> None:
    stack.client("cloudwatch").put_metric_data(
        Namespace=place.namespace,
        MetricData=[
            {"MetricName": name, "Value": value, "Unit": "Seconds" if name.endswith("Seconds") else "Count"}
            for name, value in figures.items()
        ],
    )


def stack_of(environment: Mapping[str, str], clock: Clock) -> Stack:
    """The stack that the function is of, as the procedures want it.

    Args:
        environment: the function's.
        clock: the time.
    """
    name, region = environment["STACK"], environment["AWS_REGION"]
    outputs = Outputs(name, {"records-bucket": environment["RECORDS_BUCKET"]})
    return Stack(name=name, outputs=outputs, clients=Clients(name, region, environment), clock=clock)


def rules_of(environment: Mapping[str, str]) -> Rules:
    """When it may work, by the function's environment."""
    window = MaintenanceWindow.parse(**json.loads(environment["WINDOW"]))
    paging = frozenset(environment["PAGING"].split(","))
    return Rules(window=window, longest=window.duration, paging=paging)
