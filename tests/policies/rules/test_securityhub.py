"""What the rules of Security Hub decide."""

from policies.evaluate import Verdict
from policies.rules import securityhub
from tests.policies.kit import Case, Side, judged
from tests.policies.rules.test_account import OTHERS

_ACCOUNT = Side("aws:securityhub/account:Account")
_OFF = {"enableDefaultStandards": False, "region": "us-west-2"}


def _subscription(standard: str, region: str = "us-west-2") -> Side:
    return Side(
        "aws:securityhub/standardsSubscription:StandardsSubscription",
        standardsArn=f"arn:aws:securityhub:us-west-2::standards/{standard}",
        region=region,
    )


_PRACTICES = _subscription("aws-foundational-security-best-practices/v/1.0.0")
_CIS = _subscription("cis-aws-foundations-benchmark/v/3.0.0")
_PCI = _subscription("pci-dss/v/4.0.1")

CASES = (
    Case(securityhub.account_enabled, beside=OTHERS, compliant_beside=[_ACCOUNT]),
    Case(
        securityhub.account_new_controls,
        compliant={"autoEnableControls": True},
        violating={"autoEnableControls": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        securityhub.account_standards,
        compliant={"enableDefaultStandards": True},
        violating={"enableDefaultStandards": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(securityhub.account_standards, base=_OFF, beside=[_CIS], compliant_beside=[_PRACTICES]),
    Case(securityhub.account_standards, base=_OFF, beside=[_PRACTICES], compliant_beside=[_CIS]),
    Case(
        securityhub.account_standards,
        base=_OFF,
        beside=[_PRACTICES, _PCI],
        compliant_beside=[_CIS],
        violating_beside=[_subscription("cis-aws-foundations-benchmark/v/3.0.0", "us-east-1")],
        absent=None,
        unknown=Verdict.VIOLATED,
    ),
)

test_cases = judged(CASES)
