"""The resource types of the installed `pulumi_aws`, with every property at every depth and its docstring.

The package is generated code with one regular shape, so its source is read as text. Importing it would
take minutes and would not give the docstrings of nested types more easily.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_CLASS: Final = re.compile(
    r'^(?:@pulumi\.type_token\("(?P<token>[^"]+)"\)\n)?class (?P<name>\w+)(?:\((?P<bases>.*)\))?:$',
    re.MULTILINE,
)
_GETTER: Final = re.compile(
    r'^    @pulumi\.getter(?:\(name="(?P<wire>\w+)"\))?\n'
    r'(?:    @_utilities\.deprecated\("""[^\n]*"""\)\n)?'
    r"    def (?P<name>\w+)\(self\) -> (?P<type>.+):\n"
    r'(?:        """\n(?P<doc>[\s\S]*?)\n        """$)?',
    re.MULTILINE,
)
_MEMBER: Final = re.compile(r'^    \w+ = "(?P<value>[^"]*)"$', re.MULTILINE)
_QUOTED: Final = re.compile(r"'(?:\w+\.)*(\w+)'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """A property of a resource type or of an object inside it."""

    path: tuple[str, ...]
    """Python names from the resource down, without list indices."""
    wire: str
    """The last of them as on the wire (`instanceClass`)."""
    doc: str
    is_text: bool
    """Whether it is a text or a list of texts."""
    members: frozenset[str]
    """The values of the SDK's own enumeration class, where it has one."""
    siblings: frozenset[str]
    """The Python names of the properties beside it, itself included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Field:
    name: str
    wire: str
    type: str
    doc: str


_Fields = tuple[_Field, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Module:
    inputs: Mapping[str, _Fields]
    enumerations: Mapping[str, frozenset[str]]

    def properties(
        self, fields: _Fields, path: tuple[str, ...] = (), above: tuple[str, ...] = ()
    ) -> Iterator[Property]:
        siblings = frozenset(field.name for field in fields)
        for field in fields:
            names = _QUOTED.findall(field.type)
            here = (*path, field.name)
            members = frozenset[str]().union(*(self.enumerations.get(name, frozenset()) for name in names))
            nested = next((name for name in names if name in self.inputs), None)
            # A policy may be given as a text or as an object.
            is_text = "Mapping[" not in field.type and (nested is None or "Union[_builtins.str" in field.type)
            yield Property(
                path=here,
                wire=field.wire,
                doc=field.doc,
                is_text=is_text and ("_builtins.str" in field.type or bool(members)),
                members=members,
                siblings=siblings,
            )
            if nested is not None and nested not in above:
                yield from self.properties(self.inputs[nested], here, (*above, nested))


@cache
def resource_types(module: str) -> dict[str, tuple[Property, ...]]:
    """The resource types of a module (`rds`) by token, with their properties at every depth."""
    folder = _package() / module
    known = _Module(inputs=_inputs(folder), enumerations=_enumerations(folder))
    found: dict[str, tuple[Property, ...]] = {}
    for path in sorted(folder.glob("[a-z]*.py")):
        if path.name == "outputs.py" or path.name.startswith("get_"):
            continue
        source = path.read_text(encoding="utf-8")
        classes = _argument_classes(source)
        for match in _CLASS.finditer(source):
            if match["token"] and match["bases"] == "pulumi.CustomResource":
                fields = classes.get(f"{match['name']}InitArgs") or classes[f"{match['name']}Args"]
                found[match["token"]] = tuple(known.properties(fields))
    return found


def _package() -> Path:
    spec = find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pulumi_aws is not installed")
    return Path(spec.origin).parent


def _inputs(folder: Path) -> dict[str, _Fields]:
    path = folder / "_inputs.py"
    return _argument_classes(path.read_text(encoding="utf-8")) if path.exists() else {}


def _enumerations(folder: Path) -> dict[str, frozenset[str]]:
    path = folder / "_enums.py"
    if not path.exists():
        return {}
    return {
        name: frozenset(_MEMBER.findall(body)) for name, body in _classes(path.read_text(encoding="utf-8"))
    }


def _argument_classes(source: str) -> dict[str, _Fields]:
    return {
        name: tuple(
            _Field(
                name=match["name"],
                wire=match["wire"] or match["name"],
                type=match["type"],
                doc=(match["doc"] or "").strip(),
            )
            for match in _GETTER.finditer(body)
        )
        for name, body in _classes(source)
        if name.endswith("Args")
    }


def _classes(source: str) -> Iterator[tuple[str, str]]:
    """Name and body of every class."""
    matches = list(_CLASS.finditer(source))
    ends = [match.start() for match in matches[1:]] + [len(source)]
    for match, end in zip(matches, ends, strict=True):
        yield match["name"], source[match.end() : end]
