"""`syncup health`: whether the system serves."""

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, connected
from cli.output import show

app = typer.Typer()


@app.command()
def health(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Check the health page, the instances, the database, the cache and the critical alarms."""
    with connected(stack) as found:
        from operate.status import health as look  # noqa: PLC0415

        parts = list(look(found))
    fine = all(part.fine for part in parts)
    width = max(len(part.name) for part in parts)
    lines = [f"{'ok' if part.fine else '!!'}  {part.name:{width}}  {part.says}" for part in parts]
    show({"fine": fine, "checks": parts}, lines, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
