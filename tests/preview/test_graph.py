"""The graph that an evaluation yields: its order, and how one finds things in it."""

import itertools

import pytest

from preview.graph import STACK_TYPE, Graph, Resource, ordered

STACK = Resource(urn="urn:stack", type=STACK_TYPE, name="shop-dev", parent="", custom=False, inputs={})


def _resource(name: str, parent: str = "urn:stack", type_: str = "a:b:C", *, custom: bool = True) -> Resource:
    return Resource(
        urn=f"urn:{name}", type=type_, name=name, parent=parent, custom=custom, inputs={"size": 1}
    )


OUTER = _resource("outer", custom=False)
INNER = _resource("inner", "urn:outer", custom=False)
LEAF = _resource("leaf", "urn:inner")
BELOW_LEAF = _resource("below", "urn:leaf")
OTHER = _resource("other", type_="a:a:A")
ALL = (STACK, OTHER, OUTER, INNER, LEAF, BELOW_LEAF)


def test_the_order_does_not_depend_on_when_a_resource_was_declared() -> None:
    for shuffled in itertools.permutations(ALL):
        assert ordered(shuffled) == ALL


def test_a_resource_whose_parent_is_not_declared_is_not_lost() -> None:
    orphan = _resource("orphan", "urn:nowhere")
    assert {r.urn for r in ordered((*ALL, orphan))} == {r.urn for r in (*ALL, orphan)}


def test_one_is_found_by_type_and_name() -> None:
    graph = Graph(ALL)
    assert graph.one("a:a:A") is OTHER
    assert graph.one("a:b:C", "leaf") is LEAF
    assert graph.by_urn["urn:leaf"] is LEAF


def test_what_is_not_found_lists_what_there_is() -> None:
    graph = Graph(ALL)
    with pytest.raises(LookupError, match=r"a:b:C , found 4 of \['below', 'inner', 'leaf', 'outer'\]"):
        graph.one("a:b:C")
    with pytest.raises(LookupError, match="found 0"):
        graph.one("a:b:C", "nobody")
    with pytest.raises(KeyError, match=r"urn:leaf has no input 'sizes'; it has \['size'\]"):
        LEAF["sizes"]
    assert LEAF["size"] == 1


def test_the_component_of_a_resource_is_the_nearest_that_is_none_itself() -> None:
    graph = Graph(ALL)
    assert graph.component_of(BELOW_LEAF) is INNER
    assert graph.component_of(INNER) is OUTER
    assert graph.component_of(OUTER) is None
    assert graph.component_of(OTHER) is None


def test_children_are_those_of_one_parent() -> None:
    assert Graph(ALL).children(OUTER) == [INNER]
    assert Graph(ALL).children(STACK) == [OTHER, OUTER]
