"""Plausible values for what a provider computes: of the right type and form, and always the same.

They let a program be evaluated as if its resources existed. Everything follows from the resource's URN
and inputs; `facts.identity` says what ARNs and identifiers look like.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, cast

from facts.identity import ARNS, DEFAULT_ARN, FORMS, IDENTIFIED_BY_ARN, IDENTIFIERS, ONE_FOR_EACH, SERVICES
from preview import sdk_types
from preview.graph import Resource
from preview.sdk_types import ListOf, MapOf, ObjectOf, OneOf, Property, Scalar, Type, UnresolvedTypeError
from preview.values import Asset, Secret, Unknown

DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "123456789012"
"""The account that AWS's documentation uses."""
_MOST_NESTING = 4
"""How deep made-up objects nest: some types contain themselves."""


def known_outputs(resource: Resource, config: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """A resource's identifier and all its outputs, as if a provider had made it.

    What was given stays as it is, secrets included. What an output's type allows to be absent and nobody
    gave is absent.

    Args:
        resource: what the program declared.
        config: the stack's configuration; its AWS region and account appear in ARNs.
    """
    wanted = _outputs(resource.type)
    maker = _Maker(resource, config)
    made = {
        name: prop for name, prop in wanted.items() if prop.required and resource.inputs.get(name) is None
    }
    return maker.identifier, {**resource.inputs, **{name: maker.make(prop) for name, prop in made.items()}}


def _outputs(token: str) -> sdk_types.Properties:
    try:
        return sdk_types.outputs(token)
    except UnresolvedTypeError:
        # It is a finding already; the program may go on.
        return {}


class _Words(dict[str, str]):
    """What templates are made of; a property that nobody gave is the generated name."""

    def __missing__(self, key: str) -> str:
        return self["generatedName"]


class _Maker:
    """Makes one resource's outputs."""

    def __init__(self, resource: Resource, config: Mapping[str, str]) -> None:
        self._type = resource.type
        self._inputs = resource.inputs
        texts = {
            name: text for name, value in resource.inputs.items() if isinstance(text := _bare(value), str)
        }
        digest = hashlib.sha256(resource.urn.encode()).hexdigest()
        region = texts.get("region") or config.get("aws:region") or DEFAULT_REGION
        module = resource.type.split(":")[1].partition("/")[0]
        self._words = _Words(
            texts,
            generatedName=f"{resource.name}-{digest[:7]}",
            partition=_partition(region),
            region=region,
            account=_account(config),
            service=SERVICES.get(module, module),
            kind=_kebab(resource.type.rpartition(":")[2]),
            hex=digest[:17],
            uuid="-".join(
                (digest[:8], digest[8:12], f"4{digest[13:16]}", f"a{digest[17:20]}", digest[20:32])
            ),
            letters=digest[:14].upper(),
            digits=str(int(digest[:8], 16)),
        )
        if resource.type not in IDENTIFIED_BY_ARN:
            self._words["id"] = self._filled(IDENTIFIERS.get(resource.type, "{name}"))
        self._words["arn"] = texts.get("arn") or self._filled(ARNS.get(resource.type, DEFAULT_ARN))

    @property
    def identifier(self) -> str:
        """The resource's `id`."""
        return self._words["arn" if self._type in IDENTIFIED_BY_ARN else "id"]

    def make(self, prop: Property) -> Any:
        """A value for an output that nobody gave."""
        key, sources = ONE_FOR_EACH.get(self._type, {}).get(prop.wire, ("", ()))
        if key and isinstance(prop.type, ListOf):
            values = [value for source in sources for value in _listed(self._inputs.get(source))]
            return [{**self._value(prop.type.item, "", 0), key: value} for value in dict.fromkeys(values)]
        return self._value(prop.type, prop.wire, 0)

    def _value(self, type_: Type, wire: str, depth: int) -> Any:
        match type_:
            case Scalar():
                return self._scalar(type_, wire)
            case OneOf(options=options):
                return self._value(options[0], wire, depth)
            case MapOf():
                return dict(self._inputs.get("tags") or {}) if wire == "tagsAll" else {}
            case ListOf(item=item):
                return [] if depth >= _MOST_NESTING else [self._value(item, _singular(wire), depth + 1)]
            case ObjectOf():
                if depth >= _MOST_NESTING:
                    return {}
                known = sdk_types.properties(type_)
                return {name: self._value(prop.type, name, depth + 1) for name, prop in known.items()}

    def _scalar(self, scalar: Scalar, wire: str) -> Any:
        match scalar:
            case Scalar.BOOLEAN:
                return False
            case Scalar.INTEGER | Scalar.NUMBER:
                return 1
            case Scalar.ASSET | Scalar.ARCHIVE:
                return Asset("asset" if scalar is Scalar.ASSET else "archive", "text", "")
            case Scalar.STRING | Scalar.ANYTHING:
                return self._text(wire)

    def _text(self, wire: str) -> str:
        """A text whose form its property's name promises."""
        if wire in self._words:
            return self._words[wire]
        for ending, template in FORMS:
            if re.search(ending, wire):
                return self._filled(template)
        return self._words["generatedName"]

    def _filled(self, template: str) -> str:
        return template.format_map(self._words)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value


def _listed(value: Any) -> list[Any]:
    """A value, or the values of a list, without what is not known."""
    inner = _bare(value)
    items = cast("list[Any]", inner) if isinstance(inner, list) else [inner]
    return [item for item in map(_bare, items) if item is not None and not isinstance(item, Unknown)]


def _partition(region: str) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _account(config: Mapping[str, str]) -> str:
    """The account that the configuration allows."""
    accounts: list[str] = json.loads(config.get("aws:allowedAccountIds") or "[]")
    return accounts[0] if accounts else DEFAULT_ACCOUNT


def _kebab(name: str) -> str:
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _singular(wire: str) -> str:
    return wire.removesuffix("s")
