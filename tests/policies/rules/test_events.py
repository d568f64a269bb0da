"""What the rules of EventBridge decide."""

from policies.evaluate import Verdict
from policies.rules import events
from tests.policies.kit import MAIN, Case, Side, judged

_TARGET = "aws:cloudwatch/eventTarget:EventTarget"

CASES = (
    *(
        Case(
            events.bus_has_policy,
            compliant_beside=[Side(token, eventBusName=MAIN)],
            violating_beside=[Side(token, eventBusName="another-bus")],
        )
        for token in (
            "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
            "aws:cloudwatch/eventPermission:EventPermission",
        )
    ),
    Case(
        events.permission_not_public,
        compliant={"principal": "111122223333"},
        violating={"principal": "*"},
        absent=Verdict.COMPLIANT,
        more_compliant=[
            {
                "principal": "*",
                "condition": {"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-a1b2c3d4e5"},
            }
        ],
    ),
    Case(
        events.rule_enabled,
        compliant={"state": "ENABLED"},
        violating={"state": "DISABLED"},
        absent=Verdict.COMPLIANT,
        more_violating=[{"isEnabled": False}],
    ),
    Case(
        events.rule_has_target,
        compliant_beside=[Side(_TARGET, rule=MAIN)],
        violating_beside=[Side(_TARGET, rule="another-rule")],
    ),
)

test_cases = judged(CASES)
