"""What the rule of Macie decides."""

from policies.evaluate import Verdict
from policies.rules import macie
from tests.policies.kit import Case, judged

CASES = (
    Case(
        macie.account_enabled,
        compliant={"status": "ENABLED"},
        violating={"status": "PAUSED"},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
