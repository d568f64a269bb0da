"""`syncup backup`: backups of the database."""

from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected, going_on
from cli.output import moment, say, show, size, table

app = typer.Typer(name="backup", help="Backups of the database.", no_args_is_help=True)


@app.command("list")
def list_(
    stack: StackArgument,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    *,
    as_json: JsonOption = False,
) -> None:
    """List dumps, snapshots, recovery points and the point in time, the newest first."""
    with connected(stack) as found:
        from operate import backups  # noqa: PLC0415

        seen = backups.found(found)
    rows = [
        [moment(one.made), one.kind, one.name, size(one.size_bytes) if one.size_bytes else "—", one.state,
         backups.RESTORES[one.kind] if one.good else "nothing"]
        for one in seen[:limit]
    ]  # fmt: skip
    show(
        {"backups": seen[:limit]},
        table(["made (UTC)", "kind", "name", "size", "state", "restores"], rows) if rows else ["no backups"],
        as_json=as_json,
    )


@app.command()
def create(
    stack: StackArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Dump the database to S3, and wait until the dump is there."""
    with connected(stack) as found:
        from operate import dump_job  # noqa: PLC0415

        if not Change(dry_run=dry_run, yes=yes).agreed(found, "dumps the database to S3"):
            show({"done": False, "running": dump_job.running(found)}, [], as_json=as_json)
            return
        build = dump_job.start(found)
        with going_on(f"the dump {build} goes on: `syncup backup list {stack}` shows it when it is done"):
            made = dump_job.follow(found, build, say)
    show({"done": True, "backup": made}, [made.name, f"Size: {size(made.size_bytes or 0)}"], as_json=as_json)


@app.command()
def verify(
    stack: StackArgument,
    backup: Annotated[str | None, typer.Option(help="The dump's name. Default: the newest.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Hold a dump against its manifest, its lock and its replica; what is in it a restore alone can prove."""
    with connected(stack) as found:
        from operate.backups import verify as look  # noqa: PLC0415

        name, checks = look(found, backup)
    fine = all(check.fine for check in checks)
    lines = [f"{'ok' if check.fine else '!!'}  {check.name:8}  {check.says}" for check in checks]
    show({"backup": name, "fine": fine, "checks": checks}, [name, *lines], as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
