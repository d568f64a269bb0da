"""What each stack declares, as a text that a reviewer reads: `make inventory` writes it anew.

One line a resource, so that a change of the program shows as the lines that it adds and takes away.
What a resource is like is the preview's to say.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from preview.graph import STACK_TYPE, Graph, Resource
from tests.program.stacks import built

FOLDER: Final = Path(__file__).parent
_PROTECTED: Final = " *"
_INDENT: Final = "    "


def inventory(stack: str) -> str:
    """A stack's inventory."""
    return "".join(f"{line}\n" for line in _lines(stack, built(stack).unknown))


def file(stack: str) -> Path:
    """Where a stack's inventory is kept."""
    return FOLDER / f"{stack}.txt"


def _lines(stack: str, graph: Graph) -> Iterator[str]:
    made = [resource for resource in graph.resources if resource.custom]
    protected = sum(resource.options.protect for resource in made)
    yield f"{stack}: {len(made)} resources, {protected} of them protected (*)"
    yield ""
    yield "By type"
    for kind, count in sorted(Counter(map(_kind, made)).items()):
        yield f"{count:>4} {kind}"
    yield ""
    yield "By component"
    top = next(resource for resource in graph.resources if resource.type == STACK_TYPE)
    yield from _children(graph, top, "")


def _children(graph: Graph, parent: Resource, indent: str) -> Iterator[str]:
    children = graph.children(parent)
    for resource in sorted(children, key=lambda one: (not one.custom, _kind(one), one.name)):
        name = resource.name.removeprefix(f"{parent.name}-")
        yield f"{indent}{_kind(resource)} {name}{_PROTECTED if resource.options.protect else ''}"
        yield from _children(graph, resource, indent + _INDENT)


def _kind(resource: Resource) -> str:
    """`ec2.Vpc` for `aws:ec2/vpc:Vpc`, `datadog.Monitor` for `datadog:index/monitor:Monitor`."""
    package, module, name = resource.type.split(":")
    module = module.partition("/")[0]
    return f"{package if module == 'index' else module}.{name}"
