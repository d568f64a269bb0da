"""What the rules of CloudFront decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import cloudfront
from tests.policies.kit import MAIN, SIDE, Case, Side, judged, reference

_MULTITENANT = "aws:cloudfront/multitenantDistribution:MultitenantDistribution"
_VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
_BUCKET = {"originId": "content", "domainName": "content.s3.us-west-2.amazonaws.com"}
_CUSTOM = {
    "httpPort": 80,
    "httpsPort": 443,
    "originProtocolPolicy": "https-only",
    "originSslProtocols": ["TLSv1.2"],
}
_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"


def _behaviour(**changes: Any) -> dict[str, Any]:
    return {
        "allowedMethods": ["GET", "HEAD"],
        "cachedMethods": ["GET", "HEAD"],
        "targetOriginId": "content",
        "viewerProtocolPolicy": "redirect-to-https",
        **changes,
    }


def _default(**changes: Any) -> dict[str, Any]:
    return {"defaultCacheBehavior": _behaviour(**changes)}


def _ordered(**changes: Any) -> dict[str, Any]:
    return {"orderedCacheBehaviors": [_behaviour(pathPattern="/static/*", **changes)]}


def _application(**changes: Any) -> dict[str, Any]:
    return {
        "originId": "application",
        "domainName": "origin.example.com",
        "customOriginConfig": {**_CUSTOM, **changes},
    }


def _certificate(**changes: Any) -> dict[str, Any]:
    given = {
        "acmCertificateArn": _CERTIFICATE,
        "minimumProtocolVersion": "TLSv1.2_2021",
        "sslSupportMethod": "sni-only",
    }
    return {"viewerCertificate": {key: value for key, value in {**given, **changes}.items() if value}}


def _tenant_origin(**changes: Any) -> dict[str, Any]:
    return {"origins": [{"id": "content", "domainName": "origin.example.com", **changes}]}


_ENDPOINT = {
    "arn": "arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/web/1",
    "httpPort": 80,
    "httpsPort": 443,
    "name": "web",
}


def _endpoint(policy: str = "https-only", *protocols: str) -> dict[str, Any]:
    return {
        "vpcOriginEndpointConfig": {
            **_ENDPOINT,
            "originProtocolPolicy": policy,
            "originSslProtocols": {"items": list(protocols or ["TLSv1.2"]), "quantity": 1},
        }
    }


def _group(*members: str) -> dict[str, Any]:
    return {
        "originId": "either",
        "failoverCriteria": {"statusCodes": [500]},
        "members": [{"originId": name} for name in members],
    }


def _strict(seconds: int) -> dict[str, Any]:
    header = {"accessControlMaxAgeSec": seconds, "override": True}
    return {"securityHeadersConfig": {"strictTransportSecurity": header}}


_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"


def _case(rule: Rule, **given: Any) -> Case:
    """A case of a distribution, either kind with a behaviour that its provider takes."""
    behaviour = _default()
    if given.get("type") == _MULTITENANT:
        cached = behaviour["defaultCacheBehavior"].pop("cachedMethods")
        behaviour["defaultCacheBehavior"]["allowedMethods"] = {"items": ["GET"], "cachedMethods": cached}
    return Case(rule, base={**behaviour, **given.pop("base", {})}, **given)


CASES = (
    _case(
        cloudfront.default_root_object,
        base={"origins": [_BUCKET]},
        compliant={"defaultRootObject": "index.html"},
        violating={},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[
            {"origins": [_BUCKET, _application()], **_default(targetOriginId="application")},
        ],
        more_violating=[
            {
                **_default(targetOriginId="either"),
                "origins": [_BUCKET, _application()],
                "originGroups": [_group("application", "content")],
            }
        ],
    ),
    _case(
        cloudfront.default_root_object,
        type=_MULTITENANT,
        base={
            **_tenant_origin(),
        },
        compliant={"defaultRootObject": "index.html"},
        violating={},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[_tenant_origin(customOriginConfigs=[_CUSTOM])],
    ),
    _case(
        cloudfront.viewers_use_https,
        compliant=_default(viewerProtocolPolicy="https-only"),
        violating=_default(viewerProtocolPolicy="allow-all"),
        more_compliant=[{**_default(), **_ordered()}],
        more_violating=[{**_default(), **_ordered(viewerProtocolPolicy="allow-all")}],
    ),
    _case(
        cloudfront.origin_failover,
        compliant={"originGroups": [_group("content", "application")]},
        violating={"originGroups": []},
        unknown=Verdict.COMPLIANT,
    ),
    _case(
        cloudfront.logs_requests,
        compliant={"loggingConfig": {"bucket": "logs.s3.amazonaws.com"}},
        violating={"loggingConfig": {"prefix": "logs"}},
        unknown=None,
        absent=None,
    ),
    _case(
        cloudfront.logs_requests,
        beside=[Side(_SOURCE, resourceArn=MAIN, logType="ACCESS_LOGS"), Side(_SOURCE)],
        compliant_beside=[Side("aws:cloudwatch/logDelivery:LogDelivery", deliverySourceName=SIDE)],
        violating_beside=[Side("aws:cloudwatch/logDelivery:LogDelivery", deliverySourceName=reference(2))],
    ),
    _case(
        cloudfront.behind_waf,
        compliant={"webAclId": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    _case(
        cloudfront.own_certificate,
        compliant=_certificate(),
        violating={"viewerCertificate": {"cloudfrontDefaultCertificate": True}},
        absent=None,
        unknown=None,
        more_compliant=[_certificate(acmCertificateArn=None, iamCertificateId="ASCA12345678")],
    ),
    _case(
        cloudfront.sni,
        compliant=_certificate(),
        violating=_certificate(sslSupportMethod="vip"),
        absent=None,
        out_of_scope=[{"viewerCertificate": {"cloudfrontDefaultCertificate": True}}],
    ),
    _case(
        cloudfront.origins_use_https,
        compliant={"origins": [_BUCKET, _application()]},
        violating={"origins": [_BUCKET, _application(originProtocolPolicy="http-only")]},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"origins": [_application(originProtocolPolicy="match-viewer")]}],
        more_violating=[
            {
                "origins": [_application(originProtocolPolicy="match-viewer")],
                **_ordered(viewerProtocolPolicy="allow-all"),
            }
        ],
    ),
    _case(
        cloudfront.origins_use_https,
        type=_MULTITENANT,
        compliant=_tenant_origin(customOriginConfigs=[_CUSTOM]),
        violating=_tenant_origin(customOriginConfigs=[{**_CUSTOM, "originProtocolPolicy": "http-only"}]),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        cloudfront.vpc_origin_uses_https,
        compliant=_endpoint(),
        violating=_endpoint("match-viewer"),
        more_violating=[_endpoint("http-only")],
    ),
    _case(
        cloudfront.origins_no_old_tls,
        compliant={"origins": [_BUCKET, _application()]},
        violating={"origins": [_BUCKET, _application(originSslProtocols=["TLSv1.2", "TLSv1.1"])]},
        absent=Verdict.COMPLIANT,
        more_violating=[{"origins": [_application(originSslProtocols=["SSLv3"])]}],
    ),
    Case(
        cloudfront.origins_no_old_tls,
        type=_VPC_ORIGIN,
        compliant=_endpoint("https-only", "TLSv1.2"),
        violating=_endpoint("https-only", "SSLv3", "TLSv1.2"),
        absent=Verdict.COMPLIANT,
    ),
    _case(
        cloudfront.bucket_origin_access_control,
        compliant={"origins": [_application(), {**_BUCKET, "originAccessControlId": "E1234567890"}]},
        violating={"origins": [_application(), _BUCKET]},
        absent=Verdict.COMPLIANT,
        more_violating=[
            {
                "origins": [
                    {**_BUCKET, "s3OriginConfig": {"originAccessIdentity": "origin-access-identity/E1"}},
                ]
            }
        ],
    ),
    Case(
        cloudfront.origin_access_signed,
        compliant={"signingBehavior": "always"},
        violating={"signingBehavior": "never"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"signingBehavior": "no-override"}],
    ),
    _case(
        cloudfront.tls_policy,
        compliant=_certificate(),
        violating=_certificate(minimumProtocolVersion="TLSv1.1_2016"),
        more_compliant=[_certificate(minimumProtocolVersion="TLSv1.3_2025")],
        more_violating=[{"viewerCertificate": {"cloudfrontDefaultCertificate": True}}],
    ),
    _case(
        cloudfront.behaviours_have_headers,
        compliant={**_default(responseHeadersPolicyId="1"), **_ordered(responseHeadersPolicyId="1")},
        violating={**_default(responseHeadersPolicyId="1"), **_ordered()},
        absent=None,
        unknown=None,
        more_violating=[_default()],
    ),
    Case(
        cloudfront.headers_strict_transport,
        compliant=_strict(31_536_000),
        violating=_strict(300),
    ),
)

test_cases = judged(CASES)
