"""`syncup maintenance`: the guide's maintenance tasks, inside its window."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.db import DirectOption
from cli.exit_codes import ExitCode
from cli.frame import (
    Change,
    DryRunOption,
    JsonOption,
    StackArgument,
    StackName,
    YesOption,
    configuration,
    connected,
)
from cli.output import say, show, size, table

if TYPE_CHECKING:
    from operate.maintenance import Result, Task

app = typer.Typer(
    name="maintenance", help="The guide's maintenance tasks, inside its window.", no_args_is_help=True
)

ForceOption = Annotated[
    bool, typer.Option("--force", help="Work outside the window, and beside an open incident.")
]


@app.command()
def db(
    stack: StackArgument,
    *,
    direct: DirectOption = False,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Vacuum and analyze the tables that need it."""
    from operate import maintenance_database  # noqa: PLC0415

    change = Change(dry_run=dry_run, yes=yes)
    _in_database(stack, maintenance_database, change, direct=direct, force=force, as_json=as_json)


@app.command()
def indexes(
    stack: StackArgument,
    *,
    direct: DirectOption = False,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Repair invalid indexes and rebuild bloated ones, while the application goes on."""
    from operate import maintenance_indexes  # noqa: PLC0415

    change = Change(dry_run=dry_run, yes=yes)
    _in_database(stack, maintenance_indexes, change, direct=direct, force=force, as_json=as_json)


@app.command()
def cache(
    stack: StackArgument,
    *,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Walk through the cache, so that what has expired gives its memory back."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate import maintenance, maintenance_cache  # noqa: PLC0415

        until = maintenance.allowed_until(found, maintenance.Rules.of(guide), force=force or dry_run)
        if not Change(dry_run=dry_run, yes=yes).agreed(found, "walks through the cache's keys"):
            show({"done": False}, [], as_json=as_json)
            return
        seen = maintenance_cache.clean(found, until - found.clock.now())
    lines = [
        f"{seen.keys} keys, {seen.without_expiry} of them without an expiry",
        f"{seen.expired} expired meanwhile; {size(seen.bytes_before)} before, {size(seen.bytes_after)} after",
        f"{seen.evicted_ever} were evicted for want of memory since the server began",
    ]
    if not seen.complete:
        say("the time was up before the last key")
    show(seen, lines, as_json=as_json)


@app.command()
def logs(
    stack: StackArgument,
    *,
    force: ForceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rotate the instances' logs, and bound the log groups that would grow for ever."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide, days = read_guide(), json.loads(configuration(stack)["syncup:logs"])["retention_days"]
    with connected(stack) as found:
        from operate import maintenance, maintenance_logs  # noqa: PLC0415

        until = maintenance.allowed_until(found, maintenance.Rules.of(guide), force=force or dry_run)
        groups = list(maintenance_logs.endless(found))
        names = ", ".join(group.name for group in groups) or "none"
        what = f"rotates the instances' logs; groups that shall forget after {days} days: {names}"
        if not Change(dry_run=dry_run, yes=yes).agreed(found, what):
            show({"done": False, "groups": groups, "retention_days": days}, [], as_json=as_json)
            return
        for group in groups:
            maintenance_logs.bound(found, group, days)
        ran = maintenance_logs.rotate(found, until - found.clock.now())
    rows = [
        *([group.name, f"forgets after {days} days", size(group.size_bytes)] for group in groups),
        *([one.instance, one.status.lower(), f"disk {one.says}" if one.fine else one.says] for one in ran),
    ]
    fine = all(one.fine for one in ran)
    show(
        {"fine": fine, "groups": groups, "retention_days": days, "instances": ran},
        table(["where", "", ""], rows) if rows else ["nothing to do"],
        as_json=as_json,
    )
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)


def _in_database(
    stack: StackName, kind: Any, change: Change, *, direct: bool, force: bool, as_json: bool
) -> None:
    """Lists what is due, and does it one after the other until the window closes."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate import maintenance, postgres  # noqa: PLC0415

        until = maintenance.allowed_until(found, maintenance.Rules.of(guide), force=force or change.dry_run)
        with postgres.connect(found, direct=direct) as session:
            session.as_owner()
            due: list[Task] = list(kind.tasks(session))
            if not due:
                show({"fine": True, "results": []}, ["nothing is due"], as_json=as_json)
                return
            for task in due:
                say(f"due: {task.what} ({task.why})")
            if not change.agreed(found, f"{len(due)} tasks, until {until:%H:%M} UTC at the latest"):
                show({"done": False, "due": due}, [], as_json=as_json)
                return

            def do(task: "Task", left: timedelta) -> Any:
                return kind.do(session, task, left)

            results = list(_told(maintenance.work(found, due, until, do)))
    _show(results, as_json=as_json)


def _told(results: "Iterable[Result]") -> "Iterator[Result]":
    for result in results:
        say(f"{result.outcome}: {result.what} ({result.seconds:.1f} s)")
        yield result


def _show(results: "Sequence[Result]", *, as_json: bool) -> None:
    from operate.maintenance import Outcome  # noqa: PLC0415

    fine = not any(result.outcome is Outcome.FAILED for result in results)
    rows = [[one.outcome, f"{one.seconds:.1f}", one.what, one.says] for one in results]
    show({"fine": fine, "results": results}, table(["", "s", "what", "why"], rows), as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
