"""Makes one form of what rules read, from the SDK's proxies, the analyzer protocol and exported state.

The form: text, int, float, bool, None, lists and dicts of them, and `policies.view.UNKNOWN`. Secrets are
unwrapped, and where they stood is kept apart.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from policies.view import UNKNOWN, Steps

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker of the protocol)
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_ASSETS: Final = {"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"}
_UNKNOWNS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What stands for an unknown text, truth value, number, list, asset, archive and object."""

ASSET: Final = {"asset": "content"}
"""Stands for a file or an archive, whatever is in it."""

Special = Callable[[Any], Any]


def normalise(value: Any) -> tuple[Any, frozenset[Steps]]:
    """The normalised value, and where its secrets stand."""
    secrets: set[Steps] = set()
    return _value(value, (), secrets), frozenset(secrets)


def _value(value: Any, steps: Steps, secrets: set[Steps]) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWNS else value
    if value is None or value is UNKNOWN or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, Mapping):
        return _mapping(_plain(cast("Mapping[str, Any]", value)), steps, secrets)
    if isinstance(value, Sequence):
        items = cast("Sequence[Any]", _plain(value))
        return [_value(item, (*steps, index), secrets) for index, item in enumerate(items)]
    # The SDK's assets and archives, and whatever else it may come to hand over.
    return ASSET


def _plain(value: Any) -> Any:
    """What a proxy of `pulumi_policy` stands for; reading through it would stop at the first unknown."""
    return value["__target"] if type(value).__name__ in ("_DictProxy", "_ListProxy") else value


def _mapping(value: Mapping[str, Any], steps: Steps, secrets: set[Steps]) -> Any:
    signature = value.get(_SIGNATURE)
    if signature == _SECRET:
        secrets.add(steps)
        return _secret(value, steps, secrets)
    if signature == _OUTPUT:
        if value.get("secret"):
            secrets.add(steps)
        return _value(value["value"], steps, secrets) if "value" in value else UNKNOWN
    if signature == _RESOURCE:
        return _value(value.get("id") or UNKNOWN, steps, secrets)
    if isinstance(signature, str) and signature in _ASSETS:
        return ASSET
    return {
        str(key): _value(item, (*steps, str(key)), secrets)
        for key, item in value.items()
        # The engine and the bridged providers keep something of their own there.
        if not str(key).startswith("__")
    }


def _secret(value: Mapping[str, Any], steps: Steps, secrets: set[Steps]) -> Any:
    """What a secret hides; in an exported state only its cipher text may be there."""
    if "value" in value:
        return _value(value["value"], steps, secrets)
    try:
        return _value(json.loads(value["plaintext"]), steps, secrets)
    except (KeyError, TypeError, ValueError):
        return UNKNOWN
