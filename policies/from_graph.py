"""The resources of a preview without an engine, as rules see them."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from policies.normalise import ASSET
from policies.ownership import in_one_account
from policies.stack import Stack
from policies.view import UNKNOWN, Options, Resource, Steps
from preview import graph, values


def stack_of(resources: Iterable[graph.Resource]) -> Stack:
    """A graph's resources as a stack for rules."""
    return Stack(in_one_account(map(resource_of, resources)))


def resource_of(declared: graph.Resource) -> Resource:
    """A declared resource as a resource for rules."""
    secrets: set[Steps] = set()
    inputs = _value(declared.inputs, (), secrets)
    return Resource(
        urn=declared.urn,
        type_token=declared.type,
        name=declared.name,
        inputs=inputs,
        identifier=_value(declared.id, (), set()),
        outputs=_value(declared.outputs, (), set()),
        parent=declared.parent,
        dependencies=declared.dependencies,
        property_dependencies=declared.property_dependencies,
        options=Options(
            protect=declared.options.protect,
            ignore_changes=declared.options.ignore_changes,
            delete_before_replace=declared.options.delete_before_replace,
            additional_secret_outputs=declared.options.additional_secret_outputs,
            provider=declared.options.provider,
        ),
        secrets=frozenset(secrets),
    )


def _value(value: Any, steps: Steps, secrets: set[Steps]) -> Any:  # noqa: PLR0911 (one case per kind of value)
    match value:
        case values.Unknown():
            return UNKNOWN
        case values.Secret():
            secrets.add(steps)
            return _value(value.value, steps, secrets)
        case values.ResourceReference():
            return UNKNOWN
        case values.Asset():
            return ASSET
        case Mapping():
            items = cast("Mapping[str, Any]", value).items()
            return {key: _value(item, (*steps, key), secrets) for key, item in items}
        case list():
            items = cast("list[Any]", value)
            return [_value(item, (*steps, index), secrets) for index, item in enumerate(items)]
        case float():
            return int(value) if value.is_integer() else value
        case _:
            return value
