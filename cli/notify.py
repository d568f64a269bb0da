"""`syncup notify`: a line to the team."""

import os
from typing import Annotated

import typer

from cli.frame import Change, DryRunOption, JsonOption, StackArgument, YesOption, connected
from cli.output import show

app = typer.Typer()


@app.command()
def notify(
    stack: StackArgument,
    text: Annotated[str, typer.Argument(help="What to say.", show_default=False)],
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tell the team something about a stack, in its channel."""
    from infra.reading import read_guide  # noqa: PLC0415

    with connected(stack) as found:
        from operate import announce, incident_services  # noqa: PLC0415

        channels = incident_services.channels(read_guide().severities, os.environ)
        if not Change(dry_run=dry_run, yes=yes).agreed(
            found, f"tells {found.outputs['slack-channel']}: {text}"
        ):
            show({"done": False}, [], as_json=as_json)
            return
        announce.tell(found, channels, text)
    show({"done": True}, [f"{stack}: the team has been told"], as_json=as_json)
