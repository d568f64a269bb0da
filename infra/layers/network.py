"""The network layer: the VPC, and the private ways to AWS's services."""

from components.context import Context
from components.endpoints import Endpoints, EndpointsArgs
from components.firewall import Firewall, Zone
from components.network import NatGateways, Network, NetworkArgs
from infra.layers.foundations import Foundations
from infra.settings import Nat, Settings

_NAT = {Nat.PER_ZONE: NatGateways.PER_ZONE, Nat.SINGLE: NatGateways.SINGLE}


def network(context: Context, settings: Settings, *, foundations: Foundations) -> Network:
    """The VPC."""
    args = NetworkArgs(
        cidr=settings.network.cidr,
        zones=settings.network.zones,
        nat=_NAT[settings.network.nat],
        key=foundations.encryption.logs,
        log_retention_days=settings.logs.retention_days,
    )
    return Network("network", context, args)


def endpoints(context: Context, *, network: Network, firewall: Firewall) -> Endpoints:
    """The interface endpoints, one a zone for each service."""
    args = EndpointsArgs(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        security_group_id=firewall.group(Zone.ENDPOINTS),
    )
    return Endpoints("endpoints", context, args)
