"""What the rules of security groups decide."""

from collections.abc import Iterator
from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import securitygroup
from tests.policies.kit import MAIN, SIDE, Case, Side, judged, reference

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_VPN = "aws:ec2clientvpn/endpoint:Endpoint"
_WORLD = "0.0.0.0/0"
_WORLD_6 = "::/0"
_OFFICE = "203.0.113.0/24"


def _new(port: int, **source: Any) -> dict[str, Any]:
    return {"ipProtocol": "tcp", "fromPort": port, "toPort": port, **source}


def _old(port: int, **source: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": port, "toPort": port, **source}


def _in_every_form(rule: Rule, port: int, other: int, **settings: Any) -> Iterator[Case]:
    """A port that is open to the world, in every form that a rule of a security group has."""
    yield Case(
        rule,
        type=_INGRESS,
        base=_new(port),
        compliant={"cidrIpv4": "10.0.0.0/8"} if not settings else {"cidrIpv4": "10.20.0.0/16"},
        violating={"cidrIpv4": _WORLD},
        absent=Verdict.COMPLIANT,
        settings=settings,
        more_compliant=[
            {"prefixListId": "pl-12345678"},
            {"referencedSecurityGroupId": "sg-12345678"},
            _new(other, cidrIpv4=_WORLD),
            {"ipProtocol": "icmp", "fromPort": -1, "toPort": -1, "cidrIpv4": _WORLD},
        ],
        more_violating=[
            {"cidrIpv6": _WORLD_6},
            {"cidrIpv4": "128.0.0.0/1"},
            {"cidrIpv4": _WORLD, "ipProtocol": "6"},
        ],
    )
    yield Case(
        rule,
        type=_RULE,
        base=_old(port, type="ingress"),
        compliant={"cidrBlocks": ["10.20.0.0/16"]},
        violating={"cidrBlocks": ["10.20.0.0/16", _WORLD]},
        absent=Verdict.COMPLIANT,
        settings=settings,
        more_compliant=[{"self": True}, {"type": "egress", "cidrBlocks": [_WORLD]}],
        more_violating=[{"ipv6CidrBlocks": [_WORLD_6]}],
    )
    for token in (_GROUP, _DEFAULT):
        yield Case(
            rule,
            type=token,
            compliant={"ingress": [_old(port, securityGroups=["sg-12345678"])]},
            violating={"ingress": [_old(port, cidrBlocks=[_WORLD])]},
            absent=Verdict.COMPLIANT,
            settings=settings,
            more_compliant=[{"egress": [_old(port, cidrBlocks=[_WORLD])]}],
            more_violating=[
                {"ingress": [_old(other, cidrBlocks=[_WORLD]), _old(port, ipv6CidrBlocks=[_WORLD_6])]}
            ],
        )


_EVERYTHING = (
    {"ipProtocol": "-1", "cidrIpv4": _WORLD},
    {"ipProtocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrIpv6": _WORLD_6},
)


def _everything(rule: Rule) -> Case:
    return Case(
        rule,
        type=_INGRESS,
        compliant={"ipProtocol": "-1", "cidrIpv4": "10.20.0.0/16"},
        violating=_EVERYTHING[0],
        absent=Verdict.COMPLIANT,
        more_violating=_EVERYTHING[1:],
    )


def _ports(rule: Rule, compliant: int, violating: int) -> Case:
    """A source that is known, at a port that may not be."""
    return Case(
        rule,
        type=_INGRESS,
        base={"ipProtocol": "tcp", "cidrIpv4": _WORLD, "toPort": violating},
        compliant={"fromPort": compliant},
        violating={"fromPort": violating},
    )


def _vpn(*groups: str) -> Side:
    return Side(_VPN, securityGroupIds=list(groups))


def _ssh(group: str, source: str) -> Side:
    return Side(_INGRESS, securityGroupId=group, referencedSecurityGroupId=source, **_new(22))


def _balancer(*, internal: bool) -> Side:
    return Side("aws:lb/loadBalancer:LoadBalancer", securityGroups=[MAIN], internal=internal)


CASES = (
    *_in_every_form(securitygroup.no_ssh_from_world, 22, 443),
    _everything(securitygroup.no_ssh_from_world),
    _ports(securitygroup.no_ssh_from_world, 23, 22),
    *_in_every_form(securitygroup.no_rdp_from_world, 3389, 443),
    _everything(securitygroup.no_rdp_from_world),
    *_in_every_form(securitygroup.no_high_risk_ports_from_world, 5432, 443),
    _everything(securitygroup.no_high_risk_ports_from_world),
    Case(
        securitygroup.no_high_risk_ports_from_world,
        type=_INGRESS,
        base={"ipProtocol": "udp", "cidrIpv4": _WORLD},
        compliant={"fromPort": 9301, "toPort": 9400},
        violating={"fromPort": 9000, "toPort": 9400},
    ),
    *_in_every_form(securitygroup.only_web_from_world, 6379, 443),
    _everything(securitygroup.only_web_from_world),
    Case(
        securitygroup.only_web_from_world,
        type=_INGRESS,
        base={"ipProtocol": "tcp", "cidrIpv4": _WORLD, "toPort": 443},
        compliant={"fromPort": 443},
        violating={"fromPort": 80},
        more_violating=[{"fromPort": 443, "ipProtocol": "udp"}],
    ),
    *_in_every_form(securitygroup.ssh_from_known_sources, 22, 443, ssh_sources=["10.20.0.0/16"]),
    Case(
        securitygroup.ssh_from_known_sources,
        type=_INGRESS,
        base=_new(22),
        compliant={"cidrIpv4": "198.51.100.7/32"},
        violating={"cidrIpv4": _OFFICE},
        absent=Verdict.COMPLIANT,
        settings={"ssh_sources": ["198.51.100.0/24"]},
        more_violating=[{"cidrIpv6": "2001:db8::/64"}, {"cidrIpv4": "10.0.0.0/8"}],
    ),
    Case(
        securitygroup.ssh_from_vpn,
        base={**_new(22), "referencedSecurityGroupId": SIDE},
        beside=[Side(_GROUP), Side(_GROUP)],
        compliant_beside=[_vpn(SIDE)],
        violating_beside=[_vpn(reference(2))],
        absent=None,
    ),
    Case(
        # A bastion that the VPN reaches leads further.
        securitygroup.ssh_from_vpn,
        base={**_new(22), "referencedSecurityGroupId": SIDE},
        beside=[Side(_GROUP), Side(_GROUP), _vpn(reference(2))],
        compliant_beside=[_ssh(SIDE, reference(2))],
        violating_beside=[_ssh(SIDE, SIDE)],
    ),
    Case(
        # The same group of another stack.
        securitygroup.ssh_from_vpn,
        base=_new(22),
        beside=[_vpn("sg-0a1b2c3d")],
        compliant={"referencedSecurityGroupId": "sg-0a1b2c3d"},
        violating={"referencedSecurityGroupId": "sg-0a1b2c3e"},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
    ),
    Case(
        securitygroup.ssh_from_vpn,
        type=_GROUP,
        beside=[_vpn("sg-0a1b2c3d")],
        compliant={"ingress": [_old(443, securityGroups=["sg-0a1b2c3e"])]},
        violating={"ingress": [_old(22, securityGroups=["sg-0a1b2c3e"])]},
        absent=Verdict.COMPLIANT,
    ),
    *_in_every_form(securitygroup.database_ports_from_groups, 5432, 443, database_sources=["10.20.0.0/16"]),
    Case(
        securitygroup.database_ports_from_groups,
        type=_INGRESS,
        base={"ipProtocol": "tcp", "cidrIpv4": _OFFICE, "toPort": 65535},
        compliant={"fromPort": 1024},
        violating={"fromPort": 3306},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        securitygroup.of_database_from_groups,
        base={**_new(5433), "securityGroupId": SIDE},
        beside=[Side(_GROUP), Side("aws:rds/instance:Instance", vpcSecurityGroupIds=[SIDE])],
        compliant={"cidrIpv4": "10.20.1.0/24"},
        violating={"cidrIpv4": _OFFICE},
        absent=Verdict.COMPLIANT,
        settings={"database_sources": ["10.20.0.0/16"]},
    ),
    Case(
        securitygroup.of_database_from_groups,
        type=_GROUP,
        base={"ingress": [_old(6390, cidrBlocks=[_OFFICE])]},
        compliant_beside=[Side("aws:elasticache/replicationGroup:ReplicationGroup", securityGroupIds=[])],
        violating_beside=[Side("aws:elasticache/replicationGroup:ReplicationGroup", securityGroupIds=[MAIN])],
        absent=Verdict.COMPLIANT,
    ),
    *(
        Case(
            securitygroup.of_internal_not_from_world,
            base={**_new(443), "securityGroupId": SIDE},
            beside=[Side(_GROUP), user],
            compliant={"cidrIpv4": "10.20.1.0/24"},
            violating={"cidrIpv4": _WORLD},
            absent=Verdict.COMPLIANT,
        )
        for user in (
            Side("aws:ec2/vpcEndpoint:VpcEndpoint", securityGroupIds=[SIDE]),
            Side("aws:opensearch/domain:Domain", vpcOptions={"securityGroupIds": [SIDE]}),
            Side("aws:lambda/function:Function", vpcConfig={"subnetIds": [], "securityGroupIds": [SIDE]}),
            Side("aws:lb/loadBalancer:LoadBalancer", securityGroups=[SIDE], internal=True),
        )
    ),
    Case(
        securitygroup.of_internal_not_from_world,
        type=_GROUP,
        base={"ingress": [_old(443, cidrBlocks=[_WORLD])]},
        compliant_beside=[_balancer(internal=False)],
        violating_beside=[_balancer(internal=True)],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        securitygroup.default_empty,
        compliant={"ingress": [], "egress": []},
        violating={"ingress": [{**_old(0), "protocol": "-1", "self": True}], "egress": []},
        absent=Verdict.COMPLIANT,
        unknown=Verdict.VIOLATED,
        more_violating=[{"egress": [_old(443, cidrBlocks=[_WORLD])]}],
    ),
    Case(securitygroup.default_adopted, compliant_beside=[Side(_DEFAULT, vpcId=MAIN)]),
    Case(
        securitygroup.default_adopted,
        type="aws:ec2/defaultVpc:DefaultVpc",
        compliant_beside=[Side(_DEFAULT)],
        violating_beside=[Side(_DEFAULT, vpcId="vpc-12345678")],
        absent=None,
    ),
    Case(
        securitygroup.default_no_rules_beside,
        base=_new(443),
        beside=[Side(_DEFAULT), Side(_GROUP)],
        compliant={"securityGroupId": reference(2)},
        violating={"securityGroupId": SIDE},
        absent=None,
    ),
    Case(
        securitygroup.egress_names_ports,
        compliant={"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": _WORLD},
        violating={"ipProtocol": "-1", "fromPort": 443, "toPort": 443, "cidrIpv4": _WORLD},
        absent=None,
        more_compliant=[{"ipProtocol": "-1", "cidrIpv4": "10.20.0.0/16"}],
    ),
    Case(
        securitygroup.egress_names_ports,
        type=_GROUP,
        compliant={"egress": [_old(443, cidrBlocks=[_WORLD])]},
        violating={"egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [_WORLD]}]},
        absent=Verdict.COMPLIANT,
    ),
)

test_cases = judged(CASES)
