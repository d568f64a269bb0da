"""`syncup memory`: how much memory the instances use."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.frame import JsonOption, StackArgument, connected
from cli.output import show, table
from cli.spans import span

app = typer.Typer()


@app.command()
def memory(
    stack: StackArgument,
    since: Annotated[
        timedelta, typer.Option(parser=span, metavar="TIME", help="How far back: 2h, 6h, 1d.")
    ] = "6h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    as_json: JsonOption = False,
) -> None:
    """Show each instance's memory, where it is going, and what looks like a leak."""
    with connected(stack) as found:
        from operate.memory import look  # noqa: PLC0415

        seen = look(found, since)
    rows = [
        [
            one.instance,
            _percent(one.now_percent),
            _percent(one.peak_percent),
            "—" if one.percent_per_hour is None else f"{one.percent_per_hour:+.1f}% an hour",
            "looks like a leak" if one.leaks else "",
        ]
        for one in seen
    ]
    lines = table(["instance", "now", "peak", "trend", ""], rows) if rows else ["no instance runs"]
    show({"instances": seen}, lines, as_json=as_json)


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}%"
