"""What the rules of VPNs decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import vpn
from tests.policies.kit import Case, judged

_CERTIFICATE = {
    "type": "certificate-authentication",
    "rootCertificateChainArn": "arn:aws:acm:us-west-2:1:certificate/1",
}
_FEDERATED = {
    "type": "federated-authentication",
    "samlProviderArn": "arn:aws:iam::111122223333:saml-provider/people",
}


def _tunnel(number: int, *, on: bool) -> dict[str, Any]:
    return {f"tunnel{number}LogOptions": {"cloudwatchLogOptions": {"logEnabled": on}}}


CASES = (
    Case(
        vpn.client_logs_connections,
        compliant={"connectionLogOptions": {"enabled": True}},
        violating={"connectionLogOptions": {"enabled": False}},
    ),
    Case(
        vpn.client_people_sign_in,
        compliant={"authenticationOptions": [_CERTIFICATE, _FEDERATED]},
        violating={"authenticationOptions": [_CERTIFICATE]},
    ),
    Case(
        vpn.client_security_groups_named,
        compliant={"securityGroupIds": ["sg-12345678"]},
        violating={"securityGroupIds": []},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"transitGatewayConfiguration": {"transitGatewayId": "tgw-12345678"}}],
    ),
    Case(
        vpn.client_authorises_named_networks,
        compliant={"targetNetworkCidr": "10.20.0.0/16"},
        violating={"targetNetworkCidr": "10.0.0.0/8"},
        absent=Verdict.COMPLIANT,
        more_violating=[{"targetNetworkCidr": "0.0.0.0/0"}],
    ),
    Case(
        vpn.connection_logs,
        base=_tunnel(1, on=True),
        compliant=_tunnel(2, on=True),
        violating=_tunnel(2, on=False),
        more_violating=[{**_tunnel(1, on=False), **_tunnel(2, on=True)}],
    ),
)

test_cases = judged(CASES)
