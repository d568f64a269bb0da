"""What the rules of VPCs and what is in them decide."""

from collections.abc import Iterator
from typing import Any

from policies.evaluate import Verdict
from policies.rule import Rule
from policies.rules import vpc
from tests.policies.kit import MAIN, SIDE, Case, Side, judged, policy, reference

_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_TABLE = "aws:ec2/routeTable:RouteTable"
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_WORLD = "0.0.0.0/0"
_OWN = {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


def _flow_log(traffic: str) -> Side:
    return Side("aws:ec2/flowLog:FlowLog", vpcId=MAIN, trafficType=traffic)


def _entry(port: int, **changes: Any) -> dict[str, Any]:
    ports = {"fromPort": port, "toPort": port}
    return {"ruleNo": 10, "action": "allow", "protocol": "tcp", "cidrBlock": _WORLD, **ports, **changes}


def _balancer(address: str) -> Side:
    return Side(
        "aws:lb/loadBalancer:LoadBalancer",
        subnetMappings=[
            {"subnetId": "subnet-12345678", "allocationId": "eipalloc-12345678"},
            {"subnetId": "subnet-23456789", "allocationId": address},
        ],
    )


def _endpoint(rule: Rule, service: str) -> Iterator[Case]:
    """The endpoint of a service, and one of another service whose name begins or ends alike."""
    for near in (f"{service}x", f"x.{service}"):
        yield Case(
            rule,
            compliant_beside=[
                Side(_ENDPOINT, vpcId=MAIN, serviceName=f"com.amazonaws.us-west-2.{service}"),
            ],
            violating_beside=[Side(_ENDPOINT, vpcId=MAIN, serviceName=f"com.amazonaws.us-west-2.{near}")],
        )


def _statement(**changes: Any) -> dict[str, Any]:
    return {"policy": policy(_allowing(**changes))}


def _allowing(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:*", "Principal": "*", "Resource": "*", **changes}


CASES = (
    Case(vpc.flow_logs, compliant_beside=[_flow_log("ALL")], violating_beside=[_flow_log("ACCEPT")]),
    Case(
        vpc.flow_logs,
        type="aws:ec2/defaultVpc:DefaultVpc",
        compliant_beside=[_flow_log("REJECT")],
        violating_beside=[Side("aws:ec2/flowLog:FlowLog", vpcId="vpc-12345678", trafficType="REJECT")],
        absent=Verdict.VIOLATED,
    ),
    *(
        Case(
            vpc.network_acl_no_administration_from_world,
            type=token,
            compliant={"ingress": [_entry(443)]},
            violating={"ingress": [_entry(443), _entry(22)]},
            absent=Verdict.COMPLIANT,
            more_compliant=[
                {"egress": [_entry(22)]},
                {"ingress": [_entry(22, action="deny")]},
                {"ingress": [_entry(22, cidrBlock="10.20.0.0/16")]},
                {"ingress": [_entry(22, action="deny", ruleNo=5), _entry(0, toPort=1024)]},
                {"ingress": [_entry(22, protocol="udp")]},
            ],
            more_violating=[
                {"ingress": [_entry(3389, protocol="6")]},
                {"ingress": [_entry(0, toPort=0, protocol="-1")]},
                {
                    "ingress": [
                        {k: v for k, v in _entry(22).items() if k != "cidrBlock"} | {"ipv6CidrBlock": "::/0"}
                    ]
                },
                {"ingress": [_entry(22, action="deny", ruleNo=15), _entry(22)]},
                {"ingress": [_entry(22, action="deny", ruleNo=5), _entry(3380, toPort=3390)]},
            ],
        )
        for token in vpc.network_acl_no_administration_from_world.types[:2]
    ),
    Case(
        vpc.network_acl_no_administration_from_world,
        type="aws:ec2/networkAclRule:NetworkAclRule",
        base={"protocol": "tcp", "ruleAction": "allow", "fromPort": 22, "toPort": 22},
        compliant={"cidrBlock": "10.20.0.0/16"},
        violating={"cidrBlock": _WORLD},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"cidrBlock": _WORLD, "egress": True}, {"cidrBlock": _WORLD, "ruleAction": "deny"}],
        more_violating=[{"ipv6CidrBlock": "::/0"}],
    ),
    Case(
        vpc.subnet_no_public_addresses,
        compliant={"mapPublicIpOnLaunch": False},
        violating={"mapPublicIpOnLaunch": True},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        vpc.subnet_no_public_addresses,
        type="aws:ec2/defaultSubnet:DefaultSubnet",
        compliant={"mapPublicIpOnLaunch": False},
        violating={"mapPublicIpOnLaunch": True},
    ),
    Case(
        vpc.block_public_access,
        compliant={"internetGatewayBlockMode": "block-ingress"},
        violating={"internetGatewayBlockMode": "off"},
    ),
    Case(
        vpc.instances_in_private_subnets,
        base={"vpcZoneIdentifiers": [SIDE]},
        beside=[
            Side("aws:ec2/subnet:Subnet"),
            Side(_TABLE),
            Side(_ASSOCIATION, subnetId=SIDE, routeTableId=reference(2)),
            Side(_GATEWAY),
        ],
        compliant_beside=[Side("aws:ec2/route:Route", routeTableId=reference(2), gatewayId="vgw-12345678")],
        violating_beside=[Side("aws:ec2/route:Route", routeTableId=reference(2), gatewayId=reference(4))],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        vpc.instances_in_private_subnets,
        type="aws:ec2/instance:Instance",
        base={"subnetId": SIDE},
        beside=[
            Side("aws:ec2/subnet:Subnet"),
            Side(_ASSOCIATION, subnetId=SIDE, routeTableId=reference(3)),
        ],
        compliant_beside=[Side(_TABLE, routes=[{"cidrBlock": _WORLD, "natGatewayId": "nat-12345678"}])],
        violating_beside=[Side(_TABLE, routes=[{"cidrBlock": _WORLD, "gatewayId": "igw-12345678"}])],
        absent=Verdict.COMPLIANT,
    ),
    Case(
        vpc.peering_routes_narrow,
        base={"vpcPeeringConnectionId": "pcx-12345678"},
        compliant={"destinationCidrBlock": "10.30.0.0/16"},
        violating={"destinationCidrBlock": "10.0.0.0/8"},
        absent=Verdict.COMPLIANT,
        more_compliant=[{"vpcPeeringConnectionId": "", "destinationCidrBlock": _WORLD}],
    ),
    Case(
        vpc.peering_routes_narrow,
        type=_TABLE,
        compliant={"routes": [{"cidrBlock": _WORLD, "natGatewayId": "nat-12345678"}]},
        violating={"routes": [{"cidrBlock": _WORLD, "vpcPeeringConnectionId": "pcx-12345678"}]},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        vpc.transit_gateway_no_auto_accept,
        compliant={"autoAcceptSharedAttachments": "disable"},
        violating={"autoAcceptSharedAttachments": "enable"},
        absent=Verdict.COMPLIANT,
    ),
    Case(
        vpc.elastic_address_used,
        compliant_beside=[Side("aws:ec2/natGateway:NatGateway", allocationId=MAIN)],
        violating_beside=[Side("aws:ec2/natGateway:NatGateway", allocationId="eipalloc-12345678")],
    ),
    Case(
        vpc.elastic_address_used,
        compliant={"instance": "i-12345678"},
        violating={},
        unknown=Verdict.COMPLIANT,
        more_compliant=[{"networkInterface": "eni-12345678"}],
    ),
    Case(
        vpc.elastic_address_used,
        compliant_beside=[_balancer(MAIN)],
        violating_beside=[_balancer("eipalloc-34567890")],
    ),
    *_endpoint(vpc.endpoint_ec2, "ec2"),
    *_endpoint(vpc.endpoint_ecr_api, "ecr.api"),
    *_endpoint(vpc.endpoint_ecr_dkr, "ecr.dkr"),
    *_endpoint(vpc.endpoint_ssm, "ssm"),
    *_endpoint(vpc.endpoint_ssm_contacts, "ssm-contacts"),
    *_endpoint(vpc.endpoint_ssm_incidents, "ssm-incidents"),
    Case(
        vpc.endpoint_security_groups_named,
        base={"vpcEndpointType": "Interface"},
        compliant={"securityGroupIds": ["sg-12345678"]},
        violating={"securityGroupIds": []},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"vpcEndpointType": "Gateway"}],
    ),
    Case(
        vpc.endpoint_has_policy,
        base={"serviceName": "com.amazonaws.us-west-2.s3"},
        compliant=_statement(),
        violating={},
        unknown=Verdict.COMPLIANT,
        out_of_scope=[{"serviceName": "com.amazonaws.vpce.us-west-2.vpce-svc-12345678"}],
    ),
    Case(
        vpc.endpoint_has_policy,
        base={"serviceName": "com.amazonaws.us-west-2.s3"},
        compliant_beside=[
            Side("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", vpcEndpointId=MAIN, **_statement())
        ],
        violating_beside=[
            Side("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", vpcEndpointId="vpce-12345678", **_statement())
        ],
        absent=Verdict.VIOLATED,
    ),
    *(
        Case(
            vpc.endpoint_policy_limits_use,
            type=token,
            compliant=_statement(Condition=_OWN),
            violating=_statement(),
            absent=Verdict.COMPLIANT,
            more_compliant=[
                _statement(Condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}}),
                _statement(Resource=["arn:aws:s3:::releases", "arn:aws:s3:::releases/*"]),
                _statement(Resource="arn:aws:dynamodb:us-west-2:111122223333:table/*"),
                _statement(Principal={"AWS": "arn:aws:iam::111122223333:role/application"}),
                _statement(Effect="Deny"),
            ],
            more_violating=[
                _statement(Resource="arn:aws:s3:::releases-*"),
                _statement(Condition={"StringLike": {"aws:PrincipalArn": "*"}}),
                {"policy": policy(_allowing(Condition=_OWN), _allowing())},
            ],
        )
        for token in vpc.endpoint_policy_limits_use.types
    ),
)

test_cases = judged(CASES)
