"""What is beside a resource, whichever way it refers to it."""

from typing import Any

import pytest

from policies.stack import Stack
from policies.view import UNKNOWN, Resource, UndecidedError, any_holds

_BUCKET = "aws:s3/bucket:Bucket"
_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::example::some:kind:Component${token}::{name}"


def _bucket(name: str = "data", **given: Any) -> Resource:
    return Resource(
        urn=_urn(_BUCKET, name),
        type_token=_BUCKET,
        inputs=given.pop("inputs", {}),
        identifier=given.pop("identifier", UNKNOWN),
        outputs=given.pop("outputs", {"arn": UNKNOWN}),
        **given,
    )


def _versioning(bucket: Any, *sources: str, name: str = "versioning") -> Resource:
    return Resource(
        urn=_urn(_VERSIONING, name),
        type_token=_VERSIONING,
        inputs={"bucket": bucket},
        property_dependencies={"bucket": sources} if sources else {},
        dependencies=sources,
    )


def _beside(bucket: Resource, *others: Resource) -> list[str]:
    stack = Stack([bucket, *others])
    return [side.name for side in stack.beside(bucket, _VERSIONING, by="bucket")]


@pytest.mark.parametrize("value", ["data-1", "arn:aws:s3:::data-1"])
def test_by_a_known_identifier_or_arn(value: str) -> None:
    bucket = _bucket(identifier="data-1", outputs={"arn": "arn:aws:s3:::data-1"})
    assert _beside(bucket, _versioning(value)) == ["versioning"]
    assert _beside(bucket, _versioning("data-2")) == []


def test_by_a_name_that_is_known_while_the_identifier_is_not() -> None:
    bucket = _bucket(inputs={"bucket": "data-1"})
    assert _beside(bucket, _versioning("data-1")) == ["versioning"]
    assert _beside(bucket, _versioning("arn:aws:s3:::data-1")) == ["versioning"]


def test_by_an_unknown_value_that_comes_from_it() -> None:
    bucket, other = _bucket(), _bucket("other")
    assert _beside(bucket, other, _versioning(UNKNOWN, bucket.urn)) == ["versioning"]
    assert _beside(other, bucket, _versioning(UNKNOWN, bucket.urn)) == []


def test_by_an_unknown_value_that_comes_from_it_through_another_resource() -> None:
    bucket = _bucket()
    between = Resource(
        urn=_urn("random:index/randomId:RandomId", "between"),
        type_token="random:index/randomId:RandomId",  # noqa: S106 (a type)
        inputs={},
        dependencies=(bucket.urn,),
    )
    assert _beside(bucket, between, _versioning(UNKNOWN, between.urn)) == ["versioning"]


def test_an_unknown_value_from_nowhere_is_undecided() -> None:
    bucket = _bucket()
    with pytest.raises(UndecidedError, match="versioning: bucket"):
        _beside(bucket, _versioning(UNKNOWN))


def test_an_unknown_value_from_either_of_two_is_undecided() -> None:
    bucket, other = _bucket(), _bucket("other")
    with pytest.raises(UndecidedError):
        _beside(bucket, other, _versioning(UNKNOWN, bucket.urn, other.urn))


def test_what_certainly_refers_to_it_decides_beside_what_may() -> None:
    bucket = _bucket()
    stack = Stack([bucket, _versioning(UNKNOWN, name="maybe"), _versioning(UNKNOWN, bucket.urn)])
    assert any_holds(lambda side: side.name == "versioning", stack.beside(bucket, _VERSIONING, by="bucket"))


def test_a_known_value_made_from_unknown_names_refers_to_what_it_comes_from() -> None:
    bucket = _bucket()
    assert _beside(bucket, _versioning("its-domain-name", bucket.urn)) == ["versioning"]
    assert _beside(bucket, _versioning("somebody-elses")) == []


def test_by_one_of_several_in_a_list() -> None:
    bucket, other = _bucket(identifier="data-1", outputs={}), _bucket("other")
    side = _versioning(["data-1", UNKNOWN], other.urn)
    assert _beside(bucket, other, side) == ["versioning"]
    assert _beside(other, bucket, side) == ["versioning"]


def test_by_what_stands_in_one_of_several_objects() -> None:
    bucket, other = _bucket(identifier="data-1"), _bucket("other", identifier="data-2")
    backup = Resource(
        urn=_urn(_VERSIONING, "backup"),
        type_token=_VERSIONING,
        inputs={"rules": [{"to": {"bucket": "data-3"}}, {"to": {"bucket": "data-1"}}, {}]},
    )
    stack = Stack([bucket, other, backup])
    assert stack.refers(backup, "rules.to.bucket", bucket)
    assert not stack.refers(backup, "rules.to.bucket", other)


def test_by_either_of_two_properties_once() -> None:
    bucket = _bucket(identifier="data-1", outputs={})
    side = Resource(
        urn=_urn(_VERSIONING, "both"), type_token=_VERSIONING, inputs={"a": "data-1", "b": "data-1"}
    )
    assert [s.name for s in Stack([bucket, side]).beside(bucket, _VERSIONING, by=["a", "b"])] == ["both"]


def test_what_a_property_refers_to() -> None:
    bucket, other = _bucket(), _bucket("other")
    side = _versioning(UNKNOWN, bucket.urn)
    stack = Stack([bucket, other, side])
    assert [found.name for found in stack.behind(side, "bucket", _BUCKET)] == ["data"]


def test_an_absent_reference_refers_to_nothing() -> None:
    assert _beside(_bucket(), _versioning(None), _versioning("")) == []


def test_an_arn_may_call_it_by_all_after_its_type_and_end_as_a_log_groups_does() -> None:
    bucket = _bucket(inputs={"name": "/app/trail"})
    prefix = "arn:aws:logs:us-west-2:111122223333:log-group"
    assert _beside(bucket, _versioning(f"{prefix}:/app/trail:*")) == ["versioning"]
    assert _beside(bucket, _versioning(f"{prefix}:/app/trail")) == ["versioning"]
    assert _beside(bucket, _versioning(f"{prefix}:/other/app/trail")) == []
