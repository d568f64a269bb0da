"""What the rules of API Gateway decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import apigateway
from tests.policies.kit import MAIN, SIDE, Case, Side, judged, reference

_API = "aws:apigateway/restApi:RestApi"
_SETTINGS = "aws:apigateway/methodSettings:MethodSettings"


def _settings(api: str = SIDE, path: str = "*/*", level: str = "ERROR") -> Side:
    return Side(_SETTINGS, stageName=MAIN, restApi=api, methodPath=path, settings={"loggingLevel": level})


def _cached(*, encrypted: bool) -> dict[str, Any]:
    return {"settings": {"cachingEnabled": True, "cacheDataEncrypted": encrypted}}


def _domain(policy: str) -> dict[str, Any]:
    return {
        "domainNameConfiguration": {
            "certificateArn": "arn:aws:acm:us-west-2:111122223333:certificate/1",
            "endpointType": "REGIONAL",
            "securityPolicy": policy,
        }
    }


CASES = (
    *(
        Case(
            apigateway.stage_logs,
            base={"restApi": SIDE},
            beside=[Side(_API), Side(_API)],
            compliant_beside=[_settings()],
            violating_beside=[bad],
            absent=None,
            unknown=None,
        )
        for bad in (_settings(api=reference(2)), _settings(path="orders/GET"), _settings(level="OFF"))
    ),
    Case(
        apigateway.stage_logs,
        base={"restApi": "a1b2c3"},
        compliant_beside=[_settings("a1b2c3")],
        violating_beside=[_settings("a1b2c3", level="OFF")],
        absent=Verdict.VIOLATED,
    ),
    Case(
        apigateway.websocket_stage_logs,
        base={"apiId": SIDE},
        beside=[Side("aws:apigatewayv2/api:Api", protocolType="WEBSOCKET")],
        compliant={"defaultRouteSettings": {"loggingLevel": "INFO"}},
        violating={"defaultRouteSettings": {"loggingLevel": "OFF"}},
    ),
    Case(
        apigateway.stage_client_certificate,
        compliant={"clientCertificateId": "a1b2c3"},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        apigateway.stage_traces,
        compliant={"xrayTracingEnabled": True},
        violating={"xrayTracingEnabled": False},
    ),
    *(
        Case(
            apigateway.stage_behind_waf,
            compliant_beside=[Side(token, resourceArn=MAIN)],
            violating_beside=[Side(token, resourceArn="arn:aws:apigateway:us-west-2::/restapis/a/stages/b")],
        )
        for token in (
            "aws:wafv2/webAclAssociation:WebAclAssociation",
            "aws:wafregional/webAclAssociation:WebAclAssociation",
        )
    ),
    Case(
        apigateway.cache_encrypted,
        compliant=_cached(encrypted=True),
        violating=_cached(encrypted=False),
        absent=None,
        out_of_scope=[{"settings": {"cachingEnabled": False}}],
    ),
    Case(
        apigateway.route_authorised,
        base={"routeKey": "GET /orders"},
        compliant={"authorizationType": "JWT"},
        violating={"authorizationType": "NONE"},
        more_violating=[{"routeKey": "$default"}, {"routeKey": "$connect"}],
        out_of_scope=[{"routeKey": "sendMessage"}, {"routeKey": "$disconnect"}],
    ),
    Case(
        apigateway.http_stage_logs_access,
        compliant={
            "accessLogSettings": {
                "destinationArn": "arn:aws:logs:us-west-2:111122223333:log-group:api",
                "format": "$context.requestId",
            }
        },
        violating={"accessLogSettings": {"destinationArn": "", "format": "$context.requestId"}},
        unknown=None,
    ),
    Case(
        apigateway.domain_tls,
        compliant={"securityPolicy": "TLS_1_2"},
        violating={"securityPolicy": "TLS_1_0"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        apigateway.domain_tls,
        type="aws:apigatewayv2/domainName:DomainName",
        compliant=_domain("TLS_1_2"),
        violating=_domain("TLS_1_0"),
        absent=Verdict.COMPLIANT,
        valid=False,
    ),
    Case(
        apigateway.integration_verifies_certificate,
        compliant={"tlsConfig": {"insecureSkipVerification": False}},
        violating={"tlsConfig": {"insecureSkipVerification": True}},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
