"""`syncup security`: the deployed stack as an attacker meets it."""

import typer

from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, connected
from cli.output import show

app = typer.Typer(name="security", help="The deployed stack as an attacker meets it.", no_args_is_help=True)

_MARKS = {True: "ok", False: "!!", None: "??"}


# One command, but named: `syncup security test`.
@app.callback()
def _security() -> None:
    pass


@app.command("test")
def look(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Test headers, TLS versions, open ports and public buckets."""
    with connected(stack) as found:
        from operate import security_exposure  # noqa: PLC0415

        seen = list(security_exposure.look(found))
    fine = security_exposure.verdict(seen)
    width = max(len(one.name) for one in seen)
    lines = [f"{_MARKS[one.fine]}  {one.name:{width}}  {one.says}" for one in seen]
    show({"fine": fine, "checks": seen}, lines, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FAILED)
