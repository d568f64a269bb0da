"""CloudFront: distributions, their origins and their headers."""

from collections.abc import Iterator
from typing import Final

from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, any_holds, each, every_holds, one_holds

_DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
_MULTITENANT: Final = "aws:cloudfront/multitenantDistribution:MultitenantDistribution"
_DISTRIBUTIONS: Final = (_DISTRIBUTION, _MULTITENANT)
_VPC_ORIGIN: Final = "aws:cloudfront/vpcOrigin:VpcOrigin"
_ACCESS: Final = "aws:cloudfront/originAccessControl:OriginAccessControl"
_HEADERS: Final = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_SOURCE: Final = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
_DELIVERY: Final = "aws:cloudwatch/logDelivery:LogDelivery"

_RECOMMENDED: Final = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html#cloudfront-15"""
_OLD: Final = ("SSLv3", "TLSv1", "TLSv1.1")
_YEAR: Final = 31_536_000
"""Seconds."""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"


def _behaviours(distribution: Resource) -> Iterator[View]:
    """The cache behaviours of a distribution, the default one first."""
    yield distribution.object("defaultCacheBehavior")
    yield from distribution.objects("orderedCacheBehaviors")
    yield from distribution.objects("cacheBehaviors")


def _custom(origin: View) -> View:
    """The settings of an origin that is no bucket; a multi-tenant distribution has them in a list."""
    name = "customOriginConfig" if origin.is_present("customOriginConfig") else "customOriginConfigs"
    return origin.object(name)


def _is_bucket(origin: View) -> bool:
    """Whether an origin is an S3 bucket: it is, unless it has the settings of another kind of origin."""
    others = ("customOriginConfig", "customOriginConfigs", "vpcOriginConfig", "vpcOriginConfigs")
    return not any(map(origin.is_present, others))


def _identifier(origin: View) -> str:
    return origin.text("originId") or origin.text("id")


def _serves_bucket(distribution: Resource) -> bool:
    """Whether the default behaviour asks a bucket, by itself or as one of a group of origins."""
    target = distribution.text("defaultCacheBehavior.targetOriginId")
    groups = [g for g in distribution.objects("originGroups") if _identifier(g) == target]
    asked = {target, *(member.text("originId") for group in groups for member in group.objects("members"))}
    return any_holds(
        lambda origin: every_holds(lambda: _identifier(origin) in asked, lambda: _is_bucket(origin)),
        distribution.objects("origins"),
    )


@rule(
    name="cloudfront-default-root-object",
    title="Distributions of buckets say what their root is",
    severity=Severity.CRITICAL,
    controls=("CloudFront.1",),
    types=_DISTRIBUTIONS,
    why="Without a root object, the root shows the list of everything in the bucket, where that is allowed.",
    fix="""
        aws.cloudfront.Distribution("distribution", default_root_object="index.html")
    """,
    link=f"{_FSBP}#cloudfront-1",
)
def default_root_object(distribution: Resource) -> Problems:
    """AWS's control is about buckets: an application answers for its root by itself."""
    if distribution.is_present("defaultRootObject"):
        return None
    return "it has no default_root_object" if _serves_bucket(distribution) else OUT_OF_SCOPE


@rule(
    name="cloudfront-viewers-use-https",
    title="Distributions answer over HTTPS alone",
    severity=Severity.MEDIUM,
    controls=("CloudFront.3",),
    types=_DISTRIBUTIONS,
    why="What is asked and answered over plain HTTP, sessions included, can be read and changed on the way.",
    fix="""
        aws.cloudfront.Distribution("distribution", default_cache_behavior={
            "viewer_protocol_policy": "redirect-to-https",
            "target_origin_id": "application",
            "allowed_methods": ["GET", "HEAD"],
            "cached_methods": ["GET", "HEAD"],
        })
    """,
    link=f"{_FSBP}#cloudfront-3",
)
def viewers_use_https(distribution: Resource) -> Problems:
    """A behaviour always states its policy."""
    yield from each(
        lambda behaviour: (
            None
            if behaviour.text("viewerProtocolPolicy") in ("https-only", "redirect-to-https")
            else f"{behaviour.where()}.viewer_protocol_policy allows plain HTTP"
        ),
        _behaviours(distribution),
    )


@rule(
    name="cloudfront-origin-failover",
    title="Distributions have a second origin to fall back to",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("CloudFront.4",),
    types=_DISTRIBUTIONS,
    why="When the only origin fails, everything that is not in the cache fails.",
    fix="""
        aws.cloudfront.Distribution("distribution", origin_groups=[{
            "origin_id": "either",
            "failover_criteria": {"status_codes": [500, 502, 503, 504]},
            "members": [{"origin_id": "first"}, {"origin_id": "second"}],
        }])
    """,
    link=f"{_FSBP}#cloudfront-4",
)
def origin_failover(distribution: Resource) -> Problems:
    """A group always has two members."""
    return None if distribution.is_present("originGroups") else "it has no origin_groups"


@rule(
    name="cloudfront-logs-requests",
    title="Distributions log requests",
    severity=Severity.MEDIUM,
    controls=("CloudFront.5",),
    types=_DISTRIBUTIONS,
    why="Without the log, nobody can say afterwards who asked for what.",
    fix="""
        aws.cloudfront.Distribution("distribution", logging_config={"bucket": logs.bucket_domain_name})
    """,
    link=f"{_FSBP}#cloudfront-5",
)
def logs_requests(distribution: Resource, stack: Stack) -> Problems:
    """The older log is a setting, the newer one a `LogDelivery` of its `LogDeliverySource`."""
    if distribution.is_present("loggingConfig.bucket"):
        return None
    sources = stack.beside(distribution, _SOURCE, by="resourceArn")
    if any_holds(
        lambda source: any_holds(
            lambda _delivery: True, stack.beside(source, _DELIVERY, by="deliverySourceName")
        ),
        sources,
    ):
        return None
    return "it has neither a logging_config nor a LogDelivery"


@rule(
    name="cloudfront-behind-waf",
    title="Distributions are behind AWS WAF",
    severity=Severity.MEDIUM,
    controls=("CloudFront.6",),
    types=_DISTRIBUTIONS,
    why="Without a web ACL, every known attack reaches the application.",
    fix="""
        aws.cloudfront.Distribution("distribution", web_acl_id=web_acl.arn)
    """,
    link=f"{_FSBP}#cloudfront-6",
)
def behind_waf(distribution: Resource) -> Problems:
    """That one is given is enough."""
    return None if distribution.is_present("webAclId") else "it has no web_acl_id"


@rule(
    name="cloudfront-own-certificate",
    title="Distributions have a certificate for their own name",
    severity=Severity.MEDIUM,
    controls=("CloudFront.7",),
    types=_DISTRIBUTIONS,
    why="With CloudFront's certificate, the name is AWS's, and old versions of TLS cannot be refused.",
    fix="""
        aws.cloudfront.Distribution("distribution", viewer_certificate={
            "acm_certificate_arn": certificate.arn,
            "minimum_protocol_version": "TLSv1.2_2021",
            "ssl_support_method": "sni-only",
        })
    """,
    link=f"{_FSBP}#cloudfront-7",
)
def own_certificate(distribution: Resource) -> Problems:
    """CloudFront's own is the default."""
    certificate = distribution.object("viewerCertificate")
    if certificate.is_present("acmCertificateArn") or certificate.is_present("iamCertificateId"):
        return None
    return "viewer_certificate names no certificate"


@rule(
    name="cloudfront-sni",
    title="Distributions serve HTTPS by the name that is asked for, not by an address of their own",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("CloudFront.8",),
    types=_DISTRIBUTIONS,
    why="A dedicated address costs hundreds of dollars a month for clients that are older than 2010.",
    fix="""
        aws.cloudfront.Distribution("distribution", viewer_certificate={
            "acm_certificate_arn": certificate.arn,
            "minimum_protocol_version": "TLSv1.2_2021",
            "ssl_support_method": "sni-only",
        })
    """,
    link=f"{_FSBP}#cloudfront-8",
)
def sni(distribution: Resource) -> Problems:
    """It has to be stated with a certificate of one's own."""
    certificate = distribution.object("viewerCertificate")
    if not certificate.is_present("acmCertificateArn") and not certificate.is_present("iamCertificateId"):
        return OUT_OF_SCOPE
    by_name = certificate.text("sslSupportMethod") == "sni-only"
    return None if by_name else "viewer_certificate.ssl_support_method is not sni-only"


@rule(
    name="cloudfront-origins-use-https",
    title="Distributions ask their origins over HTTPS",
    severity=Severity.MEDIUM,
    controls=("CloudFront.9",),
    types=_DISTRIBUTIONS,
    why="Between CloudFront and the origin, plain HTTP can be read and changed on the way.",
    fix="""
        aws.cloudfront.Distribution("distribution", origins=[{
            "origin_id": "application",
            "domain_name": "origin.example.com",
            "custom_origin_config": {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
            },
        }])
    """,
    link=f"{_FSBP}#cloudfront-9",
)
def origins_use_https(distribution: Resource) -> Problems:
    """To match the viewer is as good, where viewers use HTTPS alone. A bucket is always asked over HTTPS."""
    yield from each(
        lambda origin: (
            f"{origin.where()} is asked over plain HTTP" if _is_plain(origin, distribution) else None
        ),
        distribution.objects("origins"),
    )


def _is_plain(origin: View, distribution: Resource) -> bool:
    def policy() -> str:
        return _custom(origin).text("originProtocolPolicy")

    return every_holds(
        lambda: not _is_bucket(origin),
        lambda: one_holds(
            lambda: policy() == "http-only",
            lambda: every_holds(
                lambda: policy() == "match-viewer",
                lambda: any_holds(
                    lambda behaviour: behaviour.text("viewerProtocolPolicy") == "allow-all",
                    _behaviours(distribution),
                ),
            ),
        ),
    )


@rule(
    name="cloudfront-vpc-origin-uses-https",
    title="Distributions ask origins in a VPC over HTTPS",
    severity=Severity.MEDIUM,
    controls=("CloudFront.9",),
    types=(_VPC_ORIGIN,),
    why="Between CloudFront and the origin, plain HTTP can be read and changed on the way.",
    fix="""
        aws.cloudfront.VpcOrigin("origin", vpc_origin_endpoint_config={
            "name": "application",
            "arn": balancer.arn,
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
        })
    """,
    link=f"{_FSBP}#cloudfront-9",
)
def vpc_origin_uses_https(origin: Resource) -> Problems:
    """It always states its policy; which viewers it would match, nobody sees here."""
    encrypted = origin.text("vpcOriginEndpointConfig.originProtocolPolicy") == "https-only"
    return None if encrypted else "vpc_origin_endpoint_config.origin_protocol_policy is not https-only"


@rule(
    name="cloudfront-origins-no-old-tls",
    title="Distributions speak no old version of TLS with their origins",
    severity=Severity.MEDIUM,
    controls=("CloudFront.10",),
    types=(*_DISTRIBUTIONS, _VPC_ORIGIN),
    why="Old versions can be broken by whoever records or changes the traffic.",
    fix="""
        aws.cloudfront.Distribution("distribution", origins=[{
            "origin_id": "application",
            "domain_name": "origin.example.com",
            "custom_origin_config": {
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
            },
        }])
    """,
    link=f"{_FSBP}#cloudfront-10",
)
def origins_no_old_tls(resource: Resource) -> Problems:
    """An origin always states its versions."""
    if resource.type == _VPC_ORIGIN:
        protocols = resource.texts("vpcOriginEndpointConfig.originSslProtocols.items")
        if any_holds(lambda name: name in _OLD, protocols):
            yield "vpc_origin_endpoint_config.origin_ssl_protocols has an old version"
        return
    yield from each(
        lambda origin: (
            f"{origin.where()} has an old version in origin_ssl_protocols"
            if any_holds(lambda name: name in _OLD, _custom(origin).texts("originSslProtocols"))
            else None
        ),
        resource.objects("origins"),
    )


@rule(
    name="cloudfront-bucket-origin-access-control",
    title="Distributions reach buckets by an origin access control",
    severity=Severity.MEDIUM,
    controls=("CloudFront.13",),
    types=_DISTRIBUTIONS,
    why="Without it, the bucket has to be open to more than the distribution, and can be read past it.",
    fix="""
        access = aws.cloudfront.OriginAccessControl(
            "access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        )
        aws.cloudfront.Distribution("distribution", origins=[{
            "origin_id": "content",
            "domain_name": bucket.bucket_regional_domain_name,
            "origin_access_control_id": access.id,
        }])
    """,
    link=f"{_FSBP}#cloudfront-13",
)
def bucket_origin_access_control(distribution: Resource) -> Problems:
    """An origin access identity is the older form, which the control does not accept."""
    yield from each(
        lambda origin: (
            f"{origin.where()} has no origin_access_control_id"
            if _is_bucket(origin) and not origin.is_present("originAccessControlId")
            else None
        ),
        distribution.objects("origins"),
    )


@rule(
    name="cloudfront-origin-access-signed",
    title="Origin access controls sign the requests to their origin",
    severity=Severity.MEDIUM,
    controls=("CloudFront.13",),
    types=(_ACCESS,),
    why="An origin that is asked without a signature has to be open to everyone.",
    fix="""
        aws.cloudfront.OriginAccessControl(
            "access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        )
    """,
    link=f"{_FSBP}#cloudfront-13",
)
def origin_access_signed(access: Resource) -> Problems:
    """It always states its behaviour."""
    return "signing_behavior is never" if access.text("signingBehavior") == "never" else None


@rule(
    name="cloudfront-tls-policy",
    title="Distributions accept TLS 1.2 and 1.3 alone, with ciphers that are still recommended",
    severity=Severity.MEDIUM,
    controls=("CloudFront.15",),
    types=_DISTRIBUTIONS,
    why="Old versions and ciphers can be broken by whoever records or changes the traffic.",
    fix="""
        aws.cloudfront.Distribution("distribution", viewer_certificate={
            "acm_certificate_arn": certificate.arn,
            "minimum_protocol_version": "TLSv1.2_2021",
            "ssl_support_method": "sni-only",
        })
    """,
    link=f"{_FSBP}#cloudfront-15",
)
def tls_policy(distribution: Resource) -> Problems:
    """TLS 1.0 is the default, and all that CloudFront's own certificate allows."""
    minimum = distribution.text("viewerCertificate.minimumProtocolVersion", default="TLSv1")
    if minimum in _RECOMMENDED:
        return None
    return "viewer_certificate.minimum_protocol_version is none of those recommended"


@rule(
    name="cloudfront-behaviours-have-headers",
    title="Every behaviour of a distribution adds security headers",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=_DISTRIBUTIONS,
    why="Without Strict-Transport-Security, a browser's first request can be kept on plain HTTP.",
    fix="""
        aws.cloudfront.Distribution("distribution", default_cache_behavior={
            "response_headers_policy_id": headers.id,
            "viewer_protocol_policy": "redirect-to-https",
            "target_origin_id": "application",
            "allowed_methods": ["GET", "HEAD"],
            "cached_methods": ["GET", "HEAD"],
        })
    """,
    link=f"{_GUIDE}/adding-response-headers.html",
)
def behaviours_have_headers(distribution: Resource) -> Problems:
    """None are added by default."""
    yield from each(
        lambda behaviour: (
            None
            if behaviour.is_present("responseHeadersPolicyId")
            else f"{behaviour.where()} has no response_headers_policy_id"
        ),
        _behaviours(distribution),
    )


@rule(
    name="cloudfront-headers-strict-transport",
    title="Policies of response headers keep browsers on HTTPS for a year or longer",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_HEADERS,),
    why="Without Strict-Transport-Security, a browser's first request can be kept on plain HTTP.",
    fix="""
        aws.cloudfront.ResponseHeadersPolicy("headers", security_headers_config={
            "strict_transport_security": {
                "access_control_max_age_sec": 31536000, "include_subdomains": True, "override": True,
            },
        })
    """,
    link=f"{_GUIDE}/understanding-response-headers-policies.html",
)
def headers_strict_transport(headers: Resource) -> Problems:
    """The header is not set by default."""
    path = "securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec"
    if headers.number(path, default=0) >= _YEAR:
        return None
    return "security_headers_config.strict_transport_security does not hold for a year"
