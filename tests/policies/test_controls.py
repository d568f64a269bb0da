"""Which controls of AWS and CIS the rules serve, and as severely as AWS takes them."""

import pytest

from facts.controls import CIS, FSBP
from policies.catalogue import RULES
from policies.rule import Rule

_SERVED = {control for rule in RULES for control in rule.controls}
_NEEDED = 180


def test_nearly_every_control_that_a_deployment_decides_is_served() -> None:
    assert len(FSBP.keys() & _SERVED) >= _NEEDED, sorted(FSBP.keys() - _SERVED)


def test_every_item_of_cis_that_a_deployment_decides_is_served() -> None:
    assert {f"CIS {item}" for item in CIS} <= _SERVED


def test_no_item_of_cis_is_made_up() -> None:
    assert {control for control in _SERVED if control.startswith("CIS")} <= {f"CIS {item}" for item in CIS}


@pytest.mark.parametrize("rule", [rule for rule in RULES if FSBP.keys() & set(rule.controls)], ids=str)
def test_a_rule_is_as_severe_as_a_control_that_it_serves(rule: Rule) -> None:
    assert rule.severity in {FSBP[control] for control in rule.controls if control in FSBP}
