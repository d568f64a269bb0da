"""The headers that make a browser careful, on every answer of the edge."""

from pulumi_aws import cloudfront

from components.base import Component

_TWO_YEARS_SECONDS = 2 * 365 * 24 * 3600
"""What browsers' preload lists expect: https://hstspreload.org"""
_CONTENT = "base-uri 'self'; frame-ancestors 'none'; object-src 'none'; upgrade-insecure-requests"
"""What holds for any page. Scripts and styles are for the application to allow, which alone knows its
nonces: a policy that it sends itself replaces this one."""


def response_headers(parent: Component) -> cloudfront.ResponseHeadersPolicy:
    """The response-headers policy of an edge."""
    return cloudfront.ResponseHeadersPolicy(
        f"{parent.pulumi_resource_name}-headers",
        comment="HTTPS alone, no frames, no guessing of types",
        security_headers_config=cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
            strict_transport_security=(
                cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
                    access_control_max_age_sec=_TWO_YEARS_SECONDS,
                    include_subdomains=True,
                    preload=True,
                    override=True,
                )
            ),
            content_type_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                override=True
            ),
            frame_options=cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
                frame_option="DENY", override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
                referrer_policy="strict-origin-when-cross-origin", override=False
            ),
            content_security_policy=(
                cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
                    content_security_policy=_CONTENT, override=False
                )
            ),
        ),
        remove_headers_config=cloudfront.ResponseHeadersPolicyRemoveHeadersConfigArgs(
            items=[cloudfront.ResponseHeadersPolicyRemoveHeadersConfigItemArgs(header="X-Powered-By")]
        ),
        opts=parent.child(),
    )
