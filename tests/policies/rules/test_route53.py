"""What the rules of Route 53 decide."""

from policies.evaluate import Verdict
from policies.rules import route53
from tests.policies.kit import MAIN, Case, Side, judged

_LOG = "aws:route53/queryLog:QueryLog"

CASES = (
    Case(
        route53.zone_logs_queries,
        compliant_beside=[Side(_LOG, zoneId=MAIN)],
        violating_beside=[Side(_LOG, zoneId="Z0123456789")],
        out_of_scope=[{"vpcs": [{"vpcId": "vpc-12345678"}]}],
    ),
    Case(
        route53.zone_logs_queries,
        beside=[Side("aws:route53/zoneAssociation:ZoneAssociation", zoneId="Z0123456789")],
        compliant_beside=[Side(_LOG, zoneId=MAIN)],
    ),
    Case(
        route53.health_check_https,
        compliant={"type": "HTTPS"},
        violating={"type": "HTTP"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"type": "TCP"}, {"type": "CALCULATED"}],
        more_violating=[{"type": "HTTP_STR_MATCH"}],
    ),
    Case(
        route53.health_check_enabled,
        base={"type": "HTTPS"},
        compliant={"disabled": False},
        violating={"disabled": True},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            route53.domain_locked,
            type=token,
            compliant={"transferLock": True},
            violating={"transferLock": False},
            absent=Verdict.COMPLIANT,
        )
        for token in route53.domain_locked.types
    ),
    *(
        Case(
            route53.domain_renews,
            type=token,
            compliant={"autoRenew": True},
            violating={"autoRenew": False},
            absent=Verdict.COMPLIANT,
        )
        for token in route53.domain_renews.types
    ),
)

test_cases = judged(CASES)
