"""The edge: where viewers arrive, and the only way in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudfront, route53

from components import contract, ports
from components.alarms import AlarmRoute, Metric, Severity, metric_alarm
from components.base import Component
from components.bucket import PrivateBucket
from components.certificate import Certificate, CertificateArgs
from components.context import Context
from components.edge_logs import EdgeLogs, EdgeLogsArgs
from components.encryption import Key
from components.response_headers import response_headers
from components.static_content import StaticContent
from components.web_acl import WebAcl, WebAclArgs

# CloudFront's own policies, whose identifiers are the same in every account:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
_NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
_WHOLE_REQUEST = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_WHOLE_REQUEST_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_READING = ("GET", "HEAD", "OPTIONS")
_ALL_METHODS = (*_READING, "DELETE", "PATCH", "POST", "PUT")
_UNAVAILABLE = (403, 404, 500, 502, 503, 504)
"""A bucket answers 403 for what it does not have to whoever may not list it."""
_ERROR_PERCENT = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class CdnArgs:
    """Under which name viewers arrive, and where they are led."""

    domain: str
    hosted_zone_id: str
    load_balancer_arn: pulumi.Input[str]
    origin_domain: str
    """The name on the load balancer's certificate."""
    vercel_domain: str | None
    """Where pages come from, if Vercel serves them. The API comes from the load balancer all the same."""
    requests_per_5_minutes: int
    """By one address, before it is blocked."""
    content_key: Key
    logs_key: Key
    global_logs_key: Key
    """Of the global region, where the firewall logs."""
    access_logs: PrivateBucket
    log_retention_days: int
    alarms: AlarmRoute
    """Of the global region, the only one that has CloudFront's metrics."""


class Cdn(Component):
    """A CloudFront distribution before the internal load balancer, a bucket, and perhaps Vercel.

    Guarantees: HTTPS with TLS 1.2 or newer on both sides, every request judged by the web ACL and
    logged, and an origin that the internet cannot reach. VPC origins exist in most regions, but not in
    each of their zones:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
    """

    def __init__(
        self, name: str, context: Context, args: CdnArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:edge:Cdn", name, context, opts)
        self._args = args
        self.domain = args.domain
        self._static = StaticContent(
            f"{name}-static",
            context,
            key=args.content_key,
            access_logs=args.access_logs,
            opts=self.child(),
        )
        self.static_bucket = self._static.bucket_name
        distribution = self._distribution()
        self.distribution_id = distribution.id
        EdgeLogs(
            f"{name}-logs",
            context,
            EdgeLogsArgs(
                distribution_arn=pulumi.Output.concat(
                    context.global_arn("cloudfront", "distribution/"), distribution.id
                ),
                key=args.logs_key,
                access_logs=args.access_logs,
                log_retention_days=args.log_retention_days,
            ),
            opts=self.child(),
        )
        self._publish(distribution)
        self._watch()
        self.register_outputs({"distribution_id": self.distribution_id, "domain": self.domain})

    def _distribution(self) -> cloudfront.Distribution:
        """No default root object: `/` is a page like any other, and the bucket is not behind it."""
        args, name, context = self._args, self.pulumi_resource_name, self.context
        certificate = Certificate(
            f"{name}-certificate",
            context,
            CertificateArgs(
                domain=args.domain, hosted_zone_id=args.hosted_zone_id, region=context.global_region
            ),
            opts=self.child(),
        )
        web_acl = WebAcl(
            f"{name}-firewall",
            context,
            WebAclArgs(
                requests_per_5_minutes=args.requests_per_5_minutes,
                logs_key=args.global_logs_key,
                log_retention_days=args.log_retention_days,
            ),
            opts=self.child(),
        )
        self.firewall_log_group_name = web_acl.log_group_name
        pages = "application" if args.vercel_domain is None else "vercel"
        headers = response_headers(self)
        return cloudfront.Distribution(
            f"{name}-distribution",
            comment=f"{context.project} {context.environment}",
            enabled=True,
            aliases=[args.domain],
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class="PriceClass_All",
            origins=self._origins(),
            origin_groups=[_either("static-or-pages", "static", pages)],
            default_cache_behavior=cloudfront.DistributionDefaultCacheBehaviorArgs(
                **_dynamic(pages, headers)
            ),
            ordered_cache_behaviors=self._behaviors(headers),
            viewer_certificate=cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=certificate.arn,
                ssl_support_method="sni-only",
                minimum_protocol_version="TLSv1.2_2021",
            ),
            restrictions=cloudfront.DistributionRestrictionsArgs(
                geo_restriction=cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            web_acl_id=web_acl.arn,
            opts=self.child(),
        )

    def _origins(self) -> Sequence[cloudfront.DistributionOriginArgs]:
        args, name = self._args, self.pulumi_resource_name
        private = cloudfront.VpcOrigin(
            f"{name}-origin",
            vpc_origin_endpoint_config=cloudfront.VpcOriginVpcOriginEndpointConfigArgs(
                name=self.context.name(name),
                arn=args.load_balancer_arn,
                # Never used, but asked for.
                http_port=80,
                https_port=ports.HTTPS,
                origin_protocol_policy="https-only",
                origin_ssl_protocols=cloudfront.VpcOriginVpcOriginEndpointConfigOriginSslProtocolsArgs(
                    items=["TLSv1.2"], quantity=1
                ),
            ),
            opts=self.child(),
        )
        origins = [
            cloudfront.DistributionOriginArgs(
                origin_id="application",
                domain_name=args.origin_domain,
                vpc_origin_config=cloudfront.DistributionOriginVpcOriginConfigArgs(
                    vpc_origin_id=private.id, origin_read_timeout=contract.READ_SECONDS
                ),
            ),
            cloudfront.DistributionOriginArgs(
                origin_id="static",
                domain_name=self._static.domain_name,
                origin_access_control_id=self._static.access_control_id,
            ),
        ]
        if args.vercel_domain is not None:
            origins.append(_public("vercel", args.vercel_domain))
        return origins

    def _behaviors(
        self, headers: cloudfront.ResponseHeadersPolicy
    ) -> Sequence[cloudfront.DistributionOrderedCacheBehaviorArgs]:
        """What does not go where pages come from."""
        behaviors = [
            cloudfront.DistributionOrderedCacheBehaviorArgs(
                path_pattern=f"/{contract.STATIC_PREFIX}/*", **_static("static-or-pages", headers)
            )
        ]
        if self._args.vercel_domain is not None:
            behaviors.append(
                cloudfront.DistributionOrderedCacheBehaviorArgs(
                    path_pattern="/api/*", **_dynamic("application", headers)
                )
            )
        return behaviors

    def _publish(self, distribution: cloudfront.Distribution) -> None:
        """Both families of addresses, and the record by which a browser begins with HTTP/3.

        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-cloudfront-distribution.html
        """
        for kind in ("A", "AAAA", "HTTPS"):
            route53.Record(
                f"{self.pulumi_resource_name}-{kind.lower()}",
                zone_id=self._args.hosted_zone_id,
                name=self._args.domain,
                type=kind,
                aliases=[
                    route53.RecordAliasArgs(
                        name=distribution.domain_name,
                        zone_id=distribution.hosted_zone_id,
                        # CloudFront has no health that Route 53 could see.
                        evaluate_target_health=False,
                    )
                ],
                opts=self.child(),
            )

    def _watch(self) -> None:
        """Where the edge cannot reach the load balancer, nothing behind it notices."""
        metric_alarm(
            self,
            "errors",
            route=self._args.alarms,
            severity=Severity.HIGH,
            runbook="edge-errors",
            description=f"More than {_ERROR_PERCENT} % of what viewers ask for ends in a server error.",
            comparison="GreaterThanThreshold",
            threshold=_ERROR_PERCENT,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            missing_data="notBreaching",
            metric=Metric(
                namespace="AWS/CloudFront",
                name="5xxErrorRate",
                statistic="Average",
                dimensions={"DistributionId": self.distribution_id, "Region": "Global"},
            ),
            region=self.context.global_region,
        )


def _public(origin_id: str, domain: str) -> cloudfront.DistributionOriginArgs:
    """An origin on the internet."""
    return cloudfront.DistributionOriginArgs(
        origin_id=origin_id,
        domain_name=domain,
        custom_origin_config=cloudfront.DistributionOriginCustomOriginConfigArgs(
            http_port=80,
            https_port=ports.HTTPS,
            origin_protocol_policy="https-only",
            origin_ssl_protocols=["TLSv1.2"],
            origin_read_timeout=contract.READ_SECONDS,
        ),
    )


def _either(origin_id: str, first: str, second: str) -> cloudfront.DistributionOriginGroupArgs:
    """Asks the second where the first fails. CloudFront does so for reading methods alone."""
    return cloudfront.DistributionOriginGroupArgs(
        origin_id=origin_id,
        failover_criteria=cloudfront.DistributionOriginGroupFailoverCriteriaArgs(
            status_codes=list(_UNAVAILABLE)
        ),
        members=[
            cloudfront.DistributionOriginGroupMemberArgs(origin_id=member) for member in (first, second)
        ],
    )


def _dynamic(origin_id: str, headers: cloudfront.ResponseHeadersPolicy) -> dict[str, Any]:
    """A behaviour that passes every request on. Vercel finds the project by the host's name, its own."""
    return {
        "target_origin_id": origin_id,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": list(_ALL_METHODS),
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": _NOT_CACHED,
        "origin_request_policy_id": _WHOLE_REQUEST_BUT_HOST if origin_id == "vercel" else _WHOLE_REQUEST,
        "response_headers_policy_id": headers.id,
    }


def _static(origin_id: str, headers: cloudfront.ResponseHeadersPolicy) -> dict[str, Any]:
    """A behaviour for files that never change under their name."""
    return {
        "target_origin_id": origin_id,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": list(_READING),
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": _CACHED,
        "response_headers_policy_id": headers.id,
        "compress": True,
    }
