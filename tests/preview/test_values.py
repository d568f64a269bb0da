# pyright: reportPrivateUsage=false
"""Property values survive the protocol, and secrets do not survive a representation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from preview import values
from preview.values import (
    UNKNOWN,
    UNKNOWN_STRING,
    UNKNOWNS,
    Asset,
    ResourceReference,
    Secret,
    contains_secret,
    from_json,
    from_wire,
    is_unknown,
    to_wire,
    walk,
)

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
    st.text().filter(lambda text: text not in UNKNOWNS),
    st.just(UNKNOWN),
    st.builds(ResourceReference, st.text()),
    st.builds(Asset, st.sampled_from(["asset", "archive"]), st.just("path"), st.text(min_size=1)),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4), st.builds(Secret, inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _values, max_size=5))
def test_values_survive_the_protocol(properties: dict[str, object]) -> None:
    assert from_wire(to_wire(properties)) == properties


def test_the_signatures_are_the_sdks() -> None:
    assert rpc._special_sig_key == values.SIGNATURE_KEY
    assert rpc._special_secret_sig == values.SECRET_SIGNATURE
    assert rpc._special_asset_sig == values.ASSET_SIGNATURE
    assert rpc._special_archive_sig == values.ARCHIVE_SIGNATURE
    assert rpc._special_resource_sig == values.RESOURCE_SIGNATURE
    assert rpc.UNKNOWN == UNKNOWN_STRING


@pytest.mark.parametrize("signature", sorted(UNKNOWNS))
def test_every_kind_of_unknown_is_understood(signature: str) -> None:
    assert from_json({"a": [signature]}) == {"a": [UNKNOWN]}


def test_whole_numbers_come_back_whole() -> None:
    (number,) = from_wire(to_wire({"a": 3.0})).values()
    assert isinstance(number, int)


@pytest.mark.parametrize("form", ["path", "text", "uri"])
def test_an_asset_keeps_its_form(form: values.AssetForm) -> None:
    asset = Asset("asset", form, "content")
    assert from_wire(to_wire({"a": asset}))["a"] == asset


def test_an_archive_keeps_its_members() -> None:
    archive = Asset("archive", "assets", {"a.txt": Asset("asset", "text", "hello")})
    assert from_wire(to_wire({"a": archive}))["a"] == archive


@pytest.mark.parametrize("shown", [Secret("hush"), Asset("asset", "text", "hush"), [Secret({"a": "hush"})]])
def test_no_representation_shows_a_secret_or_a_content(shown: object) -> None:
    assert "hush" not in repr(shown)


def test_an_event_secret_is_secret_though_the_engine_took_its_value() -> None:
    event = {values.SIGNATURE_KEY: values.SECRET_SIGNATURE, "ciphertext": "[secret]"}
    assert from_json({"a": event}) == {"a": Secret(None)}


def test_walking_enters_secrets_lists_and_maps() -> None:
    inputs = {"a": [Secret({"b": UNKNOWN})]}
    assert [path for path, value in walk(inputs) if value is UNKNOWN] == [("a", 0, "b")]
    assert is_unknown(inputs)
    assert contains_secret(inputs)
    assert not is_unknown({"a": [1, "x"]})
    assert not contains_secret({"a": UNKNOWN})


def test_what_has_no_wire_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        to_wire({"a": {1, 2}})
