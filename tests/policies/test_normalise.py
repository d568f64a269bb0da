"""One form of what rules read, whatever handed it over."""

from typing import Any

import pulumi
import pytest
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.normalise import ASSET, normalise
from policies.view import UNKNOWN

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker of the protocol)


def test_the_proxies_of_the_sdk_are_read_with_their_unknowns() -> None:
    inputs: dict[str, Any] = {"a": [1.0, UNKNOWN_STRING_VALUE], "b": {"c": UNKNOWN_ARRAY_VALUE, "d": 1.5}}
    assert normalise(unknown_checking_proxy(inputs))[0] == {"a": [1, UNKNOWN], "b": {"c": UNKNOWN, "d": 1.5}}


def test_a_secret_is_unwrapped_and_remembered() -> None:
    wrapped = {"a": [{_SIGNATURE: _SECRET, "value": {"b": "x"}}]}
    assert normalise(wrapped) == ({"a": [{"b": "x"}]}, frozenset({("a", 0)}))


def test_a_secret_of_an_exported_state_is_unknown_unless_the_export_shows_it() -> None:
    assert normalise({"a": {_SIGNATURE: _SECRET, "ciphertext": "v1:x"}}) == (
        {"a": UNKNOWN},
        frozenset({("a",)}),
    )
    assert normalise({"a": {_SIGNATURE: _SECRET, "plaintext": '"x"'}})[0] == {"a": "x"}


@pytest.mark.parametrize(
    "value",
    [
        pulumi.FileAsset("x"),
        pulumi.AssetArchive({}),
        {_SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"},
        {_SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {}},
    ],
)
def test_files_are_only_known_to_be_there(value: Any) -> None:
    assert normalise({"a": value})[0] == {"a": ASSET}


def test_what_the_engine_keeps_for_itself_is_left_out() -> None:
    assert normalise({"__defaults": ["a"], "a": {"__defaults": []}})[0] == {"a": {}}


def test_an_output_value_is_its_value() -> None:
    output = {_SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 3.0, "secret": True}
    assert normalise({"a": output}) == ({"a": 3}, frozenset({("a",)}))
    del output["value"]
    assert normalise({"a": output})[0] == {"a": UNKNOWN}


def test_a_number_that_is_none_does_no_harm() -> None:
    assert repr(normalise({"a": float("nan"), "b": float("inf")})[0]) == "{'a': nan, 'b': inf}"
