"""The commands of `syncup`, and how only the one that is called gets imported.

A command is a module below `cli/` with a `typer.Typer` named `app`. An unnamed one adds its commands
to the top level (`syncup preview`); a named one is a group (`syncup backup list`).
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import typer

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "backup": "Backups of the database.",
        "bootstrap": "Make what must exist before the first update of a stack.",
        "comment": "Write what a preview has left onto its pull request.",
        "db": "What the database says of itself.",
        "deploy": "Bring a release to the instances.",
        "deployments": "What was deployed when.",
        "diagram": "Draw what the program declares.",
        "drift": "Show what was changed by hand since the last update.",
        "external": "Whether OpenAI, Slack and Google can be reached.",
        "health": "Check whether the system serves.",
        "image": "The newest base image, as a change of the stack's file.",
        "incident": "Open incidents, tell everybody about them, and learn from them.",
        "local": "AWS, the database and the cache on this machine.",
        "logs": "The application's log lines.",
        "maintenance": "The guide's maintenance tasks, inside its window.",
        "memory": "The instances' memory, and what looks like a leak.",
        "metrics": "Hold the guide's key metrics against their targets.",
        "monitor": "Watch the key metrics and the alarms for a while.",
        "notify": "Tell the team something about a stack.",
        "policy": "The rules, and what they say of a stack.",
        "preview": "Show what the program declares, without touching anything.",
        "queries": "What the database's statements cost.",
        "rate-limits": "Who is held back, at the edge and by the application.",
        "restart": "New instances of the same release.",
        "rollback": "Go back to an earlier release.",
        "scan": "What every scanner has found, in one report.",
        "secrets": "The stack's secrets. No value is ever shown.",
        "security": "The deployed stack as an attacker meets it.",
        "smoke": "The guide's checks after a deployment.",
        "start": "Start the application again.",
        "status": "Show what runs, how it is, and what rings.",
        "stop": "Stop the application.",
        "up": "Bring a stack to the revision that lies here.",
    }
)
"""Each command is the module of its name (hyphens become underscores), and what `--help` says of it."""


def root(called: str | None) -> typer.Typer:
    """The top of the command line, with the command that is called and stand-ins for all others.

    A stand-in lists a command in the help and costs no import.

    Args:
        called: the first word of the command line that is not an option.
    """
    app = typer.Typer(
        name="syncup",
        # A traceback with local variables would show secrets.
        pretty_exceptions_enable=False,
        # Help in boxes loads three times what the rest of the command does.
        rich_markup_mode=None,
    )
    for name, summary in COMMANDS.items():
        if name == called:
            app.add_typer(import_module(f"cli.{name.replace('-', '_')}").app)
        else:
            app.command(name, help=summary)(_stand_in)
    return app


def _stand_in() -> None:
    """Only ever listed: the command that is called is the real one."""
