"""What the policy pack is worth: prints the mutation score, the controls it serves, and what fuzzing found.

`make policy-report`. Ends with status 1 where something is below what it should be.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from facts.controls import CIS, FSBP
from policies.catalogue import RULES
from policies.rule import Rule
from tests.policies.examples import EXAMPLES
from tests.policies.fuzz import Outcome, fuzz, types
from tests.policies.judging import PackJudge
from tests.policies.kit import check
from tests.policies.mutation_score import score

FSBP_WANTED = 180
_OF_A_TYPE = 500
_FUZZED_WANTED = 100_000
_LONGEST = 200


def main() -> int:
    """Prints the report and returns the exit status."""
    mutations = score(PackJudge())
    with ProcessPoolExecutor() as processes:
        fuzzed = list(processes.map(_fuzz, types()))
    failing = set(_failing_rules()) | {text.partition(":")[0] for found in fuzzed for text in found.failures}
    served = controls(rule for rule in RULES if rule.name not in failing)
    fsbp, cis = sorted(FSBP.keys() & served), sorted({f"CIS {item}" for item in CIS} & served)
    lines = [
        "Weakenings of staging and production for which a mandatory rule fires",
        mutations.table(),
        "",
        f"{len(RULES)} rules, {len(failing)} of which fail their own tests {sorted(failing) or ''}".rstrip(),
        f"{len(fsbp)} of {len(FSBP)} controls of FSBP: {', '.join(fsbp)}",
        f"not served: {', '.join(sorted(FSBP.keys() - served)) or 'none'}",
        f"{len(cis)} of {len(CIS)} items of CIS 3.0: {', '.join(cis)}",
        f"beside them: {', '.join(sorted(served - FSBP.keys() - set(cis))) or 'none'}",
        "",
        _fuzzing(fuzzed),
        *_first_failures(fuzzed),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    fine = (
        not mutations.misses
        and not failing
        and len(fsbp) >= FSBP_WANTED
        and len(cis) == len(CIS)
        and sum(found.judged for found in fuzzed) >= _FUZZED_WANTED
        and not any(found.leaks for found in fuzzed)
    )
    return 0 if fine else 1


def _fuzz(token: str) -> Outcome:
    return fuzz(token, _OF_A_TYPE)


def controls(rules: Iterator[Rule]) -> set[str]:
    """The controls that rules serve."""
    return {control for rule in rules for control in rule.controls}


def _failing_rules() -> Iterator[str]:
    """The rules of which an example is not decided as it should be."""
    for case in EXAMPLES:
        try:
            check(case)
        except AssertionError:
            yield case.rule.name


def _first_failures(fuzzed: list[Outcome]) -> Iterator[str]:
    """How each rule failed for the first time."""
    seen: set[str] = set()
    for text in (text for found in fuzzed for text in found.failures):
        rule = text.partition(":")[0]
        if rule not in seen:
            seen.add(rule)
            yield text[:_LONGEST]


def _fuzzing(fuzzed: list[Outcome]) -> str:
    made: Counter[str] = Counter()
    for found in fuzzed:
        made.update(found.made)
    failures = [text for found in fuzzed for text in found.failures]
    leaks = [text for found in fuzzed for text in found.leaks]
    return (
        f"{sum(found.judged for found in fuzzed)} resources of {len(fuzzed)} types made by chance, among "
        f"{made.total()} of {len(made)} types that rules read (at least {min(made.values())} of each), were "
        f"judged {sum(found.judgements for found in fuzzed)} times: {len(failures)} exceptions, "
        f"{len(leaks)} messages that show a value"
    )


if __name__ == "__main__":
    sys.exit(main())
