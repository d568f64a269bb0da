"""`syncup comment`: what a preview has left, onto its pull request."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import JsonOption, StackName
from cli.output import say, show

app = typer.Typer()

_EVENT: Final = "GITHUB_EVENT_PATH"


@app.command()
def comment(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Where the preview's artifacts lie.", show_default=False, file_okay=False, exists=True
        ),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Write what a preview has left onto its pull request: one comment a stack, edited in place."""
    from operate import preview_comments  # noqa: PLC0415
    from operate.github import Repository  # noqa: PLC0415

    if not os.environ.get(_EVENT):
        raise CommandError(
            f"{_EVENT} is not set: this is for GitHub's workflows, which set it", ExitCode.USAGE
        )
    run = preview_comments.run_of(Path(os.environ[_EVENT]))
    left = preview_comments.read(folder, list(StackName))
    if not left:
        say("the preview has left nothing")
    done: list[str] = []
    for line in preview_comments.post(Repository.of(os.environ), run, left):
        say(line)
        done.append(line)
    show({"comments": done}, [], as_json=as_json)
