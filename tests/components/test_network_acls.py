"""Packets sent through the network ACLs: whatever the firewall permits gets through, both ways."""

from ipaddress import IPv4Address, IPv4Network
from itertools import product
from typing import NamedTuple

import pytest

from components.firewall import FLOWS, Flow, Outside, Zone
from components.network_acls import Acl, Rule, Tcp, data_acl, private_acl, public_acl
from components.ports import HTTPS, SSH
from components.subnets import layout

VPC = "10.20.0.0/16"
PLAN = layout(VPC, ["us-west-2a", "us-west-2b", "us-west-2c"])
PRIVATE, DATA, PUBLIC = private_acl(VPC), data_acl(PLAN), public_acl(PLAN)


class Host(NamedTuple):
    """A host of a tier."""

    acl: Acl
    address: str


PRIVATE_HOST = Host(PRIVATE, "10.20.0.10")
OTHER_PRIVATE_HOST = Host(PRIVATE, "10.20.32.10")
DATA_HOST = Host(DATA, "10.20.136.10")
INTERNET_HOST = "203.0.113.10"
ANY_ASKING_PORT = (1024, 32768, 60999, 65535)
ASKING_PORT_OF_LINUX = (32768, 60999)
IN_THE_DATA_TIER = {Zone.DATABASE, Zone.PROXY, Zone.CACHE, Zone.SEARCH}
"""Every other zone lives in the private tier."""


def _passes(rules: tuple[Rule, ...], peer: str, port: int) -> bool:
    """Whether TCP to `port` gets through, to or from `peer`."""
    return any(
        IPv4Address(peer) in IPv4Network(rule.cidr) and rule.first <= port <= rule.last
        for rule in rules
        if isinstance(rule, Tcp)
    )


def _converse(asking: Host, answering: Host, port: int, back: int) -> bool:
    """Whether a question to `port` arrives and its answer comes back to the port `back`."""
    return (
        _passes(asking.acl.egress, answering.address, port)
        and _passes(answering.acl.ingress, asking.address, port)
        and _passes(answering.acl.egress, asking.address, back)
        and _passes(asking.acl.ingress, answering.address, back)
    )


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_flow_of_the_firewall_gets_through_with_its_answer(flow: Flow) -> None:
    if flow.target in (Outside.INTERNET, Outside.S3):
        for back in ASKING_PORT_OF_LINUX:
            assert _passes(PRIVATE.egress, INTERNET_HOST, flow.port)
            assert _passes(PRIVATE.ingress, INTERNET_HOST, back)
        return
    if flow.source is Outside.CLOUDFRONT:
        for back in ANY_ASKING_PORT:
            assert _passes(PRIVATE.ingress, INTERNET_HOST, flow.port)
            assert _passes(PRIVATE.egress, INTERNET_HOST, back)
        return
    assert isinstance(flow.source, Zone)
    assert isinstance(flow.target, Zone)
    source = DATA_HOST if flow.source in IN_THE_DATA_TIER else PRIVATE_HOST
    target = DATA_HOST if flow.target in IN_THE_DATA_TIER else OTHER_PRIVATE_HOST
    assert all(_converse(source, target, flow.port, back) for back in ANY_ASKING_PORT)


@pytest.mark.parametrize("back", [1024, 3388, 3390, 65535])
def test_nat_carries_the_private_tiers_https_and_the_answers(back: int) -> None:
    assert _passes(PUBLIC.ingress, PRIVATE_HOST.address, HTTPS)
    assert _passes(PUBLIC.egress, INTERNET_HOST, HTTPS)
    assert _passes(PUBLIC.ingress, INTERNET_HOST, back)
    assert _passes(PUBLIC.egress, PRIVATE_HOST.address, back)


def test_the_data_tier_never_speaks_with_the_internet_or_the_public_tier() -> None:
    for host, port in product((INTERNET_HOST, "10.20.192.10"), (22, 443, 5432, 6379, 50000)):
        assert not _passes(DATA.ingress, host, port)
        assert not _passes(DATA.egress, host, port)


def test_nobody_administers_anything_from_the_internet() -> None:
    for acl, port in product((PRIVATE, DATA, PUBLIC), (SSH, 3389)):
        assert not _passes(acl.ingress, INTERNET_HOST, port)


def test_the_data_tier_admits_no_ssh_from_anywhere() -> None:
    assert not any(_passes(DATA.ingress, host.address, SSH) for host in (PRIVATE_HOST, DATA_HOST))


def test_every_acl_stays_within_the_twenty_rules_that_aws_allows() -> None:
    assert max(len(rules) for acl in (PRIVATE, DATA, PUBLIC) for rules in (acl.ingress, acl.egress)) <= 20
