"""`syncup restart`: new instances of the same release."""

import typer

from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected, going_on
from cli.output import say, show

app = typer.Typer()


@app.command()
def restart(
    stack: StackArgument,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Replace every instance by a new one of the same release, without a gap."""
    with connected(stack) as found:
        from operate import restart as restarting  # noqa: PLC0415
        from operate.application import group  # noqa: PLC0415

        instances = len(group(found).instances)
        if not Change(dry_run=dry_run, yes=yes).agreed(found, f"replaces {instances} instances one by one"):
            show({"done": False, "instances": instances}, [], as_json=as_json)
            return
        refresh = restarting.start(found)
        with going_on(f"the restart goes on: `syncup deployments list {stack}` shows it"):
            restarting.follow(found, refresh, say)
    show({"done": True, "id": refresh}, [f"{stack}: all instances are new"], as_json=as_json)
