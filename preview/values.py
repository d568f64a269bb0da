"""Property values as the preview keeps them: plain Python, with what is special told apart.

The wire format marks special values with a signature key; here they are small classes instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from google.protobuf import struct_pb2
from pulumi.runtime import rpc


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


@final
@dataclass(frozen=True, slots=True)
class Asset:
    """A file or an archive of files: `kind` is `asset` or `archive`, `source` says where from."""

    kind: str
    source: Any


def from_wire(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties of a request as plain Python values, in their own order."""
    return {key: _value(field) for key, field in struct.fields.items()}


def _value(field: struct_pb2.Value) -> Any:
    match field.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if field.string_value == rpc.UNKNOWN else field.string_value
        case "number_value":
            number = field.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return field.bool_value
        case "list_value":
            return [_value(item) for item in field.list_value.values]
        case "struct_value":
            return _special(from_wire(field.struct_value))
        case _:
            return None


def _special(value: dict[str, Any]) -> Any:
    """Turns a signed object into the class that stands for it; other objects stay as they are."""
    # The names of the signatures are private in the SDK's own module, hence getattr-free access.
    signature = value.get(rpc._special_sig_key)
    if signature == rpc._special_secret_sig:
        return Secret(value.get("value"))
    if signature == rpc._special_asset_sig:
        return Asset("asset", value.get("path") or value.get("text") or value.get("uri"))
    if signature == rpc._special_archive_sig:
        return Asset("archive", value.get("path") or value.get("assets") or value.get("uri"))
    if signature == rpc._special_resource_sig:
        return ResourceReference(value["urn"])
    return value


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The inverse of `from_wire`."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        struct.fields[key].CopyFrom(_field(value))
    return struct


def _field(value: Any) -> struct_pb2.Value:
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
            return struct_pb2.Value(string_value=rpc.UNKNOWN)
        case Secret():
            signed = {rpc._special_sig_key: rpc._special_secret_sig, "value": value.value}
            return struct_pb2.Value(struct_value=to_wire(signed))
        case Asset():
            return struct_pb2.Value(struct_value=to_wire(_signed_asset(value)))
        case ResourceReference():
            signed = {rpc._special_sig_key: rpc._special_resource_sig, "urn": value.urn}
            return struct_pb2.Value(struct_value=to_wire(signed))
        case list():
            items: list[Any] = value
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_field(item) for item in items]))
        case Mapping():
            mapping: Mapping[str, Any] = value
            return struct_pb2.Value(struct_value=to_wire(mapping))
        case _:
            raise TypeError(f"no wire form for {type(value).__name__}")


def _signed_asset(asset: Asset) -> dict[str, Any]:
    archive = asset.kind == "archive"
    signature = rpc._special_archive_sig if archive else rpc._special_asset_sig
    key = "assets" if isinstance(asset.source, Mapping) else "path" if archive else "text"
    return {rpc._special_sig_key: signature, key: asset.source}


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value inside `value` with its path, containers and the insides of secrets included."""
    yield path, value
    inner = value.value if isinstance(value, Secret) else value
    if isinstance(value, Secret) and not isinstance(inner, Mapping | list):
        return
    if isinstance(inner, Mapping):
        mapping: Mapping[str, Any] = inner
        for key, item in mapping.items():
            yield from walk(item, (*path, key))
    elif isinstance(inner, list):
        items: list[Any] = inner
        for index, item in enumerate(items):
            yield from walk(item, (*path, index))


def is_unknown(value: Any) -> bool:
    """Whether the value, or anything inside it, is unknown."""
    return any(isinstance(item, Unknown) for _, item in walk(value))
