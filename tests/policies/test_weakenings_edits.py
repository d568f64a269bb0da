"""What the edits guarantee that weakenings are made of."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from preview.graph import Graph, Options, Resource
from preview.values import UNKNOWN, Secret
from tests.policies.weakenings.documents import granting, in_statements
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    change,
    delete,
    drop,
    items_where,
    only_first,
    relink,
    rewrite,
    together,
    unprotect,
)
from tests.policies.weakenings.model import Edit, Kind, Pair, apply, apply_to_pair, changed

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
QUEUE = "aws:sqs/queue:Queue"
ARN = "arn:aws:kms:us-west-2:111122223333:key/0000"


def resource(type_token: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::example::{type_token}::{name}",
        type=type_token,
        name=name,
        parent=more.pop("parent", ""),
        custom=True,
        inputs=inputs,
        outputs=more.pop("outputs", inputs),
        **more,
    )


def edited(edit: Edit, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an edit makes of some inputs."""
    given = resource(QUEUE, "queue", inputs)
    (after,) = edit(given, Graph((given,)))
    return after.inputs


def encrypted(key: Any, **options: Any) -> Graph:
    """A queue and its key, as either evaluation has them."""
    made = resource(KEY, "key", {}, id=key, outputs={"arn": key})
    queue = resource(
        QUEUE,
        "queue",
        {"kmsMasterKeyId": key, "name": "work"},
        id="work" if key is not UNKNOWN else UNKNOWN,
        dependencies=(made.urn,),
        property_dependencies={"kmsMasterKeyId": (made.urn,)},
        **options,
    )
    return Graph((made, queue))


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (change("a", 2), {"a": 1}, {"a": 2}),
        (change("a", 2), {}, {}),
        (change("a", 2), {"a": UNKNOWN}, {"a": 2}),
        (change("a.b", 2), {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}),
        (change("a.*.b", 2), {"a": [{"b": 1}, {"c": 1}]}, {"a": [{"b": 2}, {"c": 1}]}),
        (change("a.1.b", 2), {"a": [{"b": 1}, {"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}),
        (change("a.b", 2), {"a": Secret({"b": 1})}, {"a": Secret({"b": 2})}),
        (change("a.b", 2), {"a": UNKNOWN}, {"a": UNKNOWN}),
        (add("a", 2), {}, {"a": 2}),
        (add("a", 2), {"a": 1}, {"a": 2}),
        (add("a.b", 2), {}, {}),
        (drop("a"), {"a": 1, "b": 1}, {"b": 1}),
        (drop("a.*.b"), {"a": [{"b": 1, "c": 1}]}, {"a": [{"c": 1}]}),
        (rewrite("a", str.upper), {"a": "x"}, {"a": "X"}),
        (rewrite("a", str.upper), {"a": UNKNOWN}, {"a": UNKNOWN}),
        (only_first("a"), {"a": [1, 2, 3]}, {"a": [1]}),
        (items_where("a", lambda item: item["b"] > 1), {"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}]}),
        (together(drop("a"), add("b", 2)), {"a": 1}, {"b": 2}),
    ],
)
def test_a_property_is_edited_where_its_path_leads(
    edit: Edit, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    assert edited(edit, before) == after


def test_the_inputs_that_are_edited_are_a_copy() -> None:
    inputs = {"a": [{"b": 1}]}
    edited(change("a.*.b", 2), inputs)
    assert inputs == {"a": [{"b": 1}]}


def test_an_output_follows_its_input() -> None:
    before = resource(QUEUE, "queue", {"a": 1, "b": 1}, outputs={"a": 1, "b": 1, "arn": "arn"})
    (after,) = together(change("a", 2), drop("b"))(before, Graph((before,)))
    assert after.outputs == {"a": 2, "arn": "arn"}


@pytest.mark.parametrize("key", [UNKNOWN, ARN], ids=["unknown", "known"])
def test_a_property_that_is_left_out_depends_on_nothing_any_more(key: Any) -> None:
    graph = encrypted(key)
    weakening = Target("SQS", QUEUE)(Kind.KEY, "no key", "SQS.1", drop("kmsMasterKeyId"))
    ((urn, weakened),) = apply(weakening, graph)
    after = weakened.by_urn[urn]
    assert (after.dependencies, after.property_dependencies) == ((), {"kmsMasterKeyId": ()})


def test_a_part_that_is_left_out_takes_its_dependency_with_it_in_both_evaluations() -> None:
    def volumes(key: Any, image: Any) -> Graph:
        made = resource(KEY, "key", {}, id=key, outputs={"arn": key})
        snapshot = resource("aws:ebs/snapshot:Snapshot", "image", {}, id=image)
        both = (made.urn, snapshot.urn)
        inputs = {"disks": [{"kmsKeyId": key, "snapshotId": image}]}
        links = {"disks": both}
        return Graph(
            (made, snapshot, resource(QUEUE, "q", inputs, dependencies=both, property_dependencies=links))
        )

    pair = Pair(unknown=volumes(UNKNOWN, UNKNOWN), known=volumes(ARN, "snap-0123456789"))
    weakening = Target("EC2", QUEUE)(Kind.KEY, "no key", "EC2.3", drop("disks.*.kmsKeyId"))
    ((urn, weakened),) = apply_to_pair(weakening, pair)
    for graph in weakened:
        (remaining,) = graph.by_urn[urn].dependencies
        assert remaining.endswith("image")
        assert graph.by_urn[urn].property_dependencies == {"disks": (remaining,)}


def test_what_is_deleted_takes_its_children_along_and_is_forgotten() -> None:
    graph = encrypted(ARN)
    key, queue = graph.resources
    child = resource("aws:kms/alias:Alias", "alias", {}, parent=key.urn)
    weakening = Target("KMS", KEY)(Kind.KEY, "deleted", "KMS.3", delete)
    ((_, weakened),) = apply(weakening, Graph((key, child, queue)))
    (left,) = weakened.resources
    assert (left.urn, left.dependencies) == (queue.urn, ())
    assert left.property_dependencies == {"kmsMasterKeyId": ()}


@pytest.mark.parametrize("key", [UNKNOWN, ARN], ids=["unknown", "known"])
def test_a_resource_beside_another_refers_to_it_and_hangs_where_it_does(key: Any) -> None:
    graph = encrypted(key, parent="urn:parent", options=Options(provider="provider::1"))
    (queue,) = graph.all(QUEUE)
    weakening = Target("SQS", QUEUE)(
        Kind.PUBLIC, "public", "SQS.3", beside("aws:sqs/queuePolicy:QueuePolicy", {"queueUrl": Output("id")})
    )
    ((_, weakened),) = apply(weakening, graph)
    (added,) = (r for r in weakened.resources if r.urn not in graph.by_urn)
    assert added.inputs == {"queueUrl": queue.id}
    assert (added.parent, added.options.provider) == ("urn:parent", "provider::1")
    assert added.dependencies == (queue.urn,)
    assert added.property_dependencies == {"queueUrl": (queue.urn,)}
    assert (added.id is UNKNOWN) == (key is UNKNOWN)
    assert queue in weakened.resources


def test_a_property_is_linked_to_another_resource() -> None:
    graph = encrypted(ARN)
    edit = relink("kmsMasterKeyId", Output("id", of=lambda _target, g: g.one(QUEUE)))
    (after,) = edit(graph.one(QUEUE), graph)
    assert after["kmsMasterKeyId"] == "work"
    assert after.property_dependencies == {"kmsMasterKeyId": (graph.one(QUEUE).urn,)}


def test_protection_is_dropped_once() -> None:
    protected = resource(BUCKET, "bucket", {}, options=Options(protect=True))
    (after,) = unprotect(protected, Graph((protected,)))
    assert not after.options.protect
    assert unprotect(after, Graph((after,))) == (after,)


def test_what_is_not_weakened_is_shared() -> None:
    graph = encrypted(ARN)
    weakening = Target("SQS", QUEUE)(Kind.KEY, "no key", "SQS.1", drop("kmsMasterKeyId"))
    ((urn, weakened),) = apply(weakening, graph)
    assert weakened.one(KEY) is graph.one(KEY)
    assert changed(Pair(graph, graph), Pair(graph, weakened)) == {urn}


def test_a_weakening_that_changes_nothing_does_not_apply() -> None:
    weakening = Target("SQS", QUEUE)(Kind.KEY, "no", "no", change("name", "work"))
    assert list(apply(weakening, encrypted(ARN))) == []


_DOCUMENT = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}


def test_a_statement_is_added_to_a_document() -> None:
    inputs = edited(granting("policy", Action="*", Resource="*"), {"policy": json.dumps(_DOCUMENT)})
    statements = json.loads(inputs["policy"])["Statement"]
    assert statements == [_DOCUMENT["Statement"], {"Effect": "Allow", "Action": "*", "Resource": "*"}]


def test_a_document_that_is_unknown_stays_so() -> None:
    edit = in_statements("policy", lambda _statements: [])
    assert edited(edit, {"policy": UNKNOWN}) == {"policy": UNKNOWN}


def test_a_document_that_is_secret_stays_so() -> None:
    inputs = edited(in_statements("policy", lambda _s: []), {"policy": Secret(json.dumps(_DOCUMENT))})
    assert json.loads(inputs["policy"].value)["Statement"] == []
