"""A plan counts its resources and knows what is not known yet."""

from preview.graph import Graph, Resource
from preview.plan import Operation, Source, of_program, provider_of, secret_inputs, unknown_inputs
from preview.values import UNKNOWN, Secret

STACK = Resource(
    urn="urn:stack", type="pulumi:pulumi:Stack", name="shop-dev", parent="", custom=False, inputs={}
)
OUTER = Resource(urn="urn:outer", type="shop:a:A", name="outer", parent="urn:stack", custom=False, inputs={})
INNER = Resource(urn="urn:inner", type="shop:b:B", name="inner", parent="urn:outer", custom=False, inputs={})


def _resource(name: str, type_: str, parent: str, *, read: bool = False) -> Resource:
    return Resource(
        urn=f"urn:{name}", type=type_, name=name, parent=parent, custom=True, read=read, inputs={}
    )


GRAPH = Graph(
    (
        STACK,
        OUTER,
        INNER,
        _resource("topic", "aws:sns/topic:Topic", "urn:inner"),
        _resource("other", "aws:sns/topic:Topic", "urn:outer"),
        _resource("there", "aws:sqs/queue:Queue", "urn:outer", read=True),
        _resource("lonely", "pulumi:providers:random", "urn:stack"),
    )
)
PLAN = of_program("shop", "dev", GRAPH, ())


def test_without_a_state_everything_is_made_and_what_exists_is_read() -> None:
    assert PLAN.source is Source.PROGRAM
    assert PLAN.changes["urn:topic"].operation is Operation.CREATE
    assert PLAN.changes["urn:there"].operation is Operation.READ


def test_totals_count_resources_the_most_first() -> None:
    totals = PLAN.totals
    assert (totals.resources, totals.components) == (4, 2)
    assert list(totals.by_operation.items()) == [(Operation.CREATE, 3), (Operation.READ, 1)]
    assert list(totals.by_provider.items()) == [("aws", 3), ("random", 1)]
    assert next(iter(totals.by_type.items())) == ("aws:sns/topic:Topic", 2)
    assert list(totals.by_component.items()) == [("outer", 3), ("", 1)]


def test_a_provider_of_ones_own_counts_for_its_provider() -> None:
    assert provider_of("pulumi:providers:random") == "random"
    assert provider_of("aws:sns/topic:Topic") == "aws"


def test_unknown_inputs_are_found_at_every_depth_but_not_inside_a_secret() -> None:
    resource = Resource(
        urn="u",
        type="a:b:C",
        name="n",
        parent="",
        custom=True,
        inputs={
            "a": UNKNOWN,
            "b": [1, {"c": UNKNOWN}],
            "d": Secret({"hush": UNKNOWN}),
            "e": Secret(UNKNOWN),
        },
    )
    assert list(unknown_inputs(resource)) == [("a",), ("b", 1, "c"), ("e",)]
    assert list(secret_inputs(resource)) == [("d",), ("e",)]
