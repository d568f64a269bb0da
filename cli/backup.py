"""`syncup backup`: backups of the database."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli import frame
from cli.db import DirectOption, marked
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import (
    Change,
    DryRunOption,
    JsonOption,
    StackArgument,
    StackName,
    YesOption,
    connected,
    going_on,
)
from cli.output import moment, say, show, size, table

if TYPE_CHECKING:
    from operate.monitor import Look
    from operate.stack import Stack

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


@app.command()
def restore(
    stack: StackArgument,
    backup: Annotated[
        str | None, typer.Option(help="The dump to restore, by its name.", show_default=False)
    ] = None,
    timestamp: Annotated[
        str | None,
        typer.Option(help='The moment to go back to, in UTC: "2024-01-15 14:30:00".', show_default=False),
    ] = None,
    *,
    direct: DirectOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the database back from a dump, or to a moment; what it was before is kept."""
    if (backup is None) == (timestamp is None):
        raise CommandError(
            "say which backup: --backup with a dump's name, or --timestamp with a moment, and not both",
            ExitCode.USAGE,
        )
    change = Change(dry_run=dry_run, yes=yes)
    if backup is not None:
        _restore_dump(stack, backup, change, direct=direct, as_json=as_json)
    elif timestamp is not None:
        _restore_moment(stack, timestamp, change, direct=direct, as_json=as_json)


def _restore_dump(stack: StackName, name: str, change: Change, *, direct: bool, as_json: bool) -> None:
    with connected(stack) as found:
        from operate import restore as work  # noqa: PLC0415

        wanted = work.find(found, name)
        rows = sum(wanted.tables.values())
        if not change.agreed(
            found,
            f"stops the application, makes {name} ({len(wanted.tables)} tables, {rows} rows) the database,"
            " keeps the present one under another name, and starts the application again",
        ):
            show({"done": False, "backup": name, "tables": wanted.tables}, [], as_json=as_json)
            return
        restored = work.restore(found, wanted, say, direct=direct)
        looks = _watched(found)
    lines = [
        *marked(restored.checks),
        f"{name} is the database now; what it was is kept as {restored.kept}",
    ]
    _end({"backup": name, "kept": restored.kept, "checks": restored.checks}, lines, looks, as_json=as_json)


def _restore_moment(stack: StackName, text: str, change: Change, *, direct: bool, as_json: bool) -> None:
    if stack is StackName.LOCAL:
        raise CommandError(
            "local has no generations to go back by: what it keeps are dumps, see --backup", ExitCode.USAGE
        )
    from infra import reading  # noqa: PLC0415
    from operate import generations  # noqa: PLC0415

    at = generations.moment(text, frame.CLOCK.now())
    wanted = generations.target(stack.value, text, reading.ROOT)
    proposal = generations.proposal(stack.value, wanted, reading.ROOT)
    with connected(stack) as found:
        from operate import program  # noqa: PLC0415

        generations.require_possible(found, wanted, at)
        for line in proposal.difference:
            say(f"{proposal.file.name}: {line}")
        if not change.agreed(
            found,
            f"stops the application, makes {wanted.name} from {wanted.source} as it was at {text} UTC,"
            " verifies and activates it, and starts the application again",
        ):
            result = {"done": False, "generation": wanted.name, "difference": proposal.difference}
            show(result, [], as_json=as_json)
            return
        under_engine = program.of(reading.ROOT, stack.value)
        recovered = generations.recover(found, under_engine, wanted, say, direct=direct, root=reading.ROOT)
        looks = _watched(found)
    lines = [
        *marked(recovered.checks),
        f"{recovered.generation} is the database now, as {wanted.source} was at {text} UTC",
        f"commit {proposal.file.name}; {recovered.kept} stays until its line there is removed",
    ]
    result = {"generation": recovered.generation, "kept": recovered.kept, "checks": recovered.checks}
    _end(result, lines, looks, as_json=as_json)


def _watched(stack: "Stack") -> "Sequence[Look]":
    from cli.monitor import watched  # noqa: PLC0415
    from infra.reading import read_guide  # noqa: PLC0415
    from operate.restoring import WATCH  # noqa: PLC0415

    say("6 of 6: watches the metrics")
    with going_on(
        f"the database is restored and the application runs: `syncup monitor {stack.name}` goes on"
    ):
        return watched(stack, read_guide(), WATCH)


def _end(
    result: Mapping[str, object], lines: Sequence[str], looks: "Sequence[Look]", *, as_json: bool
) -> None:
    """The restore is done; whether it has done any good the metrics say."""
    fine = all(look.fine for look in looks)
    said = [*lines, "nothing rang" if fine else "something rang since: see above"]
    show({"done": True, **result, "fine": fine}, said, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)


@app.command("test")
def prove(
    stack: StackArgument,
    backup: Annotated[str | None, typer.Option(help="The dump's name. Default: the newest.")] = None,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Prove that a dump restores, in the time that is promised, into a database that is dropped again."""
    from infra.reading import read_guide  # noqa: PLC0415

    with connected(stack) as found:
        from operate import recovery_test  # noqa: PLC0415

        what = f"restores {backup or 'the newest dump'} beside the database, and drops it again"
        if not Change(dry_run=dry_run, yes=yes).agreed(found, what):
            show({"done": False}, [], as_json=as_json)
            return
        with going_on("the job goes on and drops what it has made; its report is lost: `syncup backup test`"):
            report = recovery_test.run(found, read_guide(), backup, say)
        kept = recovery_test.keep(found, report)
    show(
        {"done": True, "fine": report.fine, "test": report, "report": kept},
        [report.backup, *marked(report.checks), f"kept as {kept}"],
        as_json=as_json,
    )
    raise typer.Exit(ExitCode.FINE if report.fine else ExitCode.FAILED)
