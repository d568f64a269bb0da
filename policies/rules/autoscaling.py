"""Auto Scaling groups and launch configurations."""

from collections.abc import Iterator
from typing import Final

from policies.disks import is_bare
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import UNKNOWN, Resource, View, any_holds, each, one_holds, several

_GROUP: Final = "aws:autoscaling/group:Group"
_CONFIGURATION: Final = "aws:ec2/launchConfiguration:LaunchConfiguration"
_ATTACHMENTS: Final = (
    "aws:autoscaling/attachment:Attachment",
    "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
)
_BALANCED: Final = ("targetGroupArns", "loadBalancers", "trafficSources")
_MIXED: Final = "mixedInstancesPolicy.launchTemplate"

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/autoscaling-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/autoscaling/ec2/userguide"


def _is_in_several_zones(group: Resource) -> bool:
    return one_holds(
        lambda: group.count("vpcZoneIdentifiers") > 1, lambda: group.count("availabilityZones") > 1
    )


def _asks_load_balancer(group: Resource) -> bool:
    """Whether the load balancer's health checks count; several kinds are joined by commas."""
    return "ELB" in [kind.strip() for kind in group.text("healthCheckType", default="EC2").split(",")]


@rule(
    name="autoscaling-group-load-balancer-health",
    title="Auto Scaling groups of a load balancer replace what the load balancer finds unhealthy",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("AutoScaling.1",),
    types=(_GROUP,),
    why="A machine that runs while its application hangs stays in the group for ever.",
    fix="""
        aws.autoscaling.Group("group", target_group_arns=[targets.arn], health_check_type="ELB")
    """,
    link=f"{_FSBP}#autoscaling-1",
)
def group_load_balancer_health(group: Resource) -> Problems:
    """By default, the machine's own state alone counts."""
    if not any(map(group.is_present, _BALANCED)):
        return OUT_OF_SCOPE
    return None if _asks_load_balancer(group) else "health_check_type is not ELB"


@rule(
    name="autoscaling-attached-group-load-balancer-health",
    title="Auto Scaling groups that are attached to a load balancer replace what it finds unhealthy",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("AutoScaling.1",),
    types=(_GROUP,),
    why="A machine that runs while its application hangs stays in the group for ever.",
    fix="""
        aws.autoscaling.Group("group", health_check_type="ELB")
        aws.autoscaling.Attachment(
            "targets", autoscaling_group_name=group.name, lb_target_group_arn=targets.arn
        )
    """,
    link=f"{_FSBP}#autoscaling-1",
)
def attached_group_load_balancer_health(group: Resource, stack: Stack) -> Problems:
    """By default, the machine's own state alone counts."""
    if _asks_load_balancer(group):
        return None
    attachments = stack.beside(group, _ATTACHMENTS, by="autoscalingGroupName")
    if any_holds(lambda _attachment: True, attachments):
        return "it is attached to a load balancer, and health_check_type is not ELB"
    return None


@rule(
    name="autoscaling-group-several-zones",
    title="Auto Scaling groups are in several availability zones",
    severity=Severity.MEDIUM,
    controls=("AutoScaling.2",),
    types=(_GROUP,),
    why="When its only zone fails, the whole group is gone.",
    fix="""
        aws.autoscaling.Group("group", vpc_zone_identifiers=[subnet_a.id, subnet_b.id])
    """,
    link=f"{_FSBP}#autoscaling-2",
)
def group_several_zones(group: Resource) -> Problems:
    """Each subnet is in one zone."""
    return None if _is_in_several_zones(group) else "it is in fewer than two zones"


@rule(
    name="autoscaling-group-several-instance-types",
    title="Auto Scaling groups can take several instance types in several availability zones",
    severity=Severity.MEDIUM,
    controls=("AutoScaling.6",),
    types=(_GROUP,),
    why="When AWS has no more instances of the only type, the group cannot grow, nor heal.",
    fix="""
        aws.autoscaling.Group(
            "group",
            vpc_zone_identifiers=[subnet_a.id, subnet_b.id],
            mixed_instances_policy={"launch_template": {
                "launch_template_specification": {"launch_template_id": template.id, "version": "3"},
                "overrides": [{"instance_type": "m7g.large"}, {"instance_type": "m6g.large"}],
            }},
        )
    """,
    link=f"{_FSBP}#autoscaling-6",
)
def group_several_instance_types(group: Resource) -> Problems:
    """An override that states requirements stands for many types."""
    yield from several(
        lambda: None if _varies(group) else "mixed_instances_policy does not offer several instance types",
        lambda: None if _is_in_several_zones(group) else "it is in fewer than two zones",
    )


def _varies(group: Resource) -> bool:
    return one_holds(
        lambda: group.count(f"{_MIXED}.overrides") > 1,
        lambda: any_holds(
            lambda override: override.is_present("instanceRequirements"), group.objects(f"{_MIXED}.overrides")
        ),
    )


@rule(
    name="autoscaling-group-launch-template",
    title="Auto Scaling groups use launch templates",
    severity=Severity.MEDIUM,
    controls=("AutoScaling.9",),
    types=(_GROUP,),
    why="Launch configurations know neither versions nor what EC2 has learnt since 2022.",
    fix="""
        aws.autoscaling.Group("group", launch_template={"id": template.id, "version": "3"})
    """,
    link=f"{_FSBP}#autoscaling-9",
)
def group_launch_template(group: Resource) -> Problems:
    """A mixed instances policy has a template too."""
    if group.is_present("launchConfiguration"):
        return "it uses a launch_configuration"
    if group.is_present("launchTemplate") or group.is_present("mixedInstancesPolicy"):
        return None
    return "it has no launch_template"


def _specifications(group: Resource) -> Iterator[View]:
    """The launch templates that a group names, with their versions."""
    if group.is_present("launchTemplate"):
        yield group.object("launchTemplate")
    if group.is_present("mixedInstancesPolicy"):
        yield group.object(f"{_MIXED}.launchTemplateSpecification")
        for override in group.objects(f"{_MIXED}.overrides"):
            if override.is_present("launchTemplateSpecification"):
                yield override.object("launchTemplateSpecification")


def _moves(specification: View) -> bool:
    """Whether a version is whatever is newest or default. What only the cloud knows is a number."""
    version = specification.raw("version")
    return version is not UNKNOWN and specification.text("version", default="$Default").startswith("$")


def _moving_versions(group: Resource) -> Problems:
    yield from each(
        lambda specification: (
            f"{specification.where('version')} is $Latest or $Default" if _moves(specification) else None
        ),
        _specifications(group),
    )


@rule(
    name="autoscaling-group-literal-template-version",
    title="Auto Scaling groups name the version of their launch template by its number",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_GROUP,),
    why="With a version that moves, every new machine may be another release, with no way back to the last.",
    fix="""
        aws.autoscaling.Group(
            "group",
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(str),
            },
        )
    """,
    link=f"{_GUIDE}/instance-refresh-rollback.html",
)
def group_literal_template_version(group: Resource) -> Problems:
    """The provider's default is `$Default`."""
    return _moving_versions(group)


@rule(
    name="autoscaling-refresh-literal-template-version",
    title="Auto Scaling groups that refresh their instances name the launch template's version by its number",
    severity=Severity.MEDIUM,
    types=(_GROUP,),
    why="A refresh to a version that moves cannot be rolled back: AWS does not know the one before.",
    fix="""
        aws.autoscaling.Group(
            "group",
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            instance_refresh={"strategy": "Rolling", "preferences": {"auto_rollback": True}},
        )
    """,
    link=f"{_GUIDE}/instance-refresh-rollback.html",
)
def refresh_literal_template_version(group: Resource) -> Problems:
    """The provider's default is `$Default`."""
    return _moving_versions(group) if group.is_present("instanceRefresh") else OUT_OF_SCOPE


# Launch configurations ---------------------------------------------------------------------------------


@rule(
    name="autoscaling-configuration-requires-imdsv2",
    title="Launch configurations make instances that answer metadata requests with a session token alone",
    severity=Severity.HIGH,
    controls=("AutoScaling.3", "CIS 5.6"),
    types=(_CONFIGURATION,),
    why="Without a token, a request that an application is made to send gets the role's credentials.",
    fix="""
        aws.ec2.LaunchConfiguration("workers", metadata_options={"http_tokens": "required"})
    """,
    link=f"{_FSBP}#autoscaling-3",
)
def configuration_requires_imdsv2(configuration: Resource) -> Problems:
    """Tokens are optional by default."""
    if one_holds(
        lambda: configuration.text("metadataOptions.httpTokens") == "required",
        lambda: configuration.text("metadataOptions.httpEndpoint") == "disabled",
    ):
        return None
    return "metadata_options.http_tokens is not required"


@rule(
    name="autoscaling-configuration-hop-limit",
    title="Launch configurations keep metadata on the instance",
    severity=Severity.HIGH,
    controls=("AutoScaling.4",),
    types=(_CONFIGURATION,),
    why="With more hops, a forwarding proxy or another machine behind the instance gets its credentials.",
    fix="""
        aws.ec2.LaunchConfiguration(
            "workers", metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1}
        )
    """,
    link=f"{_FSBP}#autoscaling-4",
)
def configuration_hop_limit(configuration: Resource) -> Problems:
    """The default is one hop."""
    hops = configuration.number("metadataOptions.httpPutResponseHopLimit", default=1)
    return "metadata_options.http_put_response_hop_limit is above 1" if hops > 1 else None


@rule(
    name="autoscaling-configuration-no-public-address",
    title="Launch configurations make no instances with public addresses",
    severity=Severity.HIGH,
    controls=("AutoScaling.5",),
    types=(_CONFIGURATION,),
    why="An instance with a public address is one mistake in a security group away from the internet.",
    fix="""
        aws.ec2.LaunchConfiguration("workers", associate_public_ip_address=False)
    """,
    link=f"{_FSBP}#autoscaling-5",
)
def configuration_no_public_address(configuration: Resource) -> Problems:
    """Where it is absent, the subnet decides, which is judged by itself."""
    on = configuration.flag("associatePublicIpAddress", default=False)
    return "associate_public_ip_address is on" if on else None


@rule(
    name="autoscaling-configuration-disks-encrypted",
    title="Launch configurations encrypt the disks of their instances",
    severity=Severity.MEDIUM,
    types=(_CONFIGURATION,),
    why="Whoever gets at a snapshot of the disk reads everything on it, credentials included.",
    fix="""
        aws.ec2.LaunchConfiguration("workers", root_block_device={"encrypted": True})
    """,
    link="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
)
def configuration_disks_encrypted(configuration: Resource) -> Problems:
    """The default is no encryption; a device without a disk is none."""
    yield from several(
        lambda: (
            None
            if configuration.flag("rootBlockDevice.encrypted", default=False)
            else "root_block_device.encrypted is not on"
        ),
        lambda: (
            "ebs_block_devices has a disk that is not encrypted"
            if any_holds(is_bare, configuration.objects("ebsBlockDevices"))
            else None
        ),
    )
