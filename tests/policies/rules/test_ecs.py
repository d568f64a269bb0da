"""What the rules of ECS decide."""

import json
from collections.abc import Mapping
from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import ecs
from tests.policies.kit import Case, judged

_WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
_NETWORK = {"subnets": ["subnet-12345678"]}


def _task(*containers: Mapping[str, Any]) -> dict[str, Any]:
    return {"containerDefinitions": json.dumps([{"name": "web", "image": "web", **c} for c in containers])}


def _containers(rule: Rule, good: Mapping[str, Any], bad: Mapping[str, Any], **given: Any) -> Case:
    """A rule about each container; one bad container among good ones is enough."""
    return Case(
        rule,
        compliant=_task(good, good),
        violating=_task(good, bad),
        absent=None,
        more_violating=[{"containerDefinitions": "none"}],
        **given,
    )


CASES = (
    _containers(
        ecs.task_host_network_not_root,
        {"user": "1000"},
        {"user": "root"},
        base={"networkMode": "host"},
        out_of_scope=[{"networkMode": "awsvpc"}],
        more_compliant=[_task({"privileged": True})],
    ),
    Case(
        ecs.task_no_host_network,
        compliant={"networkMode": "awsvpc"},
        violating={"networkMode": "host"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ecs.task_no_host_processes,
        compliant={"pidMode": "task"},
        violating={"pidMode": "host"},
        absent=Verdict.COMPLIANT,
    ),
    _containers(
        ecs.task_not_privileged, {"privileged": False}, {"privileged": True}, more_compliant=[_task({})]
    ),
    _containers(
        ecs.task_read_only_root,
        {"readonlyRootFilesystem": True},
        {"readonlyRootFilesystem": False},
        out_of_scope=[_WINDOWS],
    ),
    _containers(ecs.task_not_root, {"user": "app"}, {"user": "0:0"}, out_of_scope=[_WINDOWS]),
    _containers(ecs.task_not_root, {"user": "1000:0"}, {}),
    Case(
        ecs.task_not_administrator,
        base=_WINDOWS,
        compliant=_task({"user": "ContainerUser"}),
        violating=_task({"user": "ContainerAdministrator"}),
        absent=None,
        more_violating=[_task({})],
        out_of_scope=[{"runtimePlatform": {"operatingSystemFamily": "LINUX"}}],
    ),
    _containers(
        ecs.task_no_credentials,
        {"environment": [{"name": "LOG_LEVEL", "value": "info"}]},
        {
            "environment": [
                {"name": "LOG_LEVEL", "value": "info"},
                {"name": "AWS_ACCESS_KEY_ID", "value": "x"},
            ]
        },
        more_compliant=[_task({})],
    ),
    _containers(
        ecs.task_logs,
        {"logConfiguration": {"logDriver": "awslogs"}},
        {"logConfiguration": {"logDriver": "none"}},
    ),
    _containers(ecs.task_logs, {"logConfiguration": {"logDriver": "awsfirelens"}}, {}),
    Case(
        ecs.task_file_systems_encrypted_in_transit,
        compliant={
            "volumes": [
                {"name": "tmp"},
                {
                    "name": "files",
                    "efsVolumeConfiguration": {"fileSystemId": "fs-12345678", "transitEncryption": "ENABLED"},
                },
            ]
        },
        violating={"volumes": [{"name": "files", "efsVolumeConfiguration": {"fileSystemId": "fs-12345678"}}]},
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            ecs.service_no_public_address,
            type=token,
            compliant={"networkConfiguration": {**_NETWORK, "assignPublicIp": False}},
            violating={"networkConfiguration": {**_NETWORK, "assignPublicIp": True}},
            absent=Verdict.COMPLIANT,
        )
        for token in ecs.service_no_public_address.types
    ),
    Case(
        ecs.service_security_groups_named,
        compliant={"networkConfiguration": {**_NETWORK, "securityGroups": ["sg-12345678"]}},
        violating={"networkConfiguration": _NETWORK},
        absent=None,
        unknown=None,
        out_of_scope=[{"networkConfiguration": None}],
        valid=False,
    ),
    Case(
        ecs.service_latest_platform,
        base={"launchType": "FARGATE"},
        compliant={"platformVersion": "LATEST"},
        violating={"platformVersion": "1.3.0"},
        absent=Verdict.COMPLIANT,
        out_of_scope=[{"launchType": "EC2", "platformVersion": ""}],
    ),
    Case(
        ecs.cluster_insights,
        compliant={"settings": [{"name": "containerInsights", "value": "enhanced"}]},
        violating={"settings": [{"name": "containerInsights", "value": "disabled"}]},
    ),
    Case(
        ecs.provider_termination_protection,
        compliant={
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:1",
                "managedTerminationProtection": "ENABLED",
            }
        },
        violating={
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:1",
                "managedTerminationProtection": "DISABLED",
            }
        },
        absent=None,
        unknown=Verdict.UNDECIDABLE,
        out_of_scope=[{"autoScalingGroupProvider": None}],
        valid=False,
    ),
)

test_cases = judged(CASES)
