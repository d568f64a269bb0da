"""What the rules of load balancers decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import elb
from policies.view import Options
from tests.policies.kit import MAIN, SIDE, Case, Side, judged

_LISTENER = "aws:lb/listener:Listener"
_FORWARD = {
    "type": "forward",
    "targetGroupArn": "arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/a/b",
}
_RECOMMENDED = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
_NETWORK = {"loadBalancerType": "network"}
_SUBNETS = ["subnet-12345678", "subnet-23456789"]
_ACM = "arn:aws:acm:us-west-2:111122223333:certificate/1"
_IAM = "arn:aws:iam::111122223333:server-certificate/old"


def _redirect(protocol: str) -> dict[str, Any]:
    return {"type": "redirect", "redirect": {"protocol": protocol, "statusCode": "HTTP_301"}}


def _classic(**changes: Any) -> dict[str, Any]:
    listener = {"instancePort": 443, "instanceProtocol": "https", "lbPort": 443, "lbProtocol": "https"}
    return {"listeners": [{**listener, "sslCertificateId": _ACM, **changes}]}


CASES = (
    *(
        Case(
            elb.listener_redirects_to_https,
            type=token,
            base={"port": 80, "protocol": "HTTP"},
            compliant={"defaultActions": [_redirect("HTTPS")]},
            violating={"defaultActions": [_FORWARD]},
            more_violating=[{"defaultActions": [_redirect("#{protocol}")]}],
            out_of_scope=[{"protocol": "HTTPS"}, {"protocol": "TCP"}],
        )
        for token in elb.listener_redirects_to_https.types
    ),
    Case(
        elb.listener_redirects_to_https,
        base={"port": 80},
        compliant={"defaultActions": [_redirect("HTTPS")]},
        violating={"defaultActions": [_FORWARD]},
    ),
    Case(
        elb.listener_rule_redirects_to_https,
        base={"listenerArn": SIDE},
        beside=[Side(_LISTENER, protocol="HTTP", port=80)],
        compliant={"actions": [_redirect("HTTPS")]},
        violating={"actions": [_FORWARD]},
    ),
    Case(
        elb.listener_encrypted,
        base={"port": 443, "defaultActions": [_FORWARD]},
        compliant={"protocol": "HTTPS"},
        violating={"protocol": "HTTP"},
        more_compliant=[
            {"protocol": "TLS"},
            {"port": 80, "protocol": "HTTP", "defaultActions": [_redirect("HTTPS")]},
        ],
        more_violating=[{"protocol": "TCP"}],
    ),
    Case(
        elb.listener_encrypted,
        base={"port": 80},
        compliant={"defaultActions": [_redirect("HTTPS")]},
        violating={"defaultActions": [_FORWARD]},
        out_of_scope=[{"port": None}],
        valid=False,
    ),
    *(
        Case(
            elb.listener_tls_policy,
            base={"port": 443, "protocol": protocol},
            compliant={"sslPolicy": _RECOMMENDED},
            violating={"sslPolicy": "ELBSecurityPolicy-2016-08"},
            more_compliant=[
                {"sslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
                {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"},
            ],
            more_violating=[
                {"sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"},
                {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06"},
                {"sslPolicy": "ELBSecurityPolicy-TLS-1-1-2017-01"},
            ],
            out_of_scope=[{"protocol": "HTTP"}],
        )
        for protocol in ("HTTPS", "TLS")
    ),
    *(
        Case(
            elb.application_drops_invalid_headers,
            type=token,
            compliant={"dropInvalidHeaderFields": True},
            violating={"dropInvalidHeaderFields": False},
            out_of_scope=[_NETWORK],
        )
        for token in elb.application_drops_invalid_headers.types
    ),
    Case(
        elb.application_logs_requests,
        compliant={"accessLogs": {"bucket": "logs", "enabled": True}},
        violating={"accessLogs": {"bucket": "logs", "enabled": False}},
        out_of_scope=[_NETWORK],
    ),
    Case(
        elb.deletion_protection,
        compliant={"enableDeletionProtection": True},
        violating={"enableDeletionProtection": False},
        more_violating=[_NETWORK],
    ),
    Case(
        elb.protected_in_pulumi,
        base={"enableDeletionProtection": True},
        compliant_options=Options(protect=True),
        out_of_scope=[{"enableDeletionProtection": False}],
    ),
    Case(
        elb.application_desync_mitigation,
        compliant={"desyncMitigationMode": "defensive"},
        violating={"desyncMitigationMode": "monitor"},
        absent=Verdict.COMPLIANT,
        out_of_scope=[_NETWORK],
    ),
    Case(
        elb.several_zones,
        compliant={"subnets": _SUBNETS},
        violating={"subnets": _SUBNETS[:1]},
        more_compliant=[{"subnetMappings": [{"subnetId": name} for name in _SUBNETS]}],
        more_violating=[_NETWORK],
    ),
    *(
        Case(
            elb.application_behind_waf,
            compliant_beside=[Side(token, resourceArn=MAIN)],
            violating_beside=[Side(token, resourceArn="arn:aws:apigateway:us-west-2::/restapis/a/stages/b")],
            out_of_scope=[_NETWORK, {"internal": True}],
        )
        for token in (
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            "aws:wafregional/webAclAssociation:WebAclAssociation",
        )
    ),
    Case(
        elb.application_waf_fails_closed,
        compliant={"enableWafFailOpen": False},
        violating={"enableWafFailOpen": True},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            elb.security_groups_named,
            type=token,
            compliant={"securityGroups": ["sg-12345678"]},
            violating={"securityGroups": []},
            unknown=Verdict.COMPLIANT,
        )
        for token in ("aws:lb/loadBalancer:LoadBalancer", "aws:elb/loadBalancer:LoadBalancer")
    ),
    Case(
        elb.security_groups_named,
        compliant={"securityGroups": ["sg-12345678"]},
        violating={},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[_NETWORK],
    ),
    Case(
        elb.classic_certificate_managed,
        compliant=_classic(),
        violating=_classic(sslCertificateId=_IAM),
        absent=Verdict.COMPLIANT,
        more_compliant=[_classic(lbProtocol="http", sslCertificateId=None)],
        more_violating=[_classic(lbProtocol="SSL", sslCertificateId=_IAM)],
        valid=False,
    ),
    Case(
        elb.classic_listener_encrypted,
        compliant=_classic(),
        violating=_classic(lbProtocol="http"),
        absent=Verdict.COMPLIANT,
        more_compliant=[_classic(lbProtocol="ssl")],
        more_violating=[_classic(lbProtocol="tcp")],
    ),
    Case(
        elb.classic_logs_requests,
        compliant={"accessLogs": {"bucket": "logs"}},
        violating={"accessLogs": {"bucket": "logs", "enabled": False}},
        absent=None,
    ),
    Case(
        elb.classic_logs_requests,
        compliant={"accessLogs": {"bucket": "logs", "enabled": True}},
        violating={},
    ),
    Case(
        elb.classic_connection_draining,
        compliant={"connectionDraining": True},
        violating={"connectionDraining": False},
    ),
    Case(
        elb.classic_cross_zone,
        compliant={"crossZoneLoadBalancing": True},
        violating={"crossZoneLoadBalancing": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        elb.classic_several_zones,
        compliant={"subnets": _SUBNETS},
        violating={"subnets": _SUBNETS[:1]},
        more_compliant=[{"availabilityZones": ["us-west-2a", "us-west-2b"]}],
    ),
    Case(
        elb.classic_desync_mitigation,
        compliant={"desyncMitigationMode": "strictest"},
        violating={"desyncMitigationMode": "monitor"},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
