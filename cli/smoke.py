"""`syncup smoke`: the guide's checks after a deployment."""

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, connected
from cli.output import show

app = typer.Typer()


@app.command()
def smoke(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Try registration, Slack and chat, as the guide has it after a deployment."""
    from infra.reading import read_guide  # noqa: PLC0415

    checks = read_guide().deployment.smoke_checks
    with connected(stack) as found:
        from operate.smoke import run  # noqa: PLC0415

        results = list(run(found, checks))
    fine = all(result.fine for result in results)
    width = max(len(result.verifies) for result in results)
    lines = [
        f"{'ok' if result.fine else '!!'}  {result.verifies:{width}}  "
        + (result.says or f"{result.status} in {result.milliseconds:.0f} ms")
        for result in results
    ]
    show({"fine": fine, "checks": results}, lines, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
