"""What holds of every rule, whoever wrote it."""

import ast
import inspect
import re
from itertools import chain
from pathlib import Path

import pytest

from policies.catalogue import MODULES, RULES
from policies.parameters import PARAMETERS
from policies.reference import FILE, page
from policies.rule import STACK_TYPE, Rule
from preview import sdk_types
from tests.policies.examples import EXAMPLES

_FOLDER = Path(__file__).parents[2] / "policies" / "rules"
_CONTROL = re.compile(r"[A-Z][A-Za-z0-9]*\.[0-9]+|CIS [1-5](\.[0-9]+)+")


def test_every_module_of_rules_is_in_the_catalogue() -> None:
    files = {file.stem for file in _FOLDER.glob("*.py")} - {"__init__"}
    assert [module.__name__.rpartition(".")[2] for module in MODULES] == sorted(files)


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


def test_every_rule_has_its_examples() -> None:
    assert {rule.name for rule in RULES} == {case.rule.name for case in EXAMPLES}


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_rule_says_what_it_is(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name), "in kebab-case, the service first"
    assert 10 < len(rule.title) < 110
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert len(rule.why) > 20
    assert rule.link.startswith("https://")
    assert all(_CONTROL.fullmatch(control) for control in rule.controls), rule.controls
    assert len(inspect.getdoc(rule.predicate) or "") > 10, "it says which default the provider takes"
    assert set(rule.parameters) <= set(PARAMETERS)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_fix_is_python(rule: Rule) -> None:
    ast.parse(rule.fix)


def test_every_type_is_one_of_the_sdks() -> None:
    for token in sorted(set(chain.from_iterable(rule.types for rule in RULES)) - {STACK_TYPE}):
        sdk_types.class_of(token)  # It raises where there is none.


def test_the_reference_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run `make docs`"
