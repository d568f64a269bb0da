"""Small programs and projects for the tests of the preview."""

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pulumi

from preview.evaluate import evaluate
from preview.graph import Graph


class Group(pulumi.ComponentResource):
    """A component without resources of its own."""

    def __init__(self, name: str = "group", opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Group", name, None, opts)


def declared(
    declare: Callable[[pulumi.ResourceOptions], Any],
    *,
    known: bool = False,
    config: Mapping[str, str] | None = None,
) -> Graph:
    """The graph of what `declare` declares below a component."""
    return evaluate(
        lambda: declare(pulumi.ResourceOptions(parent=Group())),
        project="shop",
        stack="dev",
        known=known,
        config=config,
    )


def with_value(output: pulumi.Output[Any], function: Callable[[Any], Any]) -> pulumi.Output[Any]:
    """`output.apply(function)`, for functions that never run where the output is unknown."""
    return output.apply(function)


def project(folder: Path, program: str, stack_file: str = "config: {}", **files: str) -> Path:
    """Writes a project with one stack, `dev`, and returns its folder."""
    contents = {
        "Pulumi.yaml": "name: shop\nruntime: python",
        "Pulumi.dev.yaml": stack_file,
        "__main__.py": program,
    }
    for name, text in {**contents, **files}.items():
        (folder / name).write_text(dedent(text))
    return folder
