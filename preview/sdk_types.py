"""A provider SDK's own types, read from its source text.

Importing a provider's package to learn its types costs seconds and hundreds of megabytes. Its generated
source is regular, so the few classes that a program uses are found by their offsets in the files, and
only their signatures are parsed. Nothing is guessed: what cannot be resolved is an error.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType

PROVIDER_PREFIX = "pulumi:providers:"


class UnresolvedTypeError(Exception):
    """A type token or a class that the installed SDKs do not have. The message says which."""


class Scalar(StrEnum):
    """The types that contain no other. The value is what a person calls it."""

    STRING = "a string"
    INTEGER = "a whole number"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    ASSET = "an asset"
    ARCHIVE = "an archive"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items are of one type."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from any text to values of one type."""

    value: "Type"


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object with named properties, which `properties` reads when they are needed."""

    file: Path
    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value of any one of several types."""

    options: tuple["Type", ...]


Type = Scalar | ListOf | MapOf | ObjectOf | OneOf


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a resource or of a nested object."""

    name: str
    """In Python (`instance_class`)."""
    wire: str
    """On the wire (`instanceClass`)."""
    type: Type
    required: bool
    """Whether an input must be given, or whether an output always has a value."""


Properties = Mapping[str, Property]
"""Properties by wire name."""


@cache
def inputs(token: str) -> Properties:
    """What may be given to a resource.

    Args:
        token: the resource's type token, or a provider's (`pulumi:providers:aws`).

    Raises:
        UnresolvedTypeError: no installed SDK has that type, or one of its annotations is of no known form.
    """
    source = _source_of(token)
    return properties(ObjectOf(source.file, source.args_class))


@cache
def outputs(token: str) -> Properties:
    """What a resource has once it exists, inputs included.

    Raises:
        UnresolvedTypeError: as for `inputs`.
    """
    source = _source_of(token)
    body = _class_text(source.file, source.resource_class)
    return _by_wire(
        Property(
            name=name,
            wire=wire,
            type=_type(annotation, source.file),
            required=not annotation.startswith("pulumi.Output[Optional["),
        )
        for wire, name, annotation in _getters(body)
    )


def class_of(token: str) -> tuple[str, str]:
    """The Python module and the name of a resource's class: `pulumi_aws.rds`, `Instance`.

    Raises:
        UnresolvedTypeError: no installed SDK has that type.
    """
    package = token.partition(":")[0]
    if token not in _registry(package):
        raise UnresolvedTypeError(f"pulumi_{package} has no resource type {token}")
    return _registry(package)[token]


@cache
def properties(reference: ObjectOf) -> Properties:
    """The properties of a nested object.

    Raises:
        UnresolvedTypeError: as for `inputs`.
    """
    body = _class_text(reference.file, reference.name)
    wires = {name: wire for wire, name, _ in _getters(body)}
    return _by_wire(
        Property(name=name, wire=wires[name], type=_type(annotation, reference.file), required=required)
        for name, annotation, required in _parameters(body, reference.name)
    )


def _by_wire(found: Iterable[Property]) -> Properties:
    return MappingProxyType({prop.wire: prop for prop in found})


# Where a token's classes are ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    file: Path
    args_class: str
    resource_class: str


def _source_of(token: str) -> _Source:
    """The file of a resource and the names of its two classes there."""
    if token.startswith(PROVIDER_PREFIX):
        return _Source(
            _package(token.removeprefix(PROVIDER_PREFIX)) / "provider.py", "ProviderArgs", "Provider"
        )
    module, name = class_of(token)
    folder = _package(token.partition(":")[0]).joinpath(*module.split(".")[1:])
    # A name with a run of capitals (`IPSet`) has a file whose name follows another rule.
    for file in (folder / f"{snake_case(name)}.py", *sorted(folder.glob("[a-z]*.py"))):
        classes = _offsets(file)
        # The second form is where a nested input has taken the first.
        args = next((args for args in (f"{name}Args", f"{name}InitArgs") if args in classes), None)
        if name in classes and args:
            return _Source(file, args, name)
    raise UnresolvedTypeError(f"{module} registers {token}, but no file of {folder} declares it")


def snake_case(name: str) -> str:
    """The name of a property or a class as Python spells it: `forceDestroy`, `force_destroy`."""
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def _package(name: str) -> Path:
    """The folder of an installed provider SDK; finding it does not import it."""
    spec = find_spec(f"pulumi_{name.replace('-', '_')}")
    if spec is None or not spec.submodule_search_locations:
        raise UnresolvedTypeError(f"no SDK for the provider {name!r} is installed (pulumi_{name})")
    return Path(spec.submodule_search_locations[0])


@cache
def _registry(package: str) -> Mapping[str, tuple[str, str]]:
    """From type token to module and class, by the table with which the SDK registers its own classes."""
    root = _package(package)
    text = (root / "__init__.py").read_text(encoding="utf-8")
    table = re.search(r'resource_modules="""\n(.*?)\n""",', text, re.DOTALL)
    if table is None:
        raise UnresolvedTypeError(f"{root.name} has no table of its resource types")
    return {
        token: (module["fqn"], name)
        for module in json.loads(table[1])
        for token, name in module["classes"].items()
    }


# What a class says -------------------------------------------------------------------------------------


@cache
def _offsets(file: Path) -> Mapping[str, int]:
    """Where each top-level class of a file begins. The file is read line by line: it may have 20 MB."""
    found: dict[str, int] = {}
    if file.is_file():
        position = 0
        with file.open("rb") as lines:
            for line in lines:
                if line.startswith(b"class "):
                    found[re.split(rb"\W", line, maxsplit=2)[1].decode()] = position
                position += len(line)
    return found


def _class_text(file: Path, name: str) -> str:
    """The source of one top-level class."""
    start = _offsets(file).get(name)
    if start is None:
        raise UnresolvedTypeError(f"{file} has no class {name}")
    with file.open("rb") as lines:
        lines.seek(start)
        head = lines.readline()
        body = takewhile(lambda line: not line.startswith((b"class ", b"@pulumi.")), lines)
        return b"".join((head, *body)).decode()


_GETTER = re.compile(
    r"    @pulumi\.getter(?:\(name=\"(?P<wire>\w+)\"\))?\n"
    r"(?:.*\n)*?"
    r"    def (?P<name>\w+)\(self\) -> (?P<annotation>.*):\n"
)


def _getters(body: str) -> list[tuple[str, str, str]]:
    """Wire name, Python name and annotation of every property."""
    return [
        (found["wire"] or found["name"], found["name"], found["annotation"])
        for found in _GETTER.finditer(body)
    ]


_PARAMETER = re.compile(r"^ +(?P<name>\w+): (?P<annotation>.*?)(?P<default> = None)?(?:,|$)$", re.MULTILINE)


def _parameters(body: str, name: str) -> list[tuple[str, str, bool]]:
    """Name, annotation and necessity of every parameter of a constructor."""
    start = body.find("    def __init__(")
    end = body.find("):\n", start)
    if start < 0 or end < 0:
        raise UnresolvedTypeError(f"the class {name} has no constructor")
    return [
        (found["name"], found["annotation"], found["default"] is None)
        for found in _PARAMETER.finditer(body[start:end])
    ]


# What an annotation says -------------------------------------------------------------------------------

_SCALARS: Mapping[str, Scalar] = {
    "_builtins.str": Scalar.STRING,
    "_builtins.int": Scalar.INTEGER,
    "_builtins.float": Scalar.NUMBER,
    "_builtins.bool": Scalar.BOOLEAN,
    "pulumi.Asset": Scalar.ASSET,
    "pulumi.Archive": Scalar.ARCHIVE,
    "Any": Scalar.ANYTHING,
}


def _type(annotation: str, file: Path) -> Type:
    """The type that an annotation in a file means."""
    return _meaning(ast.parse(annotation, mode="eval").body, file)


def _meaning(node: ast.expr, file: Path) -> Type:
    match node:
        case ast.Name() | ast.Attribute():
            scalar = _SCALARS.get(ast.unparse(node))
            if scalar is not None:
                return scalar
        case ast.Constant(value=str(name)):
            return _named(name, file)
        case ast.Subscript(value=value, slice=inner):
            match ast.unparse(value), inner:
                case "pulumi.Input" | "pulumi.Output" | "Optional", _:
                    return _meaning(inner, file)
                case "Sequence", _:
                    return ListOf(_meaning(inner, file))
                case "Mapping", ast.Tuple(elts=[_, item]):
                    return MapOf(_meaning(item, file))
                case "Union", ast.Tuple(elts=options):
                    return _one_of([_meaning(option, file) for option in options])
                case _:
                    pass
        case _:
            pass
    raise UnresolvedTypeError(f"{file} has an annotation of no known form: {ast.unparse(node)}")


def _one_of(options: list[Type]) -> Type:
    """A union, without repetition: an open enumeration is a text like any other."""
    distinct = tuple(dict.fromkeys(options))
    return distinct[0] if len(distinct) == 1 else OneOf(distinct)


def _named(name: str, file: Path) -> Type:
    """The type of a class that is named in a file, in its own module or in another one's."""
    module, _, class_name = name.rpartition(".")
    folder = file.parent
    if module == "outputs":
        return ObjectOf(folder / "outputs.py", class_name)
    if module:
        # `from .. import iam as _iam`: modules of one package are siblings.
        folder = folder.parent / module.removeprefix("_")
    if class_name in _offsets(folder / "_inputs.py"):
        return ObjectOf(folder / "_inputs.py", class_name)
    if class_name in _offsets(folder / "_enums.py"):
        # The SDK's enumerations are few, open and partly out of date; `facts` has better ones.
        return Scalar.STRING
    raise UnresolvedTypeError(f"{file} names the class {name}, which {folder} does not have")
