"""What the rules of instances, launch templates, disks, snapshots and images decide."""

from typing import Any

from policies.evaluate import Verdict
from policies.rules import ec2
from tests.policies.kit import MAIN, SIDE, Case, Side, judged

_SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_DEFAULTS = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
_SUBNET = "aws:ec2/subnet:Subnet"
_KEY = "arn:aws:kms:us-west-2:111122223333:key/1"
_FROM_TEMPLATE = {"launchTemplate": {"id": "lt-12345678", "version": "3"}}


def _tokens(value: str) -> dict[str, Any]:
    return {"metadataOptions": {"httpTokens": value}}


def _mapping(**ebs: Any) -> dict[str, Any]:
    return {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": ebs}]}


CASES = (
    *(
        Case(
            ec2.instance_requires_imdsv2,
            type=token,
            compliant=_tokens("required"),
            violating=_tokens("optional"),
            more_compliant=[_FROM_TEMPLATE | {"metadataOptions": {"httpEndpoint": "disabled"}}],
            more_violating=[_FROM_TEMPLATE | _tokens("optional")],
        )
        for token in (ec2.instance_requires_imdsv2.types[0], _SPOT)
    ),
    Case(
        ec2.instance_requires_imdsv2,
        compliant=_tokens("required"),
        violating={},
        out_of_scope=[_FROM_TEMPLATE],
    ),
    Case(
        ec2.template_requires_imdsv2,
        compliant=_tokens("required"),
        violating=_tokens("optional"),
        more_compliant=[{"metadataOptions": {"httpEndpoint": "disabled"}}],
    ),
    *(
        Case(
            ec2.metadata_hop_limit,
            type=token,
            compliant={"metadataOptions": {"httpPutResponseHopLimit": 2}},
            violating={"metadataOptions": {"httpPutResponseHopLimit": 3}},
            absent=Verdict.COMPLIANT,
        )
        for token in ("aws:ec2/instance:Instance", _TEMPLATE)
    ),
    Case(
        ec2.metadata_hop_limit,
        type=_DEFAULTS,
        compliant={"httpPutResponseHopLimit": 1},
        violating={"httpPutResponseHopLimit": 64},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.metadata_defaults_require_imdsv2,
        compliant={"httpTokens": "required"},
        violating={"httpTokens": "no-preference"},
    ),
    Case(
        ec2.instance_no_public_address,
        compliant={"associatePublicIpAddress": False},
        violating={"associatePublicIpAddress": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_no_elastic_address,
        compliant_beside=[Side("aws:ec2/eip:Eip", instance="i-12345678")],
        violating_beside=[Side("aws:ec2/eip:Eip", instance=MAIN)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_no_elastic_address,
        compliant_beside=[Side("aws:ec2/eipAssociation:EipAssociation", instanceId="i-12345678")],
        violating_beside=[Side("aws:ec2/eipAssociation:EipAssociation", instanceId=MAIN)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_no_elastic_address,
        base={"subnetId": SIDE},
        compliant_beside=[Side(_SUBNET, mapPublicIpOnLaunch=False)],
        violating_beside=[Side(_SUBNET, mapPublicIpOnLaunch=True)],
        absent=Verdict.COMPLIANT,
        more_compliant=[],
    ),
    Case(
        ec2.instance_no_elastic_address,
        base={"subnetId": SIDE},
        beside=[Side(_SUBNET, mapPublicIpOnLaunch=True)],
        compliant={"associatePublicIpAddress": False},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        ec2.template_no_public_address,
        compliant={"networkInterfaces": [{"associatePublicIpAddress": "false"}]},
        violating={"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.interface_checks_source,
        compliant={"sourceDestCheck": True},
        violating={"sourceDestCheck": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.interface_checks_source,
        type="aws:ec2/instance:Instance",
        compliant={"sourceDestCheck": True},
        violating={"sourceDestCheck": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_one_interface,
        compliant={"networkInterfaces": [{"deviceIndex": 0, "networkInterfaceId": "eni-12345678"}]},
        violating={
            "networkInterfaces": [
                {"deviceIndex": 0, "networkInterfaceId": "eni-12345678"},
                {"deviceIndex": 1, "networkInterfaceId": "eni-23456789"},
            ]
        },
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_one_interface,
        compliant_beside=[
            Side(
                "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment",
                instanceId="i-12345678",
                deviceIndex=1,
            )
        ],
        violating_beside=[
            Side(
                "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment",
                instanceId=MAIN,
                deviceIndex=1,
            )
        ],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_one_interface,
        compliant_beside=[
            Side(
                "aws:ec2/networkInterface:NetworkInterface",
                attachments=[{"instance": MAIN, "deviceIndex": 0}],
            )
        ],
        violating_beside=[
            Side(
                "aws:ec2/networkInterface:NetworkInterface",
                attachments=[{"instance": MAIN, "deviceIndex": 1}],
            )
        ],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.instance_security_groups_named,
        compliant={"vpcSecurityGroupIds": ["sg-12345678"]},
        violating={"vpcSecurityGroupIds": []},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[_FROM_TEMPLATE],
    ),
    Case(
        ec2.instance_security_groups_named,
        type="aws:ec2/networkInterface:NetworkInterface",
        compliant={"securityGroups": ["sg-12345678"]},
        violating={"securityGroups": []},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        ec2.template_security_groups_named,
        compliant={"networkInterfaces": [{"securityGroups": ["sg-12345678"]}]},
        violating={"networkInterfaces": [{"associatePublicIpAddress": "false"}]},
        more_compliant=[{"vpcSecurityGroupIds": ["sg-12345678"]}, {"securityGroupNames": ["web"]}],
    ),
    Case(
        ec2.template_security_groups_named,
        compliant={"vpcSecurityGroupIds": ["sg-12345678"]},
        violating={"vpcSecurityGroupIds": []},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        ec2.volume_encrypted,
        compliant={"encrypted": True},
        violating={"encrypted": False},
    ),
    Case(
        ec2.instance_disks_encrypted,
        compliant={"rootBlockDevice": {"encrypted": True}},
        violating={"rootBlockDevice": {"encrypted": False}},
        more_violating=[
            {
                "rootBlockDevice": {"encrypted": True},
                "ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": False}],
            },
            _FROM_TEMPLATE | {"rootBlockDevice": {"encrypted": False}},
        ],
        more_compliant=[_FROM_TEMPLATE],
    ),
    Case(
        ec2.instance_disks_encrypted,
        base={"rootBlockDevice": {"encrypted": True}},
        compliant={"ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": True}]},
        violating={"ebsBlockDevices": [{"deviceName": "/dev/sdf"}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.template_disks_encrypted,
        compliant=_mapping(encrypted="true"),
        violating=_mapping(encrypted="false"),
        absent=Verdict.COMPLIANT,
        more_violating=[_mapping(volumeSize=8)],
        more_compliant=[{"blockDeviceMappings": [{"deviceName": "/dev/sdf", "noDevice": "true"}]}],
    ),
    Case(
        ec2.fleet_disks_encrypted,
        compliant={
            "launchSpecifications": [_specification := {"ami": "ami-12345678", "instanceType": "m7g.large"}]
        },
        violating={"launchSpecifications": [_specification | {"rootBlockDevices": [{"encrypted": False}]}]},
        absent=Verdict.COMPLIANT,
        more_violating=[
            {"launchSpecifications": [_specification | {"ebsBlockDevices": [{"deviceName": "/dev/sdf"}]}]}
        ],
    ),
    Case(
        ec2.disks_encrypted_with_own_key,
        base={"encrypted": True},
        compliant={"kmsKeyId": _KEY},
        violating={},
        unknown=Verdict.COMPLIANT,
    ),
    Case(
        ec2.disks_encrypted_with_own_key,
        type="aws:ec2/instance:Instance",
        base={"rootBlockDevice": {"encrypted": True, "kmsKeyId": _KEY}},
        compliant={"ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": True, "kmsKeyId": _KEY}]},
        violating={"ebsBlockDevices": [{"deviceName": "/dev/sdf", "encrypted": True}]},
        absent=Verdict.COMPLIANT,
        more_violating=[{"rootBlockDevice": {"encrypted": True}}],
    ),
    Case(
        ec2.disks_encrypted_with_own_key,
        type=_TEMPLATE,
        compliant=_mapping(encrypted="true", kmsKeyId=_KEY),
        violating=_mapping(encrypted="true"),
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.volume_backed_up,
        beside=[Side("aws:backup/plan:Plan")],
        compliant_beside=[Side("aws:backup/selection:Selection", planId=SIDE, resources=[MAIN])],
    ),
    Case(
        ec2.encryption_default_on,
        compliant={"enabled": True},
        violating={"enabled": False},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        ec2.snapshots_not_public,
        compliant={"state": "block-new-sharing"},
        violating={"state": "unblocked"},
    ),
    Case(
        ec2.snapshots_not_public,
        type="aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission",
        compliant={"accountId": "111122223333"},
        violating={"accountId": "all"},
        absent=Verdict.COMPLIANT,
        valid=False,
    ),
    Case(
        ec2.images_not_public,
        compliant={"state": "block-new-sharing"},
        violating={"state": "unblocked"},
    ),
    Case(
        ec2.images_not_public,
        type="aws:ec2/amiLaunchPermission:AmiLaunchPermission",
        violating={"group": "all"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"accountId": "111122223333"}],
    ),
)

test_cases = judged(CASES)
