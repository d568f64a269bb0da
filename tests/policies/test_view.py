"""How a rule reads properties: totally, by defaults, and undecided where something is unknown."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.view import (
    UNKNOWN,
    MalformedError,
    UndecidedError,
    View,
    all_hold,
    any_holds,
    each,
    every_holds,
    one_holds,
    several,
)

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
_PATHS = st.sampled_from(["a", "a.b", "a.b.c", ("a", "b.c"), "c"])


@given(_VALUES, _PATHS)
def test_no_accessor_raises_anything_but_undecided(value: Any, path: Any) -> None:
    view = View(value)
    for read in (
        lambda: view.get(path),
        lambda: view.text(path),
        lambda: view.flag(path, default=True),
        lambda: view.number(path, default=0),
        lambda: list(view.texts(path)),
        lambda: [item.text("a") for item in view.objects(path)],
        lambda: view.object(path).object("a").names("b"),
        view.names,
        lambda: view.is_present(path),
        lambda: view.is_secret(path),
        lambda: view.count(path),
    ):
        try:
            read()
        except UndecidedError:
            assert "UNKNOWN" in repr(value)


@given(_VALUES, _PATHS)
def test_a_document_is_read_undecided_or_malformed(value: Any, path: Any) -> None:
    try:
        [item.text("a") for item in View(value).document(path).objects(())]
    except UndecidedError:
        assert "UNKNOWN" in repr(value)
    except MalformedError:
        assert isinstance(View(value).raw(path), str)


def test_a_document_is_json_text_or_what_it_would_say() -> None:
    for given_ in ('[{"user": "app"}, {}]', [{"user": "app"}, {}]):
        containers = View({"containers": given_}).document("containers").objects(())
        assert [container.text("user") for container in containers] == ["app", ""]
        assert containers[1].where("user") == "containers[1].user"


def test_unknown_items_count() -> None:
    assert View({"a": ["x", UNKNOWN]}).count("a") == 2
    assert View({"a": "x"}).count("a") == 1
    assert View({}).count("a") == 0


@given(_VALUES, _PATHS)
def test_what_contains_nothing_unknown_is_always_decided(value: Any, path: Any) -> None:
    if "UNKNOWN" not in repr(value):
        view = View(value)
        assert isinstance(view.flag(path, default=False), bool)
        assert isinstance(view.number(path, default=0), int | float)
        assert isinstance(view.text(path), str)


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("true", True), ("False", False), (1, False)])
def test_a_truth_value_may_be_written_as_text(value: Any, flag: bool) -> None:
    assert View({"a": value}).flag("a", default=False) is flag


@pytest.mark.parametrize(("value", "number"), [(30, 30), (30.0, 30), ("30", 30), ("x", 7), (True, 7)])
def test_a_number_may_be_a_float_or_written_as_text(value: Any, number: int) -> None:
    assert View({"a": value}).number("a", default=7) == number


def test_what_is_absent_or_of_a_wrong_type_is_the_default() -> None:
    view = View({"a": [1, 2], "b": None})
    assert view.flag("a", default=True) is True
    assert view.text("b", "none") == "none"
    assert view.number("a.b.c", default=3) == 3
    assert view.objects("c") == []


def test_an_unknown_value_says_where_it_stands() -> None:
    item = View({"ingress": [{"cidrBlocks": UNKNOWN}]}).objects("ingress")[0]
    with pytest.raises(UndecidedError, match=r"^ingress\[0\]\.cidrBlocks$"):
        list(item.texts("cidrBlocks"))


def test_everything_inside_an_unknown_object_is_unknown() -> None:
    with pytest.raises(UndecidedError):
        View({"a": UNKNOWN}).object("a").flag("b", default=True)
    with pytest.raises(UndecidedError):
        View({"a": UNKNOWN}).is_present("a.b")


def test_a_list_of_one_object_may_be_read_as_the_object() -> None:
    assert View({"a": [{"b": "x"}]}).text("a.b") == "x"
    assert View({"a": [{"b": "x"}]}).object("a").text("b") == "x"
    assert View({"a": [{"b": "x"}, {"b": "y"}]}).text("a.b") == ""


def test_a_known_text_decides_beside_an_unknown_one() -> None:
    view = View({"a": [UNKNOWN, "audit"]})
    assert "audit" in view.texts("a")
    with pytest.raises(UndecidedError):
        assert "error" in view.texts("a")


@pytest.mark.parametrize(("value", "present"), [(UNKNOWN, True), ([UNKNOWN], True), (0, True), ("", False)])
def test_an_unknown_value_is_present_and_an_empty_one_is_not(value: Any, present: bool) -> None:
    assert View({"a": value}).is_present("a") is present


def test_a_secret_is_known_as_one_with_all_that_it_contains() -> None:
    view = View({"a": {"b": "x"}, "c": "y"}, secrets=frozenset({("a",)}))
    assert view.is_secret("a.b")
    assert view.object("a").is_secret("b")
    assert not view.is_secret("c")


def _unknown() -> bool:
    raise UndecidedError("x")


def test_a_known_answer_wins_over_an_unknown_one() -> None:
    assert one_holds(_unknown, lambda: True)
    assert not every_holds(_unknown, lambda: False)
    assert not all_hold(lambda item: item() if callable(item) else item, [_unknown, False])
    with pytest.raises(UndecidedError):
        any_holds(lambda condition: condition(), [_unknown, lambda: False])
    with pytest.raises(UndecidedError):
        every_holds(lambda: True, _unknown)


def test_a_check_that_is_undecided_does_not_hide_the_next() -> None:
    found = several(lambda: "closed" if _unknown() else None, lambda: None, lambda: "open")
    assert next(found) == "open"
    with pytest.raises(UndecidedError):
        next(found)


def test_a_problem_after_an_unknown_is_still_found() -> None:
    rules = View({"rules": [UNKNOWN, {"port": 22}]}).objects("rules")
    problems = each(lambda rule: "open" if rule.number("port", default=0) == 22 else None, rules)
    assert next(problems) == "open"
    with pytest.raises(UndecidedError):
        next(problems)


def test_there_is_only_one_unknown() -> None:
    assert copy.deepcopy({"a": UNKNOWN})["a"] is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN  # noqa: S301 (written here)
