"""`syncup metrics`: the guide's key metrics, now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from cli.frame import JsonOption, StackArgument, connected
from cli.output import show, table

if TYPE_CHECKING:
    from operate.metrics import Reading

app = typer.Typer()


@app.command()
def metrics(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Hold the guide's key metrics against their targets: the medians of the last five minutes."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate.metrics import read  # noqa: PLC0415

        readings = read(found, guide)
    show({"metrics": readings}, rows(readings), as_json=as_json)


def rows(readings: Sequence["Reading"]) -> list[str]:
    """The readings as a table, in the guide's order."""
    return table(
        ["group", "metric", "now", "target", ""],
        [
            [
                reading.group.replace("_", " "),
                reading.name,
                figure(reading.value, reading.unit),
                reading.target,
                reading.verdict,
            ]
            for reading in readings
        ],
    )


def figure(value: float | None, unit: str) -> str:
    """A value as the guide writes it: `12.5%`, `180ms`, `120 req/s`."""
    if value is None:
        return "—"
    return f"{value:.3g}{' ' if unit == 'req/s' else ''}{unit}" if value < 1000 else f"{value:.0f}{unit}"  # noqa: PLR2004
