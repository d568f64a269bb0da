"""The VPC: three tiers of subnets over the zones, and the few ways in and out of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pulumi
from pulumi_aws import ec2, iam

from components.base import Component
from components.context import Context
from components.encryption import Key
from components.endpoint_policies import dynamodb_policy, s3_policy
from components.iam import Statement, only_for, policy_document, trust_document
from components.log_group import log_group
from components.network_acls import Acl, Rule, Tcp, data_acl, private_acl, public_acl
from components.subnets import Tier, layout


class NatGateways(StrEnum):
    """How many NAT gateways lead the private tier to the internet."""

    PER_ZONE = "per_zone"
    """Each zone has its own: the loss of a zone is that zone's alone."""
    SINGLE = "single"
    """One for all: cheaper, and the loss of its zone cuts off all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
    """What the network is made of."""

    cidr: str
    """The VPC's range, /16 to /22; `components.subnets` divides it."""
    zones: Sequence[str]
    nat: NatGateways
    key: Key
    """Encrypts the flow logs."""
    log_retention_days: int


class Network(Component):
    """A VPC whose subnets give nobody a public address.

    Guarantees: only the private tier has a way to the internet, outwards, by NAT; the data tier has
    none; the default security group and the default network ACL let nothing through; every flow is
    logged.
    """

    def __init__(
        self, name: str, context: Context, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("syncup:network:Network", name, context, opts)
        plan = layout(args.cidr, args.zones)
        self.cidr = args.cidr
        self.zones = tuple(args.zones)
        self.public_cidrs = plan.public.subnets
        self.private_cidrs = plan.private.subnets
        self.data_cidrs = plan.data.subnets
        self._vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            # Interface endpoints answer under the services' own names only with this.
            enable_dns_hostnames=True,
            opts=self.child(),
        )
        self.vpc_id = self._vpc.id
        self._close_defaults()
        public = self._subnets("public", plan.public)
        private = self._subnets("private", plan.private)
        data = self._subnets("data", plan.data)
        self._acl("public", public, public_acl(plan))
        self._acl("private", private, private_acl(args.cidr))
        self._acl("data", data, data_acl(plan))
        self._table("data", data)
        private_tables = self._route_private(private, self._route_public(public, args.nat))
        self.s3_prefix_list_id = self._gateway_endpoints(private_tables)
        self._log_flows(args)
        self.public_subnet_ids = tuple(subnet.id for subnet in public.values())
        self.private_subnet_ids = tuple(subnet.id for subnet in private.values())
        self.data_subnet_ids = tuple(subnet.id for subnet in data.values())
        self.register_outputs({"vpc_id": self.vpc_id})

    def _close_defaults(self) -> None:
        """Takes away what AWS gives every VPC: two defaults that let through more than is known."""
        name = self.pulumi_resource_name
        ec2.DefaultSecurityGroup(f"{name}-default-group", vpc_id=self.vpc_id, opts=self.child())
        ec2.DefaultNetworkAcl(
            f"{name}-default-acl",
            default_network_acl_id=self._vpc.default_network_acl_id,
            # A new subnet belongs to it for the moment until its own ACL takes it over.
            opts=self.child(ignore_changes=["subnet_ids"]),
        )
        # Where the account blocks its VPCs' way to the internet, this one keeps it: the block would cut
        # off CloudFront's VPC origin and the NAT gateways.
        # https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
        ec2.VpcBlockPublicAccessExclusion(
            f"{name}-public-access",
            vpc_id=self.vpc_id,
            internet_gateway_exclusion_mode="allow-bidirectional",
            opts=self.child(),
        )

    def _subnets(self, tier: str, plan: Tier) -> Mapping[str, ec2.Subnet]:
        """The subnets of a tier by zone."""
        return {
            zone: ec2.Subnet(
                f"{self.pulumi_resource_name}-{tier}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                opts=self.child(),
            )
            for zone, cidr in zip(self.zones, plan.subnets, strict=True)
        }

    def _acl(self, tier: str, subnets: Mapping[str, ec2.Subnet], acl: Acl) -> None:
        ec2.NetworkAcl(
            f"{self.pulumi_resource_name}-{tier}-acl",
            vpc_id=self.vpc_id,
            subnet_ids=[subnet.id for subnet in subnets.values()],
            ingress=[ec2.NetworkAclIngressArgs(**entry) for entry in _entries(acl.ingress)],
            egress=[ec2.NetworkAclEgressArgs(**entry) for entry in _entries(acl.egress)],
            opts=self.child(),
        )

    def _table(self, suffix: str, subnets: Mapping[str, ec2.Subnet]) -> ec2.RouteTable:
        """A route table of these subnets, with no route but the VPC's own."""
        table = ec2.RouteTable(f"{self.pulumi_resource_name}-{suffix}", vpc_id=self.vpc_id, opts=self.child())
        for zone, subnet in subnets.items():
            ec2.RouteTableAssociation(
                f"{self.pulumi_resource_name}-{suffix}-{zone}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=self.child(),
            )
        return table

    def _route_public(
        self, public: Mapping[str, ec2.Subnet], nat: NatGateways
    ) -> Mapping[str, ec2.NatGateway]:
        """The way out of the public tier, and the NAT gateways in it by zone."""
        name = self.pulumi_resource_name
        gateway = ec2.InternetGateway(f"{name}-internet", vpc_id=self.vpc_id, opts=self.child())
        ec2.Route(
            f"{name}-public-internet",
            route_table_id=self._table("public", public).id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child(),
        )
        zones = self.zones if nat is NatGateways.PER_ZONE else self.zones[:1]
        return {zone: self._nat(zone, public[zone], gateway) for zone in zones}

    def _nat(self, zone: str, subnet: ec2.Subnet, gateway: ec2.InternetGateway) -> ec2.NatGateway:
        name = f"{self.pulumi_resource_name}-nat-{zone}"
        address = ec2.Eip(name, domain="vpc", opts=self.child(depends_on=[gateway]))
        return ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
            opts=self.child(depends_on=[gateway]),
        )

    def _route_private(
        self, private: Mapping[str, ec2.Subnet], gateways: Mapping[str, ec2.NatGateway]
    ) -> Sequence[ec2.RouteTable]:
        """A table a zone, even where all lead to one gateway: more gateways then change routes alone."""
        tables: list[ec2.RouteTable] = []
        only = next(iter(gateways.values()))
        for zone, subnet in private.items():
            table = self._table(f"private-{zone}", {zone: subnet})
            ec2.Route(
                f"{self.pulumi_resource_name}-private-{zone}-internet",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateways.get(zone, only).id,
                opts=self.child(),
            )
            tables.append(table)
        return tables

    def _gateway_endpoints(self, tables: Sequence[ec2.RouteTable]) -> pulumi.Output[str]:
        """S3 and DynamoDB without NAT; returns the prefix list of S3.

        The data tier has none: nothing there calls either by way of the VPC.
        """
        policies = {"s3": s3_policy(self.context), "dynamodb": dynamodb_policy(self.context)}
        endpoints = {
            service: ec2.VpcEndpoint(
                f"{self.pulumi_resource_name}-{service}",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{self.context.region}.{service}",
                route_table_ids=[table.id for table in tables],
                policy=policy,
                opts=self.child(),
            )
            for service, policy in policies.items()
        }
        return endpoints["s3"].prefix_list_id

    def _log_flows(self, args: NetworkArgs) -> None:
        """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html."""
        name, context = self.pulumi_resource_name, self.context
        group_name = f"/{context.project}/{context.environment}/flow-logs"
        group = log_group(
            self, "flow-logs", name=group_name, key=args.key, retention_days=args.log_retention_days
        )
        role = iam.Role(
            f"{name}-flow-logs",
            name=context.name("flow-logs", limit=64),
            assume_role_policy=trust_document(
                "vpc-flow-logs.amazonaws.com",
                conditions=only_for(context, context.arn("ec2", "vpc-flow-log/*")),
            ),
            opts=self.child(),
        )
        permissions = iam.RolePolicy(
            f"{name}-flow-logs",
            role=role.name,
            policy=policy_document(
                Statement(
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[context.arn("logs", f"log-group:{group_name}:*")],
                ),
                # Listing groups is asked of all groups at once.
                Statement(actions=["logs:DescribeLogGroups"], resources=[context.arn("logs", "log-group:*")]),
            ),
            opts=self.child(),
        )
        ec2.FlowLog(
            f"{name}-flow-log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            max_aggregation_interval=60,
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=self.child(depends_on=[permissions]),
        )


def _entries(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules as the numbered entries of an ACL, in their order, with room between them."""
    return [
        {"rule_no": 10 * number, "action": "allow", "cidr_block": rule.cidr, **_match(rule)}
        for number, rule in enumerate(rules, 1)
    ]


def _match(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, Tcp):
        return {"protocol": "tcp", "from_port": rule.first, "to_port": rule.last}
    unreachable, fragmentation_needed = 3, 4
    return {
        "protocol": "icmp",
        "from_port": 0,
        "to_port": 0,
        "icmp_type": unreachable,
        "icmp_code": fragmentation_needed,
    }
