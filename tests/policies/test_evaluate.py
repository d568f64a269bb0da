"""A rule is asked, and whatever happens in it, there is a verdict."""

from typing import Any

import pytest

from policies.configuration import Configuration, Part
from policies.evaluate import Verdict, judge, judge_stack
from policies.parameters import DEFAULTS
from policies.rule import OUT_OF_SCOPE, Level, Predicate, Problems, Rule, Severity, rule
from policies.stack import Stack
from policies.view import UNKNOWN, MalformedError, Resource
from tests.policies.samples import CLOSED, COMPANY, THING, sample, thing


def _says(answer: Problems) -> Predicate:
    def says(_thing: Resource) -> Problems:
        return answer

    return says


def _rule(predicate: Predicate) -> Rule:
    return rule(name="thing-x", title="x", severity=Severity.LOW, types=(THING,), why="", fix="", link="")(
        predicate
    )


def _verdict(predicate: Predicate, **inputs: Any) -> Verdict:
    return judge(_rule(predicate), thing(**inputs), DEFAULTS).verdict


def test_what_is_known_to_be_wrong_stays_wrong_beside_the_unknown() -> None:
    judged = judge(CLOSED, thing(days=1, open=UNKNOWN), DEFAULTS)
    assert judged.verdict is Verdict.VIOLATED
    assert judged.problems == ("days is below 7",)


def test_the_unknown_is_named() -> None:
    judged = judge(CLOSED, thing(open=UNKNOWN), DEFAULTS)
    assert (judged.verdict, judged.unknown) == (Verdict.UNDECIDABLE, "open")


def test_nothing_wrong_is_compliant_and_out_of_scope_is_told_apart() -> None:
    assert _verdict(_says(None)) is Verdict.COMPLIANT
    assert _verdict(_says([])) is Verdict.COMPLIANT
    assert _verdict(_says(OUT_OF_SCOPE)) is Verdict.OUT_OF_SCOPE


def test_a_rule_that_fails_blocks_and_says_nothing_of_the_value() -> None:
    judged = judge(CLOSED, thing(boom="hunter-two"), DEFAULTS)
    assert judged.broken
    assert judged.verdict is Verdict.VIOLATED
    assert judged.problems == ("the rule could not judge this (ZeroDivisionError): report it",)


def test_a_document_that_cannot_be_read_is_a_violation() -> None:
    def reads(_thing: Resource) -> Problems:
        raise MalformedError("policy")

    judged = judge(_rule(reads), thing(), DEFAULTS)
    assert judged.problems == ("policy is no JSON document that AWS can read",)
    assert not judged.broken


def test_a_rule_about_the_stack_gets_it() -> None:
    alone = Stack([thing()])
    assert [j.verdict for j in judge_stack([COMPANY], alone, Configuration())] == [Verdict.VIOLATED]
    two = Stack([thing("a"), thing("b")])
    assert {j.verdict for j in judge_stack([COMPANY], two, Configuration())} == {Verdict.COMPLIANT}


def test_a_disabled_rule_is_not_asked() -> None:
    off = Configuration((Part(rules={"thing-closed": {"level": "disabled"}}),))
    assert list(judge_stack([CLOSED], Stack([thing()]), off)) == []


def test_a_predicate_says_by_its_arguments_what_it_needs() -> None:
    assert CLOSED.scope == "resource"
    assert CLOSED.parameters == ("minimum_backup_retention_days",)
    assert COMPANY.scope == "stack"
    with pytest.raises(TypeError, match="takes a resource, or a resource and the stack"):
        _rule(lambda: None)


def test_a_level_is_the_rules_own_unless_somebody_says_otherwise() -> None:
    advisory = sample("thing-advisory", Level.ADVISORY)
    assert Configuration().level(advisory) is Level.ADVISORY
