"""`syncup rate-limits`: who is held back."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.frame import JsonOption, StackArgument, connected
from cli.output import show, table
from cli.spans import span

app = typer.Typer()


@app.command("rate-limits")
def rate_limits(
    stack: StackArgument,
    since: Annotated[
        timedelta, typer.Option(parser=span, metavar="TIME", help="How far back: 30m, 2h, 7d.")
    ] = "1h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    as_json: JsonOption = False,
) -> None:
    """Show what the firewall blocks, whose requests, and what the application answers with 429."""
    with connected(stack) as found:
        from operate.rate_limits import held_back  # noqa: PLC0415

        seen = held_back(found, since)
    rules = [[str(one.requests), one.rule] for one in seen.by_rule]
    addresses = [[str(one.requests), one.address, one.rule] for one in seen.by_address]
    lines = table(["blocked", "rule"], rules) if rules else ["the firewall has blocked nothing"]
    if addresses:
        lines += ["", *table(["blocked", "address", "rule"], addresses)]
    show(seen, [*lines, "", f"{seen.refused} requests were answered with 429"], as_json=as_json)
