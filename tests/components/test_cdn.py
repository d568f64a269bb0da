"""What the edge guarantees: encrypted, judged, logged, and before an origin that nobody else reaches."""

import json
from functools import cache
from typing import Any

import pulumi
import pytest

from components import contract
from components.access_logs import AccessLogs
from components.cdn import Cdn, CdnArgs
from components.edge_logs import FIELDS
from components.encryption import Key
from components.web_acl import MANAGED_GROUPS
from preview.graph import Graph, Resource
from preview.values import UNKNOWN
from tests.components.watched import ROUTE
from tests.harness import build, context, recovery_provider

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
VERCEL = "syncup.vercel.app"
FRONT_ENDS = pytest.mark.parametrize("vercel", [None, VERCEL], ids=["application", "vercel"])


def _key(purpose: str) -> Key:
    return Key(arn=pulumi.Output.from_input(f"arn:key/{purpose}"), alias=f"alias/syncup-test-{purpose}")


@cache
def _graph(vercel: str | None = None, *, known: bool = False) -> Graph:
    def program() -> None:
        here = context()
        args = CdnArgs(
            domain="syncup.example.com",
            hosted_zone_id="Z0123456789ABCDEFGHIJ",
            load_balancer_arn="arn:balancer",
            origin_domain="origin.syncup.example.com",
            vercel_domain=vercel,
            requests_per_5_minutes=2000,
            content_key=_key("data"),
            logs_key=_key("logs"),
            global_logs_key=_key("global-logs"),
            access_logs=AccessLogs("access-logs", here, recovery_provider()).home,
            log_retention_days=365,
            alarms=ROUTE,
        )
        Cdn("cdn", here, args)

    return build(program, known=known)


def _behaviors(graph: Graph) -> dict[str, dict[str, Any]]:
    """Every behaviour by its path; the default's is empty."""
    distribution = graph.one(DISTRIBUTION)
    ordered = {behavior["pathPattern"]: behavior for behavior in distribution["orderedCacheBehaviors"]}
    return {**ordered, "": distribution["defaultCacheBehavior"]}


def _origins(graph: Graph) -> dict[str, dict[str, Any]]:
    return {origin["originId"]: origin for origin in graph.one(DISTRIBUTION)["origins"]}


def _policy(graph: Graph, name: str) -> list[dict[str, Any]]:
    return json.loads(graph.one("aws:s3/bucketPolicy:BucketPolicy", name)["policy"])["Statement"]


@FRONT_ENDS
def test_viewers_and_origins_are_spoken_to_with_modern_tls_alone(vercel: str | None) -> None:
    graph = _graph(vercel)
    distribution = graph.one(DISTRIBUTION)
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert {b["viewerProtocolPolicy"] for b in _behaviors(graph).values()} == {"redirect-to-https"}
    private = graph.one("aws:cloudfront/vpcOrigin:VpcOrigin")["vpcOriginEndpointConfig"]
    public = [o["customOriginConfig"] for o in _origins(graph).values() if "customOriginConfig" in o]
    assert len(public) == (vercel is not None)
    assert {config["originProtocolPolicy"] for config in (private, *public)} == {"https-only"}
    assert private["originSslProtocols"]["items"] == ["TLSv1.2"]
    assert all(config["originSslProtocols"] == ["TLSv1.2"] for config in public)


@FRONT_ENDS
def test_the_application_is_reached_through_the_vpc_origin_alone(vercel: str | None) -> None:
    application = _origins(_graph(vercel))["application"]
    assert "vpcOriginConfig" in application
    assert "customOriginConfig" not in application
    assert application["domainName"] == "origin.syncup.example.com"
    assert application["vpcOriginConfig"]["originReadTimeout"] == contract.READ_SECONDS


def test_the_application_serves_everything_but_static_files() -> None:
    targets = {path: behavior["targetOriginId"] for path, behavior in _behaviors(_graph()).items()}
    assert targets == {"": "application", "/static/*": "static-or-pages"}


def test_vercel_serves_pages_and_the_application_its_api() -> None:
    graph = _graph(VERCEL)
    targets = {path: behavior["targetOriginId"] for path, behavior in _behaviors(graph).items()}
    assert targets == {"": "vercel", "/api/*": "application", "/static/*": "static-or-pages"}
    assert _origins(graph)["vercel"]["domainName"] == VERCEL


def test_vercel_is_asked_by_its_own_name_and_the_application_by_the_viewers() -> None:
    all_viewer, all_viewer_except_host = (
        "216adef6-5c7f-47e4-b989-5492eafa07d3",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    )
    behaviors = _behaviors(_graph(VERCEL))
    assert behaviors[""]["originRequestPolicyId"] == all_viewer_except_host
    assert behaviors["/api/*"]["originRequestPolicyId"] == all_viewer


@FRONT_ENDS
def test_only_static_files_are_cached(vercel: str | None) -> None:
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    for path, behavior in _behaviors(_graph(vercel)).items():
        assert (behavior["cachePolicyId"] == caching_disabled) == (path != "/static/*")


@FRONT_ENDS
def test_what_the_bucket_does_not_have_comes_from_where_pages_come_from(vercel: str | None) -> None:
    graph = _graph(vercel)
    (group,) = graph.one(DISTRIBUTION)["originGroups"]
    members = [member["originId"] for member in group["members"]]
    assert members == ["static", "vercel" if vercel else "application"]
    assert {403, 404, 503} <= set(group["failoverCriteria"]["statusCodes"])
    # CloudFront takes a group for these methods alone.
    assert set(_behaviors(graph)["/static/*"]["allowedMethods"]) == {"GET", "HEAD", "OPTIONS"}


def test_the_static_bucket_is_read_by_signed_requests_of_this_accounts_edge_alone() -> None:
    graph = _graph()
    access = graph.one("aws:cloudfront/originAccessControl:OriginAccessControl")
    assert (access["signingBehavior"], access["signingProtocol"]) == ("always", "sigv4")
    assert "originAccessControlId" in _origins(graph)["static"]
    _tls, reader = _policy(graph, "cdn-static-bucket-policy")
    assert reader["Principal"] == {"Service": ["cloudfront.amazonaws.com"]}
    assert reader["Action"] == ["s3:GetObject"]
    assert reader["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/*"},
    }


@FRONT_ENDS
def test_every_answer_tells_browsers_to_be_careful(vercel: str | None) -> None:
    graph = _graph(vercel, known=True)
    policy = graph.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    used = {behavior["responseHeadersPolicyId"] for behavior in _behaviors(graph).values()}
    assert used == {policy.id}
    headers = policy["securityHeadersConfig"]
    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 31536000
    assert headers["strictTransportSecurity"]["preload"] is True
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["contentTypeOptions"]["override"] is True


def test_the_applications_own_content_policy_replaces_the_edges() -> None:
    policy = _graph().one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    assert policy["securityHeadersConfig"]["contentSecurityPolicy"]["override"] is False


def test_every_request_is_judged_first() -> None:
    graph = _graph(known=True)
    assert graph.one(DISTRIBUTION)["webAclId"] == graph.one(WEB_ACL).outputs["arn"]


def _rules() -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in _graph().one(WEB_ACL)["rules"]}


def test_an_address_that_asks_too_often_is_blocked() -> None:
    rule = _rules()["rate-limit"]
    assert "block" in rule["action"]
    limit = rule["statement"]["rateBasedStatement"]
    assert (limit["limit"], limit["evaluationWindowSec"], limit["aggregateKeyType"]) == (2000, 300, "IP")


def test_the_managed_groups_block_and_each_rule_has_its_metric_and_its_place() -> None:
    rules = _rules()
    assert set(rules) == {"rate-limit", *(group.name for group in MANAGED_GROUPS)}
    assert all("none" in rules[group.name]["overrideAction"] for group in MANAGED_GROUPS)
    assert all(rule["visibilityConfig"]["cloudwatchMetricsEnabled"] for rule in rules.values())
    assert len({rule["priority"] for rule in rules.values()}) == len(rules)


def test_only_rules_about_bodies_merely_count() -> None:
    counted = {
        override["name"]
        for rule in _rules().values()
        for override in rule["statement"].get("managedRuleGroupStatement", {}).get("ruleActionOverrides", [])
    }
    assert counted
    assert all(name.endswith("_BODY") for name in counted)


def test_the_firewalls_log_holds_no_credentials_and_is_written_for_this_account_alone() -> None:
    graph = _graph()
    logging = graph.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    redacted = {field["singleHeader"]["name"] for field in logging["redactedFields"]}
    assert redacted == {"authorization", "cookie"}
    group = graph.one("aws:cloudwatch/logGroup:LogGroup")
    assert group["name"].startswith("aws-waf-logs-")
    assert group["kmsKeyId"] == "arn:key/global-logs"
    policy = graph.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")["policyDocument"]
    (writer,) = json.loads(policy)["Statement"]
    assert writer["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


def test_the_access_log_leaves_out_what_viewers_keep_secret() -> None:
    delivery = _graph().one("aws:cloudwatch/logDelivery:LogDelivery")
    assert delivery["recordFields"] == list(FIELDS)
    assert not {"cs(Cookie)", "cs-uri-query", "cs(Referer)"} & set(FIELDS)


def test_the_access_log_goes_to_a_private_encrypted_bucket_by_its_own_source_alone() -> None:
    graph = _graph()
    source = graph.one("aws:cloudwatch/logDeliverySource:LogDeliverySource")
    writer = _policy(graph, "cdn-logs-bucket-policy")[1]
    assert writer["Condition"]["ArnLike"] == {
        "aws:SourceArn": f"arn:aws:logs:us-east-1:111122223333:delivery-source:{source['name']}"
    }
    encryption = graph.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "cdn-logs-bucket-encryption",
    )
    (rule,) = encryption["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == "arn:key/logs"


def test_what_belongs_to_cloudfront_lives_in_the_global_region() -> None:
    graph = _graph()
    types = ("acm/", "wafv2/", "cloudwatch/")
    global_ones: list[Resource] = [
        resource for resource in graph.resources if resource.type.removeprefix("aws:").startswith(types)
    ]
    assert len(global_ones) == 10
    assert {resource["region"] for resource in global_ones} == {"us-east-1"}


def test_the_domain_leads_to_the_edge_over_both_families_and_http_3() -> None:
    graph = _graph()
    kinds = {
        record["type"]
        for record in graph.all("aws:route53/record:Record")
        if record["name"] == "syncup.example.com"
    }
    assert kinds == {"A", "AAAA", "HTTPS"}
    assert graph.one(DISTRIBUTION)["httpVersion"] == "http2and3"
    assert graph.one(DISTRIBUTION)["aliases"] == ["syncup.example.com"]


def test_errors_ring_where_cloudfront_has_its_metrics() -> None:
    alarm = _graph(known=True).one("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm["metricName"] == "5xxErrorRate"
    assert set(alarm["dimensions"]) == {"DistributionId", "Region"}
    assert alarm["alarmActions"]


def test_policies_are_known_in_a_first_preview() -> None:
    for resource in _graph().resources:
        for name in ("policy", "policyDocument"):
            assert resource.inputs.get(name) is not UNKNOWN, resource.urn
