# pyright: reportPrivateUsage=false
"""What is read from the SDKs' source is what their classes say of themselves."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pulumi import _types

from preview import sdk_types
from preview.sdk_types import (
    ListOf,
    MapOf,
    ObjectOf,
    OneOf,
    Properties,
    Scalar,
    Type,
    UnresolvedTypeError,
    class_of,
    inputs,
    outputs,
    properties,
)

INSTANCE = "aws:rds/instance:Instance"
LOADED = ("aws:rds/instance:Instance", "aws:kms/key:Key", "aws:sns/topicPolicy:TopicPolicy")


def _tokens(package: str) -> list[str]:
    return sorted(sdk_types._registry(package))


def _all_reached(types: Iterator[Type] | list[Type], seen: set[ObjectOf]) -> set[ObjectOf]:
    """Every nested class that types lead to; each is resolved on the way."""
    for type_ in types:
        match type_:
            case ListOf(item=inner) | MapOf(value=inner):
                _all_reached([inner], seen)
            case OneOf(options=options):
                _all_reached(list(options), seen)
            case ObjectOf() if type_ not in seen:
                seen.add(type_)
                _all_reached([prop.type for prop in properties(type_).values()], seen)
            case _:
                pass
    return seen


def _resolve_everything(package: str) -> int:
    seen: set[ObjectOf] = set()
    for token in _tokens(package):
        for found in (inputs(token), outputs(token)):
            _all_reached([prop.type for prop in found.values()], seen)
    return len(seen)


@pytest.mark.parametrize(("package", "least"), [("pagerduty", 300), ("random", 0)])
def test_every_type_of_an_sdk_resolves_at_every_depth(package: str, least: int) -> None:
    assert _resolve_everything(package) >= least


@pytest.mark.full
@pytest.mark.parametrize(("package", "least"), [("aws", 16000), ("datadog", 10000)])
def test_every_type_of_a_large_sdk_resolves_at_every_depth(package: str, least: int) -> None:
    assert _resolve_everything(package) >= least


@pytest.mark.parametrize("token", [*LOADED, *_tokens("random"), *_tokens("pagerduty")])
def test_names_and_necessity_are_those_of_the_class(token: str) -> None:
    module, name = class_of(token)
    package = import_module(module)
    args = getattr(package, f"{name}InitArgs", None) or getattr(package, f"{name}Args")
    _compare(inputs(token), args)
    assert {prop.name: wire for wire, prop in outputs(token).items()} == _getters(getattr(package, name))


def _compare(found: Properties, args: Any) -> None:
    names = _types.input_type_py_to_pulumi_names(args)
    parameters = list(inspect.signature(args.__init__).parameters.values())[1:]
    assert {prop.name: wire for wire, prop in found.items()} == {p.name: names[p.name] for p in parameters}
    needed = {p.name for p in parameters if p.default is inspect.Parameter.empty}
    assert {prop.name for prop in found.values() if prop.required} == needed


def _getters(resource: Any) -> dict[str, str]:
    names = _types.resource_pulumi_to_py_names(resource)
    return {name: wire for wire, name in names.items() if wire not in ("id", "urn")}


def test_types_are_told_apart() -> None:
    found = {prop.name: prop.type for prop in inputs(INSTANCE).values()}
    assert found["allocated_storage"] is Scalar.INTEGER
    assert found["multi_az"] is Scalar.BOOLEAN
    # An open enumeration is a text.
    assert found["storage_type"] is Scalar.STRING
    assert found["vpc_security_group_ids"] == ListOf(Scalar.STRING)
    assert found["tags"] == MapOf(Scalar.STRING)
    restore = found["restore_to_point_in_time"]
    assert isinstance(restore, ObjectOf)
    assert properties(restore)["useLatestRestorableTime"].type is Scalar.BOOLEAN
    assert inputs(INSTANCE)["instanceClass"].required


def test_assets_and_unions_are_told_apart() -> None:
    assert inputs("aws:lambda/function:Function")["code"].type is Scalar.ARCHIVE
    source = inputs("aws:s3/bucketObjectv2:BucketObjectv2")["source"].type
    assert source == OneOf((Scalar.ASSET, Scalar.ARCHIVE))
    policy = inputs("aws:sns/topicPolicy:TopicPolicy")["policy"].type
    assert isinstance(policy, OneOf)
    assert policy.options[0] is Scalar.STRING


def test_a_class_named_after_init_is_found() -> None:
    versioning = inputs("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning["versioningConfiguration"].required
    assert versioning["region"].type is Scalar.STRING


@pytest.mark.parametrize(
    "token",
    ["aws:guardduty/iPSet:IPSet", "aws:glue/mLTransform:MLTransform", "aws:appsync/graphQLApi:GraphQLApi"],
)
def test_a_file_that_is_named_otherwise_is_found(token: str) -> None:
    assert "name" in inputs(token)


def test_two_tokens_of_one_thing_are_both_known() -> None:
    assert (
        inputs("aws:alb/loadBalancer:LoadBalancer").keys()
        == inputs("aws:lb/loadBalancer:LoadBalancer").keys()
    )


def test_a_provider_has_types_too() -> None:
    assert inputs("pulumi:providers:aws")["region"].type is Scalar.STRING


def test_an_output_type_says_more_than_the_input_type() -> None:
    found = outputs("aws:acm/certificate:Certificate")
    assert found["domainValidationOptions"].required
    assert not found["earlyRenewalDuration"].required
    options = found["domainValidationOptions"].type
    assert isinstance(options, ListOf)
    assert isinstance(options.item, ObjectOf)
    assert "resourceRecordValue" in properties(options.item)


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("aws:rds/nothing:Nothing", "pulumi_aws has no resource type aws:rds/nothing:Nothing"),
        ("nowhere:index/thing:Thing", "no SDK for the provider 'nowhere' is installed"),
        ("pulumi:providers:nowhere", "no SDK for the provider 'nowhere' is installed"),
    ],
)
def test_what_cannot_be_resolved_is_an_error(token: str, problem: str) -> None:
    with pytest.raises(UnresolvedTypeError, match=problem):
        inputs(token)


def test_an_annotation_of_no_known_form_is_an_error(tmp_path: Any) -> None:
    with pytest.raises(UnresolvedTypeError, match="no known form"):
        sdk_types._type("typing.Callable[[], None]", tmp_path / "thing.py")
    with pytest.raises(UnresolvedTypeError, match="names the class"):
        sdk_types._type("pulumi.Input['NothingArgs']", tmp_path / "thing.py")
