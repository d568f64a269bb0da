"""`syncup logs`: the application's log lines."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackArgument, StackName, connected
from cli.output import say, show, show_one, table
from cli.spans import span

if TYPE_CHECKING:
    from operate.logs import Line

app = typer.Typer(name="logs", help="The application's log lines.", no_args_is_help=True)

_Since = Annotated[timedelta, typer.Option(parser=span, metavar="TIME", help="How far back: 30m, 2h, 7d.")]
_Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many lines at most.")]
_Follow = Annotated[bool, typer.Option("--follow", help="Show lines as they come, until interrupted.")]


@app.command()
def error(
    stack: StackArgument,
    limit: _Limit = 100,
    since: _Since = "1h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    follow: _Follow = False,
    as_json: JsonOption = False,
) -> None:
    """Show errors, the oldest first."""
    from operate.logs import ERRORS  # noqa: PLC0415

    _lines(stack, ERRORS, since, limit, follow=follow, as_json=as_json)


@app.command()
def api(
    stack: StackArgument,
    limit: _Limit = 100,
    since: _Since = "1h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    follow: _Follow = False,
    as_json: JsonOption = False,
) -> None:
    """Show requests and their answers, the oldest first."""
    from operate.logs import REQUESTS  # noqa: PLC0415

    _lines(stack, REQUESTS, since, limit, follow=follow, as_json=as_json)


@app.command()
def search(
    stack: StackArgument,
    text: Annotated[str, typer.Argument(help="What the lines contain, as it is written.")],
    limit: _Limit = 100,
    since: _Since = "1h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    follow: _Follow = False,
    as_json: JsonOption = False,
) -> None:
    """Show the lines that contain a text, the oldest first."""
    from operate.logs import containing  # noqa: PLC0415

    if not text.strip():
        raise CommandError("there is nothing to search for: write a text", ExitCode.USAGE)
    _lines(stack, containing(text), since, limit, follow=follow, as_json=as_json)


@app.command()
def analyze(
    stack: StackArgument,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many patterns at most.")] = 20,
    since: _Since = "1h",  # pyright: ignore[reportArgumentType] (the parser reads it)
    *,
    as_json: JsonOption = False,
) -> None:
    """Group errors by what they say, the most frequent first."""
    from operate import logs  # noqa: PLC0415

    with connected(stack) as found:
        lines = logs.lines(found, logs.ERRORS, since=since, limit=logs.MOST)
    patterns = logs.patterns(lines)
    if len(lines) == logs.MOST:
        say(f"only the latest {logs.MOST} errors were looked at")
    rows = [[str(one.count), one.first, one.last, one.message] for one in patterns[:limit]]
    show(
        {"errors": len(lines), "patterns": patterns[:limit]},
        table(["count", "first (UTC)", "last (UTC)", "error"], rows) if rows else ["no errors"],
        as_json=as_json,
    )


def _lines(
    stack: StackName, which: str, since: timedelta, limit: int, *, follow: bool, as_json: bool
) -> None:
    from operate import logs  # noqa: PLC0415

    with connected(stack) as found:
        if follow:
            for line in logs.follow(found, which):
                show_one(line, *_texts([line]), as_json=as_json)
            return
        lines = logs.lines(found, which, since=since, limit=limit)
    if not lines:
        say("no such lines")
    show({"lines": lines}, _texts(lines), as_json=as_json)


def _texts(lines: Iterable["Line"]) -> list[str]:
    return [f"{line.at}  {line.level:5}  {line.stream}  {line.message}" for line in lines]
