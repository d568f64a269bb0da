"""`syncup diagram`: the architecture as pictures."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.frame import JsonOption
from cli.output import show

app = typer.Typer()


@app.command()
def diagram(
    stack: Annotated[str, typer.Argument(help="The stack, as in Pulumi.<stack>.yaml.", show_default=False)],
    layer: Annotated[
        str | None,
        typer.Option(help="`overview` or a layer: its picture alone. Default: a page of Markdown with all."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Draw what the program declares as Mermaid: the components, who talks to whom, who uses what."""
    from preview.diagram import pictures  # noqa: PLC0415 (Pulumi, which help does without)
    from preview.project import ProjectError, evaluate_project, find_project  # noqa: PLC0415
    from preview.render_mermaid import page, render  # noqa: PLC0415

    try:
        graph = evaluate_project(find_project(Path.cwd()), stack).graph
    except ProjectError as error:
        raise CommandError(str(error)) from error
    drawn = {picture.title: picture for picture in pictures(graph)}
    if layer is not None and layer not in drawn:
        raise CommandError(f"{stack} has no layer {layer!r}: it has {', '.join(drawn)}", ExitCode.USAGE)
    titles = list(drawn) if layer is None else [layer]
    text = page(stack, list(drawn.values())) if layer is None else render(drawn[layer])
    show({title: render(drawn[title]) for title in titles}, text.splitlines(), as_json=as_json)
