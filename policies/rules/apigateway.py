"""API Gateway: REST, HTTP and WebSocket APIs."""

from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds, every_holds

_STAGE: Final = "aws:apigateway/stage:Stage"
_API: Final = "aws:apigateway/restApi:RestApi"
_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
_DOMAIN: Final = "aws:apigateway/domainName:DomainName"
_STAGE_2: Final = "aws:apigatewayv2/stage:Stage"
_API_2: Final = "aws:apigatewayv2/api:Api"
_ROUTE: Final = "aws:apigatewayv2/route:Route"
_DOMAIN_2: Final = "aws:apigatewayv2/domainName:DomainName"
_WEB_ACLS: Final = (
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:wafregional/webAclAssociation:WebAclAssociation",
)
_LEVELS: Final = ("ERROR", "INFO")
_OLD: Final = ("TLS_1_0",)

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"


@rule(
    name="apigateway-stage-logs",
    title="Stages of REST APIs log what they do",
    severity=Severity.MEDIUM,
    controls=("APIGateway.1",),
    types=(_STAGE,),
    why="Without logs, nobody can say why a request failed, or who tried what.",
    fix="""
        aws.apigateway.MethodSettings(
            "all",
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={"logging_level": "INFO"},
        )
    """,
    link=f"{_FSBP}#apigateway-1",
)
def stage_logs(stage: Resource, stack: Stack) -> Problems:
    """Nothing is logged by default; settings for all methods are enough."""
    if any_holds(
        lambda settings: every_holds(
            lambda: _is_of_same_api(settings, stage, stack),
            lambda: settings.text("methodPath") == "*/*",
            lambda: settings.text("settings.loggingLevel") in _LEVELS,
        ),
        stack.beside(stage, _SETTINGS, by="stageName"),
    ):
        return None
    return "it has no MethodSettings for all methods with a logging_level"


def _is_of_same_api(settings: Resource, stage: Resource, stack: Stack) -> bool:
    """Stages of several APIs have the same names."""
    apis = list(stack.behind(stage, "restApi", _API))
    if not apis:
        return settings.text("restApi") == stage.text("restApi")
    return any_holds(
        lambda api: any_holds(lambda one: one is settings, stack.beside(api, _SETTINGS, by="restApi")), apis
    )


@rule(
    name="apigateway-websocket-stage-logs",
    title="Stages of WebSocket APIs log what they do",
    severity=Severity.MEDIUM,
    controls=("APIGateway.1",),
    types=(_STAGE_2,),
    why="Without logs, nobody can say why a request failed, or who tried what.",
    fix="""
        aws.apigatewayv2.Stage(
            "stage", api_id=api.id, default_route_settings={"logging_level": "INFO"}
        )
    """,
    link=f"{_FSBP}#apigateway-1",
)
def websocket_stage_logs(stage: Resource, stack: Stack) -> Problems:
    """Nothing is logged by default. HTTP APIs have access logs alone."""
    apis = stack.behind(stage, "apiId", _API_2)
    if not any_holds(lambda api: api.text("protocolType") == "WEBSOCKET", apis):
        return OUT_OF_SCOPE
    logs = stage.text("defaultRouteSettings.loggingLevel") in _LEVELS
    return None if logs else "default_route_settings has no logging_level"


@rule(
    name="apigateway-stage-client-certificate",
    title="Stages of REST APIs show a certificate to what they call",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("APIGateway.2",),
    types=(_STAGE,),
    why="Without it, a backend on the internet cannot tell the API's requests from anybody's.",
    fix="""
        certificate = aws.apigateway.ClientCertificate("certificate")
        aws.apigateway.Stage("stage", client_certificate_id=certificate.id)
    """,
    link=f"{_FSBP}#apigateway-2",
)
def stage_client_certificate(stage: Resource) -> Problems:
    """It shows none by default; backends within AWS need none."""
    return None if stage.is_present("clientCertificateId") else "it has no client_certificate_id"


@rule(
    name="apigateway-stage-traces",
    title="Stages of REST APIs trace requests",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("APIGateway.3",),
    types=(_STAGE,),
    why="Without traces, nobody sees where a slow request spent its time.",
    fix="""
        aws.apigateway.Stage("stage", xray_tracing_enabled=True)
    """,
    link=f"{_FSBP}#apigateway-3",
)
def stage_traces(stage: Resource) -> Problems:
    """It is off by default."""
    return None if stage.flag("xrayTracingEnabled", default=False) else "xray_tracing_enabled is not on"


@rule(
    name="apigateway-stage-behind-waf",
    title="Stages of REST APIs are behind AWS WAF",
    severity=Severity.MEDIUM,
    controls=("APIGateway.4",),
    types=(_STAGE,),
    why="Without a web ACL, every known attack reaches the application.",
    fix="""
        aws.wafv2.WebAclAssociation("firewall", resource_arn=stage.arn, web_acl_arn=web_acl.arn)
    """,
    link=f"{_FSBP}#apigateway-4",
)
def stage_behind_waf(stage: Resource, stack: Stack) -> Problems:
    """A private API is reached from VPCs alone, but is judged by AWS's control as well."""
    if any_holds(lambda _association: True, stack.beside(stage, _WEB_ACLS, by="resourceArn")):
        return None
    return "it has no WebAclAssociation"


@rule(
    name="apigateway-cache-encrypted",
    title="Caches of REST APIs are encrypted",
    severity=Severity.MEDIUM,
    controls=("APIGateway.5",),
    types=(_SETTINGS,),
    why="The cache holds what users were answered, each one's own data included.",
    fix="""
        aws.apigateway.MethodSettings(
            "all",
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={"caching_enabled": True, "cache_data_encrypted": True},
        )
    """,
    link=f"{_FSBP}#apigateway-5",
)
def cache_encrypted(settings: Resource) -> Problems:
    """Neither the cache nor its encryption is on by default."""
    if not settings.flag("settings.cachingEnabled", default=False):
        return OUT_OF_SCOPE
    on = settings.flag("settings.cacheDataEncrypted", default=False)
    return None if on else "settings.cache_data_encrypted is not on"


@rule(
    name="apigateway-route-authorised",
    title="Routes of HTTP and WebSocket APIs ask who calls",
    severity=Severity.MEDIUM,
    controls=("APIGateway.8",),
    types=(_ROUTE,),
    why="Everyone on the internet calls what is behind the route.",
    fix="""
        aws.apigatewayv2.Route(
            "orders", api_id=api.id, route_key="GET /orders", authorization_type="AWS_IAM"
        )
    """,
    link=f"{_FSBP}#apigateway-8",
)
def route_authorised(route: Resource) -> Problems:
    """Nobody is asked by default. Over a WebSocket, only the connection can be."""
    key = route.text("routeKey")
    if " " not in key and key not in ("$default", "$connect"):
        return OUT_OF_SCOPE
    asked = route.text("authorizationType", default="NONE") != "NONE"
    return None if asked else "it has no authorization_type"


@rule(
    name="apigateway-http-stage-logs-access",
    title="Stages of HTTP and WebSocket APIs log requests",
    severity=Severity.MEDIUM,
    controls=("APIGateway.9",),
    types=(_STAGE_2,),
    why="Without the log, nobody can say afterwards who asked for what.",
    fix="""
        aws.apigatewayv2.Stage(
            "stage",
            api_id=api.id,
            access_log_settings={"destination_arn": log_group.arn, "format": log_format},
        )
    """,
    link=f"{_FSBP}#apigateway-9",
)
def http_stage_logs_access(stage: Resource) -> Problems:
    """Nothing is logged by default."""
    logs = stage.is_present("accessLogSettings.destinationArn")
    return None if logs else "it has no access_log_settings"


@rule(
    name="apigateway-domain-tls",
    title="Domains of APIs accept TLS 1.2 or later alone",
    severity=Severity.MEDIUM,
    types=(_DOMAIN, _DOMAIN_2),
    why="Old versions can be broken by whoever records or changes the traffic.",
    fix="""
        aws.apigateway.DomainName(
            "domain", domain_name="api.example.com", security_policy="TLS_1_2"
        )
    """,
    link=f"{_GUIDE}/apigateway-custom-domain-tls-version.html",
)
def domain_tls(domain: Resource) -> Problems:
    """AWS's default for new domains is TLS 1.2."""
    path = "securityPolicy" if domain.type == _DOMAIN else "domainNameConfiguration.securityPolicy"
    return "security_policy allows TLS 1.0" if domain.text(path) in _OLD else None


@rule(
    name="apigateway-integration-verifies-certificate",
    title="APIs check the certificate of what they call",
    severity=Severity.HIGH,
    types=("aws:apigateway/integration:Integration",),
    why="Whoever gets between the API and its backend can answer in its name.",
    fix="""
        aws.apigateway.Integration("backend", tls_config={"insecure_skip_verification": False})
    """,
    link=f"{_GUIDE}/api-gateway-extensions-integration-tls-config.html",
)
def integration_verifies_certificate(integration: Resource) -> Problems:
    """It is checked by default."""
    skips = integration.flag("tlsConfig.insecureSkipVerification", default=False)
    return "tls_config.insecure_skip_verification is on" if skips else None
