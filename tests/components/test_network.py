"""What the network guarantees: who has a way to the internet, who has none, what is logged."""

import json
from functools import cache

import pulumi
import pytest

from components.encryption import Key
from components.endpoints import SERVICES, Endpoints, EndpointsArgs
from components.network import NatGateways, Network, NetworkArgs
from preview.graph import Graph
from tests.harness import build, context

ZONES = ("us-west-2a", "us-west-2b", "us-west-2c")
SUBNET = "aws:ec2/subnet:Subnet"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"


@cache
def _graph(*, nat: NatGateways = NatGateways.PER_ZONE, zones: tuple[str, ...] = ZONES) -> Graph:
    def program() -> None:
        args = NetworkArgs(
            cidr="10.20.0.0/16",
            zones=zones,
            nat=nat,
            key=Key(arn=pulumi.Output.from_input("arn:key"), alias="alias/logs"),
            log_retention_days=365,
        )
        Network("network", context(), args)

    return build(program, known=True)


def _id(graph: Graph, type_: str, name: str) -> str:
    return graph.one(type_, name).id


def _tables(graph: Graph) -> dict[str, str]:
    """The route table's identifier by the subnet's."""
    associations = graph.all("aws:ec2/routeTableAssociation:RouteTableAssociation")
    return {association["subnetId"]: association["routeTableId"] for association in associations}


def test_no_subnet_gives_out_public_addresses() -> None:
    subnets = _graph().all(SUBNET)
    assert len(subnets) == 9
    assert not any(subnet["mapPublicIpOnLaunch"] for subnet in subnets)


def test_the_data_tier_has_no_route_and_no_gateway_endpoint() -> None:
    graph = _graph()
    tables = {_tables(graph)[_id(graph, SUBNET, f"network-data-{zone}")] for zone in ZONES}
    routed = {route["routeTableId"] for route in graph.all(ROUTE)}
    endpoints = graph.all("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert not tables & routed
    assert not tables & {table for endpoint in endpoints for table in endpoint["routeTableIds"]}


def test_each_zone_leaves_by_its_own_nat_gateway() -> None:
    graph = _graph()
    for zone in ZONES:
        route = graph.one(ROUTE, f"network-private-{zone}-internet")
        assert route["natGatewayId"] == _id(graph, NAT_GATEWAY, f"network-nat-{zone}")
        assert route["routeTableId"] == _tables(graph)[_id(graph, SUBNET, f"network-private-{zone}")]
        gateway = graph.one(NAT_GATEWAY, f"network-nat-{zone}")
        assert gateway["subnetId"] == _id(graph, SUBNET, f"network-public-{zone}")


def test_a_single_nat_gateway_serves_every_zone() -> None:
    graph = _graph(nat=NatGateways.SINGLE)
    private = [route for route in graph.all(ROUTE) if "natGatewayId" in route.inputs]
    assert len(private) == 3
    assert {route["natGatewayId"] for route in private} == {_id(graph, NAT_GATEWAY, "network-nat-us-west-2a")}


def test_only_the_public_tier_reaches_the_internet_gateway() -> None:
    graph = _graph()
    routes = [route for route in graph.all(ROUTE) if "gatewayId" in route.inputs]
    tables = {_tables(graph)[_id(graph, SUBNET, f"network-public-{zone}")] for zone in ZONES}
    assert {route["routeTableId"] for route in routes} == tables


def test_every_subnet_has_a_route_table_and_an_acl_of_its_tier() -> None:
    graph = _graph()
    everything = {subnet.id for subnet in graph.all(SUBNET)}
    assert set(_tables(graph)) == everything
    acls = graph.all("aws:ec2/networkAcl:NetworkAcl")
    assert sorted(subnet for acl in acls for subnet in acl["subnetIds"]) == sorted(everything)


@pytest.mark.parametrize("type_", ["DefaultSecurityGroup", "DefaultNetworkAcl"])
def test_what_aws_gives_every_vpc_lets_nothing_through(type_: str) -> None:
    default = _graph().one(f"aws:ec2/{type_[0].lower()}{type_[1:]}:{type_}")
    assert "ingress" not in default.inputs
    assert "egress" not in default.inputs


def test_every_flow_is_logged_encrypted_and_kept() -> None:
    graph = _graph()
    flow_log = graph.one("aws:ec2/flowLog:FlowLog")
    assert flow_log["trafficType"] == "ALL"
    assert flow_log["vpcId"] == _id(graph, "aws:ec2/vpc:Vpc", "network-vpc")
    group = graph.one("aws:cloudwatch/logGroup:LogGroup")
    assert group["kmsKeyId"] == "arn:key"
    assert group["retentionInDays"] == 365
    trust = json.loads(graph.one("aws:iam/role:Role")["assumeRolePolicy"])["Statement"][0]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


def test_adding_a_zone_changes_nothing_that_is_there() -> None:
    two, three = _graph(zones=ZONES[:2]), _graph()
    for resource in two.all(SUBNET) + two.all(ROUTE):
        assert three.by_urn[resource.urn].inputs == resource.inputs


def test_s3_is_reached_for_own_buckets_with_own_roles_and_for_reading_what_aws_publishes() -> None:
    graph = _graph()
    policy = graph.one("aws:ec2/vpcEndpoint:VpcEndpoint", "network-s3")["policy"]
    own, packages = json.loads(policy)["Statement"]
    assert own["Resource"] == ["arn:aws:s3:::syncup-test-*"]
    assert own["Condition"]["StringEquals"] == {
        "aws:PrincipalAccount": "111122223333",
        "aws:ResourceAccount": "111122223333",
    }
    assert packages["Action"] == ["s3:GetObject"]
    assert "arn:aws:s3:::al2023-repos-us-west-2-de612dc2/*" in packages["Resource"]


def test_interface_endpoints_answer_in_every_zone_to_the_accounts_own_roles() -> None:
    args = EndpointsArgs(vpc_id="vpc-1", subnet_ids=["a", "b", "c"], security_group_id="sg-1")
    graph = build(lambda: Endpoints("endpoints", context(), args))
    endpoints = graph.all("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert len(endpoints) == len(SERVICES)
    for endpoint in endpoints:
        assert endpoint["privateDnsEnabled"] is True
        assert endpoint["subnetIds"] == ["a", "b", "c"]
        assert endpoint["securityGroupIds"] == ["sg-1"]
        (statement,) = json.loads(endpoint["policy"])["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
        assert statement["Action"] != ["*"]
