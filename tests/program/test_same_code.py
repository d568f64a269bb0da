"""The environments differ in their files alone: no code asks in which of them it runs."""

import ast
import base64
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from infra.reading import ROOT
from preview.graph import Graph, Resource
from tests.program.stacks import built, configuration, graph

STACK: Final = "production"
ELSEWHERE: Final = "elsewhere"
FILES: Final = sorted(path for folder in ("components", "infra") for path in (ROOT / folder).rglob("*.py"))
WHERE: Final = {"environment", "get_stack", "stack"}
"""What code would ask to know in which environment it runs."""


def test_productions_configuration_makes_the_same_under_another_name() -> None:
    elsewhere = graph(ELSEWHERE, configuration(STACK))
    renamed = {_renamed(urn): _renamed(text) for urn, text in _texts(elsewhere).items()}
    assert renamed == _texts(built(STACK).unknown)


def _renamed(text: str) -> str:
    return text.replace(ELSEWHERE, STACK)


def _texts(declared: Graph) -> dict[str, str]:
    """Everything about each resource."""
    return {
        resource.urn: repr(dataclasses.replace(resource, inputs=_readable(resource), outputs={}))
        for resource in declared.resources
    }


def _readable(resource: Resource) -> Mapping[str, Any]:
    """The inputs, with user data as text: inside of base64 no name can be found."""
    data = resource.inputs.get("userData")
    if resource.type != "aws:ec2/launchTemplate:LaunchTemplate" or not isinstance(data, str):
        return resource.inputs
    return {**resource.inputs, "userData": base64.b64decode(data)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_decides_by_the_name_of_a_stack(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [f"{path.name}:{line}: {what}" for line, what in _decisions(tree)] == []


def _decisions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a name of a stack is written, compared with something, or looked up."""
    for node in ast.walk(tree):
        match node:
            # `recovery` is a word of the guide's as well: there it is what is decided by that counts.
            case ast.Constant(value="production" | "staging"):
                yield node.lineno, ast.unparse(node)
            case ast.Compare(left=left, comparators=others) if any(map(_asks_where, (left, *others))):
                yield node.lineno, ast.unparse(node)
            case ast.Match(subject=subject) if _asks_where(subject):
                yield node.lineno, ast.unparse(subject)
            case ast.Subscript(slice=key) if _asks_where(key):
                yield node.lineno, ast.unparse(node)
            case _:
                pass


def _asks_where(node: ast.expr) -> bool:
    """Whether it is `context.environment`, `settings.stack` or `pulumi.get_stack()`."""
    match node:
        case ast.Attribute(value=ast.Name(id="settings"), attr="environment"):
            return False  # a section of the settings
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in WHERE
        case ast.Call(func=function):
            return _asks_where(function)
        case _:
            return False


@pytest.mark.parametrize(
    "code",
    [
        'size = 3 if context.environment == "recovery" else 1',
        "match settings.stack:\n    case _:\n        pass",
        "sizes[pulumi.get_stack()]",
        'bucket_name("production")',
    ],
)
def test_a_decision_is_noticed(code: str) -> None:
    assert list(_decisions(ast.parse(code)))
