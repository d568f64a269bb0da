"""The application: a group of instances behind an internal load balancer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ssm

from components.alarms import AlarmRoute, alarm_name
from components.application_alarms import FAILING_REQUESTS, UNHEALTHY_INSTANCES, watch
from components.base import Component
from components.bucket import PrivateBucket
from components.context import Context
from components.encryption import Key
from components.instance_permissions import instance_permissions
from components.instances import Hooks, Instances, InstancesArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.log_group import log_group
from components.release_store import ReleaseStore
from components.user_data import Instance, user_data


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationArgs:
    """What runs, how often, and where it finds what it needs."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    """Of every zone; none gives a public address."""
    load_balancer_group_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    """The instances' own."""
    domain: str
    """The load balancer's name in the zone."""
    hosted_zone_id: str
    instance_types: Sequence[str]
    """In order of preference."""
    image_id: str
    """An Amazon Linux 2023 image of the region and of the types' architecture."""
    min_size: int
    max_size: int
    root_volume_gib: int
    release: str
    """The version that new instances start: `2026.11.3`."""
    environment: Mapping[str, pulumi.Input[str]]
    """Environment variables that are no secrets."""
    secrets: Sequence[str]
    """Names of the secrets whose keys are environment variables."""
    cache_secret: str
    """Name of the secret with the cache's user and password."""
    datadog_site: str
    volume_key: Key
    """Encrypts volumes and releases."""
    secrets_key: Key
    logs_key: Key
    access_logs: PrivateBucket
    log_retention_days: int
    alarms: AlarmRoute


class Application(Component):
    """The load balancer, the group of instances, and what they start from.

    Guarantees: an instance takes requests only after it has started its release and answered its
    health check, ends only after it has finished its requests, and lives two weeks at most. Its
    secrets are read at its start and are never on a disk, nor in its user data.
    """

    def __init__(
        self, name: str, context: Context, args: ApplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:compute:Application", name, context, opts)
        self._args = args
        self.group_name = context.name(name)
        self.log_group_name = f"/{context.project}/{context.environment}/{name}"
        self._parameters_path = context.parameter_name("app")
        self._hooks = Hooks(
            launch=context.name(name, "launch"), termination=context.name(name, "termination")
        )
        logs = log_group(
            self,
            "logs",
            name=self.log_group_name,
            key=args.logs_key,
            retention_days=args.log_retention_days,
        )
        releases = ReleaseStore(
            f"{name}-releases", context, key=args.volume_key, access_logs=args.access_logs, opts=self.child()
        )
        self.release_bucket = releases.bucket_name
        balancer = self._balancer()
        self.load_balancer_arn = balancer.arn
        self.load_balancer_suffix = balancer.arn_suffix
        self.target_group_suffix = balancer.target_group_suffix
        self.dns_name = balancer.dns_name
        self.domain = args.domain
        instances = self._instances(releases, balancer, [logs, balancer.listener, *self._parameters()])
        self.launch_template_id = instances.template_id
        self.launch_template_urn = instances.template_urn
        watch(
            self,
            args.alarms,
            load_balancer_suffix=self.load_balancer_suffix,
            target_group_suffix=self.target_group_suffix,
        )
        self.refresh_alarm_names = (
            alarm_name(self, FAILING_REQUESTS),
            alarm_name(self, UNHEALTHY_INSTANCES),
        )
        """The alarms on which an instance refresh goes back to the release before."""
        self.register_outputs({"group_name": self.group_name, "release_bucket": self.release_bucket})

    def _balancer(self) -> LoadBalancer:
        args = self._args
        return LoadBalancer(
            f"{self.pulumi_resource_name}-lb",
            self.context,
            LoadBalancerArgs(
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                security_group_id=args.load_balancer_group_id,
                domain=args.domain,
                hosted_zone_id=args.hosted_zone_id,
                access_logs=args.access_logs,
                log_retention_days=args.log_retention_days,
            ),
            opts=self.child(),
        )

    def _parameters(self) -> list[ssm.Parameter]:
        """The environment variables that anybody may know, one parameter each."""
        return [
            ssm.Parameter(
                f"{self.pulumi_resource_name}-{variable.lower().replace('_', '-')}",
                name=f"{self._parameters_path}/{variable}",
                type="String",
                # `value` would be a secret to Pulumi.
                insecure_value=value,
                opts=self.child(),
            )
            for variable, value in self._args.environment.items()
        ]

    def _instances(
        self, releases: ReleaseStore, balancer: LoadBalancer, after: Sequence[pulumi.Resource]
    ) -> Instances:
        args = self._args
        permissions = instance_permissions(
            self.context,
            group_name=self.group_name,
            log_group_name=self.log_group_name,
            parameters_path=self._parameters_path,
            secrets=(*args.secrets, args.cache_secret),
            secrets_key_alias=args.secrets_key.alias,
            session_key_alias=args.logs_key.alias,
        )
        return Instances(
            f"{self.pulumi_resource_name}-instances",
            self.context,
            InstancesArgs(
                group_name=self.group_name,
                hooks=self._hooks,
                instance_types=args.instance_types,
                image_id=args.image_id,
                min_size=args.min_size,
                max_size=args.max_size,
                root_volume_gib=args.root_volume_gib,
                volume_key=args.volume_key,
                subnet_ids=args.subnet_ids,
                security_group_id=args.security_group_id,
                statements=(*permissions, *releases.reading()),
                release=args.release,
                script=self._script(),
                balancer=balancer,
                after=after,
            ),
            opts=self.child(),
        )

    def _script(self) -> str:
        args, context = self._args, self.context
        return user_data(
            Instance(
                environment=context.environment,
                region=context.region,
                release=args.release,
                release_bucket=self.release_bucket,
                group_name=self.group_name,
                launch_hook=self._hooks.launch,
                termination_hook=self._hooks.termination,
                parameters_path=self._parameters_path,
                secrets=args.secrets,
                cache_secret=args.cache_secret,
                log_group_name=self.log_group_name,
                datadog_site=args.datadog_site,
            )
        )
