"""`syncup rollback`: back to an earlier release."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.frame import (
    Change,
    DryRunOption,
    JsonOption,
    StackArgument,
    YesOption,
    connected,
    going_on,
    program,
)
from cli.output import say, show

app = typer.Typer()


@app.command()
def rollback(
    stack: StackArgument,
    version: Annotated[
        str | None,
        typer.Argument(help="The release. Default: the one before, or what an interrupted deployment left."),
    ] = None,
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go back from a change of the release whose process is gone.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go back to the release before, or to the one that is named. Migrations stay."""
    from infra.reading import read_guide  # noqa: PLC0415

    checks = read_guide().deployment.smoke_checks
    with connected(stack) as found:
        from operate import deploy as deploying  # noqa: PLC0415

        aim = deploying.aim_back(found, version, resume=resume)
        if not Change(dry_run=dry_run, yes=yes).agreed(
            found, f"goes back to {aim.release}; the instances are of {aim.running} now"
        ):
            show({"done": False, "release": aim.release, "before": aim.running}, [], as_json=as_json)
            return
        with going_on(f"interrupted: `syncup rollback {stack} {aim.release}` goes on"):
            done = deploying.rollback(found, program(found), aim, checks, say)
    show({"done": True, **asdict(done)}, [f"{stack} runs {done.release}"], as_json=as_json)
