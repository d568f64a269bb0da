"""The group of instances that run the application, and what each of them is."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import autoscaling, ec2, iam

from components import contract
from components.base import Component
from components.context import Context
from components.encryption import Key
from components.iam import Statement, policy_document, trust_document
from components.load_balancer import LoadBalancer

_FOURTEEN_DAYS_SECONDS = 14 * 24 * 3600
"""No instance grows older: the image's and the packages' patches arrive with the next one."""
_CPU_PERCENT = 60
"""Below the guide's 70 %, where the key metric turns bad."""
_REQUESTS_PER_MINUTE = 3000
"""Of one instance: two of three zones then carry the guide's 100 requests a second."""
_WARMUP_SECONDS = 120
_PACKAGES_AND_RELEASE_SECONDS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooks:
    """The names of the group's lifecycle hooks, which an instance answers."""

    launch: str
    termination: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InstancesArgs:
    """What an instance is made of, how many there are, and who sends them requests."""

    group_name: str
    hooks: Hooks
    instance_types: Sequence[str]
    """In order of preference."""
    image_id: str
    min_size: int
    max_size: int
    root_volume_gib: int
    volume_key: Key
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    statements: Sequence[Statement]
    """What an instance may do."""
    release: str
    script: str
    """Runs as root on an instance's first start."""
    balancer: LoadBalancer
    after: Sequence[pulumi.Resource]
    """What the first instance needs to find in place."""


class Instances(Component):
    """An Auto Scaling group over all zones.

    Guarantees: instances without public address, with IMDSv2 and encrypted volumes; each replaced
    after two weeks at most, after its replacement serves; none in service before it says so itself.
    """

    def __init__(
        self, name: str, context: Context, args: InstancesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:compute:Instances", name, context, opts)
        self._args = args
        profile, permissions = self._profile()
        template = self._template(profile)
        self.template_id = template.id
        self.template_urn = template.urn
        self.template_version = template.latest_version.apply(str)
        group = self._group([permissions, *args.after])
        self._hook(group)
        self._scale(group)
        self.register_outputs({"template_id": self.template_id, "template_version": self.template_version})

    def _profile(self) -> tuple[iam.InstanceProfile, iam.RolePolicy]:
        """The instances' profile, and the permissions behind it."""
        name, role_name = self.pulumi_resource_name, self._args.group_name
        role = iam.Role(
            f"{name}-role",
            name=role_name,
            description="The application's instances.",
            # EC2 sends neither account nor source when an instance assumes its role; whoever may pass
            # the role decides which instance gets it.
            assume_role_policy=trust_document("ec2.amazonaws.com"),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-permissions",
            role=role.name,
            policy=policy_document(*self._args.statements),
            opts=self.child(),
        )
        profile = iam.InstanceProfile(f"{name}-profile", name=role_name, role=role.name, opts=self.child())
        return profile, permissions

    def _template(self, profile: iam.InstanceProfile) -> ec2.LaunchTemplate:
        args = self._args
        tags = {"Name": args.group_name, **self.context.tags}
        volume = ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=args.root_volume_gib,
            encrypted="true",
            kms_key_id=args.volume_key.arn,
            delete_on_termination="true",
        )
        interface = ec2.LaunchTemplateNetworkInterfaceArgs(
            associate_public_ip_address="false",
            security_groups=[args.security_group_id],
            delete_on_termination="true",
        )
        return ec2.LaunchTemplate(
            f"{self.pulumi_resource_name}-template",
            description=f"Release {args.release}",
            image_id=args.image_id,
            iam_instance_profile=ec2.LaunchTemplateIamInstanceProfileArgs(arn=profile.arn),
            # The device from which Amazon Linux starts.
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(device_name="/dev/xvda", ebs=volume)
            ],
            network_interfaces=[interface],
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            monitoring=ec2.LaunchTemplateMonitoringArgs(enabled=True),
            # The group tags the instances themselves.
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("volume", "network-interface")
            ],
            user_data=base64.b64encode(args.script.encode()).decode(),
            opts=self.child(),
        )

    def _group(self, after: Sequence[pulumi.Resource]) -> autoscaling.Group:
        """How many instances there are at a time is the group's own affair: no desired capacity."""
        args = self._args
        specification = autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
            launch_template_id=self.template_id,
            # A number: with `$Latest` an instance refresh could not go back.
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
            version=self.template_version,
        )
        kinds = [
            autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(instance_type=kind)
            for kind in args.instance_types
        ]
        return autoscaling.Group(
            f"{self.pulumi_resource_name}-group",
            name=args.group_name,
            min_size=args.min_size,
            max_size=args.max_size,
            vpc_zone_identifiers=list(args.subnet_ids),
            target_group_arns=[args.balancer.target_group_arn],
            health_check_type="ELB",
            # The launch hook has already waited for the first healthy answer.
            health_check_grace_period=60,
            default_instance_warmup=_WARMUP_SECONDS,
            max_instance_lifetime=_FOURTEEN_DAYS_SECONDS,
            mixed_instances_policy=autoscaling.GroupMixedInstancesPolicyArgs(
                launch_template=autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
                    launch_template_specification=specification, overrides=kinds
                ),
                instances_distribution=autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
                    on_demand_allocation_strategy="prioritized", on_demand_percentage_above_base_capacity=100
                ),
            ),
            instance_maintenance_policy=autoscaling.GroupInstanceMaintenancePolicyArgs(
                min_healthy_percentage=100, max_healthy_percentage=150
            ),
            initial_lifecycle_hooks=[
                autoscaling.GroupInitialLifecycleHookArgs(
                    name=hook.name,
                    lifecycle_transition=hook.transition,
                    default_result=hook.default_result,
                    heartbeat_timeout=hook.timeout_seconds,
                )
                for hook in self._hooks()
            ],
            enabled_metrics=[
                autoscaling.Metric.GROUP_MIN_SIZE,
                autoscaling.Metric.GROUP_MAX_SIZE,
                autoscaling.Metric.GROUP_DESIRED_CAPACITY,
                autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
                autoscaling.Metric.GROUP_PENDING_INSTANCES,
                autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
                autoscaling.Metric.GROUP_TOTAL_INSTANCES,
            ],
            metrics_granularity="1Minute",
            # A new environment has no release yet, and its secrets no values. Health is judged by
            # `syncup deploy`, not by `up`.
            wait_for_capacity_timeout="0",
            tags=[
                autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
                for key, value in {"Name": args.group_name, **self.context.tags}.items()
            ],
            opts=self.child(depends_on=list(after)),
        )

    def _hooks(self) -> tuple["_Hook", "_Hook"]:
        """Who does not report its start is replaced; who does not report its end goes all the same."""
        return (
            _Hook(
                suffix="launch",
                name=self._args.hooks.launch,
                transition="autoscaling:EC2_INSTANCE_LAUNCHING",
                default_result="ABANDON",
                timeout_seconds=_PACKAGES_AND_RELEASE_SECONDS + contract.START_SECONDS,
            ),
            _Hook(
                suffix="termination",
                name=self._args.hooks.termination,
                transition="autoscaling:EC2_INSTANCE_TERMINATING",
                default_result="CONTINUE",
                timeout_seconds=2 * (contract.DRAIN_SECONDS + contract.STOP_SECONDS),
            ),
        )

    def _hook(self, group: autoscaling.Group) -> None:
        """The same hooks once more: those of the group count at its creation alone, these afterwards.

        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/autoscaling_group
        """
        for hook in self._hooks():
            autoscaling.LifecycleHook(
                f"{self.pulumi_resource_name}-{hook.suffix}",
                name=hook.name,
                autoscaling_group_name=group.name,
                lifecycle_transition=hook.transition,
                default_result=hook.default_result,
                heartbeat_timeout=hook.timeout_seconds,
                opts=self.child(),
            )

    def _scale(self, group: autoscaling.Group) -> None:
        """Whichever of the two asks for more instances is right."""
        balancer = self._args.balancer
        label = pulumi.Output.concat(balancer.arn_suffix, "/", balancer.target_group_suffix)
        for suffix, metric, resource_label, value in (
            ("cpu", "ASGAverageCPUUtilization", None, _CPU_PERCENT),
            ("requests", "ALBRequestCountPerTarget", label, _REQUESTS_PER_MINUTE),
        ):
            specification = autoscaling.PolicyTargetTrackingConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type=metric, resource_label=resource_label
            )
            autoscaling.Policy(
                f"{self.pulumi_resource_name}-{suffix}",
                autoscaling_group_name=group.name,
                policy_type="TargetTrackingScaling",
                target_tracking_configuration=autoscaling.PolicyTargetTrackingConfigurationArgs(
                    predefined_metric_specification=specification, target_value=value
                ),
                opts=self.child(),
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hook:
    """One lifecycle hook; `suffix` is the end of its logical name."""

    suffix: str
    name: str
    transition: str
    default_result: str
    timeout_seconds: int
