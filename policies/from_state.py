"""The resources of a deployed state, the output of `pulumi stack export`, as rules see them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from infra.mistakes import ConfigurationError, Mistake
from infra.yaml_file import at
from policies.normalise import normalise
from policies.ownership import in_one_account
from policies.stack import Stack
from policies.view import UNKNOWN, Options, Resource


def read_state(path: Path) -> Stack:
    """Reads an exported state. What is about to be deleted is left out.

    Without `--show-secrets` an export has only the cipher text of secrets, which are unknown then.

    Raises:
        ConfigurationError: the file cannot be read, or is none.
    """
    try:
        exported: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError([Mistake(path.name, 0, f"it cannot be read: {error.strerror}")]) from None
    except ValueError:
        raise _no_state(path) from None
    try:
        return state_of(exported)
    except ValueError:
        raise _no_state(path) from None


def state_of(exported: Any) -> Stack:
    """The resources of an exported state, as `read_state` reads them from a file.

    Raises:
        ValueError: it is none.
    """
    found = at(exported, ("deployment", "resources"))
    if not isinstance(found, list):
        raise ValueError("no resources")  # noqa: TRY004 (the file is wrong, not the program)
    resources = cast("list[Any]", found)
    if not all(isinstance(item, dict) and "urn" in item and "type" in item for item in resources):
        raise ValueError("no resources")
    return Stack(in_one_account(_resource(item) for item in resources if not item.get("delete")))


def _no_state(path: Path) -> ConfigurationError:
    text = f"it is no exported state: make one with `pulumi stack export --file {path.name}`"
    return ConfigurationError([Mistake(path.name, 0, text)])


def _resource(state: Mapping[str, Any]) -> Resource:
    inputs, secrets = normalise(state.get("inputs") or {})
    provider = str(state.get("provider") or "")
    of_properties: Mapping[str, Any] = state.get("propertyDependencies") or {}
    return Resource(
        urn=str(state["urn"]),
        type_token=str(state["type"]),
        inputs=inputs,
        identifier=state.get("id") or UNKNOWN,
        outputs=normalise(state.get("outputs") or {})[0],
        parent=str(state.get("parent") or ""),
        dependencies=tuple(state.get("dependencies") or ()),
        property_dependencies={name: tuple(urns or ()) for name, urns in of_properties.items()},
        options=Options(
            protect=bool(state.get("protect")),
            ignore_changes=tuple(state.get("ignoreChanges") or ()),
            additional_secret_outputs=tuple(state.get("additionalSecretOutputs") or ()),
            provider="" if "::default" in provider else provider,
        ),
        secrets=secrets,
    )
