"""No resource makes a rule raise, or show a property's value."""

from typing import Any, cast

import pytest

from policies.rule import Predicate, Problems, Rule, Severity, rule
from policies.view import Resource, Unknown
from tests.policies.fuzz import MARK, fuzz, types

_COUNT = 500
_FEWER = 100
"""Enough for every test run; `make test-full` and `make policy-report` take all."""
_DATABASE = "aws:rds/instance:Instance"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


@pytest.mark.parametrize("count", [_FEWER, pytest.param(_COUNT, marks=pytest.mark.full)])
@pytest.mark.parametrize("token", types())
def test_every_rule_takes_whatever_comes(token: str, count: int) -> None:
    found = fuzz(token, count)
    assert found.failures == []
    assert found.leaks == []
    assert min(found.made.values()) >= count


def _raises(database: Resource) -> Problems:
    return None if database.text("engine") != "*" else str(1 / 0)


def _shows(database: Resource) -> Problems:
    return f"it is called {database.text('identifier')}"


_depths: set[int] = set()


def _looks(template: Resource) -> Problems:
    _depths.update(_unknown(template.raw(()), 0))


def _unknown(value: Any, depth: int) -> set[int]:
    """The depths at which something is unknown."""
    if isinstance(value, Unknown):
        return {depth}
    items: list[Any] = []
    if isinstance(value, dict):
        items += cast("dict[str, Any]", value).values()
    elif isinstance(value, list):
        items += cast("list[Any]", value)
    return {found for item in items for found in _unknown(item, depth + 1)}


def _rule(predicate: Predicate, token: str = _DATABASE) -> Rule:
    made = rule(name="a-b", title="", severity=Severity.LOW, types=(token,), why="", fix="", link="")
    return made(predicate)


def test_a_rule_that_raises_for_one_value_is_found() -> None:
    assert "ZeroDivisionError" in fuzz(_DATABASE, _COUNT, rules=(_rule(_raises),)).failures[0]


def test_a_rule_that_shows_a_value_is_found() -> None:
    assert MARK in fuzz(_DATABASE, _COUNT, rules=(_rule(_shows),)).leaks[0]


def test_values_are_unknown_at_every_depth() -> None:
    fuzz(_TEMPLATE, _COUNT, rules=(_rule(_looks, _TEMPLATE),))
    assert _depths >= {1, 2, 3, 4}
