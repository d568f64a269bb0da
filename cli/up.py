"""`syncup up`: a stack becomes what the revision that lies here declares."""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli import frame
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import Change, DryRunOption, JsonOption, StackArgument, StackName, YesOption
from cli.output import say, show, table
from cli.spans import span

if TYPE_CHECKING:
    from operate.preflight import Asked, Item
    from operate.stack import Stack
    from preview.plan import Plan

app = typer.Typer()

_WATCHED: Final = (StackName.PRODUCTION, StackName.RECOVERY)
"""For as long as the guide says, where users are; elsewhere one look is enough."""
_MOST: Final = 40
"""Changed resources that are named."""


@app.command()
def up(
    stack: StackArgument,
    watch: Annotated[
        timedelta | None,
        typer.Option(
            parser=span,
            metavar="TIME",
            help="For how long to watch: 5m, 30m. Default: the guide's for production, one look for staging.",
        ),
    ] = None,
    *,
    allow_data_loss: Annotated[
        bool, typer.Option("--allow-data-loss", help="Destroy and replace also what holds data.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an update whose process is gone.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a stack to the revision that lies here: checklist, preview, update, checks, watch."""
    if stack is StackName.LOCAL:
        raise CommandError("local is no stack of an engine: `syncup local start`", ExitCode.USAGE)
    from infra.reading import ROOT, read_guide  # noqa: PLC0415
    from operate import git, incident_services, preflight, program  # noqa: PLC0415 (AWS costs half a second)
    from operate import up as updating  # noqa: PLC0415
    from operate.aws import in_one_line  # noqa: PLC0415

    guide, pulumi = read_guide(), program.of(ROOT, stack.value)
    state = pulumi.state()
    with in_one_line():
        asked = preflight.Asked(
            stack=_connected(stack, made=state.made),
            guide=guide,
            state=state,
            channels=incident_services.channels(guide.severities, os.environ),
            directory=ROOT,
            environ=os.environ,
            revision=cache(lambda: git.revision(ROOT)),
            resume=resume,
        )
        items = preflight.look(asked)
        for line in _checklist(items):
            say(line)
        if not dry_run:
            _require(items, as_json=as_json)
        change = Change(dry_run=dry_run, yes=yes)
        job = updating.Job(
            asked=asked,
            program=pulumi,
            at=lambda folder: program.of(folder, stack.value),
            connect=lambda: _connected(stack, made=True),
            show=_show_plan,
            agree=lambda plan: change.agreed(asked.stack, _words(asked, plan)),
            watch=watch if watch is not None else guide.deployment.watch * (stack in _WATCHED),
            allow_data_loss=allow_data_loss,
            say=say,
        )
        if dry_run:
            plan = updating.look(job)
            job.agree(plan)
            _require(items, as_json=as_json)
            show(
                {"done": False, "preflight": items, "changes": updating.changes_of(plan)}, [], as_json=as_json
            )
            return
        with frame.going_on(f"interrupted: `syncup up {stack}` goes on, and finds out what has been done"):
            outcome = updating.up(job, items)
    show(
        {
            "done": outcome.done,
            "commit": outcome.commit,
            "preflight": items,
            "changes": outcome.changes,
            "backup": outcome.backup,
            "checks": outcome.checks,
            "watched_seconds": outcome.watched,
            "left": outcome.left,
        },
        [
            f"{stack} is at {outcome.commit[:12]}",
            *(f"before it can serve: {what}" for what in outcome.left),
        ],
        as_json=as_json,
    )


def _connected(name: StackName, *, made: bool) -> "Stack":
    """The stack; without outputs where it has none yet."""
    from operate.aws import Clients  # noqa: PLC0415
    from operate.outputs import Outputs  # noqa: PLC0415
    from operate.stack import Stack, connect  # noqa: PLC0415

    region = frame.configuration(name)["aws:region"]
    if made:
        return connect(name.value, region, frame.CLOCK)
    clients = Clients(name.value, region)
    return Stack(name=name.value, outputs=Outputs(name.value, {}), clients=clients, clock=frame.CLOCK)


def _require(items: "Sequence[Item]", *, as_json: bool) -> None:
    """Ends the command where an item refuses; programs get the checklist all the same."""
    from operate import preflight  # noqa: PLC0415
    from operate.errors import GuardError  # noqa: PLC0415

    try:
        preflight.require(items)
    except GuardError:
        show({"done": False, "preflight": items}, [], as_json=as_json)
        raise


def _checklist(items: "Sequence[Item]") -> list[str]:
    marks = {"holds": "ok", "due": "..", "skipped": "--", "refuses": "!!"}
    return table(["", "checklist", ""], [[marks[item.verdict.value], item.name, item.says] for item in items])


def _show_plan(plan: "Plan") -> None:
    """What changes, what is destroyed first, and what is wrong with it."""
    from preview import render_terminal  # noqa: PLC0415

    for line in _changed(plan):
        say(line)
    render_terminal.render_verdict(plan, render_terminal.console(sys.stderr))


def _changed(plan: "Plan") -> Iterator[str]:
    from preview.plan import Operation  # noqa: PLC0415

    order = (Operation.DELETE, Operation.REPLACE, Operation.UPDATE, Operation.CREATE, Operation.IMPORT)
    found = [
        f"{operation.value:8} {resource.type} {resource.name}"
        for operation in order
        for resource in plan.resources
        if plan.changes[resource.urn].operation is operation
    ]
    yield from found[:_MOST]
    if len(found) > _MOST:
        yield f"… and {len(found) - _MOST} more: `syncup preview {plan.stack} --engine pulumi` shows all"


def _words(asked: "Asked", plan: "Plan") -> str:
    """What is going to be done, in a sentence."""
    from operate.up import changes_of  # noqa: PLC0415

    changes = [f"{count} to {operation}" for operation, count in changes_of(plan).items()]
    return f"brings it to {asked.revision().commit[:12]} ({', '.join(changes) or 'nothing to change'})"
