"""`syncup queries`: what the database's statements cost."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.db import DirectOption
from cli.frame import JsonOption, StackArgument, StackName, connected
from cli.output import say, show, table

if TYPE_CHECKING:
    from operate.postgres_queries import Statement
    from operate.session import Session

app = typer.Typer(name="queries", help="What the database's statements cost.", no_args_is_help=True)

_Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]
_SHOWN = 200
"""Characters of a statement in a table; `--json` has all of it."""


@app.command()
def slow(
    stack: StackArgument, limit: _Limit = 10, *, direct: DirectOption = False, as_json: JsonOption = False
) -> None:
    """Show the statements that take longest at a time, the slowest first."""
    from operate import postgres_queries  # noqa: PLC0415

    _show(stack, postgres_queries.slow, limit, direct=direct, as_json=as_json)


@app.command()
def profile(
    stack: StackArgument, limit: _Limit = 10, *, direct: DirectOption = False, as_json: JsonOption = False
) -> None:
    """Show where the time goes: the statements that take most of it in all."""
    from operate import postgres_queries  # noqa: PLC0415

    _show(stack, postgres_queries.profile, limit, direct=direct, as_json=as_json)


@app.command("n-plus-one")
def n_plus_one(
    stack: StackArgument, limit: _Limit = 10, *, direct: DirectOption = False, as_json: JsonOption = False
) -> None:
    """Show lookups that are made once for each row of a list, the most frequent first."""
    with connected(stack) as found:
        from operate import postgres, postgres_queries  # noqa: PLC0415

        with postgres.connect(found, direct=direct) as session:
            seen = postgres_queries.n_plus_one(session, limit)
    rows = [
        [
            str(one.lookup.calls),
            f"{one.lookup.share_percent:.0f}%",
            one.lookup.text[:_SHOWN],
            one.list.text[:_SHOWN] if one.list else "",
        ]
        for one in seen
    ]
    show(
        {"patterns": seen},
        table(["calls", "time", "lookup", "for each row of"], rows) if seen else ["none found"],
        as_json=as_json,
    )


def _show(
    stack: StackName,
    which: "Callable[[Session, int], Sequence[Statement]]",
    limit: int,
    *,
    direct: bool,
    as_json: bool,
) -> None:
    with connected(stack) as found:
        from operate import postgres, postgres_queries  # noqa: PLC0415

        with postgres.connect(found, direct=direct) as session:
            covered = postgres_queries.since(session)
            seen = which(session, limit)
    say(f"{covered.statements} statements, counted since {covered.reset or 'the server began'}")
    rows = [
        [
            f"{one.mean_ms:.1f}",
            f"{one.worst_ms:.0f}",
            str(one.calls),
            f"{one.share_percent:.0f}%",
            "—" if one.hit_percent is None else f"{one.hit_percent:.0f}%",
            one.text[:_SHOWN],
        ]
        for one in seen
    ]
    show(
        {"since": covered.reset, "statements": seen},
        table(["mean (ms)", "worst (ms)", "calls", "time", "memory", "statement"], rows),
        as_json=as_json,
    )
