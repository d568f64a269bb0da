"""Property values as the preview keeps them: plain Python, with what is special told apart.

The protocol between SDK and engine marks special values with signatures; here they are small classes
instead. https://www.pulumi.com/docs/iac/concepts/inputs-outputs/ says what they mean.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, final

from google.protobuf import struct_pb2

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker of the protocol)
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What stands for an unknown text, truth value, number, list, asset, archive and object."""


@final
class Unknown:
    """A value that only the cloud will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@final
@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown. Its representation does not show it either."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


@final
@dataclass(frozen=True, slots=True)
class ResourceReference:
    """A whole resource given as a value."""

    urn: str


AssetKind = Literal["asset", "archive"]
AssetForm = Literal["path", "text", "uri", "assets"]
_FORMS: tuple[AssetForm, ...] = ("path", "uri", "assets")


@final
@dataclass(frozen=True, slots=True)
class Asset:
    """A file (`asset`) or a tree of files (`archive`)."""

    kind: AssetKind
    form: AssetForm
    """What the source is: a path, the content itself, an address, or the members of an archive by name."""
    source: Any
    digest: str = ""
    """Of the content, where it is known."""

    def __repr__(self) -> str:
        return f"Asset({self.kind}, {self.form})"


def from_wire(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties of a request as plain Python values, in the order of their names."""
    return {key: _value(field) for key, field in sorted(struct.fields.items())}


def _value(field: struct_pb2.Value) -> Any:
    match field.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if field.string_value in UNKNOWNS else field.string_value
        case "number_value":
            number = field.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return field.bool_value
        case "list_value":
            return [_value(item) for item in field.list_value.values]
        case "struct_value":
            return unsign(from_wire(field.struct_value))
        case _:
            return None


def unsign(value: dict[str, Any]) -> Any:
    """Turns a signed object into the class that stands for it; other objects stay as they are."""
    match value.get(SIGNATURE_KEY):
        case None:
            return value
        case signature if signature == SECRET_SIGNATURE:
            return Secret(value.get("value"))
        case signature if signature == RESOURCE_SIGNATURE:
            return ResourceReference(value["urn"])
        case signature if signature == ASSET_SIGNATURE:
            return _asset("asset", value)
        case signature if signature == ARCHIVE_SIGNATURE:
            return _asset("archive", value)
        case _:
            return value


def _asset(kind: AssetKind, value: Mapping[str, Any]) -> Asset:
    for form in _FORMS:
        if value.get(form):
            return Asset(kind, form, value[form])
    return Asset(kind, "text", value.get("text"))


def from_json(value: Any) -> Any:
    """A value of an engine's event. The engine has taken the secrets out already."""
    match value:
        case str():
            return UNKNOWN if value in UNKNOWNS else value
        case list():
            return [from_json(item) for item in cast("list[Any]", value)]
        case dict():
            properties = cast("dict[str, Any]", value)
            return unsign({key: from_json(item) for key, item in sorted(properties.items())})
        case _:
            return value


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The inverse of `from_wire`."""
    return struct_pb2.Struct(fields={key: _field(value) for key, value in properties.items()})


def _field(value: Any) -> struct_pb2.Value:  # noqa: C901, PLR0911 (one case per kind of value)
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case Unknown():
            return struct_pb2.Value(string_value=UNKNOWN_STRING)
        case Secret():
            return _signed(SECRET_SIGNATURE, value=value.value)
        case Asset():
            signature = ARCHIVE_SIGNATURE if value.kind == "archive" else ASSET_SIGNATURE
            return _signed(signature, **{value.form: value.source})
        case ResourceReference():
            return _signed(RESOURCE_SIGNATURE, urn=value.urn)
        case list():
            items = cast("list[Any]", value)
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_field(item) for item in items]))
        case Mapping():
            return struct_pb2.Value(struct_value=to_wire(cast("Mapping[str, Any]", value)))
        case _:
            raise TypeError(f"no wire form for {type(value).__name__}")


def _signed(signature: str, **rest: Any) -> struct_pb2.Value:
    return struct_pb2.Value(struct_value=to_wire({SIGNATURE_KEY: signature, **rest}))


Path = tuple[str | int, ...]
"""The way from a resource's inputs to one value: property names, keys and indices."""


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside `value` with its path; a secret comes before what it hides, with the same path."""
    yield path, value
    match value:
        case Secret():
            yield from walk(value.value, path)
        case Mapping():
            for key, item in cast("Mapping[str, Any]", value).items():
                yield from walk(item, (*path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from walk(item, (*path, index))
        case _:
            pass


def is_unknown(value: Any) -> bool:
    """Whether the value, or anything inside it, is unknown."""
    return any(isinstance(item, Unknown) for _, item in walk(value))


def contains_secret(value: Any) -> bool:
    """Whether the value, or anything inside it, is secret."""
    return any(isinstance(item, Secret) for _, item in walk(value))
