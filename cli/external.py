"""`syncup external`: the services that the application needs."""

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption
from cli.output import show

app = typer.Typer()


@app.command()
def external(*, as_json: JsonOption = False) -> None:
    """Ask OpenAI, Slack and Google whether they can be reached from here."""
    from operate.external import check  # noqa: PLC0415

    seen = list(check())
    lines = [
        f"{'ok' if one.reachable else '!!'}  {one.name:8}  "
        + (one.says if one.status is None else f"{one.status} in {one.milliseconds:.0f} ms")
        for one in seen
    ]
    fine = all(one.reachable for one in seen)
    show({"fine": fine, "services": seen}, lines, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.REMOTE)
