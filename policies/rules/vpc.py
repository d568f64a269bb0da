"""VPCs: subnets, network ACLs, flow logs, endpoints, routes and transit gateways."""

import re
from collections.abc import Sequence
from typing import Final

from policies import iam
from policies.iam import Statement
from policies.network import block, covers_port, is_world, protocol
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.subnets import SUBNET, any_reaches_internet
from policies.view import Resource, View, all_hold, any_holds, each, every_holds, one_holds

_VPC: Final = "aws:ec2/vpc:Vpc"
_VPCS: Final = (_VPC, "aws:ec2/defaultVpc:DefaultVpc")
_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
_ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
_ACLS: Final = (_ACL, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", _ACL_RULE)
_DEFAULT_SUBNET: Final = "aws:ec2/defaultSubnet:DefaultSubnet"
_FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
_ROUTE: Final = "aws:ec2/route:Route"
_TABLES: Final = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
_GROUP: Final = "aws:autoscaling/group:Group"

_ADMINISTRATION: Final = (22, 3389)
_LARGEST_VPC: Final = 16
"""The prefix of the largest block of a VPC: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
_SERVICE: Final = re.compile(r"amazonaws\.[^.]+\.(.+)")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide"
_PRIVATELINK: Final = "https://docs.aws.amazon.com/vpc/latest/privatelink"


# Traffic -----------------------------------------------------------------------------------------------


@rule(
    name="vpc-flow-logs",
    title="VPCs log their traffic, what is refused above all",
    severity=Severity.MEDIUM,
    controls=("EC2.6", "CIS 3.7"),
    types=_VPCS,
    why="Without flow logs, nobody can say afterwards who reached what, or tried to.",
    fix="""
        aws.ec2.FlowLog(
            "flows",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination=log_group.arn,
            iam_role_arn=role.arn,
        )
    """,
    link=f"{_FSBP}#ec2-6",
)
def flow_logs(vpc: Resource, stack: Stack) -> Problems:
    """A log of accepted traffic alone is none of attacks."""
    if any_holds(
        lambda log: log.text("trafficType") in ("ALL", "REJECT"), stack.beside(vpc, _FLOW_LOG, by="vpcId")
    ):
        return None
    return "it has no FlowLog of refused traffic"


@rule(
    name="vpc-network-acl-no-administration-from-world",
    title="Network ACLs let the world in to neither SSH nor Remote Desktop",
    severity=Severity.MEDIUM,
    controls=("EC2.21", "CIS 5.1"),
    types=_ACLS,
    why="Behind an open network ACL, one wrong security group is enough to expose a machine.",
    fix="""
        aws.ec2.NetworkAcl(
            "public",
            vpc_id=vpc.id,
            ingress=[{
                "rule_no": 10, "action": "allow", "protocol": "tcp",
                "cidr_block": "0.0.0.0/0", "from_port": 443, "to_port": 443,
            }],
        )
    """,
    link=f"{_FSBP}#ec2-21",
)
def network_acl_no_administration_from_world(acl: Resource) -> Problems:
    """Entries are read in the order of their numbers: an earlier one that denies wins."""
    entries: Sequence[View] = [acl] if acl.type == _ACL_RULE else acl.objects("ingress")
    yield from each(
        lambda entry: (
            f"{entry.where() or 'it'} lets the world in to port 22 or 3389"
            if any_holds(lambda port: _opens(entry, entries, port), _ADMINISTRATION)
            else None
        ),
        entries,
    )


def _opens(entry: View, entries: Sequence[View], port: int) -> bool:
    return every_holds(
        lambda: _action(entry) == "allow",
        lambda: not entry.flag("egress", default=False),
        lambda: _is_for_world(entry),
        lambda: _entry_covers(entry, port),
        lambda: not any_holds(lambda other: _denies_before(other, entry, port), entries),
    )


def _denies_before(other: View, entry: View, port: int) -> bool:
    return every_holds(
        lambda: _action(other) == "deny",
        lambda: other.number("ruleNo", default=0) < entry.number("ruleNo", default=0),
        lambda: _is_for_world(other),
        lambda: other.is_present("ipv6CidrBlock") == entry.is_present("ipv6CidrBlock"),
        lambda: _entry_covers(other, port),
    )


def _action(entry: View) -> str:
    return (entry.text("ruleAction") or entry.text("action")).lower()


def _is_for_world(entry: View) -> bool:
    return one_holds(lambda: is_world(entry.text("cidrBlock")), lambda: is_world(entry.text("ipv6CidrBlock")))


def _entry_covers(entry: View, port: int) -> bool:
    return one_holds(
        lambda: protocol(entry.text("protocol")) == "all",
        lambda: every_holds(
            lambda: protocol(entry.text("protocol")) in ("tcp", "all"), lambda: covers_port(entry, port)
        ),
    )


@rule(
    name="vpc-subnet-no-public-addresses",
    title="Subnets give no public addresses to what is launched in them",
    severity=Severity.MEDIUM,
    controls=("EC2.15",),
    types=(SUBNET, _DEFAULT_SUBNET),
    why="Whatever is launched there without a thought is on the internet.",
    fix="""
        aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=False)
    """,
    link=f"{_FSBP}#ec2-15",
)
def subnet_no_public_addresses(subnet: Resource) -> Problems:
    """A subnet gives none by default, a default subnet does."""
    on = subnet.flag("mapPublicIpOnLaunch", default=subnet.type == _DEFAULT_SUBNET)
    return "map_public_ip_on_launch is on" if on else None


@rule(
    name="vpc-block-public-access",
    title="The account's setting for VPCs blocks internet gateways",
    severity=Severity.MEDIUM,
    controls=("EC2.172",),
    types=("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",),
    why="A VPC that nobody meant to be public is one route away from it.",
    fix="""
        aws.ec2.VpcBlockPublicAccessOptions("internet", internet_gateway_block_mode="block-bidirectional")
    """,
    link=f"{_FSBP}#ec2-172",
)
def block_public_access(options: Resource) -> Problems:
    """Either mode that blocks will do."""
    blocks = options.text("internetGatewayBlockMode") in ("block-bidirectional", "block-ingress")
    return None if blocks else "internet_gateway_block_mode is off"


@rule(
    name="vpc-instances-in-private-subnets",
    title="Instances are in subnets that have no internet gateway",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_GROUP, "aws:ec2/instance:Instance"),
    why="Behind an internet gateway, a public address is all that an instance lacks to be on the internet.",
    fix="""
        aws.ec2.Route(
            "out",
            route_table_id=private.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=gateway.id,
        )
    """,
    link=f"{_GUIDE}/configure-subnets.html",
)
def instances_in_private_subnets(resource: Resource, stack: Stack) -> Problems:
    """A subnet is public by a route to an internet gateway in its table."""
    by = "vpcZoneIdentifiers" if resource.type == _GROUP else "subnetId"
    if any_reaches_internet(resource, by, stack):
        return "a subnet that it is in has a route to an internet gateway"
    return None


@rule(
    name="vpc-peering-routes-narrow",
    title="Routes to a peered VPC lead to its networks alone",
    severity=Severity.MEDIUM,
    controls=("CIS 5.5",),
    types=(_ROUTE, *_TABLES),
    why="A wide route sends traffic for networks to come through somebody else's VPC.",
    fix="""
        aws.ec2.Route(
            "reports",
            route_table_id=private.id,
            destination_cidr_block="10.30.8.0/24",
            vpc_peering_connection_id=peering.id,
        )
    """,
    link=f"{_GUIDE}/route-table-options.html#route-tables-vpc-peering",
)
def peering_routes_narrow(resource: Resource) -> Problems:
    """No VPC has a block wider than /16."""
    yield from each(
        lambda route: (
            f"{route.where() or 'it'} leads to more than any VPC holds"
            if every_holds(
                lambda: route.is_present("vpcPeeringConnectionId"),
                lambda: any_holds(
                    lambda name: _is_wider_than_a_vpc(route.text(name)), ("destinationCidrBlock", "cidrBlock")
                ),
            )
            else None
        ),
        [resource] if resource.type == _ROUTE else resource.objects("routes"),
    )


def _is_wider_than_a_vpc(text: str) -> bool:
    found = block(text)
    return found is not None and found.prefixlen < _LARGEST_VPC


@rule(
    name="vpc-transit-gateway-no-auto-accept",
    title="Transit gateways let nobody attach a VPC without being asked",
    severity=Severity.HIGH,
    controls=("EC2.23",),
    types=("aws:ec2transitgateway/transitGateway:TransitGateway",),
    why="Any account that the gateway is shared with joins the network by itself.",
    fix="""
        aws.ec2transitgateway.TransitGateway("hub", auto_accept_shared_attachments="disable")
    """,
    link=f"{_FSBP}#ec2-23",
)
def transit_gateway_no_auto_accept(gateway: Resource) -> Problems:
    """It is off by default."""
    on = gateway.text("autoAcceptSharedAttachments") == "enable"
    return "auto_accept_shared_attachments is on" if on else None


_USERS: Final = (
    (
        "aws:ec2/natGateway:NatGateway",
        ("allocationId", "secondaryAllocationIds", "availabilityZoneAddresses.allocationIds"),
    ),
    ("aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation", ("allocationId",)),
    ("aws:ec2/eipAssociation:EipAssociation", ("allocationId",)),
    ("aws:lb/loadBalancer:LoadBalancer", ("subnetMappings.allocationId",)),
    ("aws:alb/loadBalancer:LoadBalancer", ("subnetMappings.allocationId",)),
)
"""What uses an address, and by which property."""


@rule(
    name="vpc-elastic-address-used",
    title="Elastic addresses are in use",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    controls=("EC2.12",),
    types=("aws:ec2/eip:Eip",),
    why="An address that nobody uses costs money, and is missing where addresses are counted.",
    fix="""
        aws.ec2.NatGateway("out", allocation_id=address.id, subnet_id=public.id)
    """,
    link=f"{_FSBP}#ec2-12",
)
def elastic_address_used(address: Resource, stack: Stack) -> Problems:
    """It names what uses it, or is named by a NAT gateway, an association or a load balancer."""
    if address.is_present("instance") or address.is_present("networkInterface"):
        return None
    if any_holds(
        lambda user: any_holds(lambda _user: True, stack.beside(address, user[0], by=list(user[1]))), _USERS
    ):
        return None
    return "nothing uses it"


# Endpoints ---------------------------------------------------------------------------------------------


def _endpoint(service: str) -> str:
    """How an endpoint is declared."""
    return f"""
        aws.ec2.VpcEndpoint(
            "{service}",
            vpc_id=vpc.id,
            service_name="com.amazonaws.us-west-2.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=private_ids,
            security_group_ids=[endpoints.id],
        )
    """


def _service(endpoint: View) -> str:
    """The service of an endpoint, `ecr.api`; empty for one that is not AWS's own."""
    found = _SERVICE.search(endpoint.text("serviceName"))
    return found[1].removesuffix("-fips") if found and "vpce-svc" not in found[1] else ""


def _has_endpoint(vpc: Resource, stack: Stack, service: str) -> bool:
    return any_holds(lambda endpoint: _service(endpoint) == service, stack.beside(vpc, _ENDPOINT, by="vpcId"))


@rule(
    name="vpc-endpoint-ec2",
    title="VPCs have an endpoint for EC2",
    severity=Severity.MEDIUM,
    controls=("EC2.10",),
    types=(_VPC,),
    why="Without it, calls to EC2's API leave the network and need a way to the internet.",
    fix=_endpoint("ec2"),
    link=f"{_FSBP}#ec2-10",
)
def endpoint_ec2(vpc: Resource, stack: Stack) -> Problems:
    """AWS makes none by itself."""
    return None if _has_endpoint(vpc, stack, "ec2") else "it has no VpcEndpoint for ec2"


@rule(
    name="vpc-endpoint-ecr-api",
    title="VPCs have an endpoint for the API of ECR",
    severity=Severity.MEDIUM,
    controls=("EC2.55",),
    types=(_VPC,),
    why="Without it, whatever asks for container images needs a way to the internet.",
    fix=_endpoint("ecr.api"),
    link=f"{_FSBP}#ec2-55",
)
def endpoint_ecr_api(vpc: Resource, stack: Stack) -> Problems:
    """AWS makes none by itself."""
    return None if _has_endpoint(vpc, stack, "ecr.api") else "it has no VpcEndpoint for ecr.api"


@rule(
    name="vpc-endpoint-ecr-dkr",
    title="VPCs have an endpoint for ECR's registry of container images",
    severity=Severity.MEDIUM,
    controls=("EC2.56",),
    types=(_VPC,),
    why="Without it, whatever pulls container images needs a way to the internet.",
    fix=_endpoint("ecr.dkr"),
    link=f"{_FSBP}#ec2-56",
)
def endpoint_ecr_dkr(vpc: Resource, stack: Stack) -> Problems:
    """AWS makes none by itself."""
    return None if _has_endpoint(vpc, stack, "ecr.dkr") else "it has no VpcEndpoint for ecr.dkr"


@rule(
    name="vpc-endpoint-ssm",
    title="VPCs have an endpoint for Systems Manager",
    severity=Severity.MEDIUM,
    controls=("EC2.57",),
    types=(_VPC,),
    why="Without it, sessions, patches and parameters need a way to the internet.",
    fix=_endpoint("ssm"),
    link=f"{_FSBP}#ec2-57",
)
def endpoint_ssm(vpc: Resource, stack: Stack) -> Problems:
    """AWS makes none by itself."""
    return None if _has_endpoint(vpc, stack, "ssm") else "it has no VpcEndpoint for ssm"


@rule(
    name="vpc-endpoint-ssm-contacts",
    title="VPCs have an endpoint for the contacts of Incident Manager",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("EC2.58",),
    types=(_VPC,),
    why="Without it, calls to Incident Manager's contacts need a way to the internet.",
    fix=_endpoint("ssm-contacts"),
    link=f"{_FSBP}#ec2-58",
)
def endpoint_ssm_contacts(vpc: Resource, stack: Stack) -> Problems:
    """Only who uses Incident Manager needs it."""
    return None if _has_endpoint(vpc, stack, "ssm-contacts") else "it has no VpcEndpoint for ssm-contacts"


@rule(
    name="vpc-endpoint-ssm-incidents",
    title="VPCs have an endpoint for Incident Manager",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    controls=("EC2.60",),
    types=(_VPC,),
    why="Without it, calls to Incident Manager need a way to the internet.",
    fix=_endpoint("ssm-incidents"),
    link=f"{_FSBP}#ec2-60",
)
def endpoint_ssm_incidents(vpc: Resource, stack: Stack) -> Problems:
    """Only who uses Incident Manager needs it."""
    return None if _has_endpoint(vpc, stack, "ssm-incidents") else "it has no VpcEndpoint for ssm-incidents"


@rule(
    name="vpc-endpoint-security-groups-named",
    title="Interface endpoints have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_ENDPOINT,),
    why="Without one, AWS takes the VPC's default group, which lets in whatever else is in it.",
    fix="""
        aws.ec2.VpcEndpoint(
            "ssm",
            vpc_id=vpc.id,
            service_name="com.amazonaws.us-west-2.ssm",
            vpc_endpoint_type="Interface",
            security_group_ids=[endpoints.id],
        )
    """,
    link=f"{_PRIVATELINK}/create-interface-endpoint.html",
)
def endpoint_security_groups_named(endpoint: Resource) -> Problems:
    """Gateways have none; an endpoint is a gateway by default."""
    if endpoint.text("vpcEndpointType", default="Gateway") != "Interface":
        return OUT_OF_SCOPE
    return None if endpoint.is_present("securityGroupIds") else "it has no security_group_ids"


@rule(
    name="vpc-endpoint-has-policy",
    title="Endpoints of AWS's services have a policy",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_ENDPOINT,),
    why="By default anybody's credentials work through the endpoint, so that data can be carried away by it.",
    fix="""
        aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=service_name, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Principal": {"AWS": "*"},
                "Resource": ["*"],
                "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
            }],
        }))
    """,
    link=f"{_PRIVATELINK}/vpc-endpoints-access.html",
)
def endpoint_has_policy(endpoint: Resource, stack: Stack) -> Problems:
    """Without a policy, or with an empty one, everything is allowed."""
    if not _service(endpoint):
        return OUT_OF_SCOPE
    beside = stack.beside(endpoint, _ENDPOINT_POLICY, by="vpcEndpointId")
    if endpoint.is_present("policy") or any_holds(lambda side: side.is_present("policy"), beside):
        return None
    return "it has no policy"


@rule(
    name="vpc-endpoint-policy-limits-use",
    title="Policies of endpoints limit whose credentials, or whose resources, may be used through them",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=iam.types_with(iam.Kind.ENDPOINT),
    why="With somebody else's credentials, data can be carried away through the endpoint into their account.",
    fix="""
        aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=service_name, policy=json.dumps({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Principal": {"AWS": "*"},
                "Resource": ["*"],
                "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
            }],
        }))
    """,
    link=f"{_PRIVATELINK}/vpc-endpoints-access.html",
)
def endpoint_policy_limits_use(resource: Resource) -> Problems:
    """A bucket that is named in full, and a resource of a named account, cannot be anybody's."""
    yield from each(
        lambda s: (
            f"{s.place} lets any account use the endpoint"
            if s.allows
            and s.is_for_everyone
            and not s.narrows
            and not s.limits("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
            and not _names_owners(s)
            else None
        ),
        iam.statements(resource, iam.Kind.ENDPOINT),
    )


_OWNED: Final = re.compile(r"arn:aws[a-z-]*:(s3:::[^*?]+(/.*)?|[^:]*:[^:]*:[0-9]{12}:.*)", re.DOTALL)


def _names_owners(statement: Statement) -> bool:
    """Whether every resource that it covers belongs to somebody whom it names."""
    return (
        not statement.has_not_resource
        and bool(statement.resources)
        and all_hold(lambda arn: _OWNED.fullmatch(arn) is not None, statement.resources)
    )
