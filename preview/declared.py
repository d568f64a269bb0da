"""What a project declares at some revision, read back from what `preview.carry` carried."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from preview.carry import Carried
from preview.graph import Options, Resource
from preview.values import UNKNOWN, Asset, ResourceReference, Secret


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One revision's resources, as they were carried."""

    resources: tuple[Resource, ...]
    """With preview semantics."""
    known: Mapping[str, Mapping[str, Any]]
    """The inputs with plausible values in the place of what is unknown, by URN."""
    outputs: Mapping[str, Mapping[str, Any]]
    """The plausible outputs, and the identifier as `id`, by URN."""

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}


def declared(carried: Carried) -> Declared:
    """What `preview.carry` carried."""
    resources = [_resource(one) for one in carried["resources"]]
    return Declared(
        resources=tuple(resources),
        known={one["urn"]: _value(one["known"]) for one in carried["resources"]},
        outputs={
            one["urn"]: {**_value(one["outputs"]), "id": _value(one["id"])} for one in carried["resources"]
        },
    )


def _resource(one: Carried) -> Resource:
    options = one["options"]
    dependencies: Mapping[str, list[str]] = one["property_dependencies"] or {}
    return Resource(
        urn=one["urn"],
        type=one["type"],
        name=one["name"],
        parent=one["parent"],
        custom=one["custom"],
        read=bool(one["read"]),
        inputs=_value(one["inputs"]),
        dependencies=tuple(one["dependencies"] or ()),
        property_dependencies={name: tuple(urns) for name, urns in dependencies.items()},
        options=Options(
            protect=bool(options["protect"]),
            retain_on_delete=bool(options["retain_on_delete"]),
            replace_on_changes=tuple(options["replace_on_changes"] or ()),
            ignore_changes=tuple(options["ignore_changes"] or ()),
            aliases=tuple(options["aliases"] or ()),
        ),
        source=one["source"] or "",
    )


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        properties = cast("dict[str, Any]", value)
        if len(properties) == 1 and (mark := next(iter(properties)))[:1] == "$":
            return _marked(mark, properties[mark])
        return {name: _value(item) for name, item in properties.items()}
    return [_value(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _marked(mark: str, content: Any) -> Any:
    match mark:
        case "$unknown":
            return UNKNOWN
        case "$secret":
            return Secret(content)
        case "$resource":
            return ResourceReference(content)
        case "$asset":
            kind, form, source, digest = content
            return Asset(kind, form, _value(source), digest)
        case _:
            return {name: _value(item) for name, item in content.items()}
