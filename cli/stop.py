"""`syncup stop`: the application, until it is started."""

import typer

from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected, going_on
from cli.output import say, show

app = typer.Typer()


@app.command()
def stop(
    stack: StackArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Stop the application: end its instances and keep new ones from coming."""
    with connected(stack) as found:
        from operate import stopping  # noqa: PLC0415

        if not Change(dry_run=dry_run, yes=yes).agreed(
            found, "stops the application: users get no answer until `syncup start`"
        ):
            show({"done": False}, [], as_json=as_json)
            return
        with going_on(
            f"{stack} is being stopped: `syncup stop {stack}` goes on, `syncup start {stack}` goes back"
        ):
            stopping.stop(found, say)
    show({"done": True}, [f"{stack} is stopped"], as_json=as_json)
