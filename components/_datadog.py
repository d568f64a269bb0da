"""Datadog's SDK without its cost: `import pulumi_datadog` reads half a million lines, 240 MB of them.

Type checkers see the real package. At run time there is this stand-in, which makes a resource class
from its type token and an input class from the rule by which the SDK names properties on the wire.
A test holds both against the text of the SDK, for everything that the components use.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import pulumi

if TYPE_CHECKING:
    import pulumi_datadog as datadog

INDEX: Final = "index"
SECRET_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "datadog:pagerduty/serviceObject:ServiceObject": ("serviceKey",)
}
"""By type token the properties that the SDK keeps secret."""


def wire_name(name: str) -> str:
    """The property's name on the wire: `evaluation_delay` becomes `evaluationDelay`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def wire_properties(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given properties by their names on the wire, without those that are not set."""
    return {wire_name(name): value for name, value in values.items() if value is not None}


def type_token(module: str, name: str) -> str:
    """`Monitor` of the index is `datadog:index/monitor:Monitor`."""
    return f"datadog:{module}/{name[0].lower()}{name[1:]}:{name}"


def resource_class(token: str) -> type[pulumi.CustomResource]:
    """A resource class that registers what the SDK's class of this type would."""
    secrets = SECRET_INPUTS.get(token, ())

    class Resource(pulumi.CustomResource):
        def __init__(
            self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **values: Any
        ) -> None:
            properties = wire_properties(values)
            properties |= {name: pulumi.Output.secret(properties[name]) for name in secrets}
            own = pulumi.ResourceOptions(
                version=version("pulumi-datadog"), additional_secret_outputs=list(secrets) or None
            )
            super().__init__(token, resource_name, properties, pulumi.ResourceOptions.merge(own, opts))

    return Resource


def input_class(**values: Any) -> dict[str, Any]:
    """Stands for every `…Args` class: nested inputs travel as what they are on the wire."""
    return wire_properties(values)


class Package:
    """A module of the SDK: `datadog.Monitor`, `datadog.MonitorMonitorThresholdsArgs`, `datadog.aws`."""

    def __init__(self, module: str = INDEX) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        made = self._make(name)
        setattr(self, name, made)
        return made

    def _make(self, name: str) -> "Package | Callable[..., Any]":
        if name.islower():
            return Package(name)
        if name.endswith("Args"):
            return input_class
        return resource_class(type_token(self._module, name))


if not TYPE_CHECKING:
    datadog = Package()

__all__ = ["datadog"]
