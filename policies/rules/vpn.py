"""VPNs: people's, Client VPN, and those between sites."""

from typing import Final

from policies.network import block
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource, any_holds, each

_ENDPOINT: Final = "aws:ec2clientvpn/endpoint:Endpoint"
_AUTHORISATION: Final = "aws:ec2clientvpn/authorizationRule:AuthorizationRule"
_CONNECTION: Final = "aws:ec2/vpnConnection:VpnConnection"

_LARGEST_VPC: Final = 16
"""The prefix of the largest block of a VPC."""
_PEOPLE: Final = ("federated-authentication", "directory-service-authentication")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin"


@rule(
    name="vpn-client-logs-connections",
    title="Client VPNs log connections",
    severity=Severity.LOW,
    level=Level.MANDATORY,
    controls=("EC2.51",),
    types=(_ENDPOINT,),
    why="Without the log, nobody can say afterwards who was in the network.",
    fix="""
        aws.ec2clientvpn.Endpoint("vpn", connection_log_options={
            "enabled": True, "cloudwatch_log_group": log_group.name, "cloudwatch_log_stream": stream.name,
        })
    """,
    link=f"{_FSBP}#ec2-51",
)
def client_logs_connections(endpoint: Resource) -> Problems:
    """An endpoint always states it."""
    on = endpoint.flag("connectionLogOptions.enabled", default=False)
    return None if on else "connection_log_options.enabled is not on"


@rule(
    name="vpn-client-people-sign-in",
    title="People sign in to Client VPNs as themselves",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_ENDPOINT,),
    why="A certificate that lies on a computer has no second factor, and works until somebody revokes it.",
    fix="""
        aws.ec2clientvpn.Endpoint("vpn", authentication_options=[
            {"type": "federated-authentication", "saml_provider_arn": provider.arn},
        ])
    """,
    link=f"{_GUIDE}/client-authentication.html",
)
def client_people_sign_in(endpoint: Resource) -> Problems:
    """Where there are two ways, both are asked for."""
    if any_holds(lambda option: option.text("type") in _PEOPLE, endpoint.objects("authenticationOptions")):
        return None
    return "authentication_options asks for certificates alone"


@rule(
    name="vpn-client-security-groups-named",
    title="Client VPNs have security groups of their own",
    severity=Severity.MEDIUM,
    types=(_ENDPOINT,),
    why="Without one, AWS takes the VPC's default group, so that nothing can tell VPN users from the rest.",
    fix="""
        aws.ec2clientvpn.Endpoint("vpn", vpc_id=vpc.id, security_group_ids=[vpn.id])
    """,
    link=f"{_GUIDE}/client-authorization.html",
)
def client_security_groups_named(endpoint: Resource) -> Problems:
    """An endpoint of a transit gateway has none."""
    if endpoint.is_present("transitGatewayConfiguration"):
        return OUT_OF_SCOPE
    return None if endpoint.is_present("securityGroupIds") else "it has no security_group_ids"


@rule(
    name="vpn-client-authorises-named-networks",
    title="Client VPNs lead to named networks, and to no more than a VPC holds",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    types=(_AUTHORISATION,),
    why="Who is in the VPN reaches every network that is ever connected to it.",
    fix="""
        aws.ec2clientvpn.AuthorizationRule(
            "bastion",
            client_vpn_endpoint_id=vpn.id,
            target_network_cidr="10.0.16.0/20",
            authorize_all_groups=True,
        )
    """,
    link=f"{_GUIDE}/cvpn-working-rules.html",
)
def client_authorises_named_networks(authorisation: Resource) -> Problems:
    """No VPC has a block wider than /16."""
    found = block(authorisation.text("targetNetworkCidr"))
    wide = found is not None and found.prefixlen < _LARGEST_VPC
    return "target_network_cidr is more than any VPC holds" if wide else None


@rule(
    name="vpn-connection-logs",
    title="VPNs between sites log both tunnels",
    severity=Severity.MEDIUM,
    controls=("EC2.171",),
    types=(_CONNECTION,),
    why="Without the log, nobody can say why a tunnel fell, or who tried to open one.",
    fix="""
        logs = {"cloudwatch_log_options": {"log_enabled": True, "log_group_arn": log_group.arn}}
        aws.ec2.VpnConnection("site", tunnel1_log_options=logs, tunnel2_log_options=logs)
    """,
    link=f"{_FSBP}#ec2-171",
)
def connection_logs(connection: Resource) -> Problems:
    """Nothing is logged by default."""
    yield from each(
        lambda tunnel: (
            None
            if connection.flag(f"{tunnel}LogOptions.cloudwatchLogOptions.logEnabled", default=False)
            else f"{tunnel}_log_options is not on"
        ),
        ("tunnel1", "tunnel2"),
    )
