"""`syncup drift`: what differs in the cloud from what was deployed."""

import os
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode, first_of
from cli.frame import JsonOption, StackArgument, StackName
from cli.output import say, show

app = typer.Typer()


@app.command()
def drift(
    stack: StackArgument,
    *,
    issue: Annotated[
        bool, typer.Option("--issue", help="Open, write anew or close the repository's issue about it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what was changed by hand since the last update, and what of the deployed breaks a rule."""
    if stack is StackName.LOCAL:
        raise CommandError("local is no stack of an engine", ExitCode.USAGE)
    from cli.policy_status import status_of  # noqa: PLC0415 (reads the rules)
    from infra.reading import ROOT  # noqa: PLC0415
    from operate import drift as comparing  # noqa: PLC0415 (the Automation API is a second's import)
    from operate import program  # noqa: PLC0415
    from operate.github import Repository  # noqa: PLC0415

    # Who cannot report has nothing to compare for.
    repository = Repository.of(os.environ) if issue else None
    found = comparing.look(program.of(ROOT, stack.value), stack.value)
    if repository is not None:
        say(f"{stack}: {comparing.report(repository, found)}")
    shown = {
        "fine": found.fine,
        "differences": found.differences,
        "excused": found.excused,
        "findings": [
            {"rule": one.rule.name, "urn": one.urn, "problems": one.problems}
            for findings in found.policies.pressing.values()
            for one in findings
        ],
    }
    show(shown, list(comparing.lines(found)) or [f"{stack} is what was deployed"], as_json=as_json)
    raise typer.Exit(
        first_of(ExitCode.FAILED if found.differences else ExitCode.FINE, status_of(found.policies))
    )
