"""What the rule of Access Analyzer decides."""

from policies.rules import accessanalyzer
from tests.policies.kit import Case, Side, judged

_OTHERS = (
    Side("aws:guardduty/detector:Detector"),
    Side("aws:inspector2/enabler:Enabler", accountIds=["111122223333"], resourceTypes=["EC2"]),
)


def _analyzer(kind: str) -> Side:
    return Side("aws:accessanalyzer/analyzer:Analyzer", analyzerName="outside", type=kind)


CASES = tuple(
    Case(
        accessanalyzer.account_external_access,
        beside=_OTHERS,
        compliant_beside=[_analyzer(kind)],
        violating_beside=[_analyzer(f"{kind}_UNUSED_ACCESS")],
        absent=None,
    )
    for kind in ("ACCOUNT", "ORGANIZATION")
)

test_cases = judged(CASES)
