"""Security groups: what they let in and out, in every form in which the provider has a rule of one."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from policies.network import HIGHEST_PORT, covers_port, is_world, lies_in, protocol
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, any_holds, each, every_holds, one_holds

_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_DEFAULT: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_GROUPS: Final = (_GROUP, _DEFAULT)
_INBOUND: Final = (_INGRESS, _RULE, _GROUP, _DEFAULT)
_BESIDE: Final = (_INGRESS, _EGRESS, _RULE)
_DEFAULT_VPC: Final = "aws:ec2/defaultVpc:DefaultVpc"
_VPCS: Final = ("aws:ec2/vpc:Vpc", _DEFAULT_VPC)
_VPN: Final = "aws:ec2clientvpn/endpoint:Endpoint"

_BLOCKS: Final = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
_SOURCE_GROUPS: Final = ("referencedSecurityGroupId", "sourceSecurityGroupId")

_SSH: Final = 22
_RDP: Final = 3389
_HIGH_RISK: Final = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333),
    *(5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300),
)
"""https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19"""
_AUTHORISED: Final = (80, 443)
"""The TCP ports that EC2.18 allows to everyone."""
_DATABASES: Final = (1433, 1521, 3306, 5432, 5439, 6379, 6380, 8182, 11211, 27017)
"""SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Redis (twice), Neptune, Memcached, MongoDB."""

_STORES: Final = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:rds/proxy:Proxy",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/cluster:Cluster",
    "aws:elasticache/serverlessCache:ServerlessCache",
    "aws:memorydb/cluster:Cluster",
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
    "aws:redshift/cluster:Cluster",
)
"""What a database's security group is attached to."""
_INTERNAL: Final = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:opensearch/domain:Domain",
    "aws:elasticsearch/domain:Domain",
    "aws:efs/mountTarget:MountTarget",
    "aws:lambda/function:Function",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)
"""What is internal, or may be."""
_ATTACHED: Final = (
    "vpcSecurityGroupIds",
    "securityGroupIds",
    "securityGroups",
    "vpcOptions.securityGroupIds",
    "vpcConfig.securityGroupIds",
)
"""By which property a resource names its security groups."""

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"


def _inbound(resource: Resource) -> Iterator[View]:
    """The rules for what comes in that a resource states: its own, or the one that it is."""
    if resource.type in _GROUPS:
        yield from resource.objects("ingress")
    elif resource.type == _INGRESS or resource.text("type") == "ingress":
        yield resource


def _place(view: View) -> str:
    return view.where() or "it"


def _protocol(view: View) -> str:
    return protocol(view.text("ipProtocol") or view.text("protocol", default="-1"))


def _blocks(view: View) -> Iterator[tuple[View, str]]:
    """Where the rule may name blocks."""
    return ((view, name) for name in _BLOCKS)


def _is_from_world(view: View) -> bool:
    return any_holds(lambda place: any_holds(is_world, place[0].texts(place[1])), _blocks(view))


def _is_from_elsewhere(view: View, allowed: list[str]) -> bool:
    """Whether it names a block that lies in none of those allowed."""
    return any_holds(
        lambda place: any_holds(lambda text: not lies_in(text, allowed), place[0].texts(place[1])),
        _blocks(view),
    )


def _covers(view: View, port: int) -> bool:
    """Whether it lets in a TCP port."""
    return one_holds(
        lambda: _protocol(view) == "all",
        lambda: every_holds(lambda: _protocol(view) in ("tcp", "all"), lambda: covers_port(view, port)),
    )


def _opens(resource: Resource, port: int, name: str) -> Problems:
    """The problems of a resource that lets the world in to a port."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets the world in to {name}"
            if every_holds(lambda: _is_from_world(view), lambda: _covers(view, port))
            else None
        ),
        _inbound(resource),
    )


@rule(
    name="securitygroup-no-ssh-from-world",
    title="No security group lets the world in to SSH",
    severity=Severity.HIGH,
    controls=("EC2.13", "CIS 5.2", "CIS 5.3"),
    types=_INBOUND,
    why="Every address on the internet is tried for weak or stolen SSH credentials within minutes.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "ssh",
            security_group_id=bastion.id,
            referenced_security_group_id=vpn.id,
            ip_protocol="tcp",
            from_port=22,
            to_port=22,
        )
    """,
    link=f"{_FSBP}#ec2-13",
)
def no_ssh_from_world(resource: Resource) -> Problems:
    """A protocol of -1 is every port."""
    return _opens(resource, _SSH, "port 22")


@rule(
    name="securitygroup-no-rdp-from-world",
    title="No security group lets the world in to Remote Desktop",
    severity=Severity.HIGH,
    controls=("EC2.14", "CIS 5.2", "CIS 5.3"),
    types=_INBOUND,
    why="Remote Desktop that is open to the internet is the usual way in for ransomware.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "rdp",
            security_group_id=desktops.id,
            referenced_security_group_id=vpn.id,
            ip_protocol="tcp",
            from_port=3389,
            to_port=3389,
        )
    """,
    link=f"{_FSBP}#ec2-14",
)
def no_rdp_from_world(resource: Resource) -> Problems:
    """A protocol of -1 is every port."""
    return _opens(resource, _RDP, "port 3389")


@rule(
    name="securitygroup-no-high-risk-ports-from-world",
    title="No security group lets the world in to ports of databases, shares and administration",
    severity=Severity.MEDIUM,
    level=Level.MANDATORY,
    controls=("EC2.19",),
    types=_INBOUND,
    why="What listens there was made for a trusted network, and is searched for by everybody who scans.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "database",
            security_group_id=database.id,
            referenced_security_group_id=application.id,
            ip_protocol="tcp",
            from_port=5432,
            to_port=5432,
        )
    """,
    link=f"{_FSBP}#ec2-19",
)
def no_high_risk_ports_from_world(resource: Resource) -> Problems:
    """AWS's own list of ports, for TCP and UDP."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets the world in to a port of high risk"
            if every_holds(
                lambda: _is_from_world(view),
                lambda: _protocol(view) in ("tcp", "udp", "all"),
                lambda: one_holds(
                    lambda: _protocol(view) == "all",
                    lambda: any_holds(lambda port: covers_port(view, port), _HIGH_RISK),
                ),
            )
            else None
        ),
        _inbound(resource),
    )


@rule(
    name="securitygroup-only-web-from-world",
    title="Security groups let the world in to HTTP and HTTPS alone",
    severity=Severity.HIGH,
    controls=("EC2.18",),
    types=_INBOUND,
    why="Each further port that the internet reaches is one more program that has to be without fault.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "https",
            security_group_id=load_balancer.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
        )
    """,
    link=f"{_FSBP}#ec2-18",
)
def only_web_from_world(resource: Resource) -> Problems:
    """TCP ports 80 and 443 are those that AWS's control authorises; ICMP has no port."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets the world in to another port than 80 and 443"
            if every_holds(
                lambda: _is_from_world(view),
                lambda: _protocol(view) in ("tcp", "udp", "all"),
                lambda: not _is_authorised(view),
            )
            else None
        ),
        _inbound(resource),
    )


def _is_authorised(view: View) -> bool:
    return every_holds(
        lambda: _protocol(view) == "tcp",
        lambda: view.number("fromPort", default=0) in _AUTHORISED,
        lambda: view.number("fromPort", default=0) == view.number("toPort", default=HIGHEST_PORT),
    )


@rule(
    name="securitygroup-ssh-from-known-sources",
    title="Security groups let SSH in from other groups and from named networks alone",
    severity=Severity.HIGH,
    controls=(),
    types=_INBOUND,
    why="A network that is let in as a block of addresses lets in every machine in it.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "ssh",
            security_group_id=bastion.id,
            referenced_security_group_id=vpn.id,
            ip_protocol="tcp",
            from_port=22,
            to_port=22,
        )
    """,
    link=_GUIDE,
)
def ssh_from_known_sources(resource: Resource, *, ssh_sources: list[str]) -> Problems:
    """A security group as the source is judged where the whole stack is known."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets SSH in from a network that is not in ssh_sources"
            if every_holds(lambda: _covers(view, _SSH), lambda: _is_from_elsewhere(view, ssh_sources))
            else None
        ),
        _inbound(resource),
    )


@rule(
    name="securitygroup-ssh-from-vpn",
    title="Where there is a Client VPN, security groups let SSH in from it alone",
    severity=Severity.HIGH,
    types=_INBOUND,
    why="Who reaches SSH past the VPN has passed neither its sign-in nor its log.",
    fix="""
        aws.ec2clientvpn.Endpoint("vpn", security_group_ids=[vpn.id])
        aws.vpc.SecurityGroupIngressRule(
            "ssh",
            security_group_id=bastion.id,
            referenced_security_group_id=vpn.id,
            ip_protocol="tcp",
            from_port=22,
            to_port=22,
        )
    """,
    link="https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/client-authorization.html",
)
def ssh_from_vpn(resource: Resource, stack: Stack) -> Problems:
    """Behind the VPN, a host that it reaches by SSH may lead further: a bastion."""
    if not stack.all(_VPN):
        return OUT_OF_SCOPE
    return each(
        lambda view: (
            f"{_place(view)} lets SSH in from a security group that is not the VPN's"
            if every_holds(lambda: _covers(view, _SSH), lambda: _is_from_other_group(view, resource, stack))
            else None
        ),
        _inbound(resource),
    )


def _is_from_other_group(view: View, resource: Resource, stack: Stack) -> bool:
    if view is not resource:
        return any_holds(
            lambda name: (
                not any_holds(
                    lambda group: group.id == name and _leads_from_vpn(group, stack), stack.all(_GROUP)
                )
            ),
            view.texts("securityGroups"),
        )
    return any_holds(
        lambda by: resource.is_present(by) and not _comes_from_vpn(resource, by, stack), _SOURCE_GROUPS
    )


def _comes_from_vpn(resource: Resource, by: str, stack: Stack) -> bool:
    return one_holds(
        lambda: _is_named_alike(resource.raw(by), stack),
        lambda: any_holds(lambda group: _leads_from_vpn(group, stack), stack.behind(resource, by, _GROUPS)),
    )


def _is_named_alike(name: Any, stack: Stack) -> bool:
    """Whether a VPN names the same security group, one of another stack perhaps, by the same text."""
    return isinstance(name, str) and any_holds(
        lambda vpn: any_holds(lambda other: other == name, vpn.texts("securityGroupIds")), stack.all(_VPN)
    )


def _leads_from_vpn(group: Resource, stack: Stack) -> bool:
    """Whether a group is the VPN's, or that of a host that lets SSH in from the VPN's."""
    return one_holds(
        lambda: _is_vpns(group, stack),
        lambda: any_holds(
            lambda one: (
                _covers(one, _SSH)
                and any_holds(
                    lambda by: any_holds(
                        lambda source: _is_vpns(source, stack), stack.behind(one, by, _GROUPS)
                    ),
                    _SOURCE_GROUPS,
                )
            ),
            stack.beside(group, (_INGRESS, _RULE), by="securityGroupId"),
        ),
    )


def _is_vpns(group: Resource, stack: Stack) -> bool:
    return any_holds(lambda _vpn: True, stack.beside(group, _VPN, by="securityGroupIds"))


@rule(
    name="securitygroup-database-ports-from-groups",
    title="Security groups let other groups in to the ports of databases, and no networks but those named",
    severity=Severity.HIGH,
    types=_INBOUND,
    why="A block of addresses lets in machines that have no business with the database.",
    fix="""
        aws.vpc.SecurityGroupIngressRule(
            "queries",
            security_group_id=database.id,
            referenced_security_group_id=application.id,
            ip_protocol="tcp",
            from_port=5432,
            to_port=5432,
        )
    """,
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",
)
def database_ports_from_groups(resource: Resource, *, database_sources: list[str]) -> Problems:
    """A range that begins or ends at such a port is about it; wider ones are judged at the database."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets a network that is not in database_sources in to a database's port"
            if every_holds(
                lambda: _protocol(view) == "tcp",
                lambda: one_holds(
                    lambda: view.number("fromPort", default=0) in _DATABASES,
                    lambda: view.number("toPort", default=0) in _DATABASES,
                ),
                lambda: _is_from_elsewhere(view, database_sources),
            )
            else None
        ),
        _inbound(resource),
    )


@rule(
    name="securitygroup-of-database-from-groups",
    title="The security groups of databases and caches let other groups in, and no networks but those named",
    severity=Severity.HIGH,
    types=_INBOUND,
    why="A block of addresses lets in machines that have no business with the database, whatever its port.",
    fix="""
        aws.rds.Instance("database", vpc_security_group_ids=[database.id])
        aws.vpc.SecurityGroupIngressRule(
            "queries",
            security_group_id=database.id,
            referenced_security_group_id=application.id,
            ip_protocol="tcp",
            from_port=5433,
            to_port=5433,
        )
    """,
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",
)
def of_database_from_groups(resource: Resource, stack: Stack, *, database_sources: list[str]) -> Problems:
    """The group is a database's where one names it."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets a network that is not in database_sources in to a database"
            if every_holds(
                lambda: _is_from_elsewhere(view, database_sources), lambda: _is_databases(resource, stack)
            )
            else None
        ),
        _inbound(resource),
    )


def _is_databases(resource: Resource, stack: Stack) -> bool:
    return _is_of(resource, stack, _STORES, lambda _store: True)


def _is_of(
    resource: Resource, stack: Stack, types: tuple[str, ...], matters: Callable[[Resource], bool]
) -> bool:
    """Whether the security group that a resource is, or is a rule of, is attached to one of the types."""
    groups = [resource] if resource.type in _GROUPS else stack.behind(resource, "securityGroupId", _GROUPS)
    return any_holds(lambda group: any_holds(matters, stack.beside(group, types, by=list(_ATTACHED))), groups)


@rule(
    name="securitygroup-of-internal-not-from-world",
    title="The security groups of what is internal do not let the world in",
    severity=Severity.MEDIUM,
    types=_INBOUND,
    why="What is inside the network serves the network alone: whoever else comes to it means harm.",
    fix="""
        aws.ec2.VpcEndpoint("ssm", security_group_ids=[endpoints.id])
        aws.vpc.SecurityGroupIngressRule(
            "calls",
            security_group_id=endpoints.id,
            referenced_security_group_id=application.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
        )
    """,
    link=_GUIDE,
)
def of_internal_not_from_world(resource: Resource, stack: Stack) -> Problems:
    """VPC endpoints, search domains, file systems, functions and load balancers that are internal."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets the world in to something internal"
            if every_holds(
                lambda: _is_from_world(view), lambda: _is_of(resource, stack, _INTERNAL, _is_internal)
            )
            else None
        ),
        _inbound(resource),
    )


def _is_internal(user: Resource) -> bool:
    """Whether nothing from outside is meant to reach it; a load balancer says so."""
    return not user.type.endswith(":LoadBalancer") or user.flag("internal", default=False)


@rule(
    name="securitygroup-default-empty",
    title="The default security group of a VPC lets nothing in or out",
    severity=Severity.HIGH,
    controls=("EC2.2", "CIS 5.4"),
    types=(_DEFAULT,),
    why="Whatever names no security group is in the default one, so that it must allow nothing.",
    fix="""
        aws.ec2.DefaultSecurityGroup("default", vpc_id=vpc.id)
    """,
    link=f"{_FSBP}#ec2-2",
)
def default_empty(group: Resource) -> Problems:
    """The provider removes every rule that is not declared when it adopts the group."""
    for direction in ("ingress", "egress"):
        if group.is_present(direction):
            yield f"it has {direction} rules"


@rule(
    name="securitygroup-default-adopted",
    title="The default security group of a VPC is adopted, so that it is emptied",
    severity=Severity.HIGH,
    controls=("EC2.2", "CIS 5.4"),
    types=_VPCS,
    why="AWS makes the group with rules that let all its members in, and everything out.",
    fix="""
        aws.ec2.DefaultSecurityGroup("default", vpc_id=vpc.id)
    """,
    link=f"{_FSBP}#ec2-2",
)
def default_adopted(vpc: Resource, stack: Stack) -> Problems:
    """Only `DefaultSecurityGroup` changes the group that AWS makes with each VPC."""
    if vpc.type == _DEFAULT_VPC and any(not group.is_present("vpcId") for group in stack.all(_DEFAULT)):
        return None
    if any_holds(lambda _group: True, stack.beside(vpc, _DEFAULT, by="vpcId")):
        return None
    return "it has no DefaultSecurityGroup, so that AWS's own rules stay"


@rule(
    name="securitygroup-default-no-rules-beside",
    title="No rule is put into the default security group of a VPC",
    severity=Severity.HIGH,
    controls=("EC2.2", "CIS 5.4"),
    types=_BESIDE,
    why="Whatever names no security group is in the default one, so that it must allow nothing.",
    fix="""
        group = aws.ec2.SecurityGroup("application", vpc_id=vpc.id)
        aws.vpc.SecurityGroupIngressRule("https", security_group_id=group.id)
    """,
    link=f"{_FSBP}#ec2-2",
)
def default_no_rules_beside(resource: Resource, stack: Stack) -> Problems:
    """A VPC's `default_security_group_id` names that group as well as the adopted one does."""
    by = "securityGroupId"
    of_vpc = any(vpc.outputs.raw("defaultSecurityGroupId") == resource.raw(by) for vpc in _known(stack))
    if of_vpc or any_holds(lambda _group: True, stack.behind(resource, by, _DEFAULT)):
        return "it belongs to a default security group"
    return None


def _known(stack: Stack) -> list[Resource]:
    """The VPCs whose default group is known."""
    return [v for v in stack.all(*_VPCS) if isinstance(v.outputs.raw("defaultSecurityGroupId"), str)]


@rule(
    name="securitygroup-egress-names-ports",
    title="Security groups let out named ports, and not everything to everywhere",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_EGRESS, _RULE, _GROUP),
    why="A machine that may send anything anywhere makes it easy to carry data away.",
    fix="""
        aws.vpc.SecurityGroupEgressRule(
            "https",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
        )
    """,
    link=_GUIDE,
)
def egress_names_ports(resource: Resource) -> Problems:
    """A group without rules lets nothing out: the provider removes AWS's own rule."""
    yield from each(
        lambda view: (
            f"{_place(view)} lets everything out to the world"
            if every_holds(lambda: _protocol(view) == "all", lambda: _is_from_world(view))
            else None
        ),
        _outbound(resource),
    )


def _outbound(resource: Resource) -> Iterator[View]:
    if resource.type in _GROUPS:
        yield from resource.objects("egress")
    elif resource.type == _EGRESS or resource.text("type") == "egress":
        yield resource
