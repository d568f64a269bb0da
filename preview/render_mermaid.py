"""Pictures as Mermaid, which GitHub draws: https://mermaid.js.org/syntax/flowchart.html."""

from collections.abc import Sequence
from typing import Final

from preview.diagram import Arrow, Box, Kind, Picture

_HEAD: Final = """\
# The architecture

Who reads this: who wants to see at a glance what {stack} is made of.
Drawn by `syncup diagram {stack}` from what the program declares; `make docs` draws it anew.

A box is a component. A full arrow with ports leads from who opens connections to who is admitted to by the
security groups; a dotted one leads from a component to another that it refers to. Below the overview each
layer has its picture, with what its components hold; round boxes are components of other layers.

Very many components use these, so that arrows to them are drawn in the picture of their own layer alone:
{shared}.
"""


def render(picture: Picture) -> str:
    """The text of a flowchart. One picture gives the same text each time."""
    keys = {
        box.urn: f"n{number}"
        for number, box in enumerate(box for group in picture.groups.values() for box in group)
    }
    lines = ["flowchart LR"]
    for number, (name, group) in enumerate(picture.groups.items()):
        shapes = [_shape(keys[box.urn], box) for box in group]
        if name:
            lines += [
                f'  subgraph g{number}["{_text(name)}"]',
                *(f"    {shape}" for shape in shapes),
                "  end",
            ]
        else:
            lines += [f"  {shape}" for shape in shapes]
    lines += [f"  {keys[arrow.source]} {_line(arrow)} {keys[arrow.target]}" for arrow in picture.arrows]
    return "\n".join(lines) + "\n"


def _shape(key: str, box: Box) -> str:
    name = _text(box.name)
    if box.outside:
        return f'{key}(["{name}"])'
    return f'{key}["<b>{name}</b><br/>{box.holds}"]' if box.holds else f'{key}["{name}"]'


def _text(name: str) -> str:
    """A name, however it is written, that ends neither the quotes nor the box."""
    return name.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;")


def _line(arrow: Arrow) -> str:
    if arrow.kind is Kind.TALKS:
        return f'-->|"{", ".join(map(str, arrow.ports))}"|'
    return "-.->"


def page(stack: str, pictures: Sequence[Picture]) -> str:
    """A page of Markdown with all pictures."""
    (overview, *layers) = pictures
    parts = [
        _HEAD.format(stack=stack, shared=", ".join(f"`{name}`" for name in overview.shared)),
        _fenced(overview),
    ]
    for picture in layers:
        parts += [f"## {picture.title.capitalize()}\n", _fenced(picture)]
    return "\n".join(parts)


def _fenced(picture: Picture) -> str:
    return f"```mermaid\n{render(picture)}```\n"
