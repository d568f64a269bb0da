"""What of a value may be shown: no secret, no credential that somebody forgot to mark as one."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from policies import secrets_scan
from preview.graph import Graph
from preview.values import Asset, ResourceReference, Secret, Unknown, walk

SECRET: Final = "[secret]"  # noqa: S105 (stands in the place of one)
UNKNOWN: Final = "[unknown]"

_SHORTEST: Final = 6
"""Shorter secrets (`true`, `5432`) are in every text by chance."""


def without_secrets(value: Any, secrets: Collection[str] = ()) -> Any:  # noqa: PLR0911 (one case per kind)
    """A value as plain data, with marks where it is secret or unknown.

    Args:
        value: as in `preview.values`.
        secrets: texts that are secret also where they are part of what nobody marked.
    """
    match value:
        case Secret():
            return SECRET
        case Unknown():
            return UNKNOWN
        case Asset():
            # The content itself may be long, or secret in part.
            return {value.kind: value.source if value.form in ("path", "uri") else f"[{value.form}]"}
        case ResourceReference():
            return {"resource": value.urn}
        case str():
            return _without(value, secrets)
        case Mapping():
            properties = cast("Mapping[str, Any]", value)
            return {name: without_secrets(item, secrets) for name, item in properties.items()}
        case list():
            return [without_secrets(item, secrets) for item in cast("list[Any]", value)]
        case _:
            return value


def _without(text: str, secrets: Collection[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, SECRET)
    return text


def without_credentials(value: Any, name: str = "") -> Any:
    """Plain data with a mark in the place of each text that looks like a credential.

    Args:
        value: plain data.
        name: the property's or key's name, which may say that a text is a credential.
    """
    match value:
        case str():
            return hidden(secrets_scan.in_setting(name, value)) or value
        case Mapping():
            return {k: without_credentials(item, k) for k, item in cast("Mapping[str, Any]", value).items()}
        case list():
            return [without_credentials(item, name) for item in cast("list[Any]", value)]
        case _:
            return value


def line(text: str) -> str:
    """A line of a longer text; a mark where it contains a credential."""
    return hidden(secrets_scan.in_text(text)) or text


def message(text: str, secrets: Collection[str] = ()) -> str:
    """What a program or a provider says, without known secrets and without lines that contain credentials."""
    return "\n".join(line(one) for one in _without(text, secrets).split("\n"))


def told(graph: Graph) -> Graph:
    """A graph without its secrets, nor credentials, in what the program logged."""
    secrets = secrets_of(graph)
    messages = (replace(one, text=message(one.text, secrets)) for one in graph.messages)
    return replace(graph, messages=tuple(messages))


def hidden(kind: str) -> str:
    """What stands in the place of a credential that is not marked as secret; empty where there is none."""
    return f"[not shown: it looks like {kind}]" if kind else ""


def secrets_of(graph: Graph) -> frozenset[str]:
    """The secret texts of a graph that are long enough to be recognised elsewhere."""
    values = [*(resource.inputs for resource in graph.resources), graph.stack_outputs]
    secrets = (one.value for value in values for _, one in walk(value) if isinstance(one, Secret))
    texts = (text for value in secrets for _, text in walk(value) if isinstance(text, str))
    return frozenset(text for text in texts if len(text) >= _SHORTEST)
