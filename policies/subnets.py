"""Which subnets have a way to the internet: a route to an internet gateway in their route table."""

from typing import Final

from policies.stack import Stack
from policies.view import UNKNOWN, Path, Resource, any_holds, one_holds

SUBNET: Final = "aws:ec2/subnet:Subnet"
_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
_TABLE: Final = "aws:ec2/routeTable:RouteTable"
_ROUTE: Final = "aws:ec2/route:Route"
_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"


def reaches_internet(subnet: Resource, stack: Stack) -> bool:
    """Whether traffic from and to a subnet may pass an internet gateway.

    Raises:
        UndecidedError: nobody can know yet.
    """
    return any_holds(
        lambda association: any_holds(
            lambda table: _leads_out(table, stack), stack.behind(association, "routeTableId", _TABLE)
        ),
        stack.beside(subnet, _ASSOCIATION, by="subnetId"),
    )


def any_reaches_internet(resource: Resource, by: Path, stack: Stack) -> bool:
    """Whether one of the subnets that a property refers to has such a way.

    Raises:
        UndecidedError: none certainly has, and of one nobody can know yet.
    """
    return any_holds(lambda subnet: reaches_internet(subnet, stack), stack.behind(resource, by, SUBNET))


def _leads_out(table: Resource, stack: Stack) -> bool:
    return one_holds(
        lambda: _has_inline_gateway(table),
        lambda: any_holds(
            lambda route: (
                _is_gateway(route.raw("gatewayId")) or any(stack.behind(route, "gatewayId", _GATEWAY))
            ),
            stack.beside(table, _ROUTE, by="routeTableId"),
        ),
    )


def _has_inline_gateway(table: Resource) -> bool:
    """Whether a route in the table itself leads to a gateway; an unknown one by where it comes from."""
    comes_from_gateway = any(f"{_GATEWAY}::" in urn for urn in table.property_dependencies.get("routes", ()))
    return any_holds(
        lambda route: (
            _is_gateway(route.raw("gatewayId")) or (comes_from_gateway and route.raw("gatewayId") is UNKNOWN)
        ),
        table.objects("routes"),
    )


def _is_gateway(value: object) -> bool:
    return isinstance(value, str) and value.startswith("igw-")
