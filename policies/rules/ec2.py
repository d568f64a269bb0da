"""EC2: instances, launch templates, volumes, snapshots and images."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from policies.disks import is_bare
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.selections import is_selected
from policies.stack import Stack
from policies.view import Resource, View, any_holds, each, one_holds, several

_INSTANCE: Final = "aws:ec2/instance:Instance"
_SPOT: Final = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
_INSTANCES: Final = (_INSTANCE, _SPOT)
_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
_FLEET: Final = "aws:ec2/spotFleetRequest:SpotFleetRequest"
_INTERFACE: Final = "aws:ec2/networkInterface:NetworkInterface"
_VOLUME: Final = "aws:ebs/volume:Volume"
_METADATA_DEFAULTS: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
_ENCRYPTION_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
_SNAPSHOTS: Final = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
_IMAGES: Final = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
_PERMISSION: Final = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"

_HOPS: Final = 2
"""A container on an instance is one hop further away."""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide"


# Metadata ----------------------------------------------------------------------------------------------


def _requires_tokens(resource: Resource) -> bool:
    return one_holds(
        lambda: resource.text("metadataOptions.httpTokens") == "required",
        lambda: resource.text("metadataOptions.httpEndpoint") == "disabled",
    )


def _leaves_to_template(instance: Resource, *properties: str) -> bool:
    """Whether an instance says nothing itself and is made from a template, which is judged by itself."""
    return instance.is_present("launchTemplate") and not any(map(instance.is_present, properties))


@rule(
    name="ec2-instance-requires-imdsv2",
    title="Instances answer metadata requests with a session token alone",
    severity=Severity.HIGH,
    controls=("EC2.8", "CIS 5.6"),
    types=_INSTANCES,
    why="Without a token, a request that an application is made to send gets the role's credentials.",
    fix="""
        aws.ec2.Instance("host", metadata_options={"http_tokens": "required"})
    """,
    link=f"{_FSBP}#ec2-8",
)
def instance_requires_imdsv2(instance: Resource) -> Problems:
    """Tokens are optional unless the image or the account says otherwise, which nobody sees here."""
    if _leaves_to_template(instance, "metadataOptions"):
        return OUT_OF_SCOPE
    return None if _requires_tokens(instance) else "metadata_options.http_tokens is not required"


@rule(
    name="ec2-template-requires-imdsv2",
    title="Launch templates make instances that answer metadata requests with a session token alone",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("EC2.170", "CIS 5.6"),
    types=(_TEMPLATE,),
    why="Without a token, a request that an application is made to send gets the role's credentials.",
    fix="""
        aws.ec2.LaunchTemplate("template", metadata_options={"http_tokens": "required"})
    """,
    link=f"{_FSBP}#ec2-170",
)
def template_requires_imdsv2(template: Resource) -> Problems:
    """The provider's default is that tokens are optional."""
    return None if _requires_tokens(template) else "metadata_options.http_tokens is not required"


@rule(
    name="ec2-metadata-hop-limit",
    title="Metadata stays on the instance and its containers",
    severity=Severity.MEDIUM,
    types=(*_INSTANCES, _TEMPLATE, _METADATA_DEFAULTS),
    why="With more hops, a forwarding proxy or another machine behind the instance gets its credentials.",
    fix="""
        aws.ec2.LaunchTemplate(
            "template",
            metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
        )
    """,
    link=f"{_GUIDE}/configuring-instance-metadata-options.html",
)
def metadata_hop_limit(resource: Resource) -> Problems:
    """The default is one hop; two reach a container."""
    path = "httpPutResponseHopLimit"
    hops = path if resource.type == _METADATA_DEFAULTS else f"metadataOptions.{path}"
    if resource.number(hops, default=1) > _HOPS:
        return f"http_put_response_hop_limit is above {_HOPS}"
    return None


@rule(
    name="ec2-metadata-defaults-require-imdsv2",
    title="The account's default is that metadata requests need a session token",
    severity=Severity.MEDIUM,
    controls=("CIS 5.6",),
    types=(_METADATA_DEFAULTS,),
    why="An instance that says nothing about its metadata takes the account's default.",
    fix="""
        aws.ec2.InstanceMetadataDefaults("metadata", http_tokens="required")
    """,
    link=f"{_GUIDE}/configuring-IMDS-new-instances.html",
)
def metadata_defaults_require_imdsv2(defaults: Resource) -> Problems:
    """The provider's default is no preference."""
    return None if defaults.text("httpTokens") == "required" else "http_tokens is not required"


# Addresses ---------------------------------------------------------------------------------------------


@rule(
    name="ec2-instance-no-public-address",
    title="Instances have no public address",
    severity=Severity.HIGH,
    controls=("EC2.9",),
    types=_INSTANCES,
    why="An instance with a public address is one mistake in a security group away from the internet.",
    fix="""
        aws.ec2.Instance("host", associate_public_ip_address=False, subnet_id=private.id)
    """,
    link=f"{_FSBP}#ec2-9",
)
def instance_no_public_address(instance: Resource) -> Problems:
    """Where it is absent, the subnet decides, which is judged by itself."""
    on = instance.flag("associatePublicIpAddress", default=False)
    return "associate_public_ip_address is on" if on else None


@rule(
    name="ec2-instance-no-elastic-address",
    title="Instances get no public address from beside them, nor from their subnet",
    severity=Severity.HIGH,
    controls=("EC2.9",),
    types=_INSTANCES,
    why="An instance with a public address is one mistake in a security group away from the internet.",
    fix="""
        aws.ec2.NatGateway("out", allocation_id=address.id, subnet_id=public.id)
    """,
    link=f"{_FSBP}#ec2-9",
)
def instance_no_elastic_address(instance: Resource, stack: Stack) -> Problems:
    """An `Eip` names the instance, an `EipAssociation` may; a subnet counts where the instance is silent."""
    yield from each(
        lambda found: found[0] if any_holds(lambda _one: True, found[1]) else None,
        (
            ("an Eip names it", stack.beside(instance, "aws:ec2/eip:Eip", by="instance")),
            (
                "an EipAssociation names it",
                stack.beside(instance, "aws:ec2/eipAssociation:EipAssociation", by="instanceId"),
            ),
            ("its subnet gives it a public address", _public_subnets(instance, stack)),
        ),
    )


def _public_subnets(instance: Resource, stack: Stack) -> Iterator[Resource]:
    """The subnets whose setting gives an instance an address, where it says nothing itself."""
    if not instance.is_present("associatePublicIpAddress"):
        for subnet in stack.behind(instance, "subnetId", "aws:ec2/subnet:Subnet"):
            if subnet.flag("mapPublicIpOnLaunch", default=False):
                yield subnet


@rule(
    name="ec2-template-no-public-address",
    title="Launch templates make no instances with public addresses",
    severity=Severity.HIGH,
    controls=("EC2.25",),
    types=(_TEMPLATE,),
    why="An instance with a public address is one mistake in a security group away from the internet.",
    fix="""
        aws.ec2.LaunchTemplate(
            "template",
            network_interfaces=[{"associate_public_ip_address": "false", "security_groups": [group.id]}],
        )
    """,
    link=f"{_FSBP}#ec2-25",
)
def template_no_public_address(template: Resource) -> Problems:
    """Where it is absent, the subnet decides, which is judged by itself."""
    yield from each(
        lambda one: (
            f"{one.where()}.associate_public_ip_address is on"
            if one.flag("associatePublicIpAddress", default=False)
            else None
        ),
        template.objects("networkInterfaces"),
    )


# Network interfaces ------------------------------------------------------------------------------------


@rule(
    name="ec2-interface-checks-source",
    title="Instances and network interfaces take and send their own traffic alone",
    severity=Severity.MEDIUM,
    controls=("EC2.180",),
    types=(_INTERFACE, *_INSTANCES),
    why="Without the check, an instance can pass on, and read, traffic that is not its own.",
    fix="""
        aws.ec2.NetworkInterface("interface", subnet_id=subnet.id, source_dest_check=True)
    """,
    link=f"{_FSBP}#ec2-180",
)
def interface_checks_source(resource: Resource) -> Problems:
    """The check is on by default."""
    return None if resource.flag("sourceDestCheck", default=True) else "source_dest_check is off"


@rule(
    name="ec2-instance-one-interface",
    title="Instances have one network interface",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("EC2.17",),
    types=_INSTANCES,
    why="With several interfaces, an instance joins networks that were meant to be apart.",
    fix="""
        aws.ec2.Instance("host", subnet_id=subnet.id)
    """,
    link=f"{_FSBP}#ec2-17",
)
def instance_one_interface(instance: Resource, stack: Stack) -> Problems:
    """An instance has a first interface without naming one."""
    attachment = "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment"
    if len(instance.objects("networkInterfaces")) > 1 or instance.is_present("secondaryNetworkInterfaces"):
        return "it has several network interfaces"
    if any_holds(
        lambda one: one.number("deviceIndex", default=1) > 0,
        stack.beside(instance, attachment, by="instanceId"),
    ):
        return "a NetworkInterfaceAttachment gives it a further network interface"
    if any_holds(
        lambda interface: any_holds(
            lambda one: one.number("deviceIndex", default=1) > 0, interface.objects("attachments")
        ),
        stack.beside(instance, _INTERFACE, by="attachments.instance"),
    ):
        return "a NetworkInterface is attached to it as a further one"
    return None


@rule(
    name="ec2-instance-security-groups-named",
    title="Instances and network interfaces have security groups of their own",
    severity=Severity.MEDIUM,
    types=(*_INSTANCES, _INTERFACE),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.ec2.Instance("host", subnet_id=subnet.id, vpc_security_group_ids=[group.id])
    """,
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
)
def instance_security_groups_named(resource: Resource) -> Problems:
    """An instance may get them from its template or from interfaces that are made apart from it."""
    elsewhere = ("launchTemplate", "networkInterfaces", "primaryNetworkInterface")
    if any(map(resource.is_present, elsewhere)):
        return OUT_OF_SCOPE
    named = resource.is_present("vpcSecurityGroupIds") or resource.is_present("securityGroups")
    return None if named else "it names no security group"


@rule(
    name="ec2-template-security-groups-named",
    title="Launch templates give their instances security groups of their own",
    severity=Severity.MEDIUM,
    types=(_TEMPLATE,),
    why="Instances that name no security group are in the VPC's default one, with whatever else forgot.",
    fix="""
        aws.ec2.LaunchTemplate("template", vpc_security_group_ids=[application.id])
    """,
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
)
def template_security_groups_named(template: Resource, stack: Stack) -> Problems:
    """EKS puts the cluster's group on the nodes of a template that names none."""
    if any_holds(
        lambda _nodes: True,
        stack.beside(
            template, "aws:eks/nodeGroup:NodeGroup", by=["launchTemplate.id", "launchTemplate.name"]
        ),
    ):
        return OUT_OF_SCOPE
    if template.is_present("vpcSecurityGroupIds") or template.is_present("securityGroupNames"):
        return None
    if any_holds(
        lambda one: one.is_present("securityGroups") or one.is_present("networkInterfaceId"),
        template.objects("networkInterfaces"),
    ):
        return None
    return "it names no security group"


# Disks -------------------------------------------------------------------------------------------------


def _bare_disk(resource: View, name: str) -> str | None:
    """What is wrong with a list of disks."""
    bare = any_holds(is_bare, resource.objects(name))
    return f"{resource.where(name)} has a disk that is not encrypted" if bare else None


@rule(
    name="ec2-volume-encrypted",
    title="EBS volumes are encrypted",
    severity=Severity.MEDIUM,
    controls=("EC2.3", "CIS 2.2.1"),
    types=(_VOLUME,),
    why="Whoever gets at a snapshot of the volume reads everything on it.",
    fix="""
        aws.ebs.Volume("data", availability_zone="us-west-2a", size=40, encrypted=True, kms_key_id=key.arn)
    """,
    link=f"{_FSBP}#ec2-3",
)
def volume_encrypted(volume: Resource) -> Problems:
    """The account's default may encrypt it nevertheless, which nobody sees here."""
    return None if volume.flag("encrypted", default=False) else "encrypted is not on"


@rule(
    name="ec2-instance-disks-encrypted",
    title="The disks of instances are encrypted",
    severity=Severity.MEDIUM,
    controls=("EC2.3", "CIS 2.2.1"),
    types=_INSTANCES,
    why="Whoever gets at a snapshot of the disk reads everything on it, credentials included.",
    fix="""
        aws.ec2.Instance("host", root_block_device={"encrypted": True, "kms_key_id": key.arn})
    """,
    link=f"{_FSBP}#ec2-3",
)
def instance_disks_encrypted(instance: Resource) -> Problems:
    """The provider's default is no encryption, of the first disk and of others."""
    if _leaves_to_template(instance, "rootBlockDevice", "ebsBlockDevices"):
        return
    yield from several(
        lambda: (
            None
            if instance.flag("rootBlockDevice.encrypted", default=False)
            else "root_block_device.encrypted is not on"
        ),
        lambda: _bare_disk(instance, "ebsBlockDevices"),
    )


@rule(
    name="ec2-template-disks-encrypted",
    title="Launch templates encrypt the disks of their instances",
    severity=Severity.MEDIUM,
    controls=("EC2.181",),
    types=(_TEMPLATE,),
    why="Whoever gets at a snapshot of the disk reads everything on it, credentials included.",
    fix="""
        aws.ec2.LaunchTemplate(
            "template",
            block_device_mappings=[{
                "device_name": "/dev/xvda", "ebs": {"encrypted": "true", "kms_key_id": key.arn},
            }],
        )
    """,
    link=f"{_FSBP}#ec2-181",
)
def template_disks_encrypted(template: Resource) -> Problems:
    """A disk that the template does not mention is as the image has it."""
    yield from each(
        lambda device: (
            f"{device.where()}.ebs is not encrypted"
            if device.is_present("ebs") and not device.flag("ebs.encrypted", default=False)
            else None
        ),
        template.objects("blockDeviceMappings"),
    )


@rule(
    name="ec2-fleet-disks-encrypted",
    title="Spot fleets encrypt the disks of their instances",
    severity=Severity.MEDIUM,
    controls=("EC2.173",),
    types=(_FLEET,),
    why="Whoever gets at a snapshot of the disk reads everything on it, credentials included.",
    fix="""
        aws.ec2.SpotFleetRequest(
            "workers",
            launch_specifications=[{
                "ami": image_id, "instance_type": "m7g.large", "root_block_devices": [{"encrypted": True}],
            }],
        )
    """,
    link=f"{_FSBP}#ec2-173",
)
def fleet_disks_encrypted(fleet: Resource) -> Problems:
    """A disk that the request does not mention is as the image has it; templates are judged by themselves."""
    specifications = fleet.objects("launchSpecifications")
    yield from each(
        lambda place: _bare_disk(*place),
        product(specifications, ("rootBlockDevices", "ebsBlockDevices")),
    )


@rule(
    name="ec2-disks-encrypted-with-own-key",
    title="Disks are encrypted with a key of one's own",
    severity=Severity.LOW,
    types=(_VOLUME, *_INSTANCES, _TEMPLATE),
    why="AWS's key cannot be revoked, nor its policy limited, nor a snapshot shared under it.",
    fix="""
        aws.ebs.Volume("data", availability_zone="us-west-2a", size=40, encrypted=True, kms_key_id=key.arn)
    """,
    link="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
)
def disks_encrypted_with_own_key(resource: Resource) -> Problems:
    """Without a key, the account's default is used: AWS's, unless a `DefaultKmsKey` says otherwise."""
    if _leaves_to_template(resource, "rootBlockDevice", "ebsBlockDevices"):
        return
    for device in _encrypted_disks(resource):
        if not device.is_present("kmsKeyId"):
            yield f"{device.where('kmsKeyId')} is not given"


def _encrypted_disks(resource: Resource) -> Iterator[View]:
    if resource.type == _VOLUME:
        yield resource
    elif resource.type == _TEMPLATE:
        for mapping in resource.objects("blockDeviceMappings"):
            if mapping.is_present("ebs"):
                yield mapping.object("ebs")
    else:
        yield resource.object("rootBlockDevice")
        yield from resource.objects("ebsBlockDevices")


@rule(
    name="ec2-volume-backed-up",
    title="EBS volumes are in a backup plan",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("EC2.28",),
    types=(_VOLUME,),
    why="A volume lives in one availability zone and is lost with it.",
    fix="""
        aws.backup.Selection(
            "volumes", plan_id=plan.id, iam_role_arn=role.arn, name="volumes", resources=[volume.arn]
        )
    """,
    link=f"{_FSBP}#ec2-28",
)
def volume_backed_up(volume: Resource, stack: Stack) -> Problems:
    """A plan selects it by ARN or by tag."""
    return None if is_selected(volume, stack) else "no backup plan selects it"


@rule(
    name="ec2-encryption-default-on",
    title="New disks are encrypted by default",
    severity=Severity.MEDIUM,
    controls=("EC2.7", "CIS 2.2.1"),
    types=(_ENCRYPTION_DEFAULT,),
    why="A disk that says nothing about encryption takes the account's default.",
    fix="""
        aws.ebs.EncryptionByDefault("encryption", enabled=True)
    """,
    link=f"{_FSBP}#ec2-7",
)
def encryption_default_on(default: Resource) -> Problems:
    """It is on where the resource says nothing."""
    return None if default.flag("enabled", default=True) else "enabled is off"


# Snapshots and images ----------------------------------------------------------------------------------


@rule(
    name="ec2-snapshots-not-public",
    title="EBS snapshots cannot be made public",
    severity=Severity.CRITICAL,
    controls=("EC2.1",),
    types=(_SNAPSHOTS, _PERMISSION),
    why="Public snapshots are searched for credentials and data as soon as they appear.",
    fix="""
        aws.ebs.SnapshotBlockPublicAccess("snapshots", state="block-all-sharing")
    """,
    link=f"{_FSBP}#ec2-1",
)
def snapshots_not_public(resource: Resource) -> Problems:
    """A permission for `all` is for everyone."""
    if resource.type == _PERMISSION:
        return "it is for everyone" if resource.text("accountId") == "all" else None
    blocked = resource.text("state") in ("block-all-sharing", "block-new-sharing")
    return None if blocked else "state does not block public sharing"


@rule(
    name="ec2-images-not-public",
    title="Machine images cannot be made public",
    severity=Severity.HIGH,
    types=(_IMAGES, "aws:ec2/amiLaunchPermission:AmiLaunchPermission"),
    why="A public image gives everyone the code, the configuration and the forgotten credentials on it.",
    fix="""
        aws.ec2.ImageBlockPublicAccess("images", state="block-new-sharing")
    """,
    link=f"{_GUIDE}/block-public-access-to-amis.html",
)
def images_not_public(resource: Resource) -> Problems:
    """A permission for the group `all` is for everyone."""
    if resource.type == _IMAGES:
        blocked = resource.text("state") == "block-new-sharing"
        return None if blocked else "state does not block public sharing"
    return "it is for everyone" if resource.text("group") == "all" else None
