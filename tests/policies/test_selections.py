"""Which resources AWS Backup's plans select."""

from typing import Any

import pytest

from policies.selections import PLAN, SELECTION, is_selected
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, UndecidedError

_TABLE = "aws:dynamodb/table:Table"
_ARN = "arn:aws:dynamodb:us-west-2:111122223333:table/orders"


def _resource(token: str, name: str, outputs: Any = None, **inputs: Any) -> Resource:
    return Resource(
        urn=f"urn:pulumi:test::example::{token}::{name}",
        type_token=token,
        inputs=inputs,
        outputs=outputs,
        identifier=name,
    )


def _selected(arn: Any = _ARN, plan: str = "plan", **selection: Any) -> bool:
    table = _resource(_TABLE, "orders-table", {"arn": arn}, tags={"Backup": "hourly"})
    return is_selected(
        table,
        Stack([table, _resource(PLAN, "plan"), _resource(SELECTION, "chosen", planId=plan, **selection)]),
    )


def _condition(test: str, value: str) -> dict[str, Any]:
    return {"resources": ["*"], "conditions": {test: [{"key": "aws:ResourceTag/Backup", "value": value}]}}


@pytest.mark.parametrize(
    "selection",
    [
        {"resources": ["*"]},
        {"resources": [_ARN]},
        {"resources": ["arn:aws:dynamodb:*:*:table/*"]},
        {"selectionTags": [{"type": "STRINGEQUALS", "key": "Backup", "value": "hourly"}]},
        _condition("stringEquals", "hourly"),
        _condition("stringLikes", "hour*"),
        _condition("stringNotEquals", "never"),
    ],
)
def test_by_arn_by_pattern_and_by_tags(selection: dict[str, Any]) -> None:
    assert _selected(**selection)


@pytest.mark.parametrize(
    "selection",
    [
        {},
        {"resources": []},
        {"resources": ["arn:aws:rds:*:*:db:*"]},
        {"resources": ["*"], "notResources": ["arn:aws:dynamodb:*:*:table/*"]},
        {"selectionTags": [{"type": "STRINGEQUALS", "key": "Backup", "value": "never"}]},
        {"resources": ["*"], "plan": "another"},
        _condition("stringEquals", "never"),
        _condition("stringNotLikes", "hour*"),
    ],
)
def test_what_is_not_named_or_left_out_is_not_selected(selection: dict[str, Any]) -> None:
    assert not _selected(**selection)


def test_a_pattern_cannot_be_compared_with_an_arn_that_is_not_known() -> None:
    with pytest.raises(UndecidedError):
        _selected(UNKNOWN, resources=["arn:aws:dynamodb:*:*:table/*"])
    assert _selected(UNKNOWN, resources=["arn:aws:dynamodb:*:*:table/*", "*"])


def test_an_arn_that_is_not_known_is_that_of_the_resource_that_it_comes_from() -> None:
    table, other = (_resource(_TABLE, name, {"arn": UNKNOWN}) for name in ("orders", "others"))
    selection = Resource(
        urn=f"urn:pulumi:test::example::{SELECTION}::chosen",
        type_token=SELECTION,
        inputs={"planId": "plan", "resources": [UNKNOWN]},
        property_dependencies={"resources": (table.urn,)},
    )
    stack = Stack([table, other, _resource(PLAN, "plan"), selection])
    assert is_selected(table, stack)
    assert not is_selected(other, stack)
