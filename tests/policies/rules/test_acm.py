"""What the rules of certificates decide."""

from policies.evaluate import Verdict
from policies.rules import acm
from tests.policies.kit import Case, judged

CASES = (
    Case(
        acm.certificate_key_length,
        compliant={"keyAlgorithm": "RSA_2048"},
        violating={"keyAlgorithm": "RSA_1024"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"keyAlgorithm": "EC_prime256v1"}],
    ),
    Case(
        acm.certificate_transparency,
        compliant={"options": {"certificateTransparencyLoggingPreference": "ENABLED"}},
        violating={"options": {"certificateTransparencyLoggingPreference": "DISABLED"}},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
