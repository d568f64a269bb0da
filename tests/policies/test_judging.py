"""The pack notices what somebody weakens; the short way of asking it comes to the same as the long one."""

import random

import pytest

from policies.catalogue import RULES
from policies.evaluate import judge_stack
from policies.from_graph import stack_of
from policies.pack import read_pack
from policies.rule import Level
from tests.policies.judging import PackJudge
from tests.policies.mutation_score import Finding, evaluated, score
from tests.policies.weakenings import CATALOGUE, Pair, apply_to_pair, changed

_STACK = "production"
_SAMPLE = 15


def _asked_of_all(pair: Pair) -> set[Finding]:
    pack = read_pack(_STACK)
    mandatory = [rule for rule in RULES if pack.configuration.level(rule) is Level.MANDATORY]
    judgements = judge_stack(mandatory, stack_of(pair.known.resources), pack.configuration)
    return {(judgement.rule.name, judgement.urn) for judgement in judgements if judgement.problems}


def test_what_is_not_asked_again_would_have_said_the_same() -> None:
    pair, judge = evaluated(_STACK), PackJudge()
    before = judge(pair)
    assert before == _asked_of_all(pair)
    sample = random.Random(_STACK).sample([w for w in CATALOGUE if not w.excluded], _SAMPLE)  # noqa: S311
    for weakening in sample:
        for _, weakened in list(apply_to_pair(weakening, pair))[:1]:
            fired = judge(weakened, changed(pair, weakened)) - before
            assert fired == _asked_of_all(weakened) - before, weakening.name


@pytest.mark.full
def test_a_mandatory_rule_fires_for_nearly_every_weakening() -> None:
    report = score(PackJudge())
    assert report.misses == [], report.table()
