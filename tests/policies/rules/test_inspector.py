"""What the rules of Inspector decide."""

from policies.rule import Rule
from policies.rules import inspector
from tests.policies.kit import Case, Side, judged

_SETTING = Side("aws:accessanalyzer/analyzer:Analyzer", analyzerName="outside")
_OTHER = Side("aws:guardduty/detector:Detector")
_REPOSITORY = Side("aws:ecr/repository:Repository")


def _scanning(*kinds: str) -> Side:
    return Side("aws:inspector2/enabler:Enabler", accountIds=["111122223333"], resourceTypes=list(kinds))


def _asking(rule: Rule, kind: str, *others: str) -> Case:
    return Case(
        rule,
        beside=[_SETTING, _OTHER, _REPOSITORY],
        compliant_beside=[_scanning(*others, kind)],
        violating_beside=[_scanning(*others)],
    )


CASES = (
    _asking(inspector.account_scans_instances, "EC2", "LAMBDA"),
    _asking(inspector.account_scans_functions, "LAMBDA", "EC2"),
    _asking(inspector.account_scans_images, "ECR", "EC2"),
)

test_cases = judged(CASES)
