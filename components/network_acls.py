"""The network ACLs of the three tiers of subnets: a coarse second wall behind the security groups.

ACLs keep no state: whoever may ask needs an answer let through too, on the port that the asking
system happened to choose. No Pulumi here, so that a test can send packets through them.
"""

from dataclasses import dataclass

from components import ports
from components.subnets import Layout

ANYWHERE = "0.0.0.0/0"
_EPHEMERAL_FIRST, _LAST = 1024, 65535
"""https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html"""
_LINUX_EPHEMERAL_FIRST = 32768
"""Linux asks from 32768 on: `net.ipv4.ip_local_port_range`."""
_REMOTE_DESKTOP = 3389


@dataclass(frozen=True, kw_only=True, slots=True)
class Tcp:
    """TCP to these destination ports, from or to this range, is let through."""

    cidr: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PathMtu:
    """ICMP "fragmentation needed", without which large packets vanish on narrower paths.

    https://docs.aws.amazon.com/vpc/latest/userguide/network-acl-path-mtu-discovery.html
    """

    cidr: str


Rule = Tcp | PathMtu


@dataclass(frozen=True, kw_only=True, slots=True)
class Acl:
    """What is let through in either direction; everything else is not."""

    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


def data_acl(layout: Layout) -> Acl:
    """The data tier speaks with the private tier and with itself, and with nobody else."""
    rules = tuple(
        rule
        for tier in (layout.private, layout.data)
        for rule in (
            # The services' own ports, but for HTTPS, lie within the ephemeral range, and must: an
            # answer to the private tier cannot be told from a question.
            Tcp(cidr=tier.cidr, first=ports.HTTPS, last=ports.HTTPS),
            Tcp(cidr=tier.cidr, first=_EPHEMERAL_FIRST, last=_LAST),
        )
    )
    return Acl(ingress=rules, egress=rules)


def private_acl(vpc_cidr: str) -> Acl:
    """The private tier: TCP within the VPC, HTTPS out to the internet, and HTTPS in from CloudFront.

    Args:
        vpc_cidr: the whole range of the VPC.
    """
    inside = Tcp(cidr=vpc_cidr, first=0, last=_LAST)
    https = Tcp(cidr=ANYWHERE, first=ports.HTTPS, last=ports.HTTPS)
    return Acl(
        ingress=(
            inside,
            # CloudFront's VPC origins arrive from addresses of CloudFront, which an ACL cannot name;
            # the load balancer's security group does. No other way leads in: there is no route.
            https,
            Tcp(cidr=ANYWHERE, first=_LINUX_EPHEMERAL_FIRST, last=_LAST),
            PathMtu(cidr=ANYWHERE),
        ),
        egress=(inside, https, Tcp(cidr=ANYWHERE, first=_EPHEMERAL_FIRST, last=_LAST)),
    )


def public_acl(layout: Layout) -> Acl:
    """The public tier holds NAT gateways: HTTPS out for the private tier, and the answers.

    A NAT gateway asks from any ephemeral port, 3389 among them. That port stays closed to the
    internet, as CIS 5.1 and EC2.21 want; a connection that draws it (one in 64 000) has to be
    tried again.
    """
    answers_from_anywhere = (
        Tcp(cidr=ANYWHERE, first=_EPHEMERAL_FIRST, last=_REMOTE_DESKTOP - 1),
        Tcp(cidr=ANYWHERE, first=_REMOTE_DESKTOP + 1, last=_LAST),
        PathMtu(cidr=ANYWHERE),
    )
    return Acl(
        ingress=(
            Tcp(cidr=layout.private.cidr, first=ports.HTTPS, last=ports.HTTPS),
            *answers_from_anywhere,
        ),
        egress=(
            Tcp(cidr=ANYWHERE, first=ports.HTTPS, last=ports.HTTPS),
            Tcp(cidr=layout.private.cidr, first=_EPHEMERAL_FIRST, last=_LAST),
            PathMtu(cidr=layout.private.cidr),
        ),
    )
