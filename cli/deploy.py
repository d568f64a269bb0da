"""`syncup deploy`: a release, to the instances."""

from dataclasses import asdict
from datetime import timedelta
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
from cli.spans import span

app = typer.Typer()


@app.command()
def deploy(
    stack: StackArgument,
    version: Annotated[
        str | None, typer.Argument(help="The release, such as 2026.11.4. Default: the one uploaded last.")
    ] = None,
    watch: Annotated[
        timedelta | None,
        typer.Option(
            parser=span,
            metavar="TIME",
            help="Watch afterwards for this long, and go back where an alarm begins to ring: 5m, 30m.",
        ),
    ] = None,
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a change of the release whose process is gone.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a release to the instances: migrations, instances one by one, checks, and back if one fails."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate import deploy as deploying  # noqa: PLC0415
        from operate import release_watch  # noqa: PLC0415

        aim = deploying.aim_at(found, version, resume=resume)
        if not Change(dry_run=dry_run, yes=yes).agreed(
            found, f"deploys {aim.release} in place of {aim.running}"
        ):
            show({"done": False, "release": aim.release, "before": aim.running}, [], as_json=as_json)
            return
        watched = release_watch.begin(found, watch) if watch else None
        with going_on(
            f"interrupted: `syncup deploy {stack} {aim.release}` goes on, `syncup rollback {stack}` goes "
            f"back, `syncup deployments list {stack}` shows what AWS does by itself"
        ):
            done = deploying.deploy(found, program(found), aim, guide.deployment.smoke_checks, say)
        if watched:
            with going_on(f"interrupted: {done.release} runs, `syncup rollback {stack}` goes back"):
                release_watch.prove(found, program(found), guide, watched, say, release=done.release)
    show({"done": True, **asdict(done)}, [f"{stack} runs {done.release}"], as_json=as_json)
