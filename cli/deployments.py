"""`syncup deployments`: what was deployed when."""

from typing import Annotated

import typer

from cli.frame import JsonOption, StackArgument, connected
from cli.output import age, moment, show, table

app = typer.Typer(name="deployments", help="What was deployed when.", no_args_is_help=True)


@app.command("list")
def list_(
    stack: StackArgument,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 5,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the latest deployments and restarts, the newest first."""
    with connected(stack) as found:
        from operate.deployments import recent  # noqa: PLC0415

        seen = recent(found, limit)
    took = [age(one.ended - one.began) if one.ended else "…" for one in seen]
    rows = [
        [moment(one.began), length, one.release, one.status, one.why]
        for one, length in zip(seen, took, strict=True)
    ]
    show(
        {"deployments": seen},
        table(["began (UTC)", "took", "release", "status", ""], rows)
        if seen
        else ["none in the last six weeks"],
        as_json=as_json,
    )
