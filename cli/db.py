"""`syncup db`: what the database says of itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, connected
from cli.output import show, size, table

if TYPE_CHECKING:
    from operate.postgres_checks import Finding

app = typer.Typer(name="db", help="What the database says of itself.", no_args_is_help=True)

DirectOption = Annotated[
    bool, typer.Option("--direct", help="Without a tunnel: the database can be reached from here.")
]
_MARKS = {True: "ok", False: "!!", None: "??"}


@app.command()
def check(stack: StackArgument, *, direct: DirectOption = False, as_json: JsonOption = False) -> None:
    """Check whether the database serves."""
    with connected(stack) as found:
        from operate import postgres, postgres_checks  # noqa: PLC0415

        with postgres.connect(found, direct=direct) as session:
            seen = list(postgres_checks.check(session))
    _findings(seen, as_json=as_json)


@app.command()
def stats(
    stack: StackArgument,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many tables at most.")] = 10,
    *,
    direct: DirectOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the database in figures: its size, its load, its largest tables."""
    with connected(stack) as found:
        from operate import postgres, postgres_checks  # noqa: PLC0415

        with postgres.connect(found, direct=direct) as session:
            seen = postgres_checks.stats(session, limit)
    hits = "—" if seen.cache_hits_percent is None else f"{seen.cache_hits_percent:.1f}%"
    states = ", ".join(f"{count} {state}" for state, count in seen.connections.items())
    lines = [
        f"size                {size(seen.size_bytes)}",
        f"read from memory    {hits}",
        f"transactions        {seen.commits} committed, {seen.rollbacks} rolled back",
        f"deadlocks           {seen.deadlocks}",
        f"temporary files     {size(seen.temporary_bytes)}",
        f"connections         {states}; {seen.most_connections} at most",
        f"oldest transaction  {seen.oldest_transaction_seconds:.0f} s",
        f"unused indexes      {', '.join(seen.unused_indexes) or 'none'}",
        "",
        *table(
            ["table", "size", "rows", "dead", "vacuumed (UTC)", "analyzed (UTC)"],
            [
                [
                    one.name,
                    size(one.size_bytes),
                    str(one.rows),
                    str(one.dead_rows),
                    one.vacuumed,
                    one.analyzed,
                ]
                for one in seen.tables
            ],
        ),
    ]
    show(seen, lines, as_json=as_json)


@app.command()
def integrity(
    stack: StackArgument,
    backup: Annotated[
        str | None,
        typer.Option(help="Hold the tables' rows against this dump's manifest.", show_default=False),
    ] = None,
    *,
    direct: DirectOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check whether the database is whole: indexes, constraints, pages and, after a restore, rows."""
    with connected(stack) as found:
        from operate import postgres, postgres_checks  # noqa: PLC0415

        manifest = postgres_checks.manifest_of(found, backup) if backup is not None else None
        with postgres.connect(found, direct=direct) as session:
            seen = list(postgres_checks.integrity(session, manifest))
    _findings(seen, as_json=as_json)


def marked(seen: "Sequence[Finding]") -> list[str]:
    """Findings as lines for people."""
    width = max((len(one.name) for one in seen), default=0)
    return [f"{_MARKS[one.fine]}  {one.name:{width}}  {one.says}" for one in seen]


def _findings(seen: "Sequence[Finding]", *, as_json: bool) -> None:
    fine = all(one.fine is not False for one in seen)
    show({"fine": fine, "checks": seen}, marked(seen), as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
