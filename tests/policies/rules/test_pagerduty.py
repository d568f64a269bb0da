"""What the rules of PagerDuty decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import pagerduty
from tests.policies.kit import MAIN, Case, Side, judged


def _levels(*delays: int) -> dict[str, Any]:
    return {
        "rules": [
            {
                "escalationDelayInMinutes": delay,
                "targets": [{"type": "schedule_reference", "id": f"level-{number}"}],
            }
            for number, delay in enumerate(delays)
        ]
    }


CASES = (
    Case(
        pagerduty.escalation_continues,
        compliant=_levels(30, 30),
        violating=_levels(30),
        absent=None,
    ),
    Case(
        pagerduty.escalation_in_time,
        compliant=_levels(30, 30, 60, 600),
        violating=_levels(30, 30, 61, 0),
        settings={"maximum_escalation_minutes": 120},
        absent=None,
    ),
    Case(
        pagerduty.service_wakes,
        compliant={"incidentUrgencyRule": {"type": "constant", "urgency": "high"}},
        violating={"incidentUrgencyRule": {"type": "constant", "urgency": "low"}},
        beside=[Side("pagerduty:index/serviceIntegration:ServiceIntegration", service=MAIN)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        pagerduty.service_wakes,
        base={"incidentUrgencyRule": {"type": "constant", "urgency": "low"}},
        compliant_beside=[Side("pagerduty:index/serviceIntegration:ServiceIntegration", service="another")],
        violating_beside=[Side("pagerduty:index/serviceIntegration:ServiceIntegration", service=MAIN)],
        absent=Verdict.COMPLIANT,
        unknown=None,
    ),
)

test_cases = judged(CASES)
