"""`syncup monitor`: the guide's metrics and alarms for a while."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, connected
from cli.metrics import figure, rows
from cli.output import moment, say, show
from cli.spans import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.guide import Guide
    from operate.monitor import Look
    from operate.stack import Stack

app = typer.Typer()


@app.command()
def monitor(
    stack: StackArgument,
    duration: Annotated[
        timedelta, typer.Option(parser=span, metavar="TIME", help="For how long: 30s, 5m, 2h.")
    ] = "5m",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    as_json: JsonOption = False,
) -> None:
    """Watch the key metrics and the alarms, once a minute; fails if anything rings."""
    from infra.reading import read_guide  # noqa: PLC0415

    with connected(stack) as found:
        looks = watched(found, read_guide(), duration)
    fine = all(look.fine for look in looks)
    last = looks[-1]
    show(
        {"fine": fine, "looks": looks},
        [*rows(last.readings), "", "nothing rang" if fine else "something rang: see above"],
        as_json=as_json,
    )
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)


def watched(stack: "Stack", guide: "Guide", duration: timedelta) -> "Sequence[Look]":
    """Watches a stack for a while, and says each look as it is taken."""
    from operate.monitor import watch  # noqa: PLC0415

    looks: list[Look] = []
    for look in watch(stack, guide, duration):
        say(_line(look))
        looks.append(look)
    return looks


def _line(look: "Look") -> str:
    if not look.fine:
        said = "; ".join([*look.crossed, *(f"{name} rings" for name in look.ringing)])
    elif look.missed:
        said = "misses " + ", ".join(
            f"{reading.name} {figure(reading.value, reading.unit)} ({reading.target})"
            for reading in look.missed
        )
    else:
        said = "as it should be"
    return f"{moment(look.at)}  {said}"
