"""`syncup start`: the application, after it was stopped."""

import typer

from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected, going_on
from cli.output import say, show

app = typer.Typer()


@app.command()
def start(
    stack: StackArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start the application again: let its instances come, and wait until they serve."""
    with connected(stack) as found:
        from operate import stopping  # noqa: PLC0415

        if not Change(dry_run=dry_run, yes=yes).agreed(found, "starts the application"):
            show({"done": False}, [], as_json=as_json)
            return
        with going_on(f"{stack} is starting: `syncup status {stack}` shows how far it is"):
            stopping.start(found, say)
    show({"done": True}, [f"{stack} serves"], as_json=as_json)
