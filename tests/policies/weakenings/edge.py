"""CloudFront, WAF, load balancers, certificates and health checks."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    change,
    drop,
    items_where,
    only_first,
    rewrite,
    together,
)
from tests.policies.weakenings.model import Kind, Weakening

distribution = Target("CloudFront", "aws:cloudfront/distribution:Distribution")
origin = Target("CloudFront", "aws:cloudfront/vpcOrigin:VpcOrigin")
origin_access = Target("CloudFront", "aws:cloudfront/originAccessControl:OriginAccessControl")
headers = Target("CloudFront", "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
delivery = Target("CloudFront", "aws:cloudwatch/logDelivery:LogDelivery")

firewall = Target("WAF", "aws:wafv2/webAcl:WebAcl")
firewall_log = Target("WAF", "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")

balancer = Target("Elastic Load Balancing", "aws:lb/loadBalancer:LoadBalancer")
listener = Target("Elastic Load Balancing", "aws:lb/listener:Listener")

certificate = Target("Certificate Manager", "aws:acm/certificate:Certificate")

check = Target("Route 53", "aws:route53/healthCheck:HealthCheck")

_HSTS = "CloudFront best practices: Strict-Transport-Security"

CLOUDFRONT: tuple[Weakening, ...] = (
    distribution(
        Kind.TLS,
        "plain HTTP accepted",
        "CloudFront.3",
        change("defaultCacheBehavior.viewerProtocolPolicy", "allow-all"),
    ),
    distribution(
        Kind.TLS,
        "plain HTTP accepted on one path",
        "CloudFront.3",
        change("orderedCacheBehaviors.*.viewerProtocolPolicy", "allow-all"),
    ),
    distribution(
        Kind.TLS,
        "TLS 1.0 accepted",
        "CloudFront.15",
        change("viewerCertificate.minimumProtocolVersion", "TLSv1"),
    ),
    distribution(
        Kind.TLS,
        "TLS 1.1 accepted",
        "CloudFront.15",
        change("viewerCertificate.minimumProtocolVersion", "TLSv1.1_2016"),
    ),
    distribution(
        Kind.TLS,
        "TLS 1.0 accepted, by leaving the version out",
        "CloudFront.15",
        drop("viewerCertificate.minimumProtocolVersion"),
    ),
    distribution(
        Kind.TLS,
        "CloudFront's own certificate",
        "CloudFront.7",
        change("viewerCertificate", {"cloudfrontDefaultCertificate": True}),
    ),
    distribution(
        Kind.TLS,
        "an address for itself instead of SNI",
        "CloudFront.8",
        change("viewerCertificate.sslSupportMethod", "vip"),
    ),
    distribution(Kind.SIDE_RESOURCE, "no firewall before it", "CloudFront.6", drop("webAclId")),
    distribution(
        Kind.AUTHENTICATION,
        "the bucket's content without origin access control",
        "CloudFront.13",
        drop("origins.*.originAccessControlId"),
    ),
    distribution(
        Kind.TLS,
        "a custom origin by plain HTTP",
        "CloudFront.9, CloudFront.10",
        rewrite("origins", lambda origins: [_by_http(o) for o in origins]),
    ),
    distribution(
        Kind.AVAILABILITY,
        "no second origin to fall back to",
        "CloudFront.4",
        together(drop("originGroups"), change("orderedCacheBehaviors.*.targetOriginId", "static")),
    ),
    distribution(
        Kind.TLS,
        "no security headers",
        _HSTS,
        drop("defaultCacheBehavior.responseHeadersPolicyId"),
    ),
    origin(
        Kind.TLS,
        "plain HTTP to the origin",
        "CloudFront.9",
        change("vpcOriginEndpointConfig.originProtocolPolicy", "http-only"),
    ),
    origin(
        Kind.TLS,
        "the viewer's protocol to the origin",
        "CloudFront.9",
        change("vpcOriginEndpointConfig.originProtocolPolicy", "match-viewer"),
    ),
    origin(
        Kind.TLS,
        "SSL 3 and TLS 1.0 to the origin",
        "CloudFront.10",
        change("vpcOriginEndpointConfig.originSslProtocols", {"items": ["SSLv3", "TLSv1"], "quantity": 2}),
    ),
    origin_access(
        Kind.AUTHENTICATION, "requests not signed", "CloudFront.13", change("signingBehavior", "never")
    ),
    headers(
        Kind.TLS,
        "no Strict-Transport-Security",
        _HSTS,
        drop("securityHeadersConfig.strictTransportSecurity"),
    ),
    headers(
        Kind.TLS,
        "Strict-Transport-Security for a minute",
        _HSTS,
        change("securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec", 60),
    ),
    delivery(Kind.LOGGING, "deleted", "CloudFront.5", lambda _resource, _graph: ()),
)


def _by_http(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The origin behind a VPC origin, as a custom one."""
    if "vpcOriginConfig" not in given:
        return given
    plain = {
        "httpPort": 80,
        "httpsPort": 443,
        "originProtocolPolicy": "http-only",
        "originSslProtocols": ["SSLv3", "TLSv1"],
    }
    return {**{k: v for k, v in given.items() if k != "vpcOriginConfig"}, "customOriginConfig": plain}


def _counting(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**rule, "overrideAction": {"count": {}}} if "overrideAction" in rule else rule


def _is_managed(rule: Mapping[str, Any]) -> bool:
    return "managedRuleGroupStatement" in rule["statement"]


def _is_not(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda rule: rule["name"] != name


_MANAGED_RULES = "WAF.10; guide: Security Procedures"

WAF: tuple[Weakening, ...] = (
    *firewall.off(Kind.DETECTION, "no rules", "WAF.10", "rules", []),
    firewall(
        Kind.DETECTION,
        "no managed rules",
        _MANAGED_RULES,
        items_where("rules", lambda rule: not _is_managed(rule)),
    ),
    firewall(
        Kind.DETECTION,
        "managed rules that count only",
        _MANAGED_RULES,
        rewrite("rules", lambda rules: [_counting(rule) for rule in rules]),
    ),
    firewall(
        Kind.DETECTION,
        "no rules against known bad inputs",
        _MANAGED_RULES,
        items_where("rules", _is_not("AWSManagedRulesKnownBadInputsRuleSet")),
    ),
    firewall(
        Kind.DETECTION,
        "no core rules",
        _MANAGED_RULES,
        items_where("rules", _is_not("AWSManagedRulesCommonRuleSet")),
    ),
    firewall(Kind.DETECTION, "no limit to requests", _MANAGED_RULES, items_where("rules", _is_managed)),
    firewall(
        Kind.LOGGING,
        "no metrics of its rules",
        "WAF.12",
        change("rules.*.visibilityConfig.cloudwatchMetricsEnabled", False),
    ),
    firewall(
        Kind.LOGGING,
        "no metrics",
        "WAF.12",
        change("visibilityConfig.cloudwatchMetricsEnabled", False),
    ),
    firewall_log.deleted("WAF.11"),
    firewall_log(
        Kind.SECRET,
        "credentials of requests in its log",
        "guide: Security Procedures",
        drop("redactedFields"),
    ),
)

_PLAIN_LISTENER: Mapping[str, Any] = {
    "loadBalancerArn": Output("arn"),
    "port": 80,
    "protocol": "HTTP",
    "defaultActions": [
        {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "200"}}
    ],
}

LOAD_BALANCING: tuple[Weakening, ...] = (
    balancer(
        Kind.PUBLIC,
        "reachable from the internet, past CloudFront and its firewall",
        "ELB.16; design: CloudFront reaches an internal load balancer",
        change("internal", False),
    ),
    balancer(
        Kind.PUBLIC,
        "reachable from the internet, by leaving internal out",
        "ELB.16; design: CloudFront reaches an internal load balancer",
        drop("internal"),
    ),
    *balancer.off(Kind.DETECTION, "invalid headers passed on", "ELB.4", "dropInvalidHeaderFields", False),
    *balancer.off(Kind.PROTECTION, "no deletion protection", "ELB.6", "enableDeletionProtection", False),
    balancer.unprotected(),
    *balancer.off(Kind.LOGGING, "requests not logged", "ELB.5", "accessLogs.enabled", False),
    balancer(Kind.LOGGING, "no log of requests", "ELB.5", drop("accessLogs")),
    balancer(
        Kind.DETECTION, "desync attacks only watched", "ELB.12", change("desyncMitigationMode", "monitor")
    ),
    balancer(
        Kind.DETECTION,
        "requests pass when the firewall does not answer",
        "ELB.16: fail closed",
        add("enableWafFailOpen", True),
    ),
    balancer(Kind.AVAILABILITY, "in one availability zone", "ELB.13", only_first("subnets")),
    balancer(Kind.ISOLATION, "in the VPC's default security group", "EC2.2", drop("securityGroups")),
    balancer(
        Kind.TLS,
        "a listener beside it that answers plain HTTP",
        "ELB.1, ELB.18",
        beside(listener.type, _PLAIN_LISTENER),
    ),
    listener(
        Kind.TLS,
        "plain HTTP",
        "ELB.1, ELB.18",
        together(change("protocol", "HTTP"), change("port", 80), drop("certificateArn"), drop("sslPolicy")),
    ),
    listener(
        Kind.TLS, "TLS 1.0 accepted", "ELB.17", change("sslPolicy", "ELBSecurityPolicy-TLS-1-0-2015-04")
    ),
    *listener.off(Kind.TLS, "AWS's oldest policy", "ELB.17", "sslPolicy", "ELBSecurityPolicy-2016-08"),
)

REST: tuple[Weakening, ...] = (
    certificate(Kind.TLS, "a key of 1024 bits", "ACM.2", change("keyAlgorithm", "RSA_1024")),
    certificate(
        Kind.DETECTION,
        "not in the transparency log",
        "ACM best practices: certificate transparency",
        add("options", {"certificateTransparencyLoggingPreference": "DISABLED"}),
    ),
    check(
        Kind.TLS,
        "asks by plain HTTP",
        "guide: Monitoring, uptime",
        together(change("type", "HTTP"), change("port", 80)),
    ),
    check(Kind.ALERT, "disabled", "guide: Monitoring, uptime", add("disabled", True)),
)

WEAKENINGS: tuple[Weakening, ...] = (*CLOUDFRONT, *WAF, *LOAD_BALANCING, *REST)
