"""`syncup status`: the whole system at a glance."""

from dataclasses import asdict

import typer

from cli.frame import JsonOption, StackArgument, connected
from cli.output import moment, show, table

app = typer.Typer()


@app.command()
def status(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Show what runs, how it is, and what rings."""
    with connected(stack) as found:
        from operate.status import status as look  # noqa: PLC0415

        seen = look(found)
    lines = [f"{seen.stack}: release {seen.release}", ""]
    lines += table(["part", "", "state"], [[part.name, _mark(part.fine), part.says] for part in seen.parts])
    if seen.alarms:
        rows = [[alarm.severity, alarm.name, moment(alarm.since), alarm.says] for alarm in seen.alarms]
        lines += ["", *table(["severity", "alarm", "since (UTC)", "says"], rows)]
    show({"fine": seen.fine, **asdict(seen)}, lines, as_json=as_json)


def _mark(fine: bool) -> str:
    return "ok" if fine else "!!"
