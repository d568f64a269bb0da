"""Where in a resource a value is, in the names that its author wrote.

A value's path is made of wire names, indices and keys (`("blockDeviceMappings", 0, "ebs")`); people read
`block_device_mappings[0].ebs`.
"""

import json
from dataclasses import dataclass

from preview import sdk_types
from preview.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Property, Type, UnresolvedTypeError
from preview.values import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a resource."""

    text: str = ""
    """The whole path, as a person writes it."""
    names: tuple[str, ...] = ()
    """The properties alone, without indices and map keys."""

    def property(self, name: str) -> "Place":
        """The place of a property of the object at this place."""
        return Place(f"{self.text}.{name}" if self.text else name, (*self.names, name))

    def item(self, index: int) -> "Place":
        """The place of an item of the list at this place."""
        return Place(f"{self.text}[{index}]", self.names)

    def key(self, key: str) -> "Place":
        """The place of an entry of the map at this place."""
        return Place(f"{self.text}[{json.dumps(key, ensure_ascii=False)}]", self.names)


def place_of(token: str, path: Path) -> Place:
    """Where a path leads in a resource of a type; a wire name stays where the SDK does not know it."""
    place = Place()
    types: tuple[Type, ...] = ()
    for depth, step in enumerate(path):
        if isinstance(step, int):
            place = place.item(step)
            types = tuple(type_.item for type_ in types if isinstance(type_, ListOf))
        elif found := _property(token, step) if depth == 0 else _member(types, step):
            place = place.property(found.name)
            types = (found.type,)
        elif values := tuple(type_.value for type_ in types if isinstance(type_, MapOf)):
            place = place.key(step)
            types = values
        else:
            place = place.property(step)
            types = ()
        types = tuple(o for type_ in types for o in (type_.options if isinstance(type_, OneOf) else (type_,)))
    return place


def _property(token: str, wire: str) -> Property | None:
    try:
        return sdk_types.inputs(token).get(wire)
    except UnresolvedTypeError:
        return None


def _member(types: tuple[Type, ...], wire: str) -> Property | None:
    """The property of that name of the object among several types."""
    objects = (sdk_types.properties(type_) for type_ in types if isinstance(type_, ObjectOf))
    return next((found for known in objects if (found := known.get(wire))), None)
