"""VPC, security groups, endpoints, Client VPN."""

from collections.abc import Iterator, Mapping
from typing import Any

from preview.graph import Graph, Resource
from tests.policies.weakenings.databases import GUIDE_DATABASE
from tests.policies.weakenings.documents import granting, in_statements, without_conditions
from tests.policies.weakenings.edits import (
    Output,
    Target,
    add,
    beside,
    both,
    but_not,
    change,
    drop,
    has,
    relink,
    rewrite,
    together,
)
from tests.policies.weakenings.model import Edit, Kind, Weakening

GUIDE_SSH = "guide: Access Control, SSH via VPN only"

_WORLD = "0.0.0.0/0"
_WORLD_6 = "::/0"
_ABROAD = "203.0.113.0/24"
"""Addresses of somebody else's: https://www.rfc-editor.org/rfc/rfc5737."""

ingress = Target("VPC", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
egress = Target("VPC", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
group = Target("VPC", "aws:ec2/securityGroup:SecurityGroup")
default_group = Target("VPC", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
acl = Target("VPC", "aws:ec2/networkAcl:NetworkAcl")
default_acl = Target("VPC", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
subnet = Target("VPC", "aws:ec2/subnet:Subnet")
flow_log = Target("VPC", "aws:ec2/flowLog:FlowLog")
route = Target("VPC", "aws:ec2/route:Route")
endpoint = Target("VPC", "aws:ec2/vpcEndpoint:VpcEndpoint")
public_access = Target("VPC", "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions")

vpn = Target("Client VPN", "aws:ec2clientvpn/endpoint:Endpoint")
authorization = Target("Client VPN", "aws:ec2clientvpn/authorizationRule:AuthorizationRule")

_ssh = has("fromPort", 22)
_sql = has("fromPort", 5432)

_CONTROLLED_ENDPOINTS = ("ec2", "ecr.api", "ecr.dkr", "ssm")
"""The services whose endpoint a control asks for: EC2.10, EC2.55, EC2.56, EC2.57."""


def _from(source: Mapping[str, Any], **ports: Any) -> Edit:
    """A rule that lets in another source, and perhaps to other ports."""
    sources = ("referencedSecurityGroupId", "prefixListId", "cidrIpv4", "cidrIpv6")
    return together(
        *(drop(name) for name in sources), *(add(name, value) for name, value in {**source, **ports}.items())
    )


def _another_group(resource: Resource, graph: Graph) -> Resource:
    """A security group that the rule names neither as source nor as its own."""
    named = {urn for urns in resource.property_dependencies.values() for urn in urns}
    return next(g for g in graph.all(group.type) if g.urn not in named)


def _rules(ports: tuple[int, int], *, cidr: str = _WORLD, protocol: str = "tcp") -> Mapping[str, Any]:
    block = "ipv6CidrBlocks" if ":" in cidr else "cidrBlocks"
    return {"fromPort": ports[0], "toPort": ports[1], "protocol": protocol, block: [cidr]}


_OPENINGS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("SSH to the world", f"EC2.13, CIS 5.2; {GUIDE_SSH}", _rules((22, 22))),
    ("SSH to the world, in IPv6", f"EC2.13, CIS 5.3; {GUIDE_SSH}", _rules((22, 22), cidr=_WORLD_6)),
    ("SSH to another network", GUIDE_SSH, _rules((22, 22), cidr=_ABROAD)),
    ("RDP to the world", "EC2.14, CIS 5.2", _rules((3389, 3389))),
    ("PostgreSQL to the world", f"EC2.19; {GUIDE_DATABASE}", _rules((5432, 5432))),
    ("Redis to the world", "EC2.18", _rules((6379, 6379))),
    ("every port to the world", "EC2.13, EC2.14, EC2.18, EC2.19", _rules((0, 65535))),
    ("every protocol to the world", "EC2.13, EC2.14, EC2.18, EC2.19", _rules((0, 0), protocol="-1")),
)
"""What a security group may let in: in words, what it breaks, and the inline form of the rule."""


def _openings() -> Iterator[Weakening]:
    """Every opening in the three forms that the provider has for a rule."""
    for what, breaks, rule in _OPENINGS:
        kind = Kind.OPENED
        yield group(kind, f"{what}, inline", breaks, add("ingress", [rule]))
        yield group(
            kind,
            f"{what}, by a rule beside it",
            breaks,
            beside(
                "aws:ec2/securityGroupRule:SecurityGroupRule",
                {"type": "ingress", "securityGroupId": Output("id"), **rule},
            ),
        )
        cidr = "cidrIpv6" if "ipv6CidrBlocks" in rule else "cidrIpv4"
        (source,) = rule.get("cidrBlocks") or rule["ipv6CidrBlocks"]
        ports = {} if rule["protocol"] == "-1" else {"fromPort": rule["fromPort"], "toPort": rule["toPort"]}
        yield group(
            kind,
            f"{what}, by a rule of the newer form beside it",
            breaks,
            beside(
                ingress.type,
                {"securityGroupId": Output("id"), "ipProtocol": rule["protocol"], cidr: source, **ports},
            ),
        )


_ALLOWED = {"action": "allow", "protocol": "tcp", "ruleNo": 5, "cidrBlock": _WORLD}


def _acl_rule(**changes: Any) -> Edit:
    return rewrite("ingress", lambda rules: [{**_ALLOWED, **changes}, *rules])


def _acl_openings() -> Iterator[Weakening]:
    controls = "EC2.21, CIS 5.1"
    yield acl(Kind.OPENED, "SSH from the world", controls, _acl_rule(fromPort=22, toPort=22))
    yield acl(Kind.OPENED, "RDP from the world", controls, _acl_rule(fromPort=3389, toPort=3389))
    yield acl(Kind.OPENED, "every port from the world", controls, _acl_rule(fromPort=0, toPort=65535))
    everything = {"fromPort": 0, "toPort": 0, "protocol": "-1"}
    yield acl(Kind.OPENED, "every protocol from the world", controls, _acl_rule(**everything))
    yield acl(
        Kind.OPENED,
        "SSH from the world, in IPv6",
        controls,
        rewrite(
            "ingress",
            lambda rules: [
                {"action": "allow", "protocol": "tcp", "ruleNo": 5, "ipv6CidrBlock": _WORLD_6}
                | {"fromPort": 22, "toPort": 22},
                *rules,
            ],
        ),
    )
    yield acl(
        Kind.OPENED,
        "SSH from the world, by a rule beside it",
        controls,
        beside(
            "aws:ec2/networkAclRule:NetworkAclRule",
            {
                "networkAclId": Output("id"),
                "ruleNumber": 5,
                "protocol": "tcp",
                "ruleAction": "allow",
                "cidrBlock": _WORLD,
                "fromPort": 22,
                "toPort": 22,
            },
        ),
    )
    anything = {"action": "allow", "fromPort": 0, "toPort": 0, "protocol": "-1", "ruleNo": 100}
    yield default_acl(
        Kind.OPENED,
        "everything from the world for subnets that are not associated",
        controls,
        add("ingress", [{**anything, "cidrBlock": _WORLD}]),
    )


VPC: tuple[Weakening, ...] = (
    ingress(Kind.OPENED, "from the world", "EC2.13, EC2.18, EC2.19", _from({"cidrIpv4": _WORLD})),
    ingress(Kind.OPENED, "from the world, in IPv6", "EC2.13, EC2.18, EC2.19", _from({"cidrIpv6": _WORLD_6})),
    ingress(
        Kind.OPENED,
        "from half of the world",
        "EC2.13, EC2.18, EC2.19",
        _from({"cidrIpv4": "0.0.0.0/1"}),
    ),
    ingress(
        Kind.OPENED,
        "every port from the world",
        "EC2.13, EC2.18, EC2.19",
        _from({"cidrIpv4": _WORLD}, fromPort=0, toPort=65535),
    ),
    ingress(
        Kind.OPENED,
        "every protocol from the world",
        "EC2.13, EC2.18, EC2.19",
        together(_from({"cidrIpv4": _WORLD}, ipProtocol="-1"), drop("fromPort"), drop("toPort")),
    ),
    ingress(Kind.OPENED, "SSH from another network", GUIDE_SSH, _from({"cidrIpv4": _ABROAD}), where=_ssh),
    ingress(Kind.OPENED, "SSH from the whole VPC", GUIDE_SSH, _from({"cidrIpv4": "10.0.0.0/8"}), where=_ssh),
    ingress(
        Kind.OPENED,
        "SSH from another security group",
        GUIDE_SSH,
        relink("referencedSecurityGroupId", Output("id", of=_another_group)),
        where=both(_ssh, has("referencedSecurityGroupId")),
    ),
    ingress(
        Kind.OPENED,
        "the database from another network",
        GUIDE_DATABASE,
        _from({"cidrIpv4": _ABROAD}),
        where=_sql,
    ),
    ingress(
        Kind.OPENED,
        "the database from every private address",
        GUIDE_DATABASE,
        _from({"cidrIpv4": "10.0.0.0/8"}),
        where=_sql,
    ),
    ingress(
        Kind.OPENED,
        "another security group than the one that it should let in",
        "guide: Access Control",
        relink("referencedSecurityGroupId", Output("id", of=_another_group)),
        where=both(but_not(_ssh), has("referencedSecurityGroupId")),
        excluded=(
            "which part of an application talks to which is the application's own; a pack that knows no stack"
            " can only tell SSH and the world"
        ),
    ),
    egress(
        Kind.OPENED,
        "everything to the world",
        "EC2: least privilege for what leaves",
        together(_from({"cidrIpv4": _WORLD}, ipProtocol="-1"), drop("fromPort"), drop("toPort")),
    ),
    *_openings(),
    default_group.deleted("EC2.2, CIS 5.4"),
    default_group(
        Kind.OPENED,
        "lets its members in",
        "EC2.2, CIS 5.4",
        add("ingress", [{"fromPort": 0, "toPort": 0, "protocol": "-1", "self": True}]),
    ),
    default_group(
        Kind.OPENED, "lets everything out", "EC2.2, CIS 5.4", add("egress", [_rules((0, 0), protocol="-1")])
    ),
    *_acl_openings(),
    subnet(Kind.PUBLIC, "public addresses at launch", "EC2.15", add("mapPublicIpOnLaunch", True)),
    flow_log.deleted("EC2.6, CIS 3.7"),
    flow_log(Kind.LOGGING, "refused traffic left out", "EC2.6, CIS 3.7", change("trafficType", "ACCEPT")),
    route(
        Kind.PUBLIC,
        "private subnets straight to the internet gateway",
        "EC2.9, by analogy; guide: Access Control",
        together(drop("natGatewayId"), relink("gatewayId", Output("id", of=lambda _r, g: g.one(_GATEWAY)))),
        where=has("natGatewayId"),
    ),
    endpoint(
        Kind.SIDE_RESOURCE,
        "deleted",
        "EC2.10, EC2.55, EC2.56, EC2.57",
        lambda _resource, _graph: (),
        where=lambda resource, _graph: _service(resource) in _CONTROLLED_ENDPOINTS,
    ),
    endpoint(
        Kind.SIDE_RESOURCE,
        "deleted, of a service that no control names",
        "guide: Access Control",
        lambda _resource, _graph: (),
        where=lambda resource, _graph: _service(resource) not in _CONTROLLED_ENDPOINTS,
        excluded="AWS's controls ask for four endpoints; the others save traffic through a NAT gateway",
    ),
    endpoint(Kind.WILDCARD, "any account, any action: no policy", "EC2.10: least privilege", drop("policy")),
    endpoint(
        Kind.WILDCARD,
        "any account, any action, in so many words",
        "EC2.10: least privilege",
        granting("policy", Action="*", Principal="*", Resource="*"),
    ),
    endpoint(
        Kind.WILDCARD,
        "any account: conditions removed",
        "EC2.10: least privilege",
        in_statements("policy", without_conditions),
    ),
    public_access.deleted("EC2.172"),
    public_access(Kind.PUBLIC, "off", "EC2.172", change("internetGatewayBlockMode", "off")),
)

_GATEWAY = "aws:ec2/internetGateway:InternetGateway"


def _service(resource: Resource) -> str:
    """The service of an endpoint, `ecr.api`."""
    return str(resource.inputs["serviceName"]).split(".", 3)[3]


CLIENT_VPN: tuple[Weakening, ...] = (
    vpn(Kind.LOGGING, "connections not logged", "EC2.51", change("connectionLogOptions", {"enabled": False})),
    vpn(
        Kind.AUTHENTICATION,
        "a certificate instead of people's sign-in",
        GUIDE_SSH,
        change(
            "authenticationOptions",
            [
                {
                    "type": "certificate-authentication",
                    "rootCertificateChainArn": "arn:aws:acm:us-west-2:111122223333:certificate/root",
                }
            ],
        ),
    ),
    vpn(Kind.ISOLATION, "in the VPC's default security group", GUIDE_SSH, drop("securityGroupIds")),
    authorization(Kind.OPENED, "into every network", GUIDE_SSH, change("targetNetworkCidr", _WORLD)),
    authorization(
        Kind.OPENED, "into every private network", GUIDE_SSH, change("targetNetworkCidr", "10.0.0.0/8")
    ),
)

WEAKENINGS: tuple[Weakening, ...] = (*VPC, *CLIENT_VPN)
