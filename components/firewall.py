"""Every security group of the environment, and one table of who may talk to whom.

What is not in the table is not allowed. Each flow becomes one rule at either end.
"""

from dataclasses import dataclass
from enum import StrEnum

import pulumi
from pulumi_aws import ec2, vpc

from components import ports
from components.base import Component
from components.context import Context


class Zone(StrEnum):
    """What is told apart on the network. The value is part of the group's name."""

    VPN = "vpn"
    BASTION = "bastion"
    LOAD_BALANCER = "load-balancer"
    APPLICATION = "application"
    PROXY = "proxy"
    DATABASE = "database"
    FUNCTIONS = "functions"
    """Functions that touch the database or the cache: set-up, rotation, validation, maintenance."""
    JOBS = "jobs"
    """Dumping and restoring."""
    CACHE = "cache"
    SEARCH = "search"
    FORWARDER = "forwarder"
    ENDPOINTS = "endpoints"
    """The VPC's interface endpoints of AWS services."""


class Outside(StrEnum):
    """The other end of a flow that has no security group of ours."""

    CLOUDFRONT = "cloudfront"
    """CloudFront's VPC origins arrive from AWS' managed prefix list."""
    S3 = "s3"
    """The gateway endpoint's prefix list."""
    INTERNET = "internet"


@dataclass(frozen=True, slots=True)
class Flow:
    """One permission: `source` may open TCP connections to `target` on `port`."""

    source: Zone | Outside
    target: Zone | Outside
    port: int
    why: str

    @property
    def name(self) -> str:
        """The flow's name among the rules: unique, and stable when the table grows."""
        return f"{self.source}-to-{self.target}-{self.port}"


FLOWS: tuple[Flow, ...] = (
    # Guide, Access Control: SSH via VPN only; database access via the bastion host.
    Flow(Zone.VPN, Zone.BASTION, ports.SSH, "people reach the bastion through the VPN"),
    Flow(Zone.BASTION, Zone.PROXY, ports.POSTGRESQL, "people query the database"),
    Flow(Zone.BASTION, Zone.DATABASE, ports.POSTGRESQL, "people administer the database"),
    Flow(Zone.BASTION, Zone.ENDPOINTS, ports.HTTPS, "Session Manager and logs"),
    Flow(Zone.BASTION, Outside.S3, ports.HTTPS, "system packages"),
    # The way of a request.
    Flow(Outside.CLOUDFRONT, Zone.LOAD_BALANCER, ports.HTTPS, "requests from the edge"),
    Flow(Zone.LOAD_BALANCER, Zone.APPLICATION, ports.APPLICATION, "requests and health checks"),
    Flow(Zone.APPLICATION, Zone.PROXY, ports.POSTGRESQL, "queries"),
    Flow(Zone.APPLICATION, Zone.CACHE, ports.CACHE, "cached values"),
    Flow(Zone.APPLICATION, Zone.ENDPOINTS, ports.HTTPS, "secrets, parameters, logs"),
    Flow(Zone.APPLICATION, Outside.S3, ports.HTTPS, "releases and system packages"),
    Flow(Zone.APPLICATION, Outside.INTERNET, ports.HTTPS, "OpenAI, Slack, Google, Sentry, Datadog"),
    Flow(Zone.PROXY, Zone.DATABASE, ports.POSTGRESQL, "pooled connections"),
    # What runs beside the application.
    Flow(Zone.FUNCTIONS, Zone.PROXY, ports.POSTGRESQL, "a rotated credential is tried where it is used"),
    Flow(Zone.FUNCTIONS, Zone.DATABASE, ports.POSTGRESQL, "set-up, rotation, validation, maintenance"),
    Flow(Zone.FUNCTIONS, Zone.CACHE, ports.CACHE, "a rotated credential is tried; maintenance"),
    Flow(Zone.FUNCTIONS, Outside.S3, ports.HTTPS, "maintenance asks for open incidents"),
    Flow(Zone.FUNCTIONS, Zone.ENDPOINTS, ports.HTTPS, "AWS APIs"),
    Flow(Zone.JOBS, Zone.DATABASE, ports.POSTGRESQL, "dumps and restores"),
    Flow(Zone.JOBS, Zone.ENDPOINTS, ports.HTTPS, "AWS APIs"),
    Flow(Zone.JOBS, Outside.S3, ports.HTTPS, "dumps are written to S3 and read"),
    Flow(Zone.FORWARDER, Zone.SEARCH, ports.HTTPS, "log batches"),
    Flow(Zone.FORWARDER, Zone.ENDPOINTS, ports.HTTPS, "AWS APIs"),
    Flow(Zone.FORWARDER, Outside.S3, ports.HTTPS, "failed batches are kept in S3"),
    Flow(Zone.BASTION, Zone.SEARCH, ports.HTTPS, "people search the logs through a tunnel"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FirewallArgs:
    """Where the groups live and what the outside ends are."""

    vpc_id: pulumi.Input[str]
    s3_prefix_list_id: pulumi.Input[str]
    cloudfront_prefix_list_id: pulumi.Input[str]
    """`com.amazonaws.global.cloudfront.origin-facing` of the region."""


class Firewall(Component):
    """The security groups and their rules: the table above, nothing else."""

    def __init__(
        self, name: str, context: Context, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:network:Firewall", name, context, opts)
        self._args = args
        self._groups = {
            zone: ec2.SecurityGroup(
                f"{name}-{zone}",
                description=f"{context.environment}: {zone}",
                vpc_id=args.vpc_id,
                opts=self.child(),
            )
            for zone in Zone
        }
        for flow in FLOWS:
            self._permit(flow)
        self.register_outputs({})

    def group(self, zone: Zone) -> pulumi.Output[str]:
        """The identifier of a zone's security group."""
        return self._groups[zone].id

    def _permit(self, flow: Flow) -> None:
        """The rule at the source's end and the one at the target's, where they are ours."""
        name = f"{self.pulumi_resource_name}-{flow.name}"
        if isinstance(flow.source, Zone):
            peer = self._peer(flow.target)
            vpc.SecurityGroupEgressRule(
                f"{name}-out",
                security_group_id=self.group(flow.source),
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                referenced_security_group_id=peer.group_id,
                prefix_list_id=peer.prefix_list_id,
                cidr_ipv4=peer.cidr,
                description=flow.why,
                opts=self.child(),
            )
        if isinstance(flow.target, Zone):
            peer = self._peer(flow.source)
            vpc.SecurityGroupIngressRule(
                f"{name}-in",
                security_group_id=self.group(flow.target),
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                referenced_security_group_id=peer.group_id,
                prefix_list_id=peer.prefix_list_id,
                cidr_ipv4=peer.cidr,
                description=flow.why,
                opts=self.child(),
            )

    def _peer(self, end: Zone | Outside) -> "_Peer":
        match end:
            case Zone():
                return _Peer(group_id=self.group(end))
            case Outside.S3:
                return _Peer(prefix_list_id=self._args.s3_prefix_list_id)
            case Outside.CLOUDFRONT:
                return _Peer(prefix_list_id=self._args.cloudfront_prefix_list_id)
            case Outside.INTERNET:
                return _Peer(cidr="0.0.0.0/0")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Peer:
    """How a rule names its other end: exactly one of the three."""

    group_id: pulumi.Input[str] | None = None
    prefix_list_id: pulumi.Input[str] | None = None
    cidr: str | None = None
