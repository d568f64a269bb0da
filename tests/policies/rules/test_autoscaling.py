"""What the rules of Auto Scaling groups and launch configurations decide."""

from typing import Any

from policies.evaluate import Verdict, judge
from policies.rules import autoscaling
from policies.view import UNKNOWN, Resource
from tests.policies.kit import MAIN, Case, Side, judged

_SUBNETS = ["subnet-12345678", "subnet-23456789"]
_TARGETS = ["arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/web/1"]


def _mixed(*overrides: Any, **specification: Any) -> dict[str, Any]:
    return {
        "mixedInstancesPolicy": {
            "launchTemplate": {
                "launchTemplateSpecification": {"launchTemplateId": "lt-12345678", **specification},
                "overrides": list(overrides),
            }
        }
    }


_TYPES = ({"instanceType": "m7g.large"}, {"instanceType": "m6g.large"})
_REQUIREMENTS = {"instanceRequirements": {"memoryMib": {"min": 4096}, "vcpuCount": {"min": 2}}}


CASES = (
    Case(
        autoscaling.group_load_balancer_health,
        base={"targetGroupArns": _TARGETS},
        compliant={"healthCheckType": "ELB"},
        violating={"healthCheckType": "EC2"},
        more_compliant=[{"healthCheckType": "EC2,ELB"}],
        more_violating=[
            {"targetGroupArns": [], "loadBalancers": ["classic"]},
            {"targetGroupArns": [], "trafficSources": [{"identifier": "a", "type": "vpc-lattice"}]},
        ],
        out_of_scope=[{"targetGroupArns": []}],
    ),
    *(
        Case(
            autoscaling.attached_group_load_balancer_health,
            compliant_beside=[Side(token, autoscalingGroupName="another-group")],
            violating_beside=[Side(token, autoscalingGroupName=MAIN)],
            absent=Verdict.COMPLIANT,
        )
        for token in (
            "aws:autoscaling/attachment:Attachment",
            "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
        )
    ),
    Case(
        autoscaling.attached_group_load_balancer_health,
        beside=[Side("aws:autoscaling/attachment:Attachment", autoscalingGroupName=MAIN)],
        compliant={"healthCheckType": "ELB"},
        violating={"healthCheckType": "EC2"},
    ),
    Case(
        autoscaling.group_several_zones,
        compliant={"vpcZoneIdentifiers": _SUBNETS},
        violating={"vpcZoneIdentifiers": _SUBNETS[:1]},
        more_compliant=[{"availabilityZones": ["us-west-2a", "us-west-2b"]}],
    ),
    Case(
        autoscaling.group_several_instance_types,
        base={"vpcZoneIdentifiers": _SUBNETS},
        compliant=_mixed(*_TYPES),
        violating=_mixed(_TYPES[0]),
        more_compliant=[_mixed(_REQUIREMENTS)],
        more_violating=[{"launchTemplate": {"id": "lt-12345678"}}],
    ),
    Case(
        autoscaling.group_several_instance_types,
        base=_mixed(*_TYPES),
        compliant={"vpcZoneIdentifiers": _SUBNETS},
        violating={"vpcZoneIdentifiers": _SUBNETS[:1]},
    ),
    Case(
        autoscaling.group_launch_template,
        compliant={"launchTemplate": {"id": "lt-12345678"}},
        violating={},
        unknown=Verdict.COMPLIANT,
        more_compliant=[_mixed(*_TYPES)],
        more_violating=[{"launchConfiguration": "old"}],
    ),
    Case(
        autoscaling.group_literal_template_version,
        compliant={"launchTemplate": {"id": "lt-12345678", "version": "3"}},
        violating={"launchTemplate": {"id": "lt-12345678", "version": "$Latest"}},
        absent=None,
        unknown=None,
        more_violating=[
            {"launchTemplate": {"id": "lt-12345678"}},
            {"launchTemplate": {"id": "lt-12345678", "version": "$Default"}},
            _mixed(*_TYPES, version="$Latest"),
            _mixed(*_TYPES),
            _mixed(
                {"launchTemplateSpecification": {"launchTemplateId": "lt-23456789", "version": "$Latest"}},
                version="3",
            ),
        ],
        more_compliant=[_mixed(*_TYPES, version="3"), {"launchConfiguration": "old"}],
    ),
    Case(
        autoscaling.refresh_literal_template_version,
        base={"instanceRefresh": {"strategy": "Rolling"}},
        compliant={"launchTemplate": {"version": "3"}},
        violating={"launchTemplate": {"version": "$Latest"}},
        absent=None,
        unknown=None,
        out_of_scope=[{"instanceRefresh": None}],
        valid=False,
    ),
    Case(
        autoscaling.configuration_requires_imdsv2,
        compliant={"metadataOptions": {"httpTokens": "required"}},
        violating={"metadataOptions": {"httpTokens": "optional"}},
        more_compliant=[{"metadataOptions": {"httpEndpoint": "disabled"}}],
    ),
    Case(
        autoscaling.configuration_hop_limit,
        compliant={"metadataOptions": {"httpPutResponseHopLimit": 1}},
        violating={"metadataOptions": {"httpPutResponseHopLimit": 2}},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        autoscaling.configuration_no_public_address,
        compliant={"associatePublicIpAddress": False},
        violating={"associatePublicIpAddress": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        autoscaling.configuration_disks_encrypted,
        compliant={"rootBlockDevice": {"encrypted": True}},
        violating={"rootBlockDevice": {"encrypted": False}},
        more_violating=[
            {"rootBlockDevice": {"encrypted": True}, "ebsBlockDevices": [{"deviceName": "/dev/sdf"}]}
        ],
        more_compliant=[
            {
                "rootBlockDevice": {"encrypted": True},
                "ebsBlockDevices": [
                    {"deviceName": "/dev/sdf", "noDevice": True},
                    {"deviceName": "/dev/sdg", "encrypted": True},
                ],
            }
        ],
    ),
)

test_cases = judged(CASES)


def test_a_version_that_only_the_cloud_knows_is_a_number() -> None:
    """It is the template's own output, while `$Latest` is written in the program."""
    case = next(case for case in CASES if case.rule is autoscaling.group_literal_template_version)
    given = {"launchTemplate": {"id": "lt-12345678", "version": UNKNOWN}}
    resource = Resource(urn="urn", type_token=case.rule.types[0], inputs=given)
    assert judge(case.rule, resource, {}).verdict is Verdict.COMPLIANT
