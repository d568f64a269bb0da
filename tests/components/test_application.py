"""What the application's load balancer and instances guarantee."""

import base64
import json
from functools import cache
from typing import Any

import pulumi
import pytest

from components import contract, ports
from components.access_logs import AccessLogs
from components.application import Application, ApplicationArgs
from components.encryption import Key
from infra.ownership import not_managed
from infra.reading import read_guide
from preview.graph import Graph
from preview.values import UNKNOWN
from tests.components.watched import ROUTE
from tests.harness import build, context, recovery_provider

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SECRETS = ("syncup/test/database", "syncup/test/authentication")


def _key(purpose: str) -> Key:
    return Key(arn=pulumi.Output.from_input(f"arn:key/{purpose}"), alias=f"alias/syncup-test-{purpose}")


def _application(**changes: Any) -> Application:
    here = context(not_managed=not_managed())
    args: dict[str, Any] = {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b", "subnet-c"],
        "load_balancer_group_id": "sg-balancer",
        "security_group_id": "sg-instances",
        "domain": "origin.syncup.example.com",
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "instance_types": ["m7g.large", "m6g.large"],
        "image_id": "ami-0b2c3d4e5f6071829",
        "min_size": 3,
        "max_size": 12,
        "root_volume_gib": 30,
        "release": "2026.11.3",
        "environment": {"DATABASE_SSL": "true", "CACHE_HOST": pulumi.Output.from_input("cache.local")},
        "secrets": SECRETS,
        "cache_secret": "syncup/test/cache",
        "datadog_site": "datadoghq.com",
        "volume_key": _key("data"),
        "secrets_key": _key("secrets"),
        "logs_key": _key("logs"),
        "access_logs": AccessLogs("access-logs", here, recovery_provider()).home,
        "log_retention_days": 365,
        "alarms": ROUTE,
    }
    return Application("application", here, ApplicationArgs(**{**args, **changes}))


@cache
def _graph(*, known: bool = False) -> Graph:
    return build(_application, known=known)


def _script() -> str:
    return base64.b64decode(_graph().one(TEMPLATE)["userData"]).decode()


def _permissions() -> list[dict[str, Any]]:
    policy = _graph().one("aws:iam/rolePolicy:RolePolicy", "application-instances-permissions")["policy"]
    return json.loads(policy)["Statement"]


def test_the_load_balancer_is_inside_and_refuses_what_is_malformed() -> None:
    balancer = _graph().one(BALANCER)
    assert balancer["internal"] is True
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["desyncMitigationMode"] == "strictest"
    assert balancer["enableDeletionProtection"] is True
    assert balancer["securityGroups"] == ["sg-balancer"]


def test_it_listens_for_https_alone_with_modern_tls() -> None:
    listener = _graph().one("aws:lb/listener:Listener")
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"


def test_every_request_and_connection_is_logged_by_the_load_balancer_of_this_account() -> None:
    graph = _graph()
    balancer = graph.one(BALANCER)
    bucket = "syncup-test-lb-logs-111122223333-us-west-2"
    assert balancer["accessLogs"] == {"bucket": bucket, "enabled": True, "prefix": "requests"}
    assert balancer["connectionLogs"] == {"bucket": bucket, "enabled": True, "prefix": "connections"}
    policy = json.loads(graph.one("aws:s3/bucketPolicy:BucketPolicy", "application-lb-logs-policy")["policy"])
    writer = policy["Statement"][1]
    assert writer["Principal"] == {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    assert writer["Resource"] == [
        f"arn:aws:s3:::{bucket}/{kind}/AWSLogs/111122223333/*" for kind in ("requests", "connections")
    ]
    assert writer["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/*"}
    }


def test_a_target_is_healthy_and_drained_as_the_contract_says() -> None:
    targets = _graph().one("aws:lb/targetGroup:TargetGroup")
    assert targets["port"] == ports.APPLICATION
    assert targets["healthCheck"]["path"] == contract.HEALTH_PATH
    assert targets["deregistrationDelay"] == contract.DRAIN_SECONDS
    assert targets["stickiness"]["enabled"] is False


def test_no_instance_has_a_public_address_or_answers_old_metadata_requests() -> None:
    template = _graph().one(TEMPLATE)
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == ["sg-instances"]
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    assert template["imageId"] == "ami-0b2c3d4e5f6071829"


def test_every_volume_is_encrypted_with_the_environments_key() -> None:
    (device,) = _graph().one(TEMPLATE)["blockDeviceMappings"]
    assert device["ebs"]["encrypted"] == "true"
    assert device["ebs"]["kmsKeyId"] == "arn:key/data"
    assert device["ebs"]["volumeType"] == "gp3"


def test_what_an_instance_starts_with_carries_the_environments_tags() -> None:
    template, group = _graph().one(TEMPLATE), _graph().one(GROUP)
    expected = {"Name": "syncup-test-application", "Project": "syncup", "Environment": "test"}
    assert {spec["resourceType"] for spec in template["tagSpecifications"]} == {"volume", "network-interface"}
    assert all(spec["tags"] == expected for spec in template["tagSpecifications"])
    assert {tag["key"]: tag["value"] for tag in group["tags"]} == expected
    assert all(tag["propagateAtLaunch"] for tag in group["tags"])


def test_user_data_is_known_in_a_first_preview_and_names_the_release() -> None:
    assert _graph().one(TEMPLATE)["userData"] is not UNKNOWN
    assert "RELEASE=2026.11.3\n" in _script()


def test_a_new_release_changes_the_template_alone() -> None:
    def inputs(graph: Graph) -> dict[str, Any]:
        return {resource.urn: resource.inputs for resource in graph.resources}

    old, new = inputs(_graph()), inputs(build(lambda: _application(release="2026.11.4")))
    assert [urn.rsplit("::", 1)[1] for urn in old if old[urn] != new[urn]] == [
        "application-instances-template"
    ]


def test_the_group_takes_a_version_by_number_and_leaves_it_to_the_deployment() -> None:
    graph = _graph(known=True)
    group = graph.one(GROUP)
    specification = group["mixedInstancesPolicy"]["launchTemplate"]["launchTemplateSpecification"]
    assert specification["version"].isdigit()
    assert "desiredCapacity" not in group.inputs
    assert (
        "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version"
        in group.options.ignore_changes
    )


def test_instances_are_replaced_within_two_weeks_and_after_their_replacement_serves() -> None:
    group = _graph().one(GROUP)
    assert 86400 <= group["maxInstanceLifetime"] <= 14 * 86400
    assert group["instanceMaintenancePolicy"]["minHealthyPercentage"] == 100
    assert group["healthCheckType"] == "ELB"
    assert group["vpcZoneIdentifiers"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_who_does_not_report_a_start_is_replaced_and_an_end_cannot_hang() -> None:
    graph = _graph()
    hooks = {hook["lifecycleTransition"]: hook for hook in graph.one(GROUP)["initialLifecycleHooks"]}
    launch, end = hooks["autoscaling:EC2_INSTANCE_LAUNCHING"], hooks["autoscaling:EC2_INSTANCE_TERMINATING"]
    assert launch["defaultResult"] == "ABANDON"
    assert launch["heartbeatTimeout"] > contract.START_SECONDS
    assert end["defaultResult"] == "CONTINUE"
    assert end["heartbeatTimeout"] > contract.DRAIN_SECONDS + contract.STOP_SECONDS


def test_the_hooks_that_an_instance_answers_are_the_groups() -> None:
    graph = _graph()
    initial = {hook["name"]: hook["heartbeatTimeout"] for hook in graph.one(GROUP)["initialLifecycleHooks"]}
    later = {
        hook["name"]: hook["heartbeatTimeout"]
        for hook in graph.all("aws:autoscaling/lifecycleHook:LifecycleHook")
    }
    assert initial == later
    script = _script()
    assert all(f"={name}\n" in script for name in initial)


def test_the_group_scales_on_processors_and_on_requests() -> None:
    graph = _graph(known=True)
    policies = [
        policy["targetTrackingConfiguration"] for policy in graph.all("aws:autoscaling/policy:Policy")
    ]
    by_type = {policy["predefinedMetricSpecification"]["predefinedMetricType"]: policy for policy in policies}
    assert by_type["ASGAverageCPUUtilization"]["targetValue"] < 70
    label = by_type["ALBRequestCountPerTarget"]["predefinedMetricSpecification"]["resourceLabel"]
    assert "/" in label


def test_two_of_three_zones_carry_the_guides_throughput() -> None:
    (throughput,) = [entry for entry in read_guide().metrics.api_performance if entry.metric == "throughput"]
    (policy,) = [
        policy["targetTrackingConfiguration"]
        for policy in _graph().all("aws:autoscaling/policy:Policy")
        if policy.name.endswith("-requests")
    ]
    assert 2 * policy["targetValue"] / 60 >= throughput.target.number


def test_the_first_instance_finds_permissions_parameters_and_listener() -> None:
    graph = _graph()
    needed = {urn.rsplit("::", 1)[1] for urn in graph.one(GROUP).dependencies}
    assert {
        "application-instances-permissions",
        "application-lb-https",
        "application-logs",
        "application-database-ssl",
        "application-cache-host",
    } <= needed


def test_the_instances_read_their_own_secrets_and_no_others() -> None:
    (reading,) = [s for s in _permissions() if "secretsmanager:GetSecretValue" in s["Action"]]
    assert reading["Resource"] == [
        f"arn:aws:secretsmanager:us-west-2:111122223333:secret:{name}-??????"
        for name in (*SECRETS, "syncup/test/cache")
    ]


def test_no_action_is_a_wildcard_and_every_wide_resource_is_one_that_aws_demands() -> None:
    wide: set[str] = set()
    for statement in _permissions():
        assert not any("*" in action.removesuffix("Key*") for action in statement["Action"])
        if "*" in statement["Resource"] and "Condition" not in statement:
            wide |= {action.split(":")[0] for action in statement["Action"]}
    assert wide == {"ec2", "ec2messages", "ssm", "ssmmessages"}


def test_releases_are_read_from_one_folder_of_a_versioned_private_bucket() -> None:
    (fetch,) = [s for s in _permissions() if "s3:GetObject" in s["Action"]]
    assert fetch["Resource"] == ["arn:aws:s3:::syncup-test-releases-111122223333-us-west-2/releases/*"]
    assert _graph().one("aws:s3/bucketVersioning:BucketVersioning", "application-releases-versioning")


def test_parameters_are_plain_values_below_the_applications_path() -> None:
    parameters = {p["name"]: p["insecureValue"] for p in _graph().all("aws:ssm/parameter:Parameter")}
    assert parameters == {
        "/syncup/test/app/DATABASE_SSL": "true",
        "/syncup/test/app/CACHE_HOST": "cache.local",
    }


def test_a_refresh_goes_back_on_failing_requests_and_unhealthy_instances() -> None:
    def program() -> None:
        pulumi.export("alarms", list(_application().refresh_alarm_names))

    graph = build(program)
    assert graph.stack_outputs["alarms"] == [
        "syncup-test-application-failing-requests",
        "syncup-test-application-unhealthy-instances",
    ]
    assert set(graph.stack_outputs["alarms"]) == {alarm["name"] for alarm in graph.all(ALARM)}


def test_the_error_rate_pages_once_by_the_guides_own_alert() -> None:
    (alert,) = [alert for alert in read_guide().alerts if alert.name == "HighErrorRate"]
    failing = _graph().one(ALARM, "application-failing-requests")
    assert failing["alarmActions"] == []
    assert failing["threshold"] == alert.threshold.limit.number


def test_the_wrong_version_is_refused_before_anything_is_declared() -> None:
    with pytest.raises(ValueError, match=r"2026\.11\.3"):
        build(lambda: _application(release="2026.11.3; reboot"))


def test_policies_are_known_in_a_first_preview() -> None:
    for resource in _graph().resources:
        for name in ("policy", "assumeRolePolicy"):
            assert resource.inputs.get(name) is not UNKNOWN, resource.urn
