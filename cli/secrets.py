"""`syncup secrets`: the stack's secrets. No value is ever shown."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import (
    Change,
    DryRunOption,
    JsonOption,
    StackArgument,
    YesOption,
    authority,
    connected,
    going_on,
)
from cli.output import age, moment, say, show, table

if TYPE_CHECKING:
    from operate.secrets import Secret

app = typer.Typer(name="secrets", help="The stack's secrets. No value is ever shown.", no_args_is_help=True)

_MASK: Final = "********"
"""The same for every value: not even its length is told."""


@app.command()
def view(stack: StackArgument, *, as_json: JsonOption = False) -> None:
    """Show the secrets with their ages and next rotations, their values masked."""
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate.secrets import view as look  # noqa: PLC0415

        seen = look(found, guide)
    show({"secrets": seen}, _rows(seen), as_json=as_json)


def _rows(seen: "list[Secret]") -> list[str]:
    rows: list[list[str]] = []
    for secret in seen:
        renewed = (
            moment(secret.next_rotation)
            if secret.next_rotation
            else ("by a machine" if secret.rotates else "by a person")
        )
        rows.append(
            [
                secret.name,
                "",
                age(secret.age) if secret.age else "no value",
                renewed,
                "due" if secret.due else "",
            ]
        )
        rows += [
            [f"  {variable.name}", _MASK if variable.is_set else "not set", "", "", ""]
            for variable in secret.variables
        ]
    return table(["secret", "value", "age", "next rotation (UTC)", ""], rows)


@app.command()
def rotate(
    stack: StackArgument,
    group: Annotated[str | None, typer.Option(help="Only this secret: database, cache, …")] = None,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rotate every secret that a machine renews, one after the other."""
    done: list[str] = []
    with connected(stack) as found:
        from operate import secrets  # noqa: PLC0415

        names = secrets.rotating(found, group)
        if not Change(dry_run=dry_run, yes=yes).agreed(found, f"rotates {', '.join(names) or 'nothing'}"):
            show({"done": [], "would": names}, [], as_json=as_json)
            return
        with going_on("a rotation that has begun goes on; the secrets after it were not touched"):
            for name in names:
                secrets.rotate(found, name, say)
                done.append(name)
    show({"done": done}, [f"{name} is rotated" for name in done], as_json=as_json)


@app.command()
def update(
    stack: StackArgument,
    key: Annotated[str, typer.Option(help="The variable: OPENAI_API_KEY, …", show_default=False)],
    file: Annotated[
        Path | None,
        typer.Option("--from", help="Read the value from this file.", dir_okay=False, show_default=False),
    ] = None,
    value: Annotated[str | None, typer.Option(hidden=True)] = None,
    *,
    direct: Annotated[
        bool, typer.Option("--direct", help="DATABASE_URL: without a tunnel, it can be reached from here.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give a variable a new value: typed when asked for, from standard input, or from a file."""
    if value is not None:
        raise CommandError(
            "a value in a command line is for everybody to see: leave --value out and type it when asked, "
            f"`syncup secrets update {stack} --key {key}`; and replace the one that was shown",
            ExitCode.USAGE,
        )
    from infra.reading import read_guide  # noqa: PLC0415

    guide = read_guide()
    with connected(stack) as found:
        from operate import secret_values, secrets  # noqa: PLC0415

        group = secrets.group_of(guide, key)
        given = _value(key, file)
        secret_values.check(key, given)
        if key == "DATABASE_URL":
            from operate import database_login  # noqa: PLC0415 (the driver, for this key alone)

            say("tries to log in with it")
            database_login.require(found, given, direct=direct, authority=authority(stack))
        if not Change(dry_run=dry_run, yes=yes).agreed(found, f"gives {key} a new value"):
            show({"done": False, "key": key, "group": group}, [], as_json=as_json)
            return
        secrets.update(found, guide, key, given)
    if secrets.of_application(key):
        say(f"instances read it when they start: `syncup restart {stack}`")
    show(
        {"done": True, "key": key, "group": group},
        [f"{key} has a new value; the one before is kept"],
        as_json=as_json,
    )


def _value(key: str, file: Path | None) -> str:
    """The value, from wherever it is not seen. The end of the last line does not belong to it."""
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CommandError(f"{file} cannot be read: {why}", ExitCode.USAGE) from error
    elif sys.stdin.isatty():
        text = getpass.getpass(f"New value of {key} (not shown): ")
    else:
        text = sys.stdin.read()
    return text.removesuffix("\n").removesuffix("\r")
